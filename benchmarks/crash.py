"""What is lost and what comes twice when the bot is killed at random while it posts daily quotes.

Run it with: .venv/bin/python -m benchmarks.crash [--database postgresql]
Four processes work on one database and post to a stand-in for Discord on the loopback. They are killed at random,
kill themselves at each step of a delivery, and are stopped for longer than a lease. The stand-in answers 502 to sends
that went through, 503 to sends that did not, drops connections, answers too late and refuses some channels. Time runs
30 times as fast for all of them. There are three quotes, so that each server goes through them more than twice. Beside
it stands the same without nonces and without a look into the channel.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from ctypes import c_double
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from rich.console import Console
from rich.table import Table

from bot.app import build_services
from bot.domain.calendar import DailyRule, time_of_minute
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.interviews import Exchange, Interview, Person, Role, Turn, checksum
from bot.services.dispatcher import Dispatcher, Pace, PostFailedError, PostRefusedError
from bot.services.interviews import Interviews, Library
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.deliveries import ledger
from bot.storage.guilds import set_daily_rule
from tests.databases import KINDS, SQLITE, empty_databases

PROCESSES = 4
DAYS = 7
SPEED = 30.0
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONGEST_SEND = 40 / SPEED
NONCE_SECONDS = 180 / SPEED  # "a few minutes"
KILL_EVERY, STOP_EVERY, STOPPED_FOR = 0.25, 2.0, (1.0, 9.0)
DIE_AT_A_STEP = 0.004
LONGEST_DAY = 240.0
REFUSED = 97  # every server whose number this divides refuses its posts
SAID = (
    "Water that boils too long makes the greenest tea taste of nothing at all.",
    "My grandmother sold tea from a boat in the harbour of Hamburg for forty years.",
    "Every cup deserves four minutes in which nobody looks at a telephone.",
)
DONE = {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.MISSED}


@dataclass
class Clock:
    """Everybody's clock: that of the wall, faster, and moved on to the next day by the parent alone."""

    began: float
    shift: Any

    def __call__(self) -> datetime:
        """Return the present instant."""
        return FIRST + timedelta(seconds=(time.time() - self.began) * SPEED + self.shift.value)


