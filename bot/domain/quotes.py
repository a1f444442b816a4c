"""Which sentences of an interview stand alone, and in which order they come round."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.interviews import Interview, Role
from bot.domain.text import sentences

SHORTEST = 40
LONGEST = 300

# A sentence that begins with one of these leans on the one before it.
_LEANS = re.compile(
    r"(?:it|it's|its|this|that|that's|these|those|they|he|she|his|her|their|them|then|but|and|or|so|also|first|"
    r"second|third|finally|instead|like|yes|no|because|however|most of them|for example|as i|one example|"
    r"the (?:\S+ )?ones?|which|such|now|here|i'd|i would|i'll be|at the time|in the same way|in terms of|thankfully)\b"
    # So does one that soon says "it", or goes by a "that's": "I think that's why", "don't talk to them".
    r"|(?:\S+ ){1,3}(?:it|it's|them|they|they're)\b|i \w+ that's\b"
    # Half a sentence: "When it is late."; "Building ships."
    r"|(?:when|while|if|although|unless|whereas)\b[^,]*$"
    r"|\w+ing\b(?!.*\b(?:is|are|was|were|be|can|could|will|would|may|must|has|have|had|makes?|takes?|means?)\b)",
    re.IGNORECASE,
)
# "this important issue", "back then": what the words point at stands in another sentence.
_POINTS_BACK = re.compile(
    r"\b(?:these|those|this|that)\s+(?:\w+\s+)?(?:issues?|questions?|ones?|problems?|front)\b"
    r"|\b(?:back then|at that time|at the time|the same patterns?|you had to)\b|\bas well\W*$"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a guest's turn that stands alone, word for word."""

    interview: str
    turn: str
    text: str


def stands_alone(sentence: str) -> bool:
    """Return whether a sentence can be read without those around it: 40 to 300 characters, whole, not pointing back."""
    return (
        SHORTEST <= len(sentence) <= LONGEST
        and sentence[-1] in '.!?”"'
        and sentence[0].isupper()
        and not _LEANS.match(sentence.replace("’", "'"))
        and not _POINTS_BACK.search(sentence)
    )


def find_quotes(interview: Interview) -> tuple[Quote, ...]:
    """Return the sentences of the guests that stand alone, in the order in which they were said."""
    guests = {person.id for person in interview.people_of(Role.GUEST)}
    return tuple(
        Quote(interview.id, turn.id, sentence)
        for turn in interview.turns
        if turn.speaker in guests
        for sentence in sentences(turn.text)
        if stands_alone(sentence)
    )


def daily_quote(quotes: Sequence[Quote], guild_id: int, day: int) -> Quote:
    """Return the quote of a server's `day` (0 for its first): all come once before any comes again.

    The order is that of a hash of server, cycle and quote, so it needs no list of what was used. Where a cycle
    would begin with the quote that ended the one before, its first two change places; one or two quotes simply
    take turns.
    """
    cycle, place = divmod(day, len(quotes))
    if len(quotes) <= 2:
        cycle = 0
    order = _cycle(quotes, guild_id, cycle)
    if cycle and order[0] == _cycle(quotes, guild_id, cycle - 1)[-1]:
        order[0], order[1] = order[1], order[0]
    return order[place]


def _cycle(quotes: Sequence[Quote], guild_id: int, cycle: int) -> list[Quote]:
    def place(quote: Quote) -> bytes:
        return hashlib.sha256(f"{guild_id}/{cycle}/{quote.interview}/{quote.turn}/{quote.text}".encode()).digest()

    return sorted(quotes, key=place)
