"""How the bot's commands and rounds take a million questions and a hundred thousand servers.

Run it with: .venv/bin/python -m benchmarks.million --database sqlite (or postgresql, on a server that it starts).
The database is filled anew (see `benchmarks.filling`), which takes minutes, or a filled one is named with `--url`. What
a command asks of the services is asked many times, each time of another member or page; beside the median stands the
time that 99 of 100 keep. The biggest server has a fifth of all questions. An export runs in a process of its own, and
its memory is what it took at most above what it had when it began. How long others have to wait for the rounds says the
longest of their transactions that write.
"""

import argparse
import asyncio
import logging
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.filling import NOW, Size, described, fill, member, moderator, server
from benchmarks.ranking import afresh, wide_console
from benchmarks.rush import megabytes
from bot.app import open_services
from bot.domain.exports import ExportFormat
from bot.domain.questions import LIVING, Asker, NewQuestion, QuestionFilter, QuestionRules, QuestionState
from bot.services import Services
from bot.services.dispatcher import BATCH, Dispatcher
from bot.services.interviews import Interviews
from bot.services.questions import PAGE_SIZE
from bot.services.retention import Retention
from bot.storage.database import Database
from bot.storage.guilds import set_keep_misses
from bot.storage.questions import without_card
from tests.databases import KINDS, SQLITE, empty_databases

BIGGEST = server(0)
RUNS, FEW = 100, 20
# The bar for what a member waits for.
BAR_MS = 50


@dataclass
class Times:
    """What was timed, in milliseconds, by name."""

    of: dict[str, list[float]] = field(default_factory=dict)

    async def each(self, name: str, doing: Callable[[int], Awaitable[object]], runs: int = RUNS) -> None:
        """Do something so many times, with the number of the time, after two times that don't count."""
        for number in range(runs + 2):
            begin = time.perf_counter()
            await doing(number)
            if number >= 2 or runs == 1:
                self.of.setdefault(name, []).append((time.perf_counter() - begin) * 1000)
            if runs == 1:
                return

    def table(self, title: str) -> Table:
        """Return what was timed."""
        table = Table("what", title=title)
        for column in ("times", "median ms", "p99 ms", "most ms"):
            table.add_column(column, justify="right")
        for name, times in self.of.items():
            ordered = sorted(times)
            p99 = ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
            figures = (statistics.median(ordered), p99, ordered[-1])
            mark = " !" if figures[0] > BAR_MS and len(times) > 1 else ""
            table.add_row(name + mark, f"{len(times)}", *(f"{figure:,.1f}" for figure in figures))
        return table


@contextmanager
def writes_timed(times: Times, name: str) -> Iterator[None]:
    """Time each transaction that writes meanwhile."""
    write = Database.write

    @asynccontextmanager
    async def timed(self: Database, rows_of: Any = None) -> AsyncIterator[Any]:
        async with write(self, rows_of) as connection:
            begin = time.perf_counter()
            yield connection
        times.of.setdefault(name, []).append((time.perf_counter() - begin) * 1000)

    Database.write = timed  # type: ignore[method-assign]
    try:
        yield
    finally:
        Database.write = write  # type: ignore[method-assign]


async def commands(services: Services, times: Times) -> None:
    """Time what commands ask of the services in the biggest server."""
    questions, living = services.questions, QuestionFilter(LIVING)
    pages = (await questions.listed(BIGGEST, living)).pages

    def listed(wanted: QuestionFilter, page: Callable[[int], int] = lambda _: 0) -> Callable[[int], Awaitable[object]]:
        return lambda number: questions.listed(BIGGEST, wanted, page(number), member(number))

    def choices(typed: str) -> Callable[[int], Awaitable[object]]:
        return lambda _: services.publications.choices(BIGGEST, typed, LIVING, 25)

    await times.each("top, first page", listed(living))
    await times.each("top, page of a button", listed(living, lambda number: number))
    await times.each("top, any page", listed(living, lambda number: number * 7919 % pages))
    await times.each("top, last page", listed(living, lambda _: 10**9), FEW)
    for state in QuestionState:
        await times.each(f"inbox, {state}", listed(QuestionFilter(frozenset({state}))))
    await times.each("inbox, any state", listed(QuestionFilter(merged=True)))
    await times.each("inbox, wanted by 5", listed(QuestionFilter(LIVING, at_least=5)))
    await times.each("inbox, flagged", listed(QuestionFilter(LIVING, flagged=True)))
    for typed in ("da", "kaki", "zzzz", "ba kar"):
        await times.each(f"inbox, words {typed!r}", listed(QuestionFilter(LIVING, words=typed)), FEW)
        await times.each(f"autocomplete {typed!r}", choices(typed), FEW)
    await times.each("autocomplete, nothing typed", choices(""))
    await times.each("autocomplete, a number", choices("12345"), FEW)
    await times.each("/question mine", lambda number: services.asking.mine(BIGGEST, member(number)))
    await times.each("counts of the inbox", lambda _: services.reviewing.counts(BIGGEST))
    await times.each(
        "what an export would hold", lambda _: services.exports.count(BIGGEST, QuestionFilter(merged=True))
    )
    await times.each("servers with questions", lambda _: services.exports.servers(), 5)
    await times.each("figures", lambda _: services.figures.counts(), 1)
    await questions.set_rules(BIGGEST, QuestionRules(a_member=0, a_day=0))
    asker = Asker(BIGGEST, member(1), "Mira")
    await times.each("ask", lambda _: questions.submit(asker, NewQuestion("What about milk in the tea?")))
    top = (await questions.listed(BIGGEST, living)).questions
    await times.each("want", lambda number: questions.want(BIGGEST, 10**15 + number, top[number % PAGE_SIZE].id))
    opened = (await questions.listed(BIGGEST, QuestionFilter(frozenset({QuestionState.OPEN})), 50)).questions[0]
    await times.each("approve and reopen", lambda _: _decide(services, opened.id), 20)
    await times.each("/privacy show", lambda number: services.privacy.holdings(member(number), BIGGEST))
    await times.each("/privacy file", lambda number: services.privacy.file(member(number)))
    await times.each("/privacy, what goes", lambda number: services.privacy.fates(member(number)))
    await times.each(
        "/privacy forget",
        lambda number: services.privacy.forget(member(500 + number), with_questions=number % 2 == 0),
        40,
    )
    await times.each(
        "/privacy forget, a moderator",
        lambda number: services.privacy.forget(moderator(20 + number), with_questions=True),
        20,
    )


