"""What is lost when the bot is killed at random in a busy hour.

Run it with: .venv/bin/python -m benchmarks.kills --kills 200
A process does through the real services what a busy hour does, much of it at once, on one SQLite file: questions, me
toos, settings, approvals, answers, daily quotes, hearts, drafts. It writes each acknowledgement to a pipe once the
service has returned. It is killed at a random moment, again and again, and each time all that was ever acknowledged is
looked for, the file is checked, and so is that nothing is half done.

Beside it stands the same with `synchronous=OFF`. That loses nothing either, and is no recommendation: what a killed
process has written, the system still holds; only a power cut or a crash of the system would tell the two apart, and
nothing here makes one. So that the table shows that a loss would be found, the third column acknowledges too early:
before the service is called.
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import event

from bot.app import BUNDLED_INTERVIEWS, build_services
from bot.domain.deliveries import Delivery
from bot.domain.drafts import Draft, DraftKey
from bot.domain.questions import Asker, NewQuestion, Notify, Wish
from bot.services import Services
from bot.services.dispatcher import Dispatcher, Pace
from bot.services.files import read_interview_files
from bot.services.quotes import QuoteRef, SourcedQuote
from bot.storage.database import Database

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
ADMIN = 6
WORKERS = 8
LONGEST_LIFE = 0.8  # seconds
LONGEST_START = 60.0
# A child's ids are its own.
IDS_A_CHILD = 1_000_000
# Children begin as forks of a process that has no threads, and most things imported.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["bot.app"])

# For each kind of acknowledgement: what has to be there from then on.
PROMISED = {
    "question": "SELECT 1 FROM questions WHERE id = ? AND text = ?",
    "me too": "SELECT 1 FROM me_toos WHERE question_id = ? AND member_id = ?",
    "setting": "SELECT 1 FROM guilds WHERE id = ? AND answers_private",
    "approval": "SELECT 1 FROM questions WHERE id = ? AND state IN ('approved', 'answered')",
    "answer": "SELECT 1 FROM answers JOIN questions q ON q.id = question_id "
    "WHERE q.id = ? AND answers.text = ? AND q.state = 'answered'",
    "claimed post": "SELECT 1 FROM deliveries WHERE guild_id = ? AND state IN ('claimed', 'sent')",
    "settled post": "SELECT 1 FROM deliveries WHERE guild_id = ? AND state = 'sent' AND message_id = ?",
    "heart": "SELECT 1 FROM favourites WHERE member_id = ? AND quote_key = ?",
    "draft": "SELECT 1 FROM drafts WHERE member_id = ? AND content LIKE '%' || ? || '%'",
}

# What one transaction does together: rows for which only some of it was done.
HALF_DONE = (
    "SELECT count(*) FROM questions q WHERE NOT EXISTS (SELECT 1 FROM question_events WHERE question_id = q.id)",
    "SELECT count(*) FROM questions q WHERE wanted_by != 1 + (SELECT count(*) FROM me_toos WHERE question_id = q.id)",
    "SELECT count(*) FROM questions q WHERE (state = 'answered') != (id IN (SELECT question_id FROM answers))",
    "SELECT count(*) FROM answers a WHERE NOT EXISTS (SELECT 1 FROM answer_versions WHERE answer_id = a.id)",
    "SELECT count(*) FROM answers a WHERE NOT EXISTS (SELECT 1 FROM notices WHERE answer_id = a.id)",
    "SELECT count(*) FROM drafts d JOIN questions q ON q.member_id = d.member_id WHERE d.form = 'used up'",
    "SELECT count(*) FROM deliveries WHERE state = 'sent' AND message_id IS NULL",
)

Tell = Callable[..., None]


@dataclass(frozen=True)
class Way:
    """How the child works: as it does, or in a way that it is compared with."""

    synchronous: bool = True
    too_early: bool = False


@asynccontextmanager
async def promise(tell: Tell, way: Way, *said: object) -> AsyncIterator[None]:
    """Acknowledge what is done inside; too early, where that is asked for."""
    if way.too_early:
        tell(*said)
    yield
    if not way.too_early:
        tell(*said)


class BusyHour:
    """What members and admins do, each with ids that nobody had before."""

    def __init__(self, services: Services, tell: Tell, way: Way, numbers: Iterator[int]) -> None:
        """Take the services, what acknowledges, and the ids."""
        self._services, self._tell, self._way, self._numbers = services, tell, way, numbers
        # One of its own: how many questions a server may ask in a day is limited.
        self._guild = next(numbers)

    def _promise(self, *said: object) -> Any:
        return promise(self._tell, self._way, *said)

    async def question(self) -> None:
        """Ask with a form, want it too, approve it, and publish its answer."""
        services, member, other = self._services, next(self._numbers), next(self._numbers)
        text, key = f"What about the matter of {member}?", DraftKey(member, self._guild, "used up")
        await services.drafts.keep(key, Draft({"text": [text]}))
        asked = await services.questions.submit(
            Asker(self._guild, member, "Mira"), NewQuestion(text, wish=Wish(Notify.DM)), key
        )
        self._tell("question", asked.id, text)
        async with self._promise("me too", asked.id, other):
            await services.questions.want(self._guild, other, asked.id)
        async with self._promise("approval", asked.id):
            await services.questions.approve(self._guild, asked.id, ADMIN)
        answer = f"What I think of {member} is a long story."
        async with self._promise("answer", asked.id, answer):
            await services.publications.publish(self._guild, asked.id, answer, True, ADMIN)

    async def setting(self) -> None:
        """Choose something for a server."""
        guild = next(self._numbers)
        async with self._promise("setting", guild):
            await self._services.guilds.set_answers_private(guild, private=True)

    async def heart(self) -> None:
        """Keep a quote."""
        member, quotes = next(self._numbers), (await self._services.interviews.library()).quotes
        quote = quotes[member % len(quotes)]
        async with self._promise("heart", member, quote.key):
            await self._services.favourites.toggle(member, QuoteRef(quote.interview, quote.turn, quote.key))

    async def draft(self) -> None:
        """Begin a form."""
        member = next(self._numbers)
        async with self._promise("draft", member, f"words of {member}"):
            await self._services.drafts.keep(
                DraftKey(member, self._guild, "kept"), Draft({"x": [f"words of {member}"]})
            )


@dataclass
class Channel:
    """Where daily quotes go: it is called once a claim is stored."""

    tell: Tell
    posted: list[tuple[int, int]] = field(default_factory=list)

    async def post(self, delivery: Delivery, _quote: SourcedQuote) -> int:
        """Take a post."""
        self.tell("claimed post", delivery.guild_id)
        await asyncio.sleep(0)
        self.posted.append((delivery.guild_id, delivery.guild_id * 2))
        return delivery.guild_id * 2

    async def find(self, _delivery: Delivery, _quote: SourcedQuote) -> int | None:
        """Find nothing."""
        return None

    async def finish(self, _delivery: Delivery, _message_id: int) -> str | None:
        """Do nothing more."""
        return None

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell nobody."""


