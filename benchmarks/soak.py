"""How the bot lives with a Discord that fails every few seconds: what is lost, what comes twice, what leaks.

Run it with: .venv/bin/python -m benchmarks.soak
It starts `python -m bot run` against a Discord on this machine. Members ask, complete what they type, send questions to
the author and look at quotes; servers get their daily quotes, some each minute. Meanwhile connections are dropped and
closed, sessions end, requests are refused, limited, answered too late or carried out without an answer, and the
database is locked by somebody else. At the end both ends are compared: each question that a member was told is saved is
stored once, and each post of the ledger stands in its channel once. Beside the memory and open files at the end stand
those after the first minutes.
"""

import argparse
import asyncio
import re
import shutil
import socket
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.app import open_services
from bot.domain.calendar import DailyRule
from bot.storage.database import Database
from bot.storage.engines import sqlite_file
from bot.storage.guilds import set_daily_rule
from tests.processes import database_of
from tests.wire.bot import Bot, run_bot
from tests.wire.interactions import Use
from tests.wire.loopback import LoopbackDiscord
from tests.wire.state import Guild, Member, snowflake

SERVERS = 240
SETTLING_MINUTES = 5
SAMPLE_SECONDS = 5.0
# Longer than the bot tries anything again.
LONGEST_ANSWER = 60.0
LOCK_SECONDS = 4.0
# At the end nothing goes wrong any more, so that what is tried again has its time.
CALM_SECONDS = 90.0
KNOWN = ("Why did you create Keras?", "How did you get into AI?", "What inspired you to create Keras?")
CALLBACKS, FOLLOW_UPS, POSTS = "POST /interactions/.*", ".* /webhooks/.*", "POST /channels/.*"
# What may be counted without anything being wrong.
FINE = SAVED, IN_LEDGER, IN_CHANNELS = "questions told to be saved", "posts in the ledger", "posts in channels"