@dataclass
class StandIn:
    """What Discord does with messages: keeps them, knows nonces for a while, and fails as it likes."""

    clock: Clock
    chance: Random
    messages: dict[int, list[tuple[int, datetime, str, str]]] = field(default_factory=lambda: defaultdict(list))
    known: dict[tuple[int, str], tuple[float, int]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    number: int = 0

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take a message, and answer as Discord might."""
        channel, body, luck = int(request.match_info["channel"]), await request.json(), self.chance.random()
        if channel % REFUSED == 0:
            self.requests["refused"] += 1
            return web.json_response({}, status=403)
        if luck < 0.05:
            self.requests["503, not taken"] += 1
            return web.json_response({}, status=503)
        message_id = self.take(channel, body)
        if luck < 0.10:
            self.requests["502, but taken"] += 1
            return web.json_response({}, status=502)
        if luck < 0.13:
            self.requests["dropped, but taken"] += 1
            assert request.transport is not None
            request.transport.abort()
        elif luck < 0.16:
            self.requests["too late, but taken"] += 1
            await asyncio.sleep(LONGEST_SEND * 1.5)
        return web.json_response({"id": message_id})

    def take(self, channel: int, body: dict[str, str]) -> int:
        """Keep a message, unless its nonce is still known."""
        key, now = (channel, body["nonce"]), time.time()
        if body["nonce"] and key in self.known and now - self.known[key][0] < NONCE_SECONDS:
            self.requests["same nonce"] += 1
            return self.known[key][1]
        self.number += 1
        self.known[key] = (now, self.number)
        self.messages[channel].append((self.number, self.clock(), body["day"], body["text"]))
        return self.number

    async def history(self, request: web.Request) -> web.Response:
        """Return a channel's messages since an instant."""
        self.requests["history read"] += 1
        since = datetime.fromisoformat(request.query["since"])
        found = self.messages[int(request.match_info["channel"])]
        return web.json_response([[number, text] for number, at, _, text in found if at >= since])


class LoopbackPoster:
    """Posts to the stand-in as `ChannelPoster` does to Discord; or plainly, without nonce and history."""

    def __init__(self, session: aiohttp.ClientSession, address: str, *, plain: bool) -> None:
        """Take the stand-in's address."""
        self._session, self._address, self._plain = session, address, plain

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id."""
        nonce = "" if self._plain else delivery.nonce
        body = {"nonce": nonce, "text": quote.quote.text, "day": delivery.local_date.isoformat()}
        try:
            async with asyncio.timeout(LONGEST_SEND), self._session.post(self._of(delivery), json=body) as answer:
                if answer.status == 403:
                    raise PostRefusedError("Missing Permissions")
                if answer.status != 200:
                    raise PostFailedError(str(answer.status))
                await at_step("answered")
                return int((await answer.json())["id"])
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error)) from error

    def _of(self, delivery: Delivery) -> str:
        return f"{self._address}/{delivery.channel_id}"

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        """Return the message's id if it is there."""
        if self._plain:
            return None
        since = (delivery.doubted_at or delivery.claimed_at) - timedelta(minutes=2)
        try:
            async with (
                asyncio.timeout(LONGEST_SEND),
                self._session.get(self._of(delivery), params={"since": since.isoformat()}) as answer,
            ):
                found: list[tuple[int, str]] = await answer.json()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error), in_doubt=False) from error
        return next((number for number, text in found if text == quote.quote.text), None)

    async def finish(self, _delivery: Delivery, _message_id: int) -> str | None:
        """Do nothing more."""
        return None

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell nobody."""


async def at_step(_: str) -> None:
    """Die here, now and then."""
    if Random().random() < DIE_AT_A_STEP:  # noqa: S311
        os.kill(os.getpid(), signal.SIGKILL)


class MortalDispatcher(Dispatcher):
    """The dispatcher, which dies at each of its steps now and then."""

    async def _claim_due(self, limit: int) -> list[tuple[Delivery, Library]] | None:
        await at_step("before the claim")
        claimed = await super()._claim_due(limit)
        await at_step("claimed")
        return claimed

    async def _deliver(self, delivery: Delivery, library: Library, poster: Any) -> int | None:
        await at_step("before the send")
        message_id = await super()._deliver(delivery, library, poster)
        await at_step("sent")
        return message_id

    async def _settle(self, outcome: Delivery, poster: Any) -> None:
        await super()._settle(outcome, poster)
        await at_step("settled")


def work(url: str, address: str, clock: Clock, plain: bool) -> None:
    """Post what is due until killed: what a process of the bot does."""
    logging.disable(logging.CRITICAL)

    async def run() -> None:
        database = await Database.open(url)
        dispatcher = MortalDispatcher(database, Interviews(database), clock)
        dispatcher._pace = Pace(10_000)  # noqa: SLF001 - time runs faster here
        async with aiohttp.ClientSession() as session:
            poster = LoopbackPoster(session, address, plain=plain)
            while True:
                try:
                    await dispatcher.post_due(poster)
                except Exception:
                    logging.getLogger(__name__).exception("A round failed")
                await asyncio.sleep(0.1)

    asyncio.run(run())


@dataclass
class Crew:
    """The processes, and what is done to them."""

    arguments: tuple[Any, ...]
    chance: Random
    running: list[Any] = field(default_factory=list)
    kills: int = 0
    stops: int = 0

    def fill(self) -> None:
        """Start processes for those that are dead."""
        dead = [process for process in self.running if not process.is_alive()]
        self.kills += len(dead)
        self.running = [process for process in self.running if process.is_alive()]
        while len(self.running) < PROCESSES:
            process = multiprocessing.get_context("fork").Process(target=work, args=self.arguments, daemon=True)
            process.start()
            self.running.append(process)

    async def torment(self) -> None:
        """Kill and stop processes at random, for ever."""
        next_stop = time.time()
        while True:
            await asyncio.sleep(self.chance.expovariate(1 / KILL_EVERY))
            self.fill()
            victim = self.chance.choice(self.running)
            if time.time() > next_stop:
                next_stop = time.time() + STOP_EVERY
                self.stops += 1
                os.kill(victim.pid, signal.SIGSTOP)
                asyncio.get_running_loop().call_later(self.chance.uniform(*STOPPED_FOR), _go_on, victim)
            else:
                victim.kill()

    def end(self) -> None:
        """End them all."""
        for process in self.running:
            process.kill()
            process.join()


def _go_on(process: Any) -> None:
    if process.is_alive():
        os.kill(process.pid, signal.SIGCONT)


async def measure(url: str, deliveries: int, seed: int, *, plain: bool) -> dict[str, str]:
    """Return what became of some deliveries; the database at an address is empty."""
    began = time.time()
    servers = range(1, deliveries // DAYS + 1)
    clock = Clock(time.time(), multiprocessing.RawValue(c_double, -600.0))
    stand_in = StandIn(clock, Random(seed))  # noqa: S311
    app = web.Application()
    app.add_routes([web.post("/{channel}", stand_in.post), web.get("/{channel}", stand_in.history)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    database = await Database.open(url)
    interviews = build_services(database, clock).interviews
    await interviews.load([few_quotes()])
    assert len((await interviews.library()).quotes) == len(SAID)
    rule = DailyRule(0, 0, time_of_minute(9 * 60), ZoneInfo("UTC"), FIRST - timedelta(hours=1))
    async with database.write() as connection:
        for number in servers:
            await set_daily_rule(connection, DailyRule(number, number, rule.at, rule.zone, rule.since))
    crew = Crew((url, address, clock, plain), Random(seed + 1))  # noqa: S311
    crew.fill()
    tormenting = asyncio.create_task(crew.torment())
    for day in range(DAYS):
        clock.shift.value = day * 86400 - (time.time() - clock.began) * SPEED
        await settled(database, servers, day)
    tormenting.cancel()
    crew.end()
    entries = await all_entries(database, servers)
    await database.close()
    await runner.cleanup()
    return {
        "deliveries": str(len(servers) * DAYS),
        "kills": str(crew.kills),
        "stops": str(crew.stops),
        **outcome(stand_in, entries, servers),
        "Discord": ", ".join(f"{name}: {count}" for name, count in sorted(stand_in.requests.items())),
        "seconds": f"{time.time() - began:.0f}",
    }


async def all_entries(database: Database, servers: Iterable[int]) -> list[Delivery]:
    """Return the whole ledger."""
    async with database.read() as connection:
        return [entry for number in servers for entry in await ledger(connection, number, 0, DAYS)]


async def settled(database: Database, servers: range, day: int) -> None:
    """Wait until every server's post of a day is settled, or for so long that it never will be."""
    end = time.time() + LONGEST_DAY
    while time.time() < end:
        await asyncio.sleep(1)
        entries = await all_entries(database, servers)
        expected = len(servers) if day < 3 else len([number for number in servers if number % REFUSED])
        on_day = [entry for entry in entries if entry.local_date.day == FIRST.day + day and entry.state in DONE]
        if len(on_day) >= expected:
            return


