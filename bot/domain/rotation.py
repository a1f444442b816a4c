"""In which order a server's quotes come round, with nothing kept but a cycle and a place in it.

Every quote has a place in a cycle which depends on nothing but the quote, the cycle and the server. The next quote is
the nearest one behind the place of the last. So quotes may come and go meanwhile: one that comes at a place that was
passed waits for the next cycle, one that goes is passed over, and none comes again before the others were there.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import count

from bot.domain.quotes import Quote

# Behind the place of every quote.
_END = "~"


class Order(StrEnum):
    """In which order quotes come: anew in each cycle, as if shuffled, or interview by interview as they were said."""

    SHUFFLED = "shuffled"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a server has come: the cycle, from 0, and the place of what was last shown, "" before the first.

    A place is text of at most 80 characters, to be kept as it is. It ends with the key of the quote.
    """

    order: Order = Order.SHUFFLED
    cycle: int = 0
    position: str = ""

    @property
    def last_key(self) -> str:
        """The key of the quote that was last shown, or "" before the first."""
        return self.position.rpartition(" ")[2]


@lru_cache(maxsize=10_000)
def quote_key(quote: Quote) -> str:
    """Return what names a quote for as long as its interview and its words stay: 16 hexadecimal digits."""
    return _digest(f"{quote.interview}/{quote.text}")


def following(rotation: Rotation, guild_id: int, quotes: Sequence[Quote]) -> tuple[Quote, Rotation] | None:
    """Return a server's next quote and how far it has come with it, or None if there are no quotes.

    All quotes come once before any comes again, and none comes twice in a row unless it is the only one.

    Args:
        rotation: How far the server has come.
        guild_id: The server; each has an order of its own.
        quotes: All quotes there are now, in any order, as `find_quotes` returns them.
    """
    by_key: dict[str, Quote] = {}
    for quote in quotes:
        by_key.setdefault(quote_key(quote), quote)
    if not by_key:
        return None
    return _later(rotation, guild_id, by_key) or _anew(rotation, guild_id, by_key)


def reordered(rotation: Rotation, order: Order) -> Rotation:
    """Return the rotation with another order, in which a new cycle begins; with the same order, as it is."""
    if order is rotation.order:
        return rotation
    return Rotation(order, rotation.cycle, f"{_END} {rotation.last_key}")


def _later(rotation: Rotation, guild_id: int, by_key: dict[str, Quote]) -> tuple[Quote, Rotation] | None:
    """Return the next quote of the cycle that the server is in, or None at its end."""
    places = _places(rotation.order, guild_id, rotation.cycle, by_key)
    passed = rotation.position
    if not passed.startswith(_END):
        # An edited interview moves its quotes; what was shown last still says how far the server has come.
        passed = next((place for place in places if place.endswith(f" {rotation.last_key}")), passed)
    ahead = [place for place in places if place > passed]
    return _shown(rotation, rotation.cycle, min(ahead), places) if ahead else None


def _anew(rotation: Rotation, guild_id: int, by_key: dict[str, Quote]) -> tuple[Quote, Rotation]:
    """Return the first quote of the next cycle that begins with another one than was last shown."""
    last = rotation.last_key
    others = {key: quote for key, quote in by_key.items() if key != last} or by_key
    if rotation.order is Order.SEQUENCE:
        # Every cycle begins alike, so there is none to wait for; the last one was there just now.
        by_key = others
    cycles = ((cycle, _places(rotation.order, guild_id, cycle, by_key)) for cycle in count(rotation.cycle + 1))
    cycle, places = next(begun for begun in cycles if quote_key(begun[1][min(begun[1])]) in others)
    return _shown(rotation, cycle, min(places), places)


def _shown(rotation: Rotation, cycle: int, place: str, places: dict[str, Quote]) -> tuple[Quote, Rotation]:
    return places[place], Rotation(rotation.order, cycle, place)


def _places(order: Order, guild_id: int, cycle: int, by_key: dict[str, Quote]) -> dict[str, Quote]:
    if order is Order.SEQUENCE:
        return {f"{quote.interview} {_said_at(quote)} {key}": quote for key, quote in by_key.items()}
    return {f"{_digest(f'{guild_id}/{cycle}/{key}')} {key}": quote for key, quote in by_key.items()}


def _said_at(quote: Quote) -> str:
    # Of one length, so that they compare as numbers do.
    return " ".join(f"{number:09}" for number in quote.said_at)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
