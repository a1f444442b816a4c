"""Writers of one process that wait for each other before they take anything of the database's."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from sqlalchemy.exc import TimeoutError as QueueTimeoutError

from bot.storage.engines import BUSY_TIMEOUT_MS


class Queues:
    """One queue for each server and member, in which one writer at a time has its turn, in the order they came."""

    def __init__(self) -> None:
        # Each lock is kept by those who have it or wait for it, and gone with the last of them.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, ids: Collection[int]) -> AsyncIterator[None]:
        """Wait for the turn in the queues of some servers and members, and have it until the end.

        Raises:
            QueueTimeoutError: It took longer than the database would let anybody wait.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                    # In one order for all, so that no two wait for each other.
                    for each in sorted(set(ids)):
                        await stack.enter_async_context(self._locks.setdefault(each, asyncio.Lock()))
            except TimeoutError as error:
                raise QueueTimeoutError("others of this process were writing all along") from error
            yield