async def post_quotes(services: Services, dispatcher: Dispatcher, tell: Tell, numbers: Iterator[int]) -> None:
    """Let one new server after the other be due, for ever."""
    channel = Channel(tell)
    while True:
        guild = next(numbers)
        await services.deliveries.set_daily(guild, guild, "09:01", "UTC")
        await dispatcher.post_due(channel)
        while channel.posted:
            tell("settled post", *channel.posted.pop())
        await services.deliveries.stop_daily(guild)


def live(url: str, pipe: Connection, number: int, way: Way) -> None:
    """Work until killed, and write each acknowledgement to a pipe: what the child does."""
    logging.disable(logging.CRITICAL)
    numbers = count(number * IDS_A_CHILD)

    def tell(*said: object) -> None:
        pipe.send_bytes(json.dumps(said).encode())

    async def run() -> None:
        database = await Database.open(url)
        if not way.synchronous:
            engine = database._engine.sync_engine  # noqa: SLF001 - nothing else of ours writes so
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        # Rules are made before the minute at which all of them are due.
        services = build_services(database, lambda: NOW - timedelta(minutes=5))
        dispatcher = Dispatcher(database, services.interviews, lambda: NOW)
        dispatcher._pace = Pace(10_000)  # noqa: SLF001 - nobody else's limit
        hour = BusyHour(services, tell, way, numbers)
        chance = Random(number)  # noqa: S311

        async def work() -> None:
            while True:
                await chance.choice([hour.question, hour.setting, hour.heart, hour.draft])()

        await asyncio.gather(*(work() for _ in range(WORKERS)), post_quotes(services, dispatcher, tell, numbers))

    asyncio.run(run())


