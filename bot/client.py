"""The Discord client: what it subscribes to, which commands it has, and how it comes and goes."""

import asyncio
import gc
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import aiohttp
import discord
from discord.ext import commands

from bot.admission import Gate
from bot.errors import DatabaseError
from bot.services import Services
from bot.tree import FiresideTree
from bot.ui.actions import Interaction, dispatch
from bot.ui.board import ChannelBoard
from bot.ui.first_answers import say_slow, use_first_answers
from bot.ui.notices import AnswerSender
from bot.ui.posting import ChannelPoster
from cogs.about import About
from cogs.ask import Ask
from cogs.deliveries import DailyQuotes
from cogs.exports import QuestionFiles
from cogs.gaps import GapList
from cogs.imports import AnswerFiles
from cogs.inbox import Inbox
from cogs.interviews import InterviewReader
from cogs.privacy import WhatIsKept
from cogs.publications import AnswerDesk
from cogs.questions import QuestionBox
from cogs.quotes import QuotePicker
from cogs.setup import Setup

# How long a post that is being sent may hold up the end.
LAST_POST_SECONDS = 2.0
# After so long without an answer somebody is told to wait: half a second before Discord would say that it failed.
SLOW_AFTER = 2.5
# How long the list of commands may hold up the start: Discord may limit it for hours.
LONGEST_SYNC = 40.0

log = logging.getLogger(__name__)

