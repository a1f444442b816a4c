"""How long a person waits: for `python -m bot ask` from start to end, and for an answer in the demo's page.

Run it with: .venv/bin/python benchmarks/latency.py
Beside each figure stands what it is to be compared with, taken in the same run: a Python that does nothing and one
that imports discord.py alone; and the bare answer of the matcher. With `--databases` it measures one thing alone: what
the services need for an ask in a server, on SQLite and on PostgreSQL, there with what is remembered and without. The
server's own processor is not counted.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import simcord
from rich.console import Console
from rich.table import Table

from bot.app import open_services
from bot.client import Fireside

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the tests know how to use the demo as people do

from tests.page_over_http import open_page  # noqa: E402
from tests.postgres import own_server  # noqa: E402
from tests.processes import demo  # noqa: E402

QUESTION = "why did he make keras"
PROCESSES = 10
QUESTIONS = 200
PAGE_QUESTIONS = 40
GUILD = 11
# Until what is looked up is remembered.
SETTLING = 1.0


def process_seconds(arguments: list[str], database_url: str) -> list[float]:
    """Return the wall time of some runs of a Python process, in seconds."""
    environment = os.environ | {"DATABASE_URL": database_url}
    times = []
    for _ in range(PROCESSES):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603
        times.append(time.perf_counter() - begin)
    return times


async def answer_seconds(database_url: str) -> dict[str, list[float]]:
    """Return the wall time of some answers, in seconds: by the matcher, by the service, and on Discord as simulated."""
    async with open_services(database_url) as services:
        matcher = (await services.interviews.library()).matcher
        found = [_timed(lambda: matcher.find(QUESTION)) for _ in range(QUESTIONS)]
        served = []
        for _ in range(QUESTIONS):
            begin = time.perf_counter()
            await services.answers.find(QUESTION)
            served.append(time.perf_counter() - begin)
        return {
            "matcher": found,
            "service": served,
            "/ask in simcord": await _simulated(Fireside(services, shard_count=1)),
        }


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


async def page_seconds(folder: Path) -> list[float]:
    """Return the wall time of some uses of /ask in the demo's page, from the click to its answer, in seconds."""
    times = []
    with demo(folder) as (_, address):
        async with open_page(address) as page:
            for _ in range(PAGE_QUESTIONS):
                await page.look()
                entry = await page.command("ask")
                begin = time.perf_counter()
                result = await page.use(entry, question=QUESTION)
                times.append(time.perf_counter() - begin)
                assert not result["rejected"]
    return times


async def _simulated(client: Fireside) -> list[float]:
    times = []
    async with simcord.run(client) as env:
        channel = env.create_guild().create_text_channel("fireside")
        member = env.guild.add_member(env.create_user("mira"))
        for _ in range(QUESTIONS):
            begin = time.perf_counter()
            result = await member.slash(channel, "ask", question=QUESTION)
            times.append(time.perf_counter() - begin)
            assert result.response is not None
        await client.close()
    return times


async def asking_seconds(database_url: str, *, stays: bool) -> tuple[list[float], list[float]]:
    """Return the wall time of some asks in a server, and the processor's, in seconds; all find the same."""
    async with open_services(database_url, stays=stays) as services:

        async def ask() -> None:
            await services.answers.find(QUESTION, GUILD)
            await services.guilds.settings(GUILD)

        await ask()
        await asyncio.sleep(SETTLING)
        wall, processor = [], []
        for _ in range(QUESTIONS * 5):
            begin, begin_processor = time.perf_counter(), time.process_time()
            await ask()
            wall.append(time.perf_counter() - begin)
            processor.append(time.process_time() - begin_processor)
        return wall, processor


def database_rows(folder: Path) -> dict[str, list[float]]:
    """Return how long asks take on each kind of database, and how much of the processor, in seconds."""
    rows = {}
    with own_server() as server:
        sqlite, postgresql = f"sqlite+aiosqlite:///{folder}/benchmark.db", server.new_database()
        for name, url, stays in (
            ("SQLite", sqlite, True),
            ("PostgreSQL", postgresql, True),
            ("PostgreSQL, nothing remembered", postgresql, False),
        ):
            rows[name], rows[f"{name}: processor"] = asyncio.run(asking_seconds(url, stays=stays))
    return rows


def all_rows(folder: Path) -> dict[str, list[float]]:
    """Return how long each way to ask takes, in seconds."""
    url = f"sqlite+aiosqlite:///{folder}/benchmark.db"
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bot", "ask", QUESTION],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    rows = {
        "python, nothing": process_seconds(["-c", "pass"], url),
        "python, import discord": process_seconds(["-c", "import discord"], url),
        "python -m bot ask": process_seconds(["-m", "bot", "ask", QUESTION], url),
    }
    rows |= asyncio.run(answer_seconds(url))
    rows["/ask in the demo's page"] = asyncio.run(page_seconds(folder))
    return rows


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="How long a person waits for an answer.")
    parser.add_argument("--databases", action="store_true", help="compare the kinds of database alone")
    measure = database_rows if parser.parse_args().databases else all_rows
    table = Table("what", "median ms", "slowest of 100, ms", "of")
    with TemporaryDirectory() as folder:
        rows = measure(Path(folder))
    for name, seconds in rows.items():
        slow = sorted(seconds)[min(int(len(seconds) * 0.99), len(seconds) - 1)]
        table.add_row(name, f"{statistics.median(seconds) * 1000:.3f}", f"{slow * 1000:.3f}", str(len(seconds)))
    Console().print(table)
    sys.stdout.write(json.dumps({name: statistics.median(seconds) for name, seconds in rows.items()}) + "\n")


if __name__ == "__main__":
    main()
