"""Which passages of an interview stand alone, and in which order they come round."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.interviews import Interview, Role, Turn
from bot.domain.publications import may_be_quoted
from bot.domain.text import excerpt, sentences

SHORTEST = 40
LONGEST = 300
MOST_SENTENCES = 3

# A sentence that begins with one of these leans on the one before it.
_LEANS = re.compile(
    r"(?:it|it's|its|this|that|that's|these|those|they|they're|he|she|his|her|their|them|but|and|or|so|instead|like|"
    r"because|however|therefore|most of them|for example|one example|the (?:\S+ )?ones?|which|such|in the same way|"
    r"same|both|neither|otherwise)\b"
    # So does one that soon says "it": "Don't talk to them", and "I think that's why".
    r"|(?!the way i see it)(?:\S+ ){1,3}(?:it|it's|them|they|they're)\b|i \w+ that's\b"
    # Half a sentence: "When it is late."; "Building ships."
    r"|(?:when|while|if|although|unless|whereas)\b[^,]*$"
    r"|\w+ing\b(?!.*\b(?:is|are|was|were|be|can|could|will|would|may|must|has|have|had|makes?|takes?|means?)\b)",
    re.IGNORECASE,
)
# "this important issue", "back then": what the words point at stands in another sentence.
_POINTS_BACK = re.compile(
    r"\b(?:these|those|this|that)\s+(?:\w+\s+)?(?:issues?|questions?|ones?|problems?|technologies|front)\b"
    r"|\b(?:back then|at that time|at the time|the same patterns?|you had to)\b|\bas well\W*$|\b(?:i|we) also\b",
    re.IGNORECASE,
)
# An item of a list, a step of a story, or a reply to the host: it neither begins a quote nor belongs to one.
_GOES_ON = re.compile(
    r"(?:first|second|third|then|finally|also|now|here|thankfully|of course|in terms of|at the time|in general|as i|"
    r"i'd|i would|i'll be|hi|hello|hey|thanks|thank you|you're welcome|glad|happy to)\b"
    r"|(?:yes|yeah|no|well|right|sure|exactly|absolutely|definitely|good|great)(?: question)?[,.!?—–-]|\W*[-*•\d]",
    re.IGNORECASE,
)
_ENDS = re.compile(r"""[.!?]["'”’»)\]]*$""")
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"))


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a guest's turn that stands alone, word for word but for the cuts that it shows.

    Where it was said, the number of its turn and where in it the words begin, is known of those that are found.
    """

    interview: str
    turn: str
    text: str
    said_at: tuple[int, int] = field(default=(0, 0), compare=False)

    @property
    def key(self) -> str:
        """A short name, the same on every machine, by which buttons and favourites know the quote: 16 hex digits."""
        return hashlib.sha256(f"{self.interview}/{self.turn}/{self.text}".encode()).hexdigest()[:16]


def stands_alone(sentence: str) -> bool:
    """Return whether a sentence can be read without those around it: 40 to 300 characters, whole, not pointing back."""
    return SHORTEST <= len(sentence) <= LONGEST and _begins(sentence)


def find_quotes(interview: Interview, among: Sequence[Turn] | None = None) -> tuple[Quote, ...]:
    """Return what can be quoted of the guests, in the order in which it was said: in all turns, or in some.

    These are the quotes that the interview names, and the passages of one to three sentences that stand alone and
    share no words with a named quote, a vetoed one, or each other.
    """
    guests = {person.id for person in interview.people_of(Role.GUEST)}
    spoken = interview.turns if among is None else among
    turns = [turn for turn in spoken if turn.speaker in guests and may_be_quoted(turn)]
    taken = _taken(interview, turns)
    found = [
        Quote(interview.id, turn.id, turn.text[start:end], (interview.number(turn.id), start))
        for turn in turns
        for start, end in _passages(turn.text, taken[turn.id])
    ]
    quotes = sorted([*_named(interview, turns), *found], key=lambda quote: quote.said_at)
    return tuple(dict.fromkeys(quotes))


def _named(interview: Interview, turns: Sequence[Turn]) -> Iterator[Quote]:
    """Yield the quotes that an interview names, each from the first turn that has its words."""
    for text in interview.quotes.named:
        for turn in turns:
            if spans := excerpt(turn.text, text):
                yield Quote(interview.id, turn.id, text, (interview.number(turn.id), spans[0][0]))
                break


def _taken(interview: Interview, turns: Sequence[Turn]) -> dict[str, list[tuple[int, int]]]:
    """Return for each turn which of its words are named or vetoed, so that nothing else is found there."""
    chosen = (*interview.quotes.named, *interview.quotes.vetoed)
    return {turn.id: [span for text in chosen for span in excerpt(turn.text, text)] for turn in turns}


def _passages(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield where the passages of a text that stand alone begin and end."""
    for run in _runs(text, taken):
        number = 0
        while number < len(run):
            length = _length(text, run[number : number + MOST_SENTENCES])
            if length:
                yield run[number][0], run[number + length - 1][1]
            number += length or 1


def _runs(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield where the sentences of each paragraph begin and end; one that is taken parts those around it."""
    position = 0
    # A line is never more than a paragraph, and the items of a list are lines.
    for line in text.splitlines():
        run: list[tuple[int, int]] = []
        for sentence in sentences(line):
            start = text.index(sentence, position)
            position = start + len(sentence)
            if any(start < end and begin < position for begin, end in taken):
                yield run
                run = []
            else:
                run.append((start, position))
        yield run


def _length(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Return how many of some sentences belong together in a quote that begins with the first; 0 for none."""
    start = spans[0][0]
    if not _begins(text[slice(*spans[0])]):
        return 0
    end, length = spans[0][1], 1
    for begin, stop in spans[1:]:
        sentence = text[begin:stop]
        # What leans on the quote gives it its point; what is too short to be one takes the next.
        wanted = _leans(sentence) or end - start < SHORTEST
        if not wanted or not _is_whole(sentence) or _folded_start(_GOES_ON, sentence) or stop - start > LONGEST:
            break
        end, length = stop, length + 1
    return length if SHORTEST <= end - start <= LONGEST else 0


def _begins(sentence: str) -> bool:
    return _is_whole(sentence) and not _folded_start(_GOES_ON, sentence) and not _leans(sentence)


def _leans(sentence: str) -> bool:
    return _folded_start(_LEANS, sentence) or _POINTS_BACK.search(sentence) is not None


def _folded_start(pattern: re.Pattern[str], sentence: str) -> bool:
    return pattern.match(sentence.lstrip("\"'“‘«([").replace("’", "'")) is not None


def _is_whole(sentence: str) -> bool:
    """Return whether a sentence has its beginning, its end, and both sides of its brackets and quotation marks."""
    return (
        sentence.lstrip("\"'“‘«([")[:1].isupper()
        and _ENDS.search(sentence) is not None
        and all(sentence.count(opening) == sentence.count(closing) for opening, closing in _PAIRS)
        and sentence.count('"') % 2 == 0
    )
