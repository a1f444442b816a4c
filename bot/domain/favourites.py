"""A quote that a member keeps, and how its words are found again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.interviews import Turn
from bot.domain.quotes import Quote
from bot.domain.text import sentences

# The most sentences that one quote is made of.
_MOST_SENTENCES = 6


@dataclass(frozen=True, slots=True)
class Favourite:
    """A quote on a member's shelf, and since when it is there."""

    member_id: int
    quote: Quote
    created_at: datetime


def find_passage(interview: str, turn: Turn, key: str) -> Quote | None:
    """Return the passage of a turn whose key as a quote is `key`, or None.

    Which sentences are picked as quotes may change from version to version; what was once a quote is found as long as
    the turn still says it.
    """
    passages = (Quote(interview, turn.id, text) for text in _passages(turn.text))
    return next((quote for quote in passages if quote.key == key), None)


def _passages(text: str) -> Iterator[str]:
    """Yield each run of sentences, as it stands in the text."""
    places: list[tuple[int, int]] = []
    for sentence in sentences(text):
        start = text.index(sentence, places[-1][1] if places else 0)
        places.append((start, start + len(sentence)))
    for number, (start, _) in enumerate(places):
        for _, end in places[number : number + _MOST_SENTENCES]:
            yield text[start:end]
