"""Who is let in, who waits, and who is turned away at once, so that nobody is answered too late.

Times are seconds on one clock that never goes back, whatever its zero is.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

# What one member may use at once, and steadily. Typing asks at each key.
USES_AT_ONCE, USES_A_SECOND = 60.0, 5.0
TYPING_COST = 0.25
MOST_MEMBERS = 20_000
# How long the smallest difference between two clocks is trusted; at most twice as long.
TRUSTED_SECONDS = 120.0
# What one that took long, and one that didn't, do to how many are handled at once.
SLOWER, FASTER = 0.97, 0.25


class Kind(Enum):
    """What somebody did: used a command or a button, typed a letter, or sent a form."""

    USE = auto()
    TYPING = auto()
    FORM = auto()


class Place(Enum):
    """Where an arrival stands: it's handled now, it waits, or it's turned away."""

    HANDLED = auto()
    WAITING = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is room for.

    Attributes:
        at_first: How many are handled at once, before it's known how long that takes here.
        fewest: How many are handled at once where it takes long; more would only take longer.
        most: How many are handled at once where it doesn't.
        waiting: How many wait. Suggestions for what is typed get half of that room, since nobody misses them; forms,
            which hold what somebody wrote, twice as much.
        wait_seconds: How old an arrival may be when its handling begins.
        handling_seconds: How long that may take before fewer are handled at once.
        window_seconds: What takes longer than that was answered before its end, and says nothing.
    """

    at_first: int = 64
    fewest: int = 32
    most: int = 256
    waiting: int = 400
    wait_seconds: float = 1.2
    handling_seconds: float = 0.5
    window_seconds: float = 3.0

    def for_kind(self, kind: Kind) -> int:
        """Return how many may wait before another of that kind."""
        return {Kind.TYPING: self.waiting // 2, Kind.FORM: self.waiting * 2}.get(kind, self.waiting)


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    """Something to be handled, what it is, and when it began."""

    item: T
    kind: Kind
    began: float


class Line(Generic[T]):
    """Who is being handled, and who waits for it: what began first comes first, but forms go before all else."""

    def __init__(self, room: Room) -> None:
        """Begin with nobody, and that much room."""
        self.room = room
        self.handled = 0
        self.at_once = float(room.at_first)
        self._entered = count()
        # When each began; for those of the same instant, who came first.
        self._forms: list[tuple[float, int, Arrival[T]]] = []
        self._others: list[tuple[float, int, Arrival[T]]] = []

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._forms) + len(self._others)

    @property
    def has_room(self) -> bool:
        """Whether one more can be handled now."""
        return self.handled < int(self.at_once)

    def enter(self, arrival: Arrival[T], now: float) -> Place:
        """Return where an arrival stands; one that is handled counts until `leave` is called."""
        if now - arrival.began > self.room.wait_seconds:
            return Place.REFUSED
        if self.has_room and not len(self):
            self.handled += 1
            return Place.HANDLED
        if len(self) >= self.room.for_kind(arrival.kind):
            return Place.REFUSED
        queue = self._forms if arrival.kind is Kind.FORM else self._others
        heappush(queue, (arrival.began, next(self._entered), arrival))
        return Place.WAITING

    def leave(self, seconds: float) -> None:
        """Count one less that is handled, and learn from how long it took how many can be."""
        if not self.has_room and seconds <= self.room.window_seconds:
            slow = seconds > self.room.handling_seconds
            self.at_once = max(self.at_once * SLOWER, self.room.fewest) if slow else self.at_once + FASTER
            self.at_once = min(self.at_once, self.room.most)
        self.handled -= 1

    def overdue(self, now: float) -> list[Arrival[T]]:
        """Return those who have waited too long, and let go of them."""
        late: list[Arrival[T]] = []
        for queue in (self._forms, self._others):
            while queue and now - queue[0][0] > self.room.wait_seconds:
                late.append(heappop(queue)[-1])
        return late

    def following(self) -> Arrival[T] | None:
        """Return who is handled next, and count them, or None where nobody waits or there is no room.

        Take out who is overdue before.
        """
        queue = self._forms or self._others
        if not queue or not self.has_room:
            return None
        self.handled += 1
        return heappop(queue)[-1]


class Allowances:
    """How much each member may still use: so many at once, growing again at a steady rate."""

    def __init__(
        self, at_once: float = USES_AT_ONCE, a_second: float = USES_A_SECOND, most_members: int = MOST_MEMBERS
    ) -> None:
        """Let everybody begin with all that may be used at once."""
        self._at_once = at_once
        self._a_second = a_second
        self._most_members = most_members
        # What each had left, and when: whoever used something last stands last.
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many members are remembered."""
        return len(self._left)

    def take(self, member_id: int, now: float, cost: float = 1.0) -> bool:
        """Return whether a member may use something of that cost, which is then taken off what they have."""
        left, at = self._left.pop(member_id, (self._at_once, now))
        left = min(left + (now - at) * self._a_second, self._at_once)
        allowed = left >= cost
        self._left[member_id] = (left - cost if allowed else left, now)
        self._forget(now)
        return allowed

    def _forget(self, now: float) -> None:
        """Let go of two at most who have all of it again, or for whom there is no room: more go than come."""
        for _ in range(2):
            oldest, (_left, at) = next(iter(self._left.items()))
            full = (now - at) * self._a_second >= self._at_once
            if not full and len(self._left) <= self._most_members:
                return
            del self._left[oldest]


class Lateness:
    """How late something is read that carries the instant at which it was sent, on a clock that nobody set by ours.

    The smallest difference between the clocks that was seen lately is that of something that was read at once. It's
    the second smallest that counts: a single wrong stamp makes nobody look late.
    """

    def __init__(self, trusted: float = TRUSTED_SECONDS) -> None:
        """Begin with nothing seen; a difference is trusted for that many seconds, and at most for twice as many."""
        self._trusted = trusted
        self._since: float | None = None
        self._smallest: list[float] = []
        self._before: list[float] = []

    def seconds(self, sent: float, now: float) -> float:
        """Return how many seconds after others something is read that was sent at an instant of the other clock."""
        difference = now - sent
        if self._since is None or now - self._since >= self._trusted:
            self._before, self._smallest, self._since = self._smallest, [], now
        self._smallest = sorted([*self._smallest, difference])[:2]
        known = sorted([*self._before, *self._smallest])
        return max(difference - known[1], 0.0) if len(known) > 1 else 0.0
