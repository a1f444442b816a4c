"""How long it takes to move a database from SQLite to PostgreSQL and back, and how much memory.

Run it with: .venv/bin/python -m benchmarks.move --questions 1000000 [--kill]
It makes a database such as some thousand servers fill in years: questions with their history, me toos, merges, answers
with their versions and notices, daily quotes, misses, favourites. Then it runs `python -m bot move` as a process of its
own, to a PostgreSQL server that it starts and that waits for the disk as it does from the start, and from there into
another SQLite file. Each process has compared the checksums of both sides before it ends; the last line says whether
those of the first file are those of the last. With --kill, each move is killed once when half of the questions are
there, and run again: the seconds are those of both.

Beside it stands how long the same machine takes to copy the file with SQLite's own VACUUM INTO, checked, as a backup.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from bot.app import open_services
from bot.storage.backups import write_copy
from bot.storage.engines import sqlite_file
from tests.databases import rows
from tests.postgres import own_server
from tests.processes import ROOT, environment

WORDS = Path(__file__).read_text(encoding="utf-8").split()
START = 1_700_000_000_000
A_SERVER = 300  # questions
LONGEST = 3600.0
console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Run:
    """What a move took: seconds on the clock and of the processor, megabytes at most, and its report, a line a table.

    The server's share of the processor is not in it.
    """

    seconds: float
    processor: float
    megabytes: float
    report: tuple[str, ...]


def text(random: Random, words: int) -> str:
    """Return so many words."""
    return " ".join(random.choices(WORDS, k=words))


def fill(file: Path, count: int) -> None:
    """Put so many questions into a database, with all that comes with them."""
    random = Random(2026)  # noqa: S311 - the same in every run
    with closing(sqlite3.connect(file)) as database, database:
        for table, rows_of in ROWS.items():
            columns, made = rows_of(random, count)
            names, places = ", ".join(columns), ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", made)  # noqa: S608 - names of ours


Made = tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]


def guild_of(number: int) -> int:
    """Return the server in which a question is asked."""
    return (number // A_SERVER + 1) << 45


def _guilds(_random: Random, count: int) -> Made:
    made = ((guild_of(n), n + 1, n % 1440, "Europe/Berlin", START, '["a"]') for n in range(0, count, A_SERVER))
    return ("id", "daily_channel_id", "daily_minute", "daily_zone", "daily_since", "daily_interviews"), made


def _questions(random: Random, count: int) -> Made:
    def row(number: int) -> tuple[Any, ...]:
        words = text(random, random.randint(5, 25))
        # Many are merged into one that was asked later.
        merged = min(count, number + random.randint(1, count)) if number % 30 == 0 and number < count else None
        state = "answered" if number % 20 == 0 else "open"
        asker = (random.getrandbits(62), f"Reader {number}")
        return number, guild_of(number - 1), *asker, 1, words, state, START + number, merged, number % 2, words.lower()

    columns = ("id", "guild_id", "member_id", "member_name", "interview_id", "text", "state", "asked_at")
    return (*columns, "merged_into", "flagged", "folded"), map(row, range(1, count + 1))


def _events(random: Random, count: int) -> Made:
    made = ((random.randint(1, count), START + n, n, "approved", None) for n in range(count // 2))
    asked = ((n, START + n, None, "asked", None) for n in range(1, count + 1))
    return ("question_id", "at", "actor_id", "kind", "detail"), (row for some in (asked, made) for row in some)


def _me_toos(random: Random, count: int) -> Made:
    made = ((random.randint(1, count), n, "dm", START + n) for n in range(count * 6 // 10))
    return ("question_id", "member_id", "notify", "created_at"), made


def _answers(random: Random, count: int) -> Made:
    made = ((n // 20, n, text(random, 120), 1, START + n) for n in range(20, count + 1, 20))
    return ("id", "question_id", "text", "quotable", "published_at"), made


def _versions(random: Random, count: int) -> Made:
    made = ((n // 24 + 1, START, "edited", text(random, 120), n % 2) for n in range(0, count - 24, 16))
    return ("answer_id", "at", "kind", "text", "quotable"), made


def _notices(_random: Random, count: int) -> Made:
    made = ((n // 20, 0, "channel", "sent") for n in range(20, count + 1, 20))
    return ("answer_id", "member_id", "notify", "state"), made


def _deliveries(random: Random, count: int) -> Made:
    made = (
        (
            guild_of(n),
            f"2026-{n % A_SERVER // 25 + 1:02}-{n % 25 + 1:02}",
            START,
            n,
            "francois-chollet",
            text(random, 30),
            "sent",
            START + n,
        )
        for n in range(count // 3)
    )
    columns = ("guild_id", "local_date", "due_at", "channel_id", "interview_key", "quote", "state", "claimed_at")
    return columns, made


def _misses(random: Random, count: int) -> Made:
    made = ((guild_of(n), f"{n} {text(random, 8)}", text(random, 8), 1, 0, START, START) for n in range(count // 10))
    return ("guild_id", "folded", "text", "count", "refused", "first_at", "last_at"), made


def _favourites(random: Random, count: int) -> Made:
    made = ((n, "francois-chollet", "t1", f"{n % 12:016}", text(random, 30), START) for n in range(count // 20))
    return ("member_id", "interview_key", "turn_key", "quote_key", "quote", "created_at"), made


def _drafts(random: Random, count: int) -> Made:
    made = ((n, guild_of(n), "question", json.dumps({"text": text(random, 20)}), START) for n in range(count // 100))
    return ("member_id", "guild_id", "form", "content", "updated_at"), made


ROWS = {
    "guilds": _guilds,
    "questions": _questions,
    "question_events": _events,
    "me_toos": _me_toos,
    "answers": _answers,
    "answer_versions": _versions,
    "notices": _notices,
    "deliveries": _deliveries,
    "misses": _misses,
    "favourites": _favourites,
    "drafts": _drafts,
}


def move(source: str, target: str, folder: Path, kill_at: int | None) -> Run:
    """Run a move to its end, killed once on the way if there is a number of questions to do it at."""
    begun = time.perf_counter()
    costs = []
    if kill_at is not None:
        process = start(source, target, folder)
        while not has_questions(target, kill_at):
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
        process.kill()
        costs.append(cost_of(process))
    process = start(source, target, folder)
    assert process.stdout is not None
    said = process.stdout.read()
    costs.append(cost_of(process))
    assert process.returncode == 0, said
    report = tuple(line for line in said.splitlines() if line.startswith("│"))
    processor, megabytes = zip(*costs, strict=True)
    return Run(time.perf_counter() - begun, sum(processor), max(megabytes), report)


def start(source: str, target: str, folder: Path) -> subprocess.Popen[str]:
    """Start a move."""
    command = [sys.executable, "-m", "bot", "move", "--from", source, "--to", target]
    return subprocess.Popen(  # noqa: S603 - a command of ours
        command, cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def cost_of(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Wait for the end of a process, and return its seconds of the processor, and its megabytes at most."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stdout is not None
    process.stdout.close()
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def has_questions(url: str, least: int) -> bool:
    """Return whether so many of the questions are there already."""
    with suppress(sqlite3.Error, psycopg.Error):
        return bool(rows(url, "SELECT coalesce(max(id), 0) FROM questions")[0][0] >= least)
    return False


async def make(url: str) -> None:
    """Make a database with the bundled interview."""
    async with open_services(url):
        pass


def main() -> None:
    """Make the database, move it there and back, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--kill", action="store_true", help="kill each move once")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="fireside-move-") as name, own_server(durable=True) as server:
        folder = Path(name)
        first, between, last = f"sqlite+aiosqlite:///{folder}/first.db", server.new_database(), folder / "last.db"
        file = sqlite_file(first)
        assert file is not None
        asyncio.run(make(first))
        fill(file, chosen.questions)
        begun = time.perf_counter()
        size = write_copy(file, folder / "copy.db")
        copied = time.perf_counter() - begun
        kill_at = chosen.questions // 2 if chosen.kill else None
        there = move(first, between, folder, kill_at)
        back = move(between, f"sqlite+aiosqlite:///{last}", folder, kill_at)
        print_runs({"SQLite to PostgreSQL": there, "PostgreSQL to SQLite": back}, copied, size)
        assert there.report == back.report, "the checksums differ"
        console.print(f"The checksums of all {len(there.report)} tables are the same at the beginning and at the end.")


def print_runs(runs: dict[str, Run], copied: float, size: int) -> None:
    """Print what was measured."""
    table = Table("", "seconds", "of its processor", "rows a second", "peak MB")
    count = sum(int(line.split("│")[2].replace(",", "")) for line in next(iter(runs.values())).report)
    for name, run in runs.items():
        processor, pace = f"{run.processor:.1f}", f"{count / run.seconds:,.0f}"
        table.add_row(name, f"{run.seconds:.1f}", processor, pace, f"{run.megabytes:.0f}")
    table.add_row("SQLite's VACUUM INTO, checked", f"{copied:.1f}", "", f"{count / copied:,.0f}", "")
    console.print(f"{count:,} rows, {size / 1e6:,.0f} MB as an SQLite file", table, sep="\n")


if __name__ == "__main__":
    main()