out = Console(highlight=False)
Fault = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Tally:
    """What was counted."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    submitted: set[str] = field(default_factory=set)
    samples: list[tuple[float, int, int, int, int]] = field(default_factory=list)


class Soak:
    """One run."""

    def __init__(self, loopback: LoopbackDiscord, bot: Bot, metrics: str, random: Random) -> None:
        """Take the Discord, the bot that runs against it, where that tells its figures, and where chance comes from."""
        self._discord, self._bot, self._metrics, self._random = loopback, bot, metrics, random
        self.tally = Tally()

    # What people do

    async def live(self, until: float, pause: float) -> None:
        """Let one person after another do something, until an instant of the loop's clock."""
        actions = (self._ask, self._ask, self._type, self._question, self._quote)
        while asyncio.get_running_loop().time() < until:
            guild = self._random.choice(self._discord.world.guilds)
            action = self._random.choice(actions)
            try:
                outcome = await action(guild, Member(snowflake(), "somebody"))
            except TimeoutError:
                outcome = "no answer"
            self.tally.outcomes[f"{action.__name__[1:]}: {outcome}"] += 1
            await asyncio.sleep(self._random.expovariate(1 / pause))

    async def _ask(self, guild: Guild, member: Member) -> str:
        use = await self._use("ask", guild, member, question=self._random.choice(KNOWN))
        return "answered" if "François Chollet" in str(use.reply) else "told to try again"

    async def _type(self, guild: Guild, member: Member) -> str:
        typed = await self._discord.type("ask", member, guild.channels[0], guild, question="why ker")
        return "completed" if (await _settled(typed)).choices else "nothing offered"

    async def _quote(self, guild: Guild, member: Member) -> str:
        use = await self._use("quote show", guild, member)
        return "shown" if "François Chollet" in str(use.reply) else "told to try again"

    async def _question(self, guild: Guild, member: Member) -> str:
        form = await self._use("question ask", guild, member)
        if form.reply is None or form.reply["type"] != 9:
            return "told to try again"
        text = " ".join("".join(self._random.choices("bcdfghklmnprstvaeiou", k=7)) for _ in range(6)) + "?"
        self.tally.submitted.add(text)
        sent = await _settled(await self._discord.submit(form, member, guild.channels[0], guild, question=text))
        if "Saved" not in sent.text:
            return "told to try again"
        self.tally.acknowledged.append(text)
        return "saved"

    async def _use(self, path: str, guild: Guild, member: Member, **given: str) -> Use:
        return await _settled(await self._discord.use(path, member, guild.channels[0], guild, **given))

    # What goes wrong

    async def fail(self, until: float, every: float) -> None:
        """Let something go wrong every few seconds, until an instant of the loop's clock."""
        faults = self._faults()
        while asyncio.get_running_loop().time() < until - CALM_SECONDS:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * every)
            name = self._random.choice(list(faults))
            self.tally.faults[name] += 1
            await faults[name]()

    def _faults(self) -> dict[str, Fault]:
        gateway, plan = self._discord.gateway, self._discord.faults.plan
        some = self._random.randint

        async def befall(pattern: str, **how: Any) -> None:
            plan(pattern, times=some(1, 3), **how)

        async def refuse(pattern: str, status: int) -> None:
            self._discord.faults.refuse(pattern, status, times=some(1, 3))

        async def limit(pattern: str, *, everywhere: bool) -> None:
            self._discord.faults.limit(pattern, 1.0, everywhere=everywhere)

        async def drop() -> None:
            gateway.drop()

        async def drop_and_refuse() -> None:
            gateway.refuse_upgrades = some(1, 3)
            gateway.drop()

        faults: dict[str, Fault] = {
            "connection dropped": drop,
            "dropped, then upgrades refused": drop_and_refuse,
            "asked to reconnect": gateway.ask_to_reconnect,
            "session resumable": partial(gateway.invalidate, resumable=True),
            "session ended": partial(gateway.invalidate, resumable=False),
            "database locked": self._lock,
            "post 429 for all": partial(limit, POSTS, everywhere=True),
        }
        faults |= {f"closed with {code}": partial(gateway.close, code) for code in (1000, 1001, 4000, 4008, 4009)}
        for name, pattern in (("answer", CALLBACKS), ("follow-up", FOLLOW_UPS), ("post", POSTS)):
            faults |= {
                f"{name} cut": partial(befall, pattern, cut=True),
                f"{name} taken, connection cut": partial(befall, pattern, lost=True),
                f"{name} late": partial(befall, pattern, delay=3.5),
                f"{name} 429": partial(limit, pattern, everywhere=False),
            }
            faults |= {f"{name} {status}": partial(refuse, pattern, status) for status in (500, 502, 503)}
        return faults

    async def _lock(self) -> None:
        """Hold the database for some seconds, as another program might."""
        path = sqlite_file(self._bot.url) or ""
        with closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as other, suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(LOCK_SECONDS)
            other.rollback()

    # What is measured

    async def sample(self, until: float) -> None:
        """Note memory, open files, threads and tasks of the bot's process now and then."""
        began, process = time.monotonic(), Path(f"/proc/{self._bot.process.pid}")
        async with aiohttp.ClientSession() as session:
            while asyncio.get_running_loop().time() < until:
                status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
                files = len(list((process / "fd").iterdir()))
                memory, threads = int(status["VmRSS"].split()[0]) // 1024, int(status["Threads"])
                async with session.get(self._metrics) as response:
                    tasks = re.search(r"^fireside_tasks ([0-9]+)", await response.text(), re.MULTILINE)
                assert tasks is not None
                self.tally.samples.append((time.monotonic() - began, memory, files, threads, int(tasks[1])))
                await asyncio.sleep(SAMPLE_SECONDS)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def _settled(use: Use) -> Use:
    await asyncio.wait_for(use.settled.wait(), LONGEST_ANSWER)
    return use


async def prepare(loopback: LoopbackDiscord, folder: Path, minutes: float) -> None:
    """Make the servers, and a database in which each of them wants its quote at some minute of the run."""
    url = database_of(folder)
    async with open_services(url):
        pass  # the bundled interview is loaded
    database = await Database.open(url)
    now = datetime.now(UTC)
    async with database.write() as connection:
        for number in range(SERVERS):
            guild = loopback.world.add_guild(f"Readers {number}")
            due = now + timedelta(minutes=1 + (minutes - 3) * number / SERVERS)
            rule = DailyRule(
                guild.id, guild.channels[0].id, due.time().replace(second=0, microsecond=0), ZoneInfo("UTC"), now
            )
            await set_daily_rule(connection, rule)
    await database.close()


