"""Several processes at one database, which do something at the same time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeVar

from bot.app import open_services
from bot.errors import FiresideError
from bot.services import Services

T = TypeVar("T")


@asynccontextmanager
async def processes(url: str, clock: Callable[[], datetime], count: int = 2) -> AsyncIterator[list[Services]]:
    """Open a database so many times, each with connections and services of its own, as so many processes do."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_services(url, clock)) for _ in range(count)]


async def at_once(doings: Iterable[Awaitable[T]]) -> tuple[list[T], list[FiresideError]]:
    """Begin everything before anything has ended; return what came of it, and what was refused with a sentence.

    Whatever else goes wrong is raised.
    """
    outcomes = await asyncio.gather(*doings, return_exceptions=True)
    done: list[T] = []
    refused: list[FiresideError] = []
    for outcome in outcomes:
        if isinstance(outcome, FiresideError):
            refused.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            done.append(outcome)
    return done, refused
