"""What is forgotten by itself: servers that the bot was removed from, and what is older than it may become."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.drafts import KEPT_FOR as DRAFTS_KEPT_FOR
from bot.domain.privacy import (
    ASKER_KEPT_FOR,
    LEDGER_KEPT_FOR,
    NOTICES_KEPT_FOR,
    REFUSED_KEPT_FOR,
    SERVER_KEPT_FOR,
)
from bot.services.reviewing import Card
from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.drafts import forget_drafts
from bot.storage.retention import (
    SETTLED,
    delete_entries,
    delete_old_notices,
    delete_some_of_guild,
    delete_with_merged,
    forget_who_wanted,
    guilds_left_before,
    is_known,
    known_guilds,
    mark_left,
    old_entries,
    refused_after,
    still_refused,
)

TIDY_EVERY = timedelta(days=1)
TIDY_AGAIN_AFTER = timedelta(minutes=10)
# So many rows are deleted in some milliseconds, in which nobody else can write.
BATCH = 100


class Retention:
    """Forgets in time, a little at once, so that nobody who writes meanwhile has to wait."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        refresh: Callable[[Iterable[Card]], None] = lambda _: None,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take the database and the clock (UTC), what lets cards show what is still kept, and who does it for all."""
        self._database = database
        self._clock = clock
        self._refresh = refresh
        self._rounds = Rounds("What is too old", TIDY_AGAIN_AFTER, leads)

    # Servers

    async def left(self, guild_id: int) -> None:
        """Keep that the bot was removed from a server just now: after 30 days, everything of it is deleted."""
        await self._mark([guild_id], self._clock())

    async def returned(self, guild_id: int) -> None:
        """Keep that the bot is in a server, again or for the first time."""
        async with self._database.read() as connection:
            known = await is_known(connection, guild_id)
        if known:
            await self._mark([guild_id], None)

    async def compare(self, present: Collection[int], ours: Callable[[int], bool]) -> None:
        """Find out what happened to servers while the bot was off.

        Args:
            present: The servers that the bot is in, those too that Discord does not show because of an outage.
            ours: Says whether this process would know that the bot is in a server; another one looks after others.
        """
        async with self._database.read() as connection:
            known = await known_guilds(connection)
        gone = [each for each, left_at in known.items() if left_at is None and each not in present and ours(each)]
        back = [each for each, left_at in known.items() if left_at is not None and each in present]
        await self._mark(gone, self._clock())
        await self._mark(back, None)

    async def _mark(self, guild_ids: Sequence[int], at: datetime | None) -> None:
        async for batch in _batches(sorted(guild_ids)):
            async with self._database.write(batch) as connection:
                await mark_left(connection, batch, at)

    # Rounds

    async def run(self) -> None:
        """Forget what is too old, now and once a day, until `stop` is called."""

        async def work() -> timedelta:
            await self.tidy()
            return TIDY_EVERY

        await self._rounds.run(work)

    def stop(self) -> None:
        """Let `run` end."""
        self._rounds.stop()

    async def tidy(self) -> None:
        """Forget all that is kept longer than it may be."""
        now = self._clock()
        await self._delete_servers(now - SERVER_KEPT_FOR)
        await self._delete_refused(now - REFUSED_KEPT_FOR)
        await self._forget_askers(now - ASKER_KEPT_FOR)
        await self._delete_entries(now - LEDGER_KEPT_FOR)
        await self._delete(forget_drafts, now - DRAFTS_KEPT_FOR)
        await self._delete(delete_old_notices, now - NOTICES_KEPT_FOR)

    async def _delete(self, some: Callable[[Any, datetime, int], Awaitable[int]], before: datetime) -> None:
        """Delete what is older, a batch at a time, whoever it belongs to."""
        count = BATCH
        while count == BATCH and not self._rounds.stopping:
            async with self._database.write([]) as connection:
                count = await some(connection, before, BATCH)

    async def _delete_servers(self, before: datetime) -> None:
        async with self._database.read() as connection:
            left = await guilds_left_before(connection, before)
        for guild_id in left:
            count = 1
            while count and not self._rounds.stopping:
                async with self._database.write([guild_id]) as connection:
                    count = await delete_some_of_guild(connection, guild_id, before, BATCH)

    async def _delete_refused(self, before: datetime) -> None:
        await self._let_go(delete_with_merged, before)

    async def _forget_askers(self, before: datetime) -> None:
        await self._let_go(forget_who_wanted, before)

    async def _let_go(
        self, work: Callable[[Any, Collection[int]], Awaitable[Iterable[Sequence[int]]]], before: datetime
    ) -> None:
        """Do something with all questions that were refused before an instant, a batch at a time."""
        last = 0
        while not self._rounds.stopping:
            async with self._database.read() as connection:
                numbers, guild_ids = await refused_after(connection, last, before, BATCH)
            if not numbers:
                return
            last = numbers[-1]
            async with self._database.write(guild_ids) as connection:
                # One of them may have been opened again meanwhile.
                cards = await work(connection, await still_refused(connection, numbers, before))
            self._refresh(Card(*card) for card in cards)

    async def _delete_entries(self, before: datetime) -> None:
        for state in SETTLED:
            last = 0, 0
            while not self._rounds.stopping:
                async with self._database.read() as connection:
                    entries = await old_entries(connection, state, last, before, BATCH)
                if not entries:
                    break
                last = entries[-1]
                async with self._database.write([]) as connection:
                    await delete_entries(connection, [number for _, number in entries])


async def _batches(numbers: Sequence[int]) -> AsyncIterator[Sequence[int]]:
    """Yield some numbers a batch at a time; others get their turn in between."""
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]
        await asyncio.sleep(0)
