"""What it takes to export 1,000,000 readers' questions, in each format and in parts that may be uploaded.

Run it with: .venv/bin/python -m benchmarks.exports
The questions are made up while they are read, the same in every run: 20 to 60 words, an answer of 50 to 200 words to
every fifth, line ends, quotes, emoji and formulas among them. Beside the formats stands what it takes to make them
and throw them away. "csv of a database" and those after it read the questions from a real SQLite file, which is made
anew before. Each row is measured in a process of its own. How long nobody else is answered depends on what else the
machine does; beside it stands how long this process itself computed during a beat that came late, and in "busy s" how
long in all.
"""

import argparse
import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from benchmarks.ranking import afresh, wide_console
from benchmarks.rush import BEAT, megabytes
from bot.domain.exports import STATES, ExportedQuestion, ExportFormat
from bot.domain.questions import QuestionFilter, QuestionState
from bot.services.exporting import Exports
from bot.services.exports import export_parts, write_export
from bot.storage.database import Database

EXPORTED_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LIMIT_BYTES = 10 * 1024 * 1024
WORDS = (
    "what why how when does did would you your the a of in on for with tea milk sugar interview author model reason "
    'time people water think early late \n\n "quoted" it\'s 😀 - = @you +1 100% naïve שלום `code` *bold* https://x.org/a_b'
)
PASSAGES = 2000
GUILD = 1
NOBODY = 2
OF_DATABASE = " of a database"
FIGURES = ("s", "busy s", "questions/s", "MB", "largest", "memory MB")
BLOCKS = ("late ms, 99 %", "late ms, most", "busy ms, most")


@cache
def passages(fewest: int, most: int) -> list[str]:
    """Return made-up texts with so many words."""
    rng = random.Random(2026)  # noqa: S311 - nothing here is secret
    words = WORDS.replace("\n\n", "¶").split()
    return [
        " ".join(rng.choices(words, k=rng.randint(fewest, most))).replace("¶", "\n\n").strip() for _ in range(PASSAGES)
    ]


async def questions(count: int) -> AsyncIterator[ExportedQuestion]:
    """Yield made-up questions."""
    asked, answers = passages(20, 60), passages(50, 200)
    for number in range(1, count + 1):
        if number % 1000 == 0:
            await asyncio.sleep(0)  # a database's rows come a batch at a time too
        anonymous, answered = number % 4 == 0, number % 5 == 0
        yield ExportedQuestion(
            id=number,
            state=STATES[number % len(STATES)],
            interview="francois-chollet",
            to="host" if number % 10 == 0 else "interviewee",
            text=f"{asked[number % PASSAGES]} {number}?",
            original=asked[number % PASSAGES] if number % 20 == 0 else None,
            asked_by=None if anonymous else f"member_{number}",
            member_id=None if anonymous else 10**18 + number,
            asked_at="2026-03-02" if anonymous else "2026-03-02T08:00:00+00:00",
            wanted_by=number % 7,
            flagged=number % 50 == 0,
            merged_into=number // 2 if number % 30 == 0 else None,
            reason="It was asked before." if number % 25 == 0 else None,
            about="https://discord.com/channels/1/2/3" if number % 8 == 0 else None,
            origin=None,
            answer=answers[number * 7 % PASSAGES] if answered else None,
            answered_at="2026-03-04" if answered else None,
        )


async def export(what: str, count: int, folder: Path) -> list[Path]:
    """Do what a row of the table is about, and return the files."""
    form, _, parts = what.partition(" ")
    if form not in list(ExportFormat):
        async for _ in questions(count):
            pass
        return []
    if parts:
        return await export_parts(questions(count), ExportFormat(form), LIMIT_BYTES, folder, EXPORTED_AT)
    path = folder / f"questions.{form}"
    file = await asyncio.to_thread(path.open, "wb")
    await write_export(questions(count), ExportFormat(form), file, EXPORTED_AT)
    await asyncio.to_thread(file.close)
    return [path]


