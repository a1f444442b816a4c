"""How long an admin and an asker wait for what was asked in vain, when a server is full of it.

Run it with: .venv/bin/python benchmarks/gaps.py
The wordings are made up of words that are as unevenly frequent as real ones, and of the worst kinds. Beside what each
question costs stands what it is to be compared with: a read of one number from the database.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from random import Random
from string import ascii_lowercase
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bot.app import build_services, wall_clock
from bot.domain.gaps import MOST_WORDINGS, Miss, Teaching, Vain, group_misses, wording_of
from bot.services import Services
from bot.services.files import read_interview_file
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.gaps import add_misses, put_teaching

FULL, TAUGHT = 1, 2
TIMES = 200
INTERVIEW = ROOT / "data" / "interviews" / "francois-chollet.json"


def typed(kind: str, chance: Random, known: list[str]) -> str:
    """Return a made-up question of a kind."""
    if kind == "one word each":
        return "".join(chance.choices(ascii_lowercase, k=8))
    if kind == "one word in common":
        return "keras " + "".join(chance.choices(ascii_lowercase, k=8))
    if kind == "300 characters":
        return " ".join(chance.choices(known, k=45))
    return " ".join(chance.choices(known, [1 / rank for rank in range(1, len(known) + 1)], k=chance.randint(2, 8)))


def made_up(kind: str) -> list[Miss]:
    """Return as many different misses of a kind as a server keeps, the same in every run."""
    chance, now = Random(1), wall_clock()  # noqa: S311 - the same every time
    known = ["".join(chance.choices(ascii_lowercase, k=chance.randint(3, 9))) for _ in range(3000)]
    misses: dict[str, Miss] = {}
    while len(misses) < MOST_WORDINGS:
        if wording := wording_of(typed(kind, chance, known)):
            misses[wording.folded] = Miss(wording, 1, 0, now, now)
    return list(misses.values())


async def fill(database: Database, services: Services) -> None:
    """Load the interview, fill a server with misses, and teach another one 300 wordings."""
    await services.interviews.load([read_interview_file(INTERVIEW)])
    ref, now = next(iter((await services.interviews.library()).exchanges)), wall_clock()
    wordings = [miss.wording for miss in made_up("as in life")]
    async with database.write() as connection:
        await add_misses(connection, [Vain(FULL, wording, now) for wording in wordings])
        for number in range(0, 300, 3):
            some = tuple(wordings[number : number + 3])
            teaching = Teaching(f"{number:016}", TAUGHT, *ref, some, taught_by=1, taught_at=now)
            await put_teaching(connection, teaching)


async def seconds(work: Callable[[], Awaitable[object]], times: int = TIMES) -> float:
    """Return the median wall time of some work, in seconds."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


async def served() -> dict[str, float]:
    """Return the wall time of what the service does, in seconds."""
    with TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/benchmark.db")
        services = build_services(database, wall_clock)
        gaps = services.gaps
        await fill(database, services)
        rows = {
            "/gaps, the first time": await seconds(lambda: gaps.page(FULL, 0), 1),
            "/gaps, again": await seconds(lambda: gaps.page(FULL, 0), 5),
            "export": await seconds(lambda: gaps.export_markdown(FULL), 1),
            "record a miss": await seconds(lambda: gaps.record_miss(FULL, "does he like dogs")),
            "store those gathered": await seconds(gaps.save, 1),
            "what a server was taught": await seconds(lambda: gaps.taught_here(TAUGHT)),
            "one number": await seconds(services.interviews.library),
        }
        await database.close()
    return rows


def main() -> None:
    """Measure and print the table."""
    table = Table("what", "ms")
    for kind in ("as in life", "one word in common", "one word each", "300 characters"):
        misses = made_up(kind)
        begin = time.perf_counter()
        group_misses(misses)
        table.add_row(f"group {len(misses)} wordings, {kind}", f"{(time.perf_counter() - begin) * 1000:.0f}")
    for name, taken in asyncio.run(served()).items():
        table.add_row(name, f"{taken * 1000:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
