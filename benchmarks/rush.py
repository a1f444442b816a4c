"""How the bot stands a rush: 10,000 servers that want their quote at the same minute, on one process.

Run it with: .venv/bin/python -m benchmarks.rush
Discord is a stand-in that takes a tenth of a second for each post. Beside the longest time for which nobody else was
answered stands that of an event loop that does nothing, and of the same servers when nothing is due; and how long
the bot itself computed between two chances for others, since other programs of the machine hold it up too.
"""

import argparse
import asyncio
import logging
import resource
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from benchmarks.processes import QuickDiscord
from bot.app import open_services
from bot.client import spare_collector
from bot.domain.calendar import DailyRule, time_of_minute
from bot.domain.deliveries import Delivery
from bot.services.dispatcher import Dispatcher
from bot.services.interviews import Interviews
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.guilds import set_daily_rule

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANSWER_SECONDS = 0.1
BEAT = 0.002


class SlowDiscord(QuickDiscord):
    """Takes every post after a while, and remembers when it was begun."""

    def __init__(self) -> None:
        """Begin with nothing posted."""
        self.begun: list[float] = []

    async def post(self, _: Delivery, quote: SourcedQuote) -> int:
        """Take a post."""
        assert quote.quote.text
        self.begun.append(time.perf_counter())
        await asyncio.sleep(ANSWER_SECONDS)
        return len(self.begun)


class RushClock:
    """Stands half a minute before nine until it is begun."""

    began: float | None = None

    def now(self) -> datetime:
        """Return the present instant."""
        return NINE + timedelta(seconds=-30 if self.began is None else time.time() - self.began)


async def longest_block(work: Callable[[], Awaitable[object]]) -> tuple[list[float], float, float]:
    """Return by how many seconds each beat of the loop came late while some work was done, and how long that took.

    The last figure is how many seconds at most were computed between two beats.
    """
    late: list[float] = []
    computed = 0.0

    async def beat() -> None:
        nonlocal computed
        while True:
            begin, before = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT)
            late.append(time.perf_counter() - begin - BEAT)
            computed = max(computed, time.thread_time() - before)

    beating, begin = asyncio.create_task(beat()), time.perf_counter()
    await work()
    beating.cancel()
    return late, time.perf_counter() - begin, computed


def megabytes() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def fill(database: Database, servers: int) -> None:
    """Give servers a rule for nine o'clock; their ids are as far apart as Discord's."""
    for start in range(0, servers, 1000):
        async with database.write() as connection:
            for number in range(start, min(start + 1000, servers)):
                rule = DailyRule(10**18 + (number << 22), 1, time_of_minute(540), ZoneInfo("UTC"), NINE)
                await set_daily_rule(connection, rule)


async def measure(servers: int) -> list[tuple[str, str]]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder, 'rush.db')}"
        async with open_services(url) as _:
            pass
        database, discord = await Database.open(url), SlowDiscord()
        await fill(database, servers)
        clock = RushClock()
        dispatcher = Dispatcher(database, Interviews(database), clock.now)
        idle, _, _ = await longest_block(lambda: asyncio.sleep(5))
        await dispatcher.post_due(discord)  # the library is built, once a start
        await spare_collector()
        before = megabytes()
        quiet, quiet_seconds, _ = await longest_block(lambda: dispatcher.post_due(discord))
        clock.began = time.time()

        async def rush() -> None:
            while len(discord.begun) < servers:
                pause = await dispatcher.post_due(discord)
                await asyncio.sleep(min(pause.total_seconds(), 1))

        busy, seconds, computed = await longest_block(rush)
        done, done_seconds, _ = await longest_block(lambda: dispatcher.post_due(discord))
        await database.close()
    a_second = Counter(int(at - discord.begun[0]) for at in discord.begun)
    fastest = max(sum(1 for at in discord.begun[i : i + 60] if at - first < 1) for i, first in enumerate(discord.begun))
    return [
        ("servers", f"{servers}"),
        ("posts", f"{len(discord.begun)}"),
        ("seconds until the last", f"{seconds:.0f}"),
        ("posts a second, median", f"{statistics.median(a_second.values()):.1f}"),
        ("posts in any second, most", f"{fastest}"),
        ("longest block, ms: nothing runs", f"{max(idle) * 1000:.1f}"),
        (f"longest block, ms: nothing due ({quiet_seconds:.2f} s)", f"{max(quiet) * 1000:.1f}"),
        ("longest block, ms: rush", f"{max(busy) * 1000:.1f}"),
        ("most computed in between, ms: rush", f"{computed * 1000:.1f}"),
        ("of 1,000 beats the slowest, ms: rush", f"{sorted(busy)[int(len(busy) * 0.999)] * 1000:.1f}"),
        (f"longest block, ms: all settled ({done_seconds:.2f} s)", f"{max(done) * 1000:.1f}"),
        ("memory before, MB", f"{before:.0f}"),
        ("memory at most, MB", f"{megabytes():.0f}"),
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=10_000)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    table = Table("what", "figure")
    for row in asyncio.run(measure(options.servers)):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