# The bot never speaks; without this, the library warns at each start that it could not.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Fireside(commands.AutoShardedBot):
    """The bot on Discord."""

    def __init__(self, services: Services, support_url: str | None = None, **options: Any) -> None:
        """Take the services that do the work, and the place where people report a problem."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=FiresideTree,
            # Slash commands need no message, and nothing here needs a list of members.
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            # Whatever text is sent, nobody is pinged by it.
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self.services = services
        self.gate = Gate(self)
        self._support_url = support_url
        # What goes on, and how to let it end.
        self._background: dict[asyncio.Task[None], Callable[[], None]] = {}
        # What is being done because of somebody, or of Discord.
        self._at_work: set[asyncio.Task[Any]] = set()
        # In the simulated Discord, where time stands still, nobody waits.
        self._in_time = False

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Be on line until the client ends; what people use is answered within what Discord waits, or given up."""
        use_first_answers()
        self._in_time = True
        await super().start(token, reconnect=reconnect)

    @property
    def is_on_line(self) -> bool:
        """Whether it has come on line, and all its connections to Discord stand."""
        return self.is_ready() and all(self.shards_up.values())

    @property
    def shards_up(self) -> dict[int, bool]:
        """Of each shard that was begun, whether its connection to Discord stands."""
        return {number: not shard.is_closed() for number, shard in self.shards.items()}

    async def setup_hook(self) -> None:
        """Add the commands, tell Discord of them where they changed, and begin what is done in the background."""
        services = self.services
        await self.add_cog(Ask(services.answers, services.gaps, services.guilds))
        await self.add_cog(InterviewReader(services.interviews))
        await self.add_cog(QuotePicker(services.quotes, services.cards, services.favourites, services.deliveries))
        await self.add_cog(DailyQuotes(services.deliveries, services.cards))
        await self.add_cog(QuestionBox(services.questions, services.asking, self.tree))
        await self.add_cog(Inbox(services))
        await self.add_cog(AnswerDesk())
        await self.add_cog(QuestionFiles(services.exports, services.packs, services.interviews))
        await self.add_cog(AnswerFiles(services.imports))
        await self.add_cog(GapList(services.gaps))
        await self.add_cog(WhatIsKept(services.privacy))
        await self.add_cog(Setup(services.guilds, services.deliveries, services.questions))
        await self.add_cog(About(services.interviews, self._support_url))
        if services.presence.leads():
            await self._sync_commands()
        else:
            self._begin("commands", services.commands, self._sync_commands)
        self._begin("daily quotes", services.deliveries, ChannelPoster(self, services.cards))
        self._begin("forgetting", services.gaps)
        self._begin("tidying", services.retention)
        self._begin("cards for moderators", services.reviewing, ChannelBoard(self, services.interviews))
        self._begin("word of answers", services.publications, AnswerSender(self, services.interviews))
        self._begin("copies of the database", services.backups)

    def _begin(self, name: str, work: Any, *with_what: Any) -> None:
        """Begin what goes on in the background until the client is closed."""
        self._background[asyncio.create_task(work.run(*with_what), name=name)] = work.stop

    async def _sync_commands(self) -> None:
        """Send the commands to Discord unless it has them: syncing is slow and limited to 200 changes a day.

        Where it does not take them now the old ones go on working, and it is tried again when the bot is next on line;
        likewise where the database can't say, or keep, which ones Discord has.
        """
        try:
            await self._sync_changed_commands()
        except DatabaseError as error:
            log.warning("Could not look up which commands Discord has: %s", error)

    async def _sync_changed_commands(self) -> None:
        definitions = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        text = json.dumps([self.application_id, *definitions], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if await self.services.commands.known() != digest:
            try:
                async with asyncio.timeout(LONGEST_SYNC):
                    await self.tree.sync()
            except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.warning("Could not tell Discord of the commands (%s); trying again later", error)
                return
            await self.services.commands.remember(digest)
            log.info("Told Discord of %d commands", len(definitions))

    async def on_ready(self) -> None:
        """Say in the log that the bot is on line, and find out which servers it was removed from meanwhile."""
        log.info("On line as %s in %d servers", self.user, len(self.guilds))
        presence = self.services.presence
        with self._working():
            if presence.leads():
                await self._sync_commands()
            # A server that an outage hides is among them.
            await self.services.retention.compare({guild.id for guild in self.guilds}, presence.shards.own)

    async def launch_shard(self, gateway: Any, shard_id: int, *, initial: bool = False) -> None:
        """Wait for the turn of a shard before its connection is opened: it is closed after a minute of silence."""
        await self.services.presence.turn_to_identify(initial=initial)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Wait until a shard may identify itself; Discord takes one in 5 seconds from all processes together."""
        await self.services.presence.identify(initial=initial)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Keep since when the bot is no longer in a server; for an outage, the library does not call this."""
        with self._working():
            await self.services.retention.left(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Keep everything of a server to which the bot has come back in time."""
        with self._working():
            await self.services.retention.returned(guild.id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons, selects and forms, whichever process sent them."""
        await dispatch(cast("Interaction", interaction))

    @contextmanager
    def see_to(self, interaction: discord.Interaction) -> Iterator[None]:
        """Count what somebody uses as handled by the running task, and see that they don't wait in vain meanwhile."""
        self.gate.follow_task()
        slow = asyncio.get_running_loop().call_later(SLOW_AFTER, self._say_if_slow, interaction)
        try:
            with self._working():
                yield
        finally:
            slow.cancel()

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Let the end wait for what the running task does within: the database is closed after it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - only coroutines come here
        self._at_work.add(task)
        try:
            yield
        finally:
            self._at_work.discard(task)

    def _say_if_slow(self, interaction: discord.Interaction) -> None:
        if self._in_time and not interaction.response.is_done() and not self.is_closed():
            task = asyncio.create_task(say_slow(interaction), name="a slow answer")
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def close(self) -> None:
        """Go off line, after the post and the answers that may be under way."""
        for stop in self._background.values():
            stop()
        under_way = {*self._background, *self._at_work} - {asyncio.current_task()}
        self._background = {}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=LAST_POST_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await super().close()


async def spare_collector() -> None:
    """Take what has been made so far, and will mostly stay, out of the garbage collector's rounds.

    Each of its full rounds would walk through all of it while nobody is answered: 140 ms before, 10 ms after, measured
    while 10,000 servers were due.
    """
    gc.unfreeze()  # Discord may send all servers anew: what they replace is let go of
    gc.collect()
    gc.freeze()