def few_quotes() -> Interview:
    """Return an interview of three quotes."""
    host, guest = Person(id="host", name="Hanna", role=Role.HOST), Person(id="guest", name="Gustav", role=Role.GUEST)
    turns = [
        Turn(id=f"{kind}{number}", speaker=person.id, text=text, sha256=checksum(text))
        for number, answer in enumerate(SAID)
        for kind, person, text in (("q", host, f"What is the secret number {number}?"), ("a", guest, answer))
    ]
    exchanges = [
        Exchange(id=f"e{number}", question=turns[2 * number].text, asked_in=f"q{number}", answered_in=(f"a{number}",))
        for number in range(len(SAID))
    ]
    return Interview(
        id="tea",
        title="Tea",
        publisher="The Kettle",
        people=(host, guest),
        turns=tuple(turns),
        exchanges=tuple(exchanges),
    )


def repeats(quotes: Sequence[str], count: int) -> int:
    """Return how many of a server's quotes came again before all `count` were there, or twice in a row."""
    cycles = [quotes[start : start + count] for start in range(0, len(quotes), count)]
    within = sum(len(cycle) - len(set(cycle)) for cycle in cycles)
    return within + sum(one[-1] == other[0] for one, other in pairwise(cycles))


def outcome(stand_in: StandIn, entries: list[Delivery], servers: range) -> dict[str, str]:
    """Return how many posts were lost, came twice, brought a quote too early, or another one than the ledger says."""
    lost = doubled = repeated = other = 0
    chosen: dict[int, dict[str, str]] = defaultdict(dict)
    for entry in sorted(entries, key=lambda entry: entry.local_date):
        if entry.quote is not None:
            chosen[entry.guild_id][entry.local_date.isoformat()] = entry.quote.text
    for number in servers:
        days = Counter(day for _, _, day, _ in stand_in.messages[number])
        if number % REFUSED:
            lost += DAYS - len(days)
        doubled += sum(count - 1 for count in days.values())
        # A refused post has had its turn too, so it is the ledger that says which quote was whose.
        repeated += repeats(list(chosen[number].values()), len(SAID))
        other += sum(chosen[number].get(day) != text for _, _, day, text in stand_in.messages[number])
    states = Counter(entry.state.value for entry in entries)
    return {
        "lost": str(lost),
        "doubled": str(doubled),
        "repeated": str(repeated),
        "not as in the ledger": str(other),
        "ledger": ", ".join(f"{name}: {count}" for name, count in sorted(states.items())),
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=KINDS, default=SQLITE)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with empty_databases(options.database) as new:
        rows = {
            "as it is": asyncio.run(measure(new(), options.deliveries, options.seed, plain=False)),
            "no nonce, no look": asyncio.run(
                measure(new(), max(options.deliveries // 4, DAYS), options.seed, plain=True)
            ),
        }
    table = Table("what", *rows)
    for name in rows["as it is"]:
        table.add_row(name, *(figures[name] for figures in rows.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
