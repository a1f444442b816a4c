"""How many questions the bot answers, at what price, and what becomes of those that are too many.

Run it with: .venv/bin/python -m benchmarks.load
Beside each figure stands that of a bot which answers "pong", taken in the same run. Discord is the loopback Discord of
the tests, in this process, with ready-made events and without its checks; how much of a processor it takes itself is in
the table, since a stand-in at its own limit would measure nothing but itself. Use a quiet machine with two cores.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web
from rich.console import Console
from rich.table import Table

from bot.admission import BUSY, SLOW_DOWN
from bot.app import BUNDLED_INTERVIEWS, open_services
from bot.services.files import read_interview_files
from tests.databases import SqliteFiles
from tests.processes import database_of
from tests.wire.bot import FIRESIDE, Bot, run_bot
from tests.wire.faults import TYPE, refusal
from tests.wire.interactions import COMMAND, WINDOW_SECONDS, begin, command_data
from tests.wire.loopback import UNKNOWN_INTERACTION, LoopbackDiscord
from tests.wire.state import Member, Message, snowflake

PONG = ("-m", "benchmarks.pong")
QUESTIONS = Path(__file__).parent / "questions"
SERVERS, MEMBERS = 20, 4000
# Between two looks at what is due.
BEAT = 0.002
# So many are asked at once to find out what a processor can do: none of them waits in the bot's own line.
AT_ONCE = 48
OVER = 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Tally:
    """What became of the questions of a phase; times are in milliseconds.

    Attributes:
        sent: How many were asked.
        seconds: How long they were asked for.
        answered: How long each answered one waited.
        busy: How long each that was turned away waited to be told.
        late: How many first answers came after Discord's 3 seconds.
        lost: How many had none at all.
        behind: By how much the asking itself was late, at most.
        cpu: Seconds of a processor that the bot took.
        own_cpu: Seconds of a processor that this process took.
        memory: Megabytes that the bot had, at most.
    """

    sent: int = 0
    seconds: float = 0.0
    answered: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    late: int = 0
    lost: int = 0
    behind: float = 0.0
    cpu: float = 0.0
    own_cpu: float = 0.0
    memory: float = 0.0

    def figures(self) -> dict[str, float]:
        """Return the figures of the table."""
        everyone = self.answered + self.busy
        return {
            "sent": self.sent,
            "a second": round(self.sent / self.seconds, 1),
            "answered a second": round(len(self.answered) / self.seconds, 1),
            "answered": len(self.answered),
            "told it is busy": len(self.busy),
            "late": self.late,
            "lost": self.lost,
            "p50, ms": percentile(self.answered, 50),
            "p99, ms": percentile(self.answered, 99),
            "longest wait, ms": percentile(everyone, 100),
            "CPU ms each": round(self.cpu / max(self.sent, 1) * 1000, 3),
            "cores": round(self.cpu / self.seconds, 2),
            "cores of this": round(self.own_cpu / self.seconds, 2),
            "asked late by, ms": round(self.behind, 1),
            "memory, MB": round(self.memory, 1),
        }


def percentile(values: list[float], share: int) -> float:
    """Return the value that so many in a hundred don't exceed; 0 where there is none."""
    return round(sorted(values)[min(len(values) * share // 100, len(values) - 1)], 1) if values else 0.0


class LoadDiscord(LoopbackDiscord):
    """Discord under load: events that are ready but for their id, answers that are looked at and let go of."""

    def __init__(self, questions: Iterator[str]) -> None:
        """Take what is asked."""
        super().__init__()
        self.tally = Tally()
        self._questions = questions
        self._asked: dict[str, float] = {}
        self._events: list[tuple[int, str]] = []
        self.gateway.heartbeat_seconds = 2.0  # with each of them, what was told is let go of
        for number in range(SERVERS):
            self.world.add_guild(f"server {number}", roles=20, channels=20)

    @property
    def open(self) -> int:
        """How many wait for their answer."""
        return len(self._asked)

    def prepare(self) -> None:
        """Make the events, once the bot has said which commands it has."""
        data = command_data(self.commands, "ask", {"question": "@question"}, None)
        for number in range(MEMBERS):
            guild = self.world.guilds[number % SERVERS]
            use = begin(COMMAND, data, Member(snowflake(), f"member {number}"), guild.channels[0], guild)
            payload = use.payload | {"id": "@id", "token": "@token"}
            self._events.append((guild.id, json.dumps(payload)))
        random.Random(1).shuffle(self._events)  # noqa: S311 - the same each time

    async def ask(self, number: int) -> None:
        """Let a member ask the next question."""
        guild_id, event = self._events[number % MEMBERS]
        use_id, question = snowflake(), json.dumps(next(self._questions))
        token = f"aW50ZXJhY3Rpb246{use_id}{'x' * 150}"  # as long as Discord's
        text = event.replace('"@id"', f'"{use_id}"').replace('"@token"', f'"{token}"').replace('"@question"', question)
        session = next(each for each in self.gateway.sessions if each.serves(guild_id))
        self._asked[token] = time.perf_counter()
        self.tally.sent += 1
        await session.tell_text("INTERACTION_CREATE", text)

    def give_up(self) -> None:
        """Count those who still wait as lost."""
        self.tally.lost += len(self._asked)
        self._asked.clear()

    def _guarded(self, route: str, handler: Callable[..., Awaitable[web.StreamResponse]]) -> Any:
        return self._take if route.endswith("/callback") else super()._guarded(route, handler)

    async def _take(self, request: web.Request) -> web.Response:
        """Take a first answer, and say what Discord says to it."""
        body = await request.read()
        use_id, token = request.match_info["id"], request.match_info["token"]
        waited = time.perf_counter() - self._asked.pop(token, 0.0)
        if waited > WINDOW_SECONDS:
            self.tally.late += 1
            return refusal(404, UNKNOWN_INTERACTION, "Unknown interaction")
        (self.tally.busy if body in {BUSY, SLOW_DOWN} else self.tally.answered).append(waited * 1000)
        if "with_response" not in request.query:
            return web.Response(status=204)
        reply = json.loads(body)
        message = Message(int(use_id) + 1, 1, reply.get("data") or {}).as_json()
        resource = {"type": reply["type"], "message": message}
        document = {"interaction": {"id": use_id, "type": COMMAND, "response_message_id": "1"}, "resource": resource}
        return web.Response(body=json.dumps(document).encode(), headers=TYPE)


class Load:
    """Asks a running bot, and notes what it costs."""

    def __init__(self, discord: LoadDiscord, bot: Bot) -> None:
        """Take Discord and the bot."""
        self._discord = discord
        self._pid = bot.process.pid
        self._numbers = count()

    async def at_rate(self, rate: float, seconds: float) -> Tally:
        """Ask so many a second, whether or not answers come, and return what became of all of them."""
        tally, end = self._begin(), time.perf_counter() + seconds
        begun = time.perf_counter()
        while (now := time.perf_counter()) < end:
            while tally.sent < (now - begun) * rate:
                tally.behind = max(tally.behind, (time.perf_counter() - begun - tally.sent / rate) * 1000)
                await self._discord.ask(next(self._numbers))
            tally.memory = max(tally.memory, megabytes(self._pid))
            await asyncio.sleep(BEAT)
        self._end(tally, begun)
        await self._until(lambda: not self._discord.open)
        self._discord.give_up()
        return tally

    async def as_fast_as_it_can(self, seconds: float) -> Tally:
        """Ask whenever fewer than some wait for their answer, and return what became of all of them."""
        tally, end = self._begin(), time.perf_counter() + seconds
        begun = time.perf_counter()
        while time.perf_counter() < end:
            while self._discord.open < AT_ONCE:
                await self._discord.ask(next(self._numbers))
            await self._until(lambda: self._discord.open < AT_ONCE)
        self._end(tally, begun)
        await self._until(lambda: not self._discord.open)
        self._discord.give_up()
        return tally

    def _begin(self) -> Tally:
        tally = self._discord.tally = Tally(cpu=-cpu_seconds(self._pid), own_cpu=-time.process_time())
        return tally

    def _end(self, tally: Tally, begun: float) -> None:
        tally.seconds = time.perf_counter() - begun
        tally.cpu += cpu_seconds(self._pid)
        tally.own_cpu += time.process_time()
        tally.memory = max(tally.memory, megabytes(self._pid))

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so, for as long as Discord waits."""
        end = time.perf_counter() + WINDOW_SECONDS + 1
        while not reached() and time.perf_counter() < end:  # noqa: ASYNC110 - an event would be set at each answer
            await asyncio.sleep(BEAT)


def cpu_seconds(pid: int) -> float:
    """Return how many seconds of a processor a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Return how much memory a process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def interview_questions(seed: int = 1) -> Iterator[str]:
    """Yield what people ask, over and over: the interviews' own wordings and aliases, some much oftener than others."""
    interviews = read_interview_files(sorted(BUNDLED_INTERVIEWS.glob("*.json")))
    wordings = [
        wording[:300]
        for interview in interviews
        for exchange in interview.exchanges
        for wording in (exchange.question, *exchange.aliases)
    ]
    chance = random.Random(seed)  # noqa: S311 - the same each time
    chance.shuffle(wordings)
    weights = [1 / rank for rank in range(1, len(wordings) + 1)]
    while True:
        yield from chance.choices(wordings, weights, k=1000)


def different_questions(seed: int = 1) -> Iterator[str]:
    """Yield questions of which no two are alike: in people's own words, with slips of the pen."""
    lines = [line for path in sorted(QUESTIONS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    wordings = [json.loads(line)["question"] for line in lines]
    chance, seen = random.Random(seed), set[str]()  # noqa: S311 - the same each time
    while True:
        wording = chance.choice(wordings)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(wording))
            wording = wording[:at] + chance.choice(LETTERS) + wording[at + chance.randint(0, 1) :]
        if wording not in seen:
            seen.add(wording)
            yield wording


async def measure(options: argparse.Namespace, program: tuple[str, ...], folder: Path) -> dict[str, Tally]:
    """Return what became of the questions of each phase with one bot."""
    questions = different_questions() if options.different else interview_questions()
    discord, phases = LoadDiscord(questions), dict[str, Tally]()
    async with discord.serve(), run_bot(folder, discord, database_of(folder), program) as bot:
        await bot.until_online()
        while not discord.commands:  # noqa: ASYNC110 - nobody tells when the last of the start is over
            await asyncio.sleep(BEAT)
        discord.prepare()
        load = Load(discord, bot)
        await load.at_rate(options.rate / 4, options.warm_up)
        phases["steady"] = await load.at_rate(options.rate, options.seconds)
        phases["at once"] = await load.as_fast_as_it_can(options.limit_seconds)
        if program is FIRESIDE:
            tally = phases["at once"]
            rate = OVER * len(tally.answered) / tally.seconds
            phases["too much"] = await load.at_rate(rate, options.over_seconds)
            await load.at_rate(options.rate, 5)
            phases["after"] = await load.at_rate(options.rate, min(options.seconds, 10))
    if discord.violations:
        print(*set(discord.violations), sep="\n", file=sys.stderr)
    return phases


def unanswered(figures: dict[str, float]) -> float:
    """Return how many had no answer, or none in time."""
    return figures["sent"] - figures["answered"]


def judged(bots: dict[str, dict[str, Tally]]) -> list[tuple[str, float, float]]:
    """Return what each bar is about, the figure, and what it may be at most."""
    ours, pong = bots["fireside"], bots["pong"]["steady"].figures()
    steady, most, over, after = (ours[phase].figures() for phase in ("steady", "at once", "too much", "after"))
    return [
        ("steady: late, lost or turned away", unanswered(steady), 0),
        ("steady: CPU of each, times pong's", round(steady["CPU ms each"] / pong["CPU ms each"], 2), 1.5),
        ("steady: p99, times pong's", round(steady["p99, ms"] / pong["p99, ms"], 2), 2),
        ("too much: late or lost", over["late"] + over["lost"], 0),
        ("too much: longest wait, ms", over["longest wait, ms"], WINDOW_SECONDS * 1000),
        ("too much: memory, times before", round(over["memory, MB"] / most["memory, MB"], 2), 1.1),
        ("after: late, lost or turned away", unanswered(after), 0),
        ("after: p99, times before", round(after["p99, ms"] / steady["p99, ms"], 2), 1.5),
    ]


async def run(options: argparse.Namespace) -> dict[str, dict[str, Tally]]:
    """Return what became of the questions with each bot, one after the other."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        async with open_services(f"sqlite+aiosqlite:///{folder / 'loaded.db'}"):
            pass
        programs = {"pong": PONG, "fireside": FIRESIDE}
        result = {}
        for name, program in programs.items():
            (folder / name).mkdir()
            SqliteFiles().new(folder / name, f"sqlite+aiosqlite:///{folder / 'loaded.db'}")
            result[name] = await measure(options, program, folder / name)
        return result


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they are asked")
    parser.add_argument("--warm-up", type=float, default=5.0, help="how long fewer are asked before")
    parser.add_argument("--limit-seconds", type=float, default=15.0, help="how long the most is asked that can be done")
    parser.add_argument("--over-seconds", type=float, default=30.0, help=f"how long {OVER} times that is asked")
    parser.add_argument("--different", action="store_true", help="ask no question twice")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    options = parser.parse_args()
    bots = asyncio.run(run(options))
    figures = {name: {phase: tally.figures() for phase, tally in phases.items()} for name, phases in bots.items()}
    bars = judged(bots)
    if options.json:
        print(json.dumps({"figures": figures, "bars": bars}, indent=2))
        return
    columns = [(name, phase) for name, phases in figures.items() for phase in phases]
    table = Table("what", *(f"{name}, {phase}" for name, phase in columns))
    for what in Tally(seconds=1).figures():
        table.add_row(what, *(f"{figures[name][phase][what]:g}" for name, phase in columns))
    for what, figure, most in bars:
        table.add_row(f"{what} (at most {most:g})", f"{figure:g}", "" if figure <= most else "missed")
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