def kill_one(url: str, number: int, way: Way, chance: Random) -> list[list[Any]]:
    """Let one child work for a while, kill it, and return what it had acknowledged."""
    reading, writing = multiprocessing.Pipe(duplex=False)
    process = SERVER.Process(target=live, args=(url, writing, number, way))
    process.start()
    writing.close()
    said = []
    with reading, suppress(EOFError):
        if not reading.poll(LONGEST_START):
            process.kill()
            raise TimeoutError("The child does nothing.")
        dies_at = time.monotonic() + chance.uniform(0, LONGEST_LIFE)
        while reading.poll(max(dies_at - time.monotonic(), 0)) and time.monotonic() < dies_at:
            said.append(json.loads(reading.recv_bytes()))
        process.kill()
        process.join()
        # What was cut off in the middle is no acknowledgement, and ends this.
        while True:
            said.append(json.loads(reading.recv_bytes()))
    process.join()
    assert process.exitcode == -signal.SIGKILL, "The child ended by itself."
    return said


def lost(file: Path, promises: list[list[Any]]) -> list[list[Any]]:
    """Return what was acknowledged and is not there."""
    with closing(sqlite3.connect(file)) as connection:
        return [said for said in promises if not connection.execute(PROMISED[said[0]], said[1:]).fetchone()]


def half_done(file: Path) -> int:
    """Return how many things were done in part; a file that is damaged counts as one."""
    with closing(sqlite3.connect(file)) as connection:
        damaged = connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]
        broken = len(connection.execute("PRAGMA foreign_key_check").fetchall())
        parts: list[int] = [connection.execute(query).fetchone()[0] for query in HALF_DONE]
        return damaged + broken + sum(parts)


async def prepare(url: str) -> None:
    """Make the database, with an interview."""
    database = await Database.open(url)
    services = build_services(database, lambda: NOW)
    await services.interviews.load(read_interview_files(sorted(BUNDLED_INTERVIEWS.glob("*.json"))))
    await database.close()


def measure(kills: int, seed: int, way: Way) -> dict[str, str]:
    """Return what became of all that was acknowledged over some kills."""
    began, chance, promises = time.monotonic(), Random(seed), list[list[Any]]()  # noqa: S311
    missing = parts = 0
    with TemporaryDirectory() as folder:
        file = Path(folder, "kills.db")
        url = f"sqlite+aiosqlite:///{file}"
        asyncio.run(prepare(url))
        for number in range(1, kills + 1):
            said = kill_one(url, number, way, chance)
            promises += said
            missing += len(lost(file, said))
            parts += half_done(file)
        # What was there after its kill must have outlived all later ones too.
        missing_at_the_end = len(lost(file, promises))
    kinds = Counter(kind for kind, *_ in promises)
    return {
        "kills": str(kills),
        "acknowledgements checked": str(len(promises)),
        "lost": str(missing),
        "lost, looked for again at the end": str(missing_at_the_end),
        "half done, or damaged": str(parts),
        "of which kinds": ", ".join(f"{kind}: {number}" for kind, number in sorted(kinds.items())),
        "seconds": f"{time.monotonic() - began:.0f}",
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    fewer = max(options.kills // 4, 1)
    rows = {
        "as it is": measure(options.kills, options.seed, Way()),
        "synchronous=OFF": measure(fewer, options.seed, Way(synchronous=False)),
        "acknowledged too early": measure(fewer, options.seed, Way(too_early=True)),
    }
    table = Table("what", *rows)
    for name in rows["as it is"]:
        table.add_row(name, *(figures[name] for figures in rows.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
