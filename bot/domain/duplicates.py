"""Readers' questions that ask the same in other words: how likely two do, and which open ones are nearest to another.

Of two questions that ask the same, each telling word of the one has a word of the other that can stand for it. Two
that only look alike keep their sentence and put another word into it, name another member of the same kind, or want
something else to be known: why, when, how many. Words alone cannot tell all of this; what is found is an offer.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA, Indel

from bot.domain.readings import Reading, Term, read

# From here on a question is likely to be asked already: one in a hundred passes that has nothing to do with it.
LIKELY = 0.6
# From here on it is worth a moderator's look, who would rather see one too many.
WORTH_A_LOOK = 0.2

# How far a word that looks like another stands for it: misspelt, begins alike, shares a part of an expression.
_MISSPELT, _BEGINS_ALIKE, _PART = 0.95, 0.7, 0.5
# Words less alike than this have nothing to do with each other; a word may stand for a second one in part.
_AKIN, _SECOND = 0.3, 0.6
# A sense that two words share says less than the word itself.
_SENSE = 0.6
_CANDIDATES = 30
_MOST_PAIRS = 1 << 16
# Scores are compared to so many digits: the last ones may differ from machine to machine.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells whether two questions ask the same: the first seven speak for it, the others against it.

    "Weight" is how telling words are; "low" and "high" are the lower and the higher value of the two questions. What
    is missed counts the more the more alike the sentences are: who says it all anew uses other words anyway.
    """

    covered_high: float
    by_sense: float
    by_sense_share: float
    beyond_first: float
    telling: float
    intent: float
    nothing_replaced: float
    sentence_replaced: float
    sentence_missed: float
    words_replaced: float
    clash: float
    kind: float
    contrast: float
    sentence_contrast: float
    sentence_order: float
    tense: float
    about_whom: float


# So many of the signals speak for it.
FOR = 7
# A logistic regression, fitted by benchmarks/duplicates.py; the numbers stand in the order of the signals.
# fmt: off
WEIGHTS = (0.8, 1.6, 3.8, 2.9, 1.9, 0.9, 0.8,
           -2.7, -3.2, -1.2, -0.5, -0.8, -0.1, -2.5, -1.5, -0.9, -0.7)
