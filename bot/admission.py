"""The gate before everything that people do: it lets in what can be answered in time, and says so where it can't.

Discord waits 3 seconds for a first answer. The library begins a task for each interaction, however many there are:
above what a processor can do, all of them would be late. So it's decided on what Discord sent, before anything is made
of it, and who is turned away is told with a text that is ready: a tenth of the work of an answer.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
import discord

from bot.domain.admission import TYPING_COST, Allowances, Arrival, Kind, Lateness, Line, Place, Room

# How many are told at once that they are turned away.
MOST_TOLD_AT_ONCE = 100
# Where more than that still have to be told, nothing else is begun: they would be told too late.
MOST_UNTOLD = 50
# After that, Discord takes no first answer any more.
WINDOW_SECONDS = 3.0
# How often those who wait are looked through for who has waited too long.
LOOK_SECONDS = 0.1

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
KINDS = {COMMAND: Kind.USE, COMPONENT: Kind.USE, AUTOCOMPLETE: Kind.TYPING, FORM: Kind.FORM}

JSON = {"Content-Type": "application/json"}

Payload = dict[str, Any]
Parser = Callable[[Payload], None]

log = logging.getLogger(__name__)


def _privately(sentence: str) -> bytes:
    data = {"content": sentence, "flags": 64, "allowed_mentions": {"parse": []}}
    return json.dumps({"type": 4, "data": data}).encode()


BUSY = _privately("I am busy. Try again in a minute.")
SLOW_DOWN = _privately("Slow down: that was too much at once. Try again in a few seconds.")
NO_CHOICES = json.dumps({"type": 8, "data": {"choices": []}}).encode()


class Gate:
    """Lets interactions in, makes them wait, or turns them away.

    Attributes:
        admitted: How many were let in since the start.
        shed: How many were turned away since there was too much to do.
        limited: How many were turned away since the same member had used too much at once.
        untold: How many of those turned away could not be told so.
        line: Who is handled, and who waits.
        allowances: What each member may still use.
    """

    def __init__(self, client: discord.Client) -> None:
        """Stand before a client that has not begun."""
        self.admitted = self.shed = self.limited = self.untold = 0
        self._http = client.http
        self.line: Line[Payload] = Line(Room())
        self.allowances = Allowances()
        self._lateness = Lateness()
        self._told: deque[tuple[str, bytes, float]] = deque()
        self._telling: set[asyncio.Task[None]] = set()
        self._look: asyncio.TimerHandle | None = None
        # Not public, and so a reason to stay below the next version: every public hook comes after an Interaction was
        # made of it and its task begun, half of what an answer costs.
        parsers = client._connection.parsers  # noqa: SLF001
        self._parse: Parser = parsers["INTERACTION_CREATE"]
        parsers["INTERACTION_CREATE"] = self.receive

    @property
    def waiting(self) -> int:
        """How many wait to be handled."""
        return len(self.line)

    @property
    def handled(self) -> int:
        """How many are being handled."""
        return self.line.handled

    def receive(self, data: Payload) -> None:
        """Take an interaction as Discord sent it."""
        kind = KINDS.get(data["type"])
        if kind is None:
            self._parse(data)
            return
        now = asyncio.get_running_loop().time()
        arrival = Arrival(data, kind, now - self._lateness.seconds(_sent(data), now))
        cost = TYPING_COST if kind is Kind.TYPING else 1.0
        if self._session is None:  # as in the simulated Discord: nobody could be told
            self.line.handled += 1
            self._handle(arrival)
        elif not self.allowances.take(_member_of(data), now, cost):
            self.limited += 1
            self._tell(arrival, SLOW_DOWN)
        else:
            self._place(arrival, now)

    def _place(self, arrival: Arrival[Payload], now: float) -> None:
        match self.line.enter(arrival, now):
            case Place.HANDLED:
                self._handle(arrival)
            case Place.WAITING:
                self._look_later()
            case Place.REFUSED:
                self._shed(arrival)

    def _handle(self, arrival: Arrival[Payload]) -> None:
        self.admitted += 1
        try:
            self._parse(arrival.item)
        except Exception:
            self.line.leave(0)
            log.exception("An interaction could not be read")

    def follow_task(self) -> None:
        """Count the interaction that the running task handles as done when that task is."""
        if (task := asyncio.current_task()) is not None:
            begun = task.get_loop().time()
            task.add_done_callback(lambda _: self._leave(task.get_loop().time() - begun))

    def _leave(self, seconds: float) -> None:
        self.line.leave(seconds)
        self._advance()

    def _advance(self) -> None:
        """Turn away who has waited too long, and let in who comes next."""
        for arrival in self.line.overdue(asyncio.get_running_loop().time()):
            self._shed(arrival)
        while (following := self.line.following()) is not None:
            self._handle(following)

    def _look_later(self) -> None:
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_through)

    def _look_through(self) -> None:
        self._look = None
        self._advance()
        if len(self.line):
            self._look_later()

    # What those who are turned away are told

    def _shed(self, arrival: Arrival[Payload]) -> None:
        self.shed += 1
        self._tell(arrival, BUSY)

    def _tell(self, arrival: Arrival[Payload], text: bytes) -> None:
        data = arrival.item
        address = f"{discord.http.Route.BASE}/interactions/{data['id']}/{data['token']}/callback"
        self._told.append((address, NO_CHOICES if arrival.kind is Kind.TYPING else text, arrival.began))
        self.line.held = len(self._told) > MOST_UNTOLD
        if len(self._telling) < MOST_TOLD_AT_ONCE:
            task = asyncio.create_task(self._tell_all(), name="turning away")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell_all(self) -> None:
        """Tell one after the other, as long as there is one; who can't be told in time is passed over."""
        loop = asyncio.get_running_loop()
        while self._told:
            address, text, began = self._told.popleft()
            if self.line.held and len(self._told) <= MOST_UNTOLD:
                self.line.held = False
                self._advance()
            session = self._session
            left = WINDOW_SECONDS - (loop.time() - began)
            if session is None or left <= 0:
                self.untold += 1
                continue
            try:
                limit = aiohttp.ClientTimeout(total=left)
                async with session.post(address, data=text, headers=JSON, timeout=limit) as response:
                    self.untold += response.status >= 300
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.untold += 1

    @property
    def _session(self) -> aiohttp.ClientSession | None:
        """The library's own connections to Discord; its adapter for webhooks costs half as much again as a request."""
        session: aiohttp.ClientSession | None = getattr(self._http, "_HTTPClient__session", None)
        return session if session and not session.closed else None


def _sent(data: Payload) -> float:
    """Return when an interaction was made, in seconds of Discord's clock: its id says so."""
    return (int(data["id"]) >> 22) / 1000


def _member_of(data: Payload) -> int:
    return int((data.get("member") or data)["user"]["id"])