def make_database(count: int, path: Path) -> None:
    """Make a database of so many questions of one server, and one of another.

    To be called `afresh`: a process that begins another one passes on the most memory that it had itself.
    """

    async def make_tables() -> None:
        await (await Database.open(f"sqlite+aiosqlite:///{path}")).close()

    asyncio.run(make_tables())
    asked, answers = passages(20, 60), passages(50, 200)
    states = [state.value for state in QuestionState if state is not QuestionState.ANSWERED]

    def questions_rows() -> Iterator[tuple[object, ...]]:
        for number in range(count + 1):
            name = None if number % 4 == 0 else f"member_{number}"
            state = "answered" if number % 5 == 0 else states[number % len(states)]
            text = f"{asked[number % PASSAGES]} {number}?"
            moment = 1_772_438_400_000 + number
            guild = GUILD if number else NOBODY
            yield number + 1, guild, 10**18 + number, name, text, state, moment, number % 7 + 1

    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")  # it is thrown away anyway
        columns = "id, guild_id, member_id, member_name, text, state, asked_at, wanted_by"
        database.executemany(f"INSERT INTO questions ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", questions_rows())  # noqa: S608
        database.executemany(
            "INSERT INTO answers (question_id, text, quotable, published_at) VALUES (?, ?, 1, 1772600000000)",
            ((number + 1, answers[number * 7 % PASSAGES]) for number in range(5, count + 1, 5)),
        )


async def export_database(form: ExportFormat, path: Path, guild_id: int, to: Path) -> list[Path]:
    """Export a server's questions from a database, as the command line does."""
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    try:
        exports = Exports(database, lambda: EXPORTED_AT)
        await exports.write(guild_id, QuestionFilter(merged=True), form, to / f"questions.{form}")
    finally:
        await database.close()
    return [to / f"questions.{form}"]


async def beat(late: list[tuple[float, float]]) -> None:
    """Note by how many seconds each beat of the loop came late, and for how many the process was busy meanwhile."""
    while True:
        begin, busy = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT)
        late.append((time.perf_counter() - begin - BEAT, time.process_time() - busy))


def measure(what: str, count: int, path: Path | None = None) -> list[str]:
    """Return a row of the table; to be called `afresh`."""

    async def work() -> list[str]:
        with TemporaryDirectory() as folder:
            (first := Path(folder, "first")).mkdir()
            # What is loaded and compiled once is not added by more records.
            if path is None:
                await export(what, 1000, first)
            else:
                await export_database(ExportFormat(what), path, NOBODY, first)
            before, computed = megabytes(), time.process_time()

            late: list[tuple[float, float]] = []
            beating, begin = asyncio.create_task(beat(late)), time.perf_counter()
            if path is None:
                paths = await export(what, count, Path(folder))
            else:
                paths = await export_database(ExportFormat(what), path, GUILD, Path(folder))
            seconds = time.perf_counter() - begin
            beating.cancel()
            size = sum(path.stat().st_size for path in paths) / 1024 / 1024
            largest = max((path.stat().st_size for path in paths), default=0) / 1024 / 1024
        figures = (seconds, time.process_time() - computed, count / seconds, size, largest, megabytes() - before)
        walls, busy = sorted(wall for wall, _ in late), max(min(pair) for pair in late)
        blocks = (walls[int(len(walls) * 0.99)], walls[-1], busy)
        return [
            what + (OF_DATABASE if path else ""),
            *(f"{figure:,.1f}" for figure in figures),
            *(f"{block * 1000:.1f}" for block in blocks),
            f"{len(paths)}",
        ]

    return asyncio.run(work())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--database-only", action="store_true", help="leave the rows without a database out")
    options = parser.parse_args()
    table = Table("what", title=f"{options.questions:,} questions")
    for column in (*FIGURES, *BLOCKS, "files"):
        table.add_column(column, justify="right")
    for what in ("made only", *ExportFormat, *(f"{form} in parts" for form in ExportFormat)):
        if not options.database_only:
            table.add_row(*afresh(measure, what, options.questions))
    with TemporaryDirectory() as folder:
        path = Path(folder, "questions.db")
        afresh(make_database, options.questions, path)
        for form in ExportFormat:
            table.add_row(*afresh(measure, form.value, options.questions, path))
    wide_console().print(table)


if __name__ == "__main__":
    main()
