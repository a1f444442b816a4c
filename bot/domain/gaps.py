"""What the interviews have no answer to: questions that found nothing, put together where they ask for the same.

Two wordings ask for the same thing if their telling words are nearly the same letters, in whatever order and whatever
grammar, and no telling word of the one stands for quite another word of the other. Whole texts would not do: "what is
the best ..." would make half of two short questions equal that have nothing in common.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from rapidfuzz import fuzz, process

from bot.domain.matching.words import stem_of
from bot.domain.text import one_line, words

# How long a question that found nothing is kept after it was last asked.
KEPT_FOR = timedelta(days=90)
# How many different wordings of a server are kept: who floods it pushes out what was asked least recently.
MOST_WORDINGS = 5_000
LONGEST_WORDING = 300
# The server whose teachings count in every server; no server on Discord has this id.
EVERYONE = 0

# How far two questions' telling words, and two words, have to be the same letters, in 100. With less, a question passes
# for one that asks for much more, and "wife" for "life"; with more, a slip of the finger makes a question of its own.
_ALIKE = 72.0
_SAME_WORD = 80.0
# What bounds the work, however many and however long the questions are; 64 letters are compared in one step.
_MOST_WORDS, _MOST_LETTERS = 12, 64
_RAREST, _MOST_COMPARED, _MOST_CHECKED = 3, 250, 5
# Where the index keeps the questions of a single telling word.
_ALONE = ""

# What a question is made of, whatever it asks for.
_GRAMMAR = """
a about actually all also am an and any anyone anything are as at be been being but by can could did do does doing done
ever every for from get gets give given had has have having he he'd he'll her hers him his i i'd i'm if in into is it
its just me my of on or our please really say says she so some something tell than that the their them then there these
they thing things this to up us was we were what whats which will with would you your
"""
_SILENT = frozenset(_GRAMMAR.split())
# The same words ask for something else after another one of these.
_TURNING = {word: word for word in ("how", "when", "where", "who", "why")} | {
    "whom": "who",
    "whose": "who",
    "cannot": "not",
    "never": "not",
    "not": "not",
}
_DENIAL = "n't"
_JOINERS = {"\u200c", "\u200d"}  # show nothing, but hold emoji and some scripts together


class Wording(NamedTuple):
    """A question as somebody typed it, and folded: wordings that fold to the same text are the same."""

    folded: str
    text: str


class Vain(NamedTuple):
    """That somebody asked in vain in a server, or refused what was shown; nothing of who it was."""

    guild_id: int
    wording: Wording
    at: datetime
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """A wording that found nothing in a server: how often in all, and how often what was shown was refused."""

    wording: Wording
    count: int
    refused: int
    first_at: datetime
    last_at: datetime

    @property
    def key(self) -> str:
        """A name of 16 characters for the wording; unlike the number of a row, no other wording gets it later."""
        return blake2b(self.wording.folded.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Gap:
    """Misses that ask for the same thing, the most frequent first."""

    misses: tuple[Miss, ...]

    @property
    def key(self) -> str:
        """The name of its most frequent wording."""
        return self.misses[0].key

    @property
    def text(self) -> str:
        """Its most frequent wording, as it was typed."""
        return self.misses[0].wording.text

    @property
    def count(self) -> int:
        """How often it was asked in all its wordings."""
        return sum(miss.count for miss in self.misses)

    @property
    def refused(self) -> int:
        """How often what was shown for it was refused."""
        return sum(miss.refused for miss in self.misses)

    @property
    def last_at(self) -> datetime:
        """When it was last asked."""
        return max(miss.last_at for miss in self.misses)


@dataclass(frozen=True, slots=True)
class Teaching:
    """Wordings that an admin gave to an exchange at once, named by the keys of its file, for a server or `EVERYONE`."""

    token: str
    guild_id: int
    interview: str
    exchange: str
    wordings: tuple[Wording, ...]
    taught_by: int
    taught_at: datetime


def wording_of(typed: str) -> Wording | None:
    """Return a question as it is kept: on one line, at most 300 characters; None where there is no word in it."""
    # What shows nothing can turn the rest of a page around, or hide in a file.
    visible = (char for char in one_line(typed) if char in _JOINERS or not unicodedata.category(char).startswith("C"))
    text = "".join(visible)[:LONGEST_WORDING].strip()
    folded = " ".join(words(text))[:LONGEST_WORDING].strip()
    return Wording(folded, text) if folded else None


def group_misses(misses: Iterable[Miss]) -> list[Gap]:
    """Return misses as gaps, the one asked most often first; in whatever order they come, the result is the same.

    The most frequent wordings lead: each other one joins the leader that it is most like, or leads a gap of its own.
    """
    groups: dict[tuple[str, ...], _Group] = defaultdict(_Group)
    for miss in sorted(misses, key=lambda miss: (-miss.count, miss.wording.folded)):
        question = _question(miss.wording.folded)
        groups[question.kind].add(miss, question)
    gaps = [Gap(tuple(found)) for group in groups.values() for found in group.gaps]
    return sorted(gaps, key=lambda gap: (-gap.count, -gap.last_at.timestamp(), gap.misses[0].wording.folded))


@dataclass(frozen=True, slots=True)
class _Question:
    """What has to be the same in two questions that are alike, and the telling words in which they may differ a bit."""

    kind: tuple[str, ...]
    telling: tuple[str, ...]

    @property
    def letters(self) -> str:
        return " ".join(self.telling)[:_MOST_LETTERS]

    @property
    def indexed(self) -> tuple[str, ...]:
        """The words by which it is found; one that stands alone may be misspelt, and then it is found by that."""
        return self.telling if len(self.telling) > 1 else (*self.telling, _ALONE)


@dataclass(slots=True)
class _Group:
    """The gaps of one kind of question, each with the question that leads it; an index says which words lead where."""

    gaps: list[list[Miss]] = field(default_factory=list)
    leaders: list[_Question] = field(default_factory=list)
    by_letters: dict[str, int] = field(default_factory=dict)
    by_word: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, miss: Miss, question: _Question) -> None:
        """Put a miss into the gap that it is most like, or into one of its own."""
        number = self.by_letters.get(question.letters)
        if number is None:
            number = self._nearest(question)
        if number is None:
            number = self._begin(question)
        self.by_letters.setdefault(question.letters, number)
        self.gaps[number].append(miss)

    def _begin(self, question: _Question) -> int:
        number = len(self.gaps)
        self.gaps.append([])
        self.leaders.append(question)
        for word in dict.fromkeys(question.indexed):
            self.by_word[word].append(number)
        return number

    def _nearest(self, question: _Question) -> int | None:
        # Of the words of two questions that are alike nearly all are the same, so the rarest find what is worth trying.
        postings = sorted((self.by_word[word] for word in question.indexed if word in self.by_word), key=len)
        found = sorted({number for posting in postings[:_RAREST] for number in posting[:_MOST_COMPARED]})
        letters = {number: self.leaders[number].letters for number in found}
        near = process.extract(question.letters, letters, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_MOST_CHECKED)
        same = (number for _, _, number in near if _same_words(question.telling, self.leaders[number].telling))
        return next(same, None)


def _question(folded: str) -> _Question:
    said = folded.split()
    turns = {word: turn for word in said if (turn := _turn(word))}
    numbers = {word for word in said if any(map(str.isdigit, word))}
    telling = [word for word in said if word not in _SILENT and word not in turns]
    # "Who is he?" has no telling word: then all of them count.
    telling = (telling or said)[:_MOST_WORDS]
    return _Question((*sorted(set(turns.values())), *sorted(numbers)), tuple(sorted(map(stem_of, telling))))


def _turn(word: str) -> str | None:
    """Return what a word turns a question into, whatever else it says, or None."""
    return "not" if word.endswith(_DENIAL) else _TURNING.get(word)


def _same_words(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether no word of the one stands where the other has quite another word; one may say more."""
    ours, theirs = Counter(one), Counter(other)
    fewer, more = sorted((list((ours - theirs).elements()), list((theirs - ours).elements())), key=len)
    for word in fewer:
        partner = process.extractOne(word, more, scorer=fuzz.ratio, score_cutoff=_SAME_WORD)
        if partner is None:
            return False
        del more[partner[2]]
    return True
