"""Work in the background: done again and again, with sleeps between that can be cut short."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from bot.errors import DatabaseError

# How much later than a failed round is tried again a round may be over before somebody should look.
ALLOWED = timedelta(minutes=10)
# How soon a process does what another one did for all, after that one has ended.
ASK_AGAIN = timedelta(seconds=5)

log = logging.getLogger(__name__)

_running: set["Rounds"] = set()


async def sleep_unless(stopped: asyncio.Event, seconds: float) -> None:
    """Sleep for so many seconds, or until it is said to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopped.wait(), seconds)


def log_failure(logger: logging.Logger, error: Exception, what: str, *args: object) -> None:
    """Log what could not be done: in a line where the database refused and has logged why, else with the trace."""
    if isinstance(error, DatabaseError):
        logger.warning(what, *args)
    else:
        logger.error(what, *args, exc_info=error)


def running() -> list["Rounds"]:
    """Return all that is done in rounds in this process now, by name."""
    return sorted(_running, key=lambda rounds: rounds.name)


class Rounds:
    """Work that is done in rounds until it is stopped; whatever fails is logged and tried again."""

    def __init__(self, name: str, retry: timedelta, ours: Callable[[], bool] = lambda: True) -> None:
        """Take what the work is called in the log, and how long to wait after a round that failed.

        Work that one process does for all comes with what says whether it is this one.
        """
        self.name = name
        self._retry = retry
        self._ours = ours
        self._sleeping: asyncio.Task[None] | None = None
        self._woken = False
        self._stopping = False
        # When the first round that has not succeeded yet was to begin, in seconds of the loop's clock.
        self._owed_at = math.inf

    @property
    def behind(self) -> float:
        """For how many seconds a round has been due that has not succeeded yet; 0 where there is none."""
        return max(0.0, asyncio.get_running_loop().time() - self._owed_at)

    @property
    def overdue(self) -> bool:
        """Whether it has been due for so long that it fails again and again, or hangs."""
        return self.behind > (self._retry + ALLOWED).total_seconds()

    @property
    def stopping(self) -> bool:
        """Whether the round that may be under way is the last."""
        return self._stopping

    @property
    def asleep(self) -> bool:
        """Whether it waits for the next round."""
        return self._sleeping is not None and not self._sleeping.done()

    def wake(self) -> None:
        """Begin the next round now, or as soon as the one under way is over."""
        self._woken = True
        if self._sleeping is not None:
            self._sleeping.cancel()

    def stop(self) -> None:
        """Let `run` end as soon as the round that may be under way is over."""
        self._stopping = True
        self.wake()

    async def run(self, work: Callable[[], Awaitable[timedelta]]) -> None:
        """Do the work until `stop` is called; it returns how long to sleep before it is done again.

        It may be begun again after that, as when the bot comes back on line.
        """
        clock = asyncio.get_running_loop().time
        self._owed_at = clock()
        _running.add(self)
        try:
            while not self._stopping:
                self._woken = False
                try:
                    pause = await work() if self._ours() else ASK_AGAIN
                except Exception as error:  # noqa: BLE001 - whatever it is, it is logged there
                    log_failure(log, error, "%s could not be seen to; trying again", self.name)
                    pause = self._retry
                else:
                    self._owed_at = clock() + pause.total_seconds()
                await self._sleep(pause)
        finally:
            _running.discard(self)
            self._stopping = False

    async def _sleep(self, pause: timedelta) -> None:
        if self._woken:  # on the way here
            return
        # Not `wait_for` of an event: in the simulated Discord nobody would see that this sleeps.
        self._sleeping = asyncio.create_task(asyncio.sleep(pause.total_seconds()))
        try:
            await asyncio.wait({self._sleeping})
        finally:
            self._sleeping.cancel()  # who is cancelled leaves nothing behind
