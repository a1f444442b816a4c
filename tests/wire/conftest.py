"""The whole bot as its users start it, over real sockets, against a small Discord in the test's own process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import pytest_asyncio

from tests.databases import Databases, lent
from tests.wire.bot import Bot, run_bot
from tests.wire.interactions import Use
from tests.wire.loopback import LoopbackDiscord
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


def people() -> tuple[Member, Member]:
    """Return a member and an admin."""
    return Member(snowflake(), "mira"), Member(snowflake(), "tom", discord.Permissions(manage_guild=True))


async def settled(use: Use) -> Use:
    """Return a use when it is answered in full."""
    await asyncio.wait_for(use.settled.wait(), LONGEST_WAIT)
    return use


@pytest.fixture
def server(loopback: LoopbackDiscord) -> Server:
    """A server with a channel, a member and an admin."""
    return Server(loopback, loopback.world.add_guild(), *people())


@dataclass(slots=True)
class Running:
    """A bot that stays on line over the tests of a module, with servers of their own for each of them."""

    bot: Bot
    discord: LoopbackDiscord
    read: int = 0

    async def server(self) -> Server:
        """Return a new server, of which the bot is told."""
        guild = self.discord.world.add_guild()
        await self.discord.gateway.tell("GUILD_CREATE", guild.as_json(), guild.id)
        return Server(self.discord, guild, *people())

    @property
    def log(self) -> str:
        """What it has logged in this test."""
        return self.bot.log[self.read :]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def only_bot(
    databases: Databases, loaded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """The one bot of a module; at the end, nothing of what Discord was asked may have been wrong."""
    folder = tmp_path_factory.mktemp("running")
    with lent(databases, loaded_database) as url:
        async with LoopbackDiscord().serve() as loopback, run_bot(folder, loopback, url) as bot:
            await bot.until_online()
            yield Running(bot, loopback)
    assert loopback.violations == []


@pytest.fixture
def running(only_bot: Running) -> Running:
    """The one bot of a module, with what it logs from now on."""
    only_bot.read = len(only_bot.bot.log)
    return only_bot


@pytest.fixture
async def start(loopback: LoopbackDiscord, loaded_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """A function that starts the bot as its users do, waits until it is on line, and sees to its end."""
    async with AsyncExitStack() as stack:

        async def start(*, online: bool = True, identified: int = 1, **settings: str) -> Bot:
            bot = await stack.enter_async_context(run_bot(tmp_path, loopback, loaded_url, **settings))
            if online:
                await bot.until_online(identified)
            return bot

        yield start