# fmt: on
BIAS = -1.6


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An open question that may ask the same as another, and how likely it does, from 0 to 1."""

    id: int
    probability: float


def probability_same(one: str, other: str) -> float:
    """Return how likely it is, from 0 to 1, that two questions ask the same."""
    return _probability(read(one), read(other))


def signals_of(one: Reading, other: Reading) -> Signals:
    """Return what tells whether two questions ask the same."""
    ours, theirs = _aligned(one.terms, other.terms)
    sides = (_side(one.terms, ours), _side(other.terms, theirs))
    covered, missed, by_sense, shares, beyond = zip(*map(astuple, sides), strict=True)
    contrast = float(one.contrasts(other))
    clash = one.clash(other)
    excluded = max(contrast, clash)
    replaced = max(min(missed), excluded)
    sentence = Indel.normalized_similarity(one.sentence, other.sentence)
    exact = _exact(one.terms, ours, other.terms, theirs)
    return Signals(
        covered_high=max(covered),
        by_sense=_squashed(min(by_sense)),
        by_sense_share=min(shares),
        beyond_first=_squashed(min(beyond)),
        telling=min(len(one.terms), len(other.terms)) / 8,
        intent=float(one.intent == other.intent),
        nothing_replaced=math.exp(-4 * replaced),
        sentence_replaced=sentence * replaced,
        sentence_missed=sentence * max(missed),
        words_replaced=exact * replaced,
        clash=clash,
        kind=float(_of_one_kind(one.terms, ours, other.terms, theirs)),
        contrast=contrast,
        sentence_contrast=sentence * contrast,
        sentence_order=sentence * float(_swapped(one.terms, other.terms)),
        tense=float(one.past != other.past) + float(one.future != other.future),
        about_whom=float(one.me != other.me) + float(one.you != other.you),
    )


def _probability(one: Reading, other: Reading) -> float:
    if one.plain == other.plain:
        return float(bool(one.plain) or one.text == other.text)
    if not one.plain or not other.plain:
        return 0.0
    signals = signals_of(one, other)
    total = BIAS + math.fsum(weight * signal for weight, signal in zip(WEIGHTS, astuple(signals), strict=True))
    return round(1 / (1 + math.exp(-total)), _DIGITS)


@dataclass(frozen=True, slots=True)
class _Side:
    """How one of two questions fares: the shares and the weights of its words that the other has.

    `missed` is the heaviest word that has nothing over there.
    """

    covered: float
    missed: float
    by_sense: float
    by_sense_share: float
    beyond_first: float


def _side(terms: Sequence[Term], found: Sequence[float]) -> _Side:
    weighed = [(term.weight, likeness) for term, likeness in zip(terms, found, strict=True)]
    total = math.fsum(weight for weight, _ in weighed) or 1.0
    got = sorted((weight * likeness for weight, likeness in weighed), reverse=True)
    by_sense = math.fsum(weight for weight, likeness in weighed if 0.4 < likeness < 1)
    return _Side(
        covered=math.fsum(got) / total,
        missed=max((weight * (1 - likeness) for weight, likeness in weighed), default=0.0),
        by_sense=by_sense,
        by_sense_share=by_sense / total,
        beyond_first=math.fsum(got[1:]),
    )


def _swapped(ours: Sequence[Term], theirs: Sequence[Term]) -> bool:
    """Return whether words that are in both questions come in another order: "Keras without Google" the other way."""
    places = {term.root: place for place, term in enumerate(theirs)}
    order = [places[term.root] for term in ours if term.root in places]
    return order != sorted(order)


def _squashed(weight: float) -> float:
    return weight / (1 + weight)


def _exact(ours: Sequence[Term], one: Sequence[float], theirs: Sequence[Term], other: Sequence[float]) -> float:
    both = [*zip(ours, one, strict=True), *zip(theirs, other, strict=True)]
    total = math.fsum(term.weight for term, _ in both) or 1.0
    return math.fsum(term.weight for term, likeness in both if likeness == 1) / total


def _of_one_kind(ours: Sequence[Term], one: Sequence[float], theirs: Sequence[Term], other: Sequence[float]) -> bool:
    """Return whether two words that nothing stands for are of one kind, such as two plants."""
    left = [term for term, likeness in zip(ours, one, strict=True) if likeness < _BEGINS_ALIKE]
    right = [term for term, likeness in zip(theirs, other, strict=True) if likeness < _BEGINS_ALIKE]
    return any(not mine.kinds.isdisjoint(yours.kinds) for mine in left for yours in right)


def _aligned(ours: Sequence[Term], theirs: Sequence[Term]) -> tuple[list[float], list[float]]:
    """Return how far each word of two questions is met in the other one; the likest words are paired first."""
    pairs = ((_likeness(mine, yours), i, j) for i, mine in enumerate(ours) for j, yours in enumerate(theirs))
    one, other = [0.0] * len(ours), [0.0] * len(theirs)
    # Equally alike pairs in an order that does not depend on which question comes first.
    for likeness, i, j in sorted(
        (p for p in pairs if p[0] >= _AKIN), key=lambda p: (-p[0], p[1] + p[2], abs(p[1] - p[2]))
    ):
        if not one[i] and not other[j]:
            one[i] = other[j] = likeness
        elif not one[i]:
            one[i] = _SECOND * likeness
        elif not other[j]:
            other[j] = _SECOND * likeness
    return one, other


@lru_cache(maxsize=_MOST_PAIRS)
def _likeness(one: Term, other: Term) -> float:
    """Return how far a word stands for another, from 0 to 1."""
    if one.root == other.root:
        return 1.0
    if _misspelt(one, other):
        return _MISSPELT
    likeness = min(0.9, 1 - math.prod(1 - strength for sense, strength in one.senses.items() if sense in other.senses))
    if (len(one.parts) > 1 or len(other.parts) > 1) and not one.parts.isdisjoint(other.parts):
        likeness = max(likeness, _PART)
    shorter, longer = sorted((one.root, other.root), key=len)
    if len(shorter) > 4 and longer.startswith(shorter):
        likeness = max(likeness, _BEGINS_ALIKE)
    return likeness


def _misspelt(one: Term, other: Term) -> bool:
    """Return whether one of two words is unknown and a slip of the finger away from the other."""
    if (one.known and other.known) or one.digits or other.digits:
        return False
    shorter, longer = sorted((one.word, other.word), key=len)
    slips = 0 if len(shorter) < 3 else 1 if len(longer) < 8 else 2
    if len(longer) - len(shorter) > slips or OSA.distance(shorter, longer, score_cutoff=slips) > slips:
        return False
    # Of short words only swapped letters: "lake" is no misspelt "bake".
    return len(shorter) > 4 or sorted(shorter) == sorted(longer)


class OpenQuestions:
    """The open questions of a server, by id, and which of them are nearest to another; kept up to date one by one."""

    def __init__(self, questions: Iterable[tuple[int, str]] = ()) -> None:
        """Take questions with their ids."""
        self._readings: dict[int, Reading] = {}
        self._slots: dict[int, int] = {}
        self._ids: list[int] = []
        self._free: list[int] = []
        self._postings: dict[str, array[int]] = defaultdict(lambda: array("i"))
        for number, text in questions:
            self.add(number, text)

    def __len__(self) -> int:
        return len(self._readings)

    def add(self, number: int, text: str) -> None:
        """Take in a question; one that has the id already is replaced."""
        self.remove(number)
        slot = self._free.pop() if self._free else len(self._ids)
        self._ids[slot : slot + 1] = [number]
        self._slots[number] = slot
        self._readings[number] = reading = read(text)
        for key in _keys(reading):
            self._postings[key].append(slot)

    def replace(self, number: int, text: str) -> None:
        """Take another text for a question."""
        self.add(number, text)

    def remove(self, number: int) -> None:
        """Forget a question; nothing happens if it is not there."""
        reading = self._readings.pop(number, None)
        if reading is None:
            return
        slot = self._slots.pop(number)
        self._free.append(slot)
        for key in _keys(reading):
            self._postings[key].remove(slot)
            if not self._postings[key]:
                del self._postings[key]

    def nearest(self, text: str, limit: int = 5, at_least: float = WORTH_A_LOOK) -> list[Duplicate]:
        """Return at most `limit` questions that are so likely to ask the same, the likeliest first."""
        asked = read(text)
        found = [Duplicate(number, _probability(asked, self._readings[number])) for number in self._candidates(asked)]
        found = [duplicate for duplicate in found if duplicate.probability >= at_least]
        return sorted(found, key=lambda duplicate: (-duplicate.probability, duplicate.id))[:limit]

    def _candidates(self, asked: Reading) -> list[int]:
        """Return the ids of those that share most with a question: words and senses, the rarer the more."""
        scores = np.zeros(len(self._ids))
        for key, weight in _keys(asked).items():
            if posting := self._postings.get(key):
                scores[np.frombuffer(posting, dtype=np.int32)] += weight * math.log(1 + len(self) / len(posting))
        scores = scores.round(_DIGITS)
        if len(scores) > _CANDIDATES:
            least = np.partition(scores, -_CANDIDATES)[-_CANDIDATES]
            chosen = np.flatnonzero((scores >= least) & (scores > 0))
        else:
            chosen = np.flatnonzero(scores > 0)
        ids = np.array([self._ids[slot] for slot in chosen], dtype=np.int64)
        return [int(ids[place]) for place in np.lexsort((ids, -scores[chosen]))[:_CANDIDATES]]


def _keys(reading: Reading) -> dict[str, float]:
    """Return by what a question is found: its words and their senses with their weights, and all of it."""
    result = {f"={reading.plain}": 1.0}
    for term in reading.terms:
        result[term.root] = max(term.weight, result.get(term.root, 0.0))
        for sense in term.senses:
            result[sense] = max(_SENSE * term.weight, result.get(sense, 0.0))
    return result
