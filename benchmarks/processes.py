"""What one, two and four processes do on one PostgreSQL, and what they cost.

Run it with: .venv/bin/python -m benchmarks.processes [--seconds 10] [--processes 1 2 4]
Each process has the servers of its own shard, and does one thing after the other for some seconds, all at the same
time: it answers questions of the interview, stores questions for the author, and posts daily quotes to a Discord that
takes them at once. PostgreSQL writes to the disk as where the bot runs. Beside them stands one process on SQLite.
All of them and the database share the machine's processors: where these are used up, more processes do no more.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from rich.console import Console
from rich.table import Table

from bot.app import open_services
from bot.domain.calendar import to_epoch_ms
from bot.domain.deliveries import Delivery
from bot.domain.questions import Asker, NewQuestion
from bot.domain.shards import Shards
from bot.services import Services
from bot.services.dispatcher import Dispatcher, Pace
from bot.services.interviews import Interviews
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.tables import guilds
from tests.databases import POSTGRESQL, SQLITE, empty_databases

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
# All are due, and nobody waits any more because of the crowd.
NOW = NINE + timedelta(minutes=10)
SERVERS = 20_000
JOBS = ("answers", "questions stored", "quotes posted")


class QuickDiscord:
    """Takes every post at once."""

    posted = 0

    async def post(self, _delivery: Delivery, _quote: SourcedQuote) -> int:
        """Take a post."""
        self.posted += 1
        return self.posted

    async def find(self, _delivery: Delivery, _quote: SourcedQuote) -> int | None:
        """Find nothing."""
        return None

    async def finish(self, _delivery: Delivery, _message_id: int) -> str | None:
        """Do nothing more."""
        return None

    async def tell_paused(self, _: Delivery) -> None:
        """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did of one job: how often, in how many seconds, of which it computed so many; megabytes."""

    times: int
    seconds: float
    computed: float
    memory: float


async def repeated(job: Callable[[], Awaitable[int]], seconds: float, tasks: int) -> Done:
    """Do a job again and again for some seconds, in so many tasks at once; it returns how much it has done."""
    done, began, computed = 0, time.perf_counter(), time.process_time()

    async def work() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            more = await job()
            done += more  # what others did meanwhile counts too

    await asyncio.gather(*(work() for _ in range(tasks)))
    taken = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Done(done, taken, time.process_time() - computed, memory)


def answering(services: Services, questions: Iterator[str], guild_id: int) -> Callable[[], Awaitable[int]]:
    """Return what answers a question, with all that `/ask` looks up before."""

    async def job() -> int:
        await services.guilds.settings(guild_id)
        await services.answers.find(next(questions), guild_id)
        return 1

    return job


def storing(services: Services, guild_ids: Iterator[int], members: Iterator[int]) -> Callable[[], Awaitable[int]]:
    """Return what stores a question of a member who never asked before, each in another server."""

    async def job() -> int:
        member = next(members)
        text = f"Is question number {member} as good as all that came before it?"
        await services.questions.submit(Asker(next(guild_ids), member, "Mira"), NewQuestion(text))
        return 1

    return job


def posting(database: Database, shards: Shards) -> Callable[[], Awaitable[int]]:
    """Return what posts a round of quotes."""
    dispatcher, discord = Dispatcher(database, Interviews(database), lambda: NOW, shards), QuickDiscord()
    dispatcher._pace = Pace(1_000_000)  # noqa: SLF001 - it is this process that is measured, not Discord's limit

    async def job() -> int:
        before = discord.posted
        await dispatcher.post_due(discord)
        return discord.posted - before

    return job


async def work(url: str, shards: Shards, seconds: float, start: Callable[[], object]) -> list[Done]:
    """Return what one process did of each job; all processes start each of them together."""
    async with open_services(url, lambda: NOW, stays=True, shards=shards) as services:
        library = await services.interviews.library()
        asked = [alias for interview in library.interviews for each in interview.exchanges for alias in each.aliases]
        questions = (f"{asked[number % len(asked)]} {number}" for number in count(shards.ids[0], shards.count))
        own = [guild_id for guild_id in all_servers() if shards.own(guild_id)]
        guild_ids = (own[number % len(own)] for number in count())
        members = count(10**17 + shards.ids[0], shards.count)
        database = await Database.open(url)
        jobs = (
            (answering(services, questions, own[0]), 1),
            (storing(services, guild_ids, members), 4),
            (posting(database, shards), 1),
        )
        found = []
        for job, tasks in jobs:
            await job()
            await asyncio.to_thread(start)
            found.append(await repeated(job, seconds, tasks))
        await database.close()
    return found


def all_servers() -> Iterator[int]:
    """Yield the servers' ids, as far apart as Discord's."""
    return (10**18 + (number << 22) for number in range(SERVERS))


async def fill(url: str) -> None:
    """Let every server want its quote now."""
    async with open_services(url):
        pass
    database = await Database.open(url)
    due = to_epoch_ms(NINE)
    wanted = {"daily_channel_id": 1, "daily_minute": 540, "daily_zone": "UTC", "daily_since": due, "daily_look_at": due}
    async with database.write() as connection:
        await connection.execute(guilds.insert(), [{"id": guild_id} | wanted for guild_id in all_servers()])
    await database.close()


def one_process(url: str, shards: Shards, seconds: float, barrier: object, results: object) -> None:
    """Be one of the processes."""
    results.put(asyncio.run(work(url, shards, seconds, barrier.wait)))  # type: ignore[attr-defined]


def measure(url: str, processes: int, seconds: float) -> list[list[Done]]:
    """Return what each of some processes did of each job."""
    asyncio.run(fill(url))
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    running = [
        context.Process(target=one_process, args=(url, Shards(processes, (number,)), seconds, barrier, results))
        for number in range(processes)
    ]
    for process in running:
        process.start()
    found = [results.get(timeout=60 + 20 * seconds) for _ in running]
    for process in running:
        process.join()
    return found


def rows_of(name: str, found: list[list[Done]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table for one number of processes."""
    for job, each in zip(JOBS, zip(*found, strict=True), strict=True):
        times = sum(done.times for done in each)
        rate = sum(done.times / done.seconds for done in each)
        computed = 1000 * sum(done.computed for done in each) / max(times, 1)
        yield name, job, f"{rate:,.0f}", f"{computed:.2f}", f"{max(done.memory for done in each):.0f}"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    table = Table(
        "processes", "what", "a second, all together", "CPU each, ms (without the database)", "most memory, MB"
    )
    plans = [(SQLITE, 1), *((POSTGRESQL, number) for number in options.processes)]
    for kind, number in plans:
        with empty_databases(kind) as new:
            for row in rows_of(f"{number} on {kind}", measure(new(), number, options.seconds)):
                table.add_row(*row)
    Console(width=120).print(f"{os.cpu_count()} processors", table)


if __name__ == "__main__":
    main()
