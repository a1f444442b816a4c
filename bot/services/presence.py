"""Which shards this process runs, and whether it leads: others wait until it ends, and then take its place."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.domain.shards import ALL, Shards
from bot.errors import DatabaseError, ShardsTakenError
from bot.services.rounds import sleep_unless
from bot.storage.locks import NamedLock
from bot.storage.presence import Locks, NoLocks, Rivals

# How long after a process has ended another takes its place, in seconds, and how soon one notices that it has lost its.
LOOK_EVERY = 1.0
# After the database was away, who had the shards is let back first: longer than it takes to notice that it is back.
COME_BACK = 10.0
# Discord takes one IDENTIFY of a bot in 5 seconds, over all its processes; some may be longer on their way than others.
IDENTIFY_EVERY = 5.5
ASK_EVERY = 0.25
# How long a turn to identify itself is kept for a shard whose connection is being opened, in seconds.
LONGEST_TO_OPEN = 10.0

log = logging.getLogger(__name__)


class Presence:
    """What this process alone does: its shards and, where it leads, what is done once for all servers."""

    def __init__(self, shards: Shards = ALL, locks: Locks | None = None) -> None:
        """Take the shards, and what keeps other processes from having them, where there may be others."""
        self.shards = shards
        self._locks = locks or NoLocks()
        self._leads = locks is None
        self._waits_for: Rivals | None = None
        self._turn_ends = 0.0
        self._has_unused_turn = False

    def leads(self) -> bool:
        """Return whether it does what one process does for all."""
        return self._leads

    @property
    def waits_for(self) -> str | None:
        """Why it stands by, or None where it does not."""
        return None if self._waits_for is None else str(self._waits_for)

    async def enter(self, stopped: asyncio.Event) -> bool:
        """Wait until nobody else has its shards, and take them; return False where it was stopped meanwhile."""
        clock, not_before, away = asyncio.get_running_loop().time, 0.0, False
        while not stopped.is_set():
            try:
                if away:
                    await self._locks.ask()
                    log.info("The database is back; who had the shards may take them again first")
                    away, not_before = False, clock() + COME_BACK
                elif clock() >= not_before and await self._has_entered():
                    return True
            except DatabaseError as error:
                if not away:
                    log.warning("%s Trying again.", error)
                away = True
            await sleep_unless(stopped, LOOK_EVERY)
        self._waits_for = None
        return False

    async def _has_entered(self) -> bool:
        rivals = await self._look()
        if rivals is not None and rivals != self._waits_for:
            log.warning("%s; waiting until it ends", rivals)
        elif rivals is None and self._waits_for is not None:
            log.info("Waited long enough: this process takes over")
        self._waits_for = rivals
        return rivals is None

    @asynccontextmanager
    async def kept(self, stopped: asyncio.Event) -> AsyncIterator[None]:
        """Keep what was entered until the end of the context; where others took it, all is told to stop.

        Raises:
            ShardsTakenError: Others took it while the database was away.
        """
        watching = asyncio.create_task(self._watch(stopped), name="presence")
        try:
            yield
        finally:
            stopped.set()
            rivals = await watching
        if rivals is not None:
            raise ShardsTakenError(str(rivals))

    async def _watch(self, stopped: asyncio.Event) -> Rivals | None:
        """See that all is held until it is told to stop; or return who has it, and tell all to stop."""
        away = False
        while not stopped.is_set():
            try:
                rivals = await self._look()
            except Exception as error:
                self._leads = False
                if not isinstance(error, DatabaseError):
                    log.exception("Whether this process has its shards could not be seen to; trying again")
                elif not away:
                    log.warning("What this process holds in the database is lost until that is back. %s", error)
                away = True
            else:
                if rivals is not None:
                    stopped.set()
                    return rivals
                if away:
                    log.info("The database is back, and this process holds what it held")
                away = False
            await sleep_unless(stopped, LOOK_EVERY)
        return None

    async def _look(self) -> Rivals | None:
        """Hold on to the shards, or return who has them; lead where nobody else does; let others identify."""
        rivals = await self._locks.take_shards(self.shards)
        if rivals is None:
            led, self._leads = self._leads, await self._locks.take(NamedLock.LEADER)
            if self._leads and not led:
                log.info("This process leads")
            if asyncio.get_running_loop().time() >= self._turn_ends:
                await self._locks.give_back(NamedLock.IDENTIFY)
        return rivals

    async def turn_to_identify(self, *, initial: bool) -> None:
        """Wait until a shard may identify itself: no other has within 5 s, here or in another process.

        Args:
            initial: Whether it is the first shard of a client.
        """
        if not initial:
            await asyncio.sleep(IDENTIFY_EVERY)
        with suppress(DatabaseError):  # where it is away, this process goes on alone
            # Another process tells nobody that it has had its turn.
            while self._locks.holds(NamedLock.IDENTIFY) or not await self._has_turn():  # noqa: ASYNC110
                await asyncio.sleep(ASK_EVERY)
        self._keep_turn(LONGEST_TO_OPEN)
        self._has_unused_turn = True

    async def identify(self, *, initial: bool) -> None:
        """Use the turn that was waited for; or wait for one, where a shard whose connection stands begins anew."""
        if not self._has_unused_turn:
            await self.turn_to_identify(initial=initial)
        self._has_unused_turn = False
        self._keep_turn(IDENTIFY_EVERY)

    async def _has_turn(self) -> bool:
        # Said before it is so: what is taken must not be given back in the same moment.
        self._keep_turn(LONGEST_TO_OPEN)
        return await self._locks.take(NamedLock.IDENTIFY)

    def _keep_turn(self, seconds: float) -> None:
        self._turn_ends = asyncio.get_running_loop().time() + seconds