async def _decide(services: Services, number: int) -> None:
    await services.questions.approve(BIGGEST, number, 1)
    await services.questions.reopen(BIGGEST, number, 1)


async def rounds(services: Services, database: Database, times: Times, size: Size) -> None:
    """Time what is done for all servers."""
    retention = services.retention
    servers = max(size.asking_servers, size.daily_servers)
    await times.each("a server comes", lambda number: retention.returned(server(number * 50)))
    await times.each("a server goes", lambda number: retention.left(server(servers - 1 - number)))
    present = {server(number) for number in range(servers)}
    await times.each("servers compared at the start", lambda _: retention.compare(present, lambda _: True), 3)
    await retention.compare(present - {server(1900)}, lambda _: True)
    await times.each("cards looked for", lambda _: without_cards(database), 5)
    later = Retention(database, lambda: NOW + timedelta(days=40))
    with writes_timed(times, "tidy: transactions that write"):
        await times.each("tidy", lambda _: later.tidy(), 1)
    with writes_timed(times, "tidy again: transactions that write"):
        await times.each("tidy again", lambda _: later.tidy(), 1)


async def claims(database: Database, times: Times) -> None:
    """Time how due quotes are claimed, beside a commit of one row, in which the disk is waited for too."""
    dispatcher = Dispatcher(database, Interviews(database), lambda: NOW)

    async def one_row(number: int) -> None:
        async with database.write([server(number)]) as connection:
            await set_keep_misses(connection, server(number), keep=True)

    async def some(_: int) -> None:
        claimed = await dispatcher._claim_due(BATCH)  # noqa: SLF001 - a step of a round
        assert claimed is not None
        assert len(claimed) == BATCH

    await times.each("a commit of one row", one_row)
    with writes_timed(times, f"claim of {BATCH}: the transaction"):
        await times.each(f"claim of {BATCH}, with all that is looked up and chosen before", some)


async def without_cards(database: Database) -> None:
    """Look for the questions that have no card."""
    async with database.read() as connection:
        await without_card(connection)


def export(url: str, form: ExportFormat, newest: int) -> tuple[int, float, float]:
    """Export so many of the biggest server's questions; return how many they are, the seconds and the megabytes."""

    async def work() -> tuple[int, float, float]:
        async with open_services(url, lambda: NOW) as services:
            with TemporaryDirectory() as folder:
                since = NOW - timedelta(days=700 * min(newest * 5 / 1_000_000, 2))
                wanted = QuestionFilter(merged=True, since=since)
                await services.exports.write(server(1), QuestionFilter(), form, Path(folder, "first"))
                before, begin = megabytes(), time.perf_counter()
                found = await services.exports.write(BIGGEST, wanted, form, Path(folder, "all"))
                return found, time.perf_counter() - begin, megabytes() - before

    return asyncio.run(work())


def exports_table(url: str, counts: Sequence[int]) -> Table:
    """Return what it takes to export the biggest server, or the newest questions of it."""
    table = Table("export", "questions", "s", "memory MB", title="exports of the biggest server")
    for form in ExportFormat:
        for newest in counts:
            found, seconds, memory = afresh(export, url, form, newest)
            table.add_row(form.value, f"{found:,}", f"{seconds:.1f}", f"{memory:.1f}")
    return table


async def measure(url: str, size: Size, console: Console) -> None:
    """Measure a filled database, and print the tables."""
    async with open_services(url, lambda: NOW) as services:
        of_commands, of_rounds = Times(), Times()
        await commands(services, of_commands)
        console.print(of_commands.table("commands in the biggest server"))
        database = await Database.open(url)
        if size.daily_servers:
            await services.interviews.library()
            await claims(database, of_rounds)
        await rounds(services, database, of_rounds, size)
        console.print(of_rounds.table("rounds over all servers"))
        await database.close()


async def _make_tables(url: str) -> None:
    await (await Database.open(url)).close()


def main() -> None:
    """Fill a database, measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=KINDS, default=SQLITE)
    parser.add_argument("--questions", type=int, default=Size.questions)
    parser.add_argument("--deliveries", type=int, default=Size.deliveries)
    parser.add_argument("--url", help="a database that is filled already; it is changed")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    size, console = Size(questions=options.questions, deliveries=options.deliveries), wide_console()
    console.print(described(size))
    if options.url:
        report(options.url, size, console)
        return
    with empty_databases(options.database) as new:
        url = new()
        asyncio.run(_make_tables(url))
        begin = time.perf_counter()
        fill(url, size)
        console.print(f"Filled in {time.perf_counter() - begin:.0f} s")
        report(url, size, console)


def report(url: str, size: Size, console: Console) -> None:
    """Measure everything of a filled database, what reads only first."""
    console.print(exports_table(url, (size.questions // 50, size.questions // 5)))
    asyncio.run(measure(url, size, console))


if __name__ == "__main__":
    main()