def lost_and_doubled(folder: Path, loopback: LoopbackDiscord, tally: Tally) -> dict[str, int]:
    """Return what both ends disagree about."""
    with closing(sqlite3.connect(folder / "fireside.db")) as connection:
        stored = Counter(text for (text,) in connection.execute("SELECT text FROM questions"))
        ledger = Counter(dict(connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")))
        sent = {row[0] for row in connection.execute("SELECT message_id FROM deliveries WHERE state = 'sent'")}
        sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    posted = [message for message in loopback.world.posts() if message.interaction_id is None]
    by_channel = Counter(message.channel_id for message in posted)
    return {
        SAVED: len(tally.acknowledged),
        "of these lost": sum(text not in stored for text in tally.acknowledged),
        "questions stored twice": sum(count > 1 for count in stored.values()),
        "questions stored that nobody sent": len(set(stored) - tally.submitted),
        IN_LEDGER: ledger["sent"],
        IN_CHANNELS: len(posted),
        "posted but not in the ledger": sum(message.id not in sent for message in posted),
        "in the ledger but not posted": len(sent - {message.id for message in posted}),
        "channels with two posts": sum(count > 1 for count in by_channel.values()),
        "days not sent": sum(ledger.values()) - ledger["sent"],
        "database damaged": not sound,
        "requests against Discord's rules": len(loopback.violations),
    }


def show(tally: Tally, compared: dict[str, int], minutes: float, log: str) -> None:
    """Print what was found."""
    table = Table("what", "count", title=f"{minutes:g} minutes")
    for name, count in compared.items():
        table.add_row(name, f"{int(count):,}")
    out.print(table)
    settled = [sample for sample in tally.samples if sample[0] > SETTLING_MINUTES * 60] or tally.samples
    table = Table("", f"after {SETTLING_MINUTES} minutes", "at the end", "most")
    for column, name in enumerate(("memory, MB", "open files", "threads", "tasks"), start=1):
        values = [sample[column] for sample in settled]
        table.add_row(name, str(values[0]), str(values[-1]), str(max(values)))
    out.print(table)
    for title, counts in (("What people met", tally.outcomes), ("What went wrong", tally.faults)):
        table = Table("what", "times", title=title)
        for name, count in sorted(counts.items()):
            table.add_row(name, f"{count:,}")
        out.print(table)
    levels = Counter(line.split()[2] for line in log.splitlines() if line[:2] == "20" and len(line.split()) > 2)
    out.print(f"The log: {dict(levels)}; {log.count('Traceback')} traces")


async def soak(minutes: float, every: float, people: int, seed: int, keep: Path | None) -> bool:
    """Run it, print what was found, and return whether nothing was lost, doubled or against the rules."""
    random = Random(seed)  # noqa: S311 - what goes wrong is no secret
    with TemporaryDirectory(prefix="fireside-soak-") as name:
        folder = Path(name)
        async with LoopbackDiscord().serve() as loopback:
            await prepare(loopback, folder, minutes)
            port = str(free_port())
            async with run_bot(folder, loopback, database_of(folder), HEALTH_PORT=port) as bot:
                await bot.until_online()
                run = Soak(loopback, bot, f"http://127.0.0.1:{port}/metrics", random)
                until = asyncio.get_running_loop().time() + minutes * 60
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(run.sample(until))
                    tasks.create_task(run.fail(until, every))
                    for _ in range(people):
                        tasks.create_task(run.live(until, 1.0))
            compared = lost_and_doubled(folder, loopback, run.tally)
            show(run.tally, compared, minutes, bot.log)
            for violation, count in Counter(loopback.violations).most_common(10):
                out.print(f"{count} x {violation}", markup=False)
            if keep is not None:
                shutil.copytree(folder, keep, dirs_exist_ok=True)
    return not any(count for name, count in compared.items() if name not in FINE)


def main() -> None:
    """Run the soak from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long people use it")
    parser.add_argument("--every", type=float, default=4, help="seconds between two faults, on average")
    parser.add_argument("--people", type=int, default=8, help="how many do something at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="copy the database and the log to this folder")
    chosen = parser.parse_args()
    sound = asyncio.run(soak(chosen.minutes, chosen.every, chosen.people, chosen.seed, chosen.keep))
    sys.exit(not sound)


if __name__ == "__main__":
    main()
