"""Waiting for what tells nobody: a task that falls asleep, another process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable

LONGEST = 30.0


async def until(
    reached: Callable[[], object] | Callable[[], Awaitable[object]], *, every: float = 0.01, within: float = LONGEST
) -> float:
    """Wait until something is so, and return after how many seconds it was.

    Args:
        reached: Whether it is so, or what has to be awaited to know it.
        every: How often to look, in seconds; with 0, what is so for one turn of the loop is seen too.
        within: How long to wait at most, in seconds.

    Raises:
        TimeoutError: It was not so within that time.
    """
    begun = time.monotonic()
    async with asyncio.timeout(within):
        while not await _known(reached()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(every)
    return time.monotonic() - begun


async def _known(value: object) -> object:
    return await value if isawaitable(value) else value
