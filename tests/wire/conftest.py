"""The whole bot as its users start it, over real sockets, against a small Discord in the test's own process."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest

from bot.loopback import use_loopback
from tests.wire.bot import Bot, run_bot
from tests.wire.interactions import Use
from tests.wire.loopback import LoopbackDiscord
from tests.wire.openapi import description_at_hand
from tests.wire.state import Channel, Guild, Member, snowflake

Start = Callable[..., Awaitable[Bot]]
LONGEST_WAIT = 30.0


@dataclass(slots=True)
class Server:
    """A server of the loopback Discord, with who is in it, and what they do there."""

    discord: LoopbackDiscord
    guild: Guild
    member: Member
    admin: Member

    @property
    def channel(self) -> Channel:
        """Its first channel."""
        return self.guild.channels[0]

    async def use(self, path: str, member: Member | None = None, **given: object) -> Use:
        """Let somebody, the member if nobody is named, use a command, and wait until it is answered in full."""
        use = await self.discord.use(path, member or self.member, self.channel, self.guild, **given)
        return await settled(use)

    async def fill_in(self, opened: Use, member: Member | None = None, **given: object) -> Use:
        """Let somebody send a form that was opened, and wait until it is answered in full."""
        use = await self.discord.submit(opened, member or self.member, self.channel, self.guild, **given)
        return await settled(use)

    async def press(self, label: str, use: Use, member: Member | None = None) -> Use:
        """Let somebody press the button of that label under the last answer to a use, and wait for the answer."""
        message = use.messages[-1]
        name = message.button(label)
        pressed = await self.discord.press(name, message, member or self.member, self.channel, self.guild)
        return await settled(pressed)


async def settled(use: Use) -> Use:
    """Return a use when it is answered in full."""
    await asyncio.wait_for(use.settled.wait(), LONGEST_WAIT)
    return use


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    """A small Discord that listens; at the end, nothing of what it was asked may have been wrong."""
    async with LoopbackDiscord(description=description_at_hand()).serve() as loopback:
        yield loopback
    assert loopback.violations == []


@pytest.fixture
def client_on_loopback(loopback: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the clients of this process reach the loopback Discord, and undo afterwards what they do to all of it."""
    monkeypatch.setattr(discord.http.Route, "BASE", "")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", None)
    monkeypatch.setattr(discord.asset.Asset, "BASE", "")
    use_loopback(loopback.address)
    yield
    gc.unfreeze()


@pytest.fixture
def server(loopback: LoopbackDiscord) -> Server:
    """A server with a channel, a member and an admin."""
    manage = discord.Permissions(manage_guild=True)
    people = Member(snowflake(), "mira"), Member(snowflake(), "tom", manage)
    return Server(loopback, loopback.world.add_guild(), *people)


@pytest.fixture
async def start(loopback: LoopbackDiscord, loaded_database: Path, tmp_path: Path) -> AsyncIterator[Start]:
    """A function that starts the bot as its users do, waits until it is on line, and sees to its end."""
    async with AsyncExitStack() as stack:

        async def start(*, online: bool = True, **settings: str) -> Bot:
            bot = await stack.enter_async_context(run_bot(tmp_path, loopback, loaded_database, **settings))
            if online:
                await bot.until_online()
            return bot

        yield start
