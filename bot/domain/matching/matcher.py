"""Which exchange answers a question: two measures that are added up.

One looks for the question's telling words in all that an exchange says (BM25F). The other compares the question's
whole wording, grammar too, with each sentence and each alias by itself, since people who ask for the same thing build
their sentences alike: the three nearest count, and the nearest of the host's own.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest
from itertools import chain, pairwise
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from bot.domain.matching.confidence import Band, Signals, band_of, confidence_of
from bot.domain.matching.index import Numbers, Places, Shares, Weights, Wordings, field_postings
from bot.domain.matching.words import STOP_WORDS, Vocabulary, Word, plain_words, stem_of
from bot.domain.text import sentences

# How much each counts: the telling words, the nearest wordings, the nearest of the host's.
_TELLING, _NEAR, _HOST = 2.0, 1.5, 1.0
# The second and the third nearest wording, beside the nearest.
_NEXT_NEAREST = 0.25
_SUPPORTERS = 8
# How much of a passage's merit is what it has in common with the wordings that are near to the question.
_ECHO = 0.5
_HIGHEST = _TELLING + _NEAR * (1 + 2 * _NEXT_NEAREST) + _HOST
# A question so long says all there is to say.
_FULL_LENGTH = 16

# What bounds the work, however long and however strange the question is.
_CANDIDATES = 30
_MOST_WORDS = 32
_LONGEST_QUESTION = 2000
_SUGGESTED_ALIASES = 2
# How many words, sentences and questions are remembered with what was worked out for them.
_MOST_REMEMBERED = 4_096
_MOST_FINDINGS_REMEMBERED = 1024
# Scores are compared to so many digits: the last ones may differ from machine to machine.
_DIGITS = 9

_WRITING = re.compile(r"\w$")
# Who asks for an amount wants a number; an answer about the same thing seldom happens to give it.
_MEASURES = frozenset(["many", "much", "old", "long", "often", "far", "big", "large", "tall", "fast"])

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Entry(Generic[K]):
    """An exchange as the matcher takes it in: the host's whole turn, the answer, and other ways to ask."""

    key: K
    question: str
    answer: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match(Generic[K]):
    """An entry that fits a question, how well (to compare within one finding), and its best sentence, verbatim."""

    key: K
    score: float
    passage: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A telling word of a question: as it was typed, what it was taken for, whether the best match speaks of it."""

    typed: str
    meant: str
    found: bool


@dataclass(frozen=True, slots=True)
class Finding(Generic[K]):
    """What a question found: what to do with it, how sure that is (0 to 1), the matches, best first, and why."""

    band: Band
    confidence: float
    matches: tuple[Match[K], ...] = ()
    readings: tuple[Reading, ...] = ()
    signals: Signals | None = None


@dataclass(frozen=True, slots=True)
class Suggestion(Generic[K]):
    """An entry that fits what is being typed, and which of its aliases comes nearest; None for its own question."""

    key: K
    alias: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Ways to ask that count in some searches only, made by `Matcher.lessons`: by row, as text and as vector."""

    wordings: Mapping[int, Sequence[tuple[str, Mapping[str, float]]]] = field(default_factory=dict)
    verbatim: Mapping[str, int] = field(default_factory=dict)


_NO_LESSONS = Lessons()


@dataclass(frozen=True, slots=True)
class _Row(Generic[K]):
    """An entry with its place in the index: its wordings are the host's, then the answer's, then the aliases.

    `answers` and `aliases` say where among the wordings these begin.
    """

    key: K
    start: int
    wordings: tuple[str, ...]
    answers: int
    aliases: int

    @property
    def place(self) -> slice:
        return slice(self.start, self.start + len(self.wordings))


@dataclass(frozen=True, slots=True, eq=False)
class _Sought:
    """A word of a question, and where it is found.

    Attributes:
        stems: The stems that stand for it with how far they do (0 to 1), the best first.
        telling: Whether it says what the question is about.
        idf: How telling it is.
        places: In which rows it is said.
        reach: How far it reaches towards which wordings.
    """

    stems: Mapping[str, float]
    telling: bool
    idf: float
    places: Places
    reach: tuple[Numbers, Weights]


@dataclass(frozen=True, slots=True)
class _Measures:
    """What was measured: by row, how much of the telling words it has; by wording, how alike it is to the question.

    `spoken` is the part of `alike` that the telling words make up; `lessons` has the like of `alike` for more wordings.
    """

    said: Shares
    alike: Shares
    spoken: Shares
    lessons: Mapping[int, Sequence[tuple[float, str]]]


class _Fit(NamedTuple):
    """How a row fits a question: its score, what that is made of, and how alike its nearest wordings are on average."""

    row: int
    score: float
    said: float
    near: float
    support: float


class Matcher(Generic[K]):
    """An index over entries that finds which of them answers a question; it never changes once built."""

    def __init__(self, entries: Iterable[Entry[K]], guest_names: Iterable[str] = ()) -> None:
        """Take the entries, and the names that tell nothing since the whole interview is about them."""
        self._names = frozenset(word for name in guest_names for word in plain_words(name))
        self._silent = STOP_WORDS | self._names
        self._rows = _rows(entries)
        said = _words_of(self._rows)
        counts = Counter(word for row in said for words in row for word in words)
        self._vocabulary = Vocabulary({word: counts[word] for word in counts.keys() - self._silent}, self._silent)
        self._fields = field_postings(
            [self._stems_of_fields(row, words) for row, words in zip(self._rows, said, strict=True)]
        )
        self._wordings = Wordings(self._stems(words) for row in said for words in row)
        self._starts = np.array([row.start for row in self._rows], dtype=np.intp)
        self._verbatim = _verbatim(self._rows)
        # Which telling words an often read sentence has.
        self._vector = lru_cache(maxsize=_MOST_REMEMBERED)(self._find_vector)
        # People use the same words again and again, and ask the same questions.
        self._sought = lru_cache(maxsize=_MOST_REMEMBERED)(self._look_up_word)
        self._found = lru_cache(maxsize=_MOST_FINDINGS_REMEMBERED)(self._find)
        self._suggested = lru_cache(maxsize=_MOST_FINDINGS_REMEMBERED)(self._suggest)

    def find(self, question: str, limit: int = 4, lessons: Lessons | None = None) -> Finding[K]:
        """Return at most `limit` entries that fit a question, the best first, and how sure the first is its answer.

        A match's passage is the sentence of the answer that fits best, or its first where none does.
        """
        return self._found(tuple(plain_words(question[:_LONGEST_QUESTION])), limit, lessons or _NO_LESSONS)

    def _find(self, typed: tuple[str, ...], limit: int, lessons: Lessons) -> Finding[K]:
        words = self._vocabulary.read(typed)[:_MOST_WORDS]
        sought = [self._seek(word) for word in words if word.meant not in self._names]
        measures = self._measures(sought, lessons)
        wording = " ".join(typed)
        verbatim = lessons.verbatim.get(wording, self._verbatim.get(wording))
        fits = self._fits(measures, verbatim)
        if not fits:
            return Finding(Band.NONE, 0.0)
        nearest = self._nearest(fits[0].row, measures)
        telling = [word for word in sought if word.telling]
        spoken = [self._spoken(word, fits[0].row, nearest[0][1]) for word in telling]
        signals = self._signals(typed, sought, fits, nearest, spoken)
        confidence = 1.0 if verbatim is not None else round(confidence_of(signals), _DIGITS)
        matches = tuple(
            Match(self._rows[fit.row].key, fit.score, self._passage(fit.row, measures, nearest if not place else ()))
            for place, fit in enumerate(fits[:limit])
        )
        told = (word for word in words if word.meant not in self._silent)
        readings = tuple(Reading(word.typed, word.meant, s > 0) for word, s in zip(told, spoken, strict=True))
        return Finding(band_of(confidence), confidence, matches, readings, signals)

    def suggest(self, typed: str, limit: int = 25) -> list[Suggestion[K]]:
        """Return at most `limit` ways to ask that fit what is typed so far, the best first.

        The last word may be unfinished; as long as nothing telling is typed, the entries come in their own order.
        """
        return list(self._suggested(typed[:_LONGEST_QUESTION], limit))

    def _suggest(self, typed: str, limit: int) -> list[Suggestion[K]]:
        said = plain_words(typed)
        begun = said.pop() if said and _WRITING.search(typed) else ""
        sought = [self._seek(word) for word in self._vocabulary.read(said)[:_MOST_WORDS]]
        sought += self._begun(begun)
        if not any(word.telling for word in sought):
            return [Suggestion(row.key) for row in self._rows[:limit]]
        measures = self._measures(sought, _NO_LESSONS)
        scores = self._rough_scores(measures)
        ranked = [wording for row in _best(scores, limit) for wording in self._ways_to_ask(row, scores, measures.alike)]
        return [suggestion for _, suggestion in sorted(ranked, key=lambda scored: -scored[0])[:limit]]

    def lessons(self, wordings: Iterable[tuple[K, str]]) -> Lessons:
        """Return what `find` takes to know some more wordings, each with its entry's key; unknown keys are left out."""
        numbers = {row.key: number for number, row in enumerate(self._rows)}
        by_row: dict[int, list[tuple[str, Mapping[str, float]]]] = defaultdict(list)
        verbatim = {}
        for key, text in wordings:
            if key in numbers:
                words = plain_words(text)
                by_row[numbers[key]].append((text, self._wordings.vector(self._stems(words))))
                verbatim[" ".join(words)] = numbers[key]
        return Lessons(by_row, verbatim)

    # What is looked for

    def _stems_of_fields(self, row: _Row[K], said: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return the telling stems of the whole turn (the last of the host's wordings), the answer, the aliases."""
        fields = (said[row.answers - 1 : row.answers], said[row.answers : row.aliases], said[row.aliases :])
        return [
            [stem_of(word) for words in wordings for word in words if word not in self._silent] for wordings in fields
        ]

    def _stems(self, words: Iterable[str]) -> list[str]:
        return [stem_of(word) for word in words if word not in self._names]

    def _seek(self, word: Word) -> _Sought:
        # However it was misspelt, it is looked up once.
        return self._sought(word.meant, mended=word.typed != word.meant)

    def _look_up_word(self, word: str, *, mended: bool) -> _Sought:
        return self._look_up(self._vocabulary.akin(word, mended=mended), telling=word not in self._silent)

    def _look_up(self, stems: Mapping[str, float], *, telling: bool) -> _Sought:
        best_first = dict(sorted(stems.items(), key=lambda stem: -stem[1]))
        places = self._fields.places(best_first if telling else {})
        return _Sought(best_first, telling, self._wordings.idf(best_first), places, self._wordings.reach(best_first))

    def _begun(self, begun: str) -> list[_Sought]:
        if not begun or begun in self._silent:
            return []
        if stems := self._vocabulary.completions(begun):
            return [self._look_up(stems, telling=True)]
        if self._vocabulary.may_become_silent(begun):
            return []
        return [self._seek(word) for word in self._vocabulary.read([begun])]

    # How rows fit it

    def _measures(self, sought: Sequence[_Sought], lessons: Lessons) -> _Measures:
        telling = [word for word in sought if word.telling]
        total = math.fsum(word.idf for word in telling) or 1.0
        length = math.sqrt(math.fsum(word.idf**2 for word in sought)) or 1.0
        said = self._fields.total(word.places.shares(word.idf / total) for word in telling)
        spoken = self._wordings.projections(word.reach for word in telling) / length
        alike = spoken + self._wordings.projections(word.reach for word in sought if not word.telling) / length
        return _Measures(said, alike, spoken, self._lesson_likeness(sought, length, lessons))

    def _lesson_likeness(
        self, sought: Sequence[_Sought], length: float, lessons: Lessons
    ) -> dict[int, list[tuple[float, str]]]:
        """Return how alike those lessons are that share a telling word with the question, by row."""
        if not lessons.wordings:
            return {}
        told = frozenset(chain.from_iterable(word.stems for word in sought if word.telling))
        question = self._wordings.question_vector([word.stems for word in sought], length)
        result = defaultdict(list)
        for row, wordings in lessons.wordings.items():
            for text, vector in wordings:
                if not told.isdisjoint(vector):
                    result[row].append((min(1.0, _product(vector, question)), text))
        return result

    def _rough_scores(self, measures: _Measures) -> Shares:
        """Return the scores by row as far as they are quickly told, 0 where no telling word stands."""
        if not self._rows:
            return measures.said
        nearest = np.maximum.reduceat(measures.alike, self._starts)
        return np.where(measures.said > 0, _TELLING * measures.said + _NEAR * nearest, 0.0)

    def _fits(self, measures: _Measures, verbatim: int | None) -> list[_Fit]:
        rows = dict.fromkeys([*_best(self._rough_scores(measures), _CANDIDATES), *measures.lessons])
        if verbatim is not None:
            rows[verbatim] = None
        nearest = self._highest(list(rows), measures.alike)
        fits = [self._fit(row, measures, alike) for row, alike in zip(rows, nearest, strict=True)]
        return sorted(fits, key=lambda fit: (fit.row != verbatim, -fit.score, fit.row))

    def _highest(self, rows: Sequence[int], alike: Shares) -> list[list[float]]:
        """Return how alike the nearest wordings of some rows are, the nearest first."""
        if not rows:
            return []
        places = [self._rows[row].place for row in rows]
        # One sort over all of them; where a row has fewer wordings, nothing is less than nothing.
        grid = np.full((len(rows), max(_SUPPORTERS, *(place.stop - place.start for place in places))), -1.0)
        for line, place in zip(grid, places, strict=True):
            line[: place.stop - place.start] = alike[place]
        highest = np.sort(grid, axis=1)[:, : -_SUPPORTERS - 1 : -1].tolist()
        return [line[: place.stop - place.start] for line, place in zip(highest, places, strict=True)]

    def _fit(self, number: int, measures: _Measures, nearest: Sequence[float]) -> _Fit:
        if lessons := measures.lessons.get(number):
            nearest = sorted([*map(_likeness, lessons), *nearest], reverse=True)[:_SUPPORTERS]
        row = self._rows[number]
        near = nearest[0] + _NEXT_NEAREST * math.fsum(nearest[1:3])
        host = max(measures.alike[row.start : row.start + row.answers].tolist(), default=0.0)
        said = float(measures.said[number])
        score = round(_TELLING * said + _NEAR * near + _HOST * host, _DIGITS)
        return _Fit(number, score, said, near, math.fsum(nearest) / len(nearest))

    def _nearest(self, number: int, measures: _Measures) -> list[tuple[float, str]]:
        """Return a row's nearest wordings with how alike they are, the nearest first."""
        row = self._rows[number]
        alike = measures.alike[row.place]
        ranked = [
            (float(alike[place]), row.wordings[place]) for place in np.argsort(-alike, kind="stable")[:_SUPPORTERS]
        ]
        return sorted([*measures.lessons.get(number, ()), *ranked], key=_likeness, reverse=True)[:_SUPPORTERS]

    def _passage(self, number: int, measures: _Measures, nearest: Sequence[tuple[float, str]]) -> str:
        """Return the sentence of the answer that speaks most of what is asked for.

        Chosen well, which takes the row's nearest wordings, it need not use the words of the question: what an alias
        asks for is in the sentence that states it, and an alias near to the question asks for the same.
        """
        row = self._rows[number]
        texts = row.wordings[row.answers : row.aliases]
        if not texts:
            return ""
        scores: list[float] = measures.spoken[row.start + row.answers : row.start + row.aliases].tolist()
        if nearest:
            near = [(likeness**2, self._vector(text)) for likeness, text in nearest[:3] if text not in texts]
            scores = [
                score + _ECHO * _echo(self._vector(text), near) for score, text in zip(scores, texts, strict=True)
            ]
        return texts[scores.index(max(scores))]

    def _find_vector(self, text: str) -> Mapping[str, float]:
        return self._wordings.vector(stem_of(word) for word in _text_words(text) if word not in self._silent)

    def _ways_to_ask(self, number: int, scores: Shares, alike: Shares) -> list[tuple[float, Suggestion[K]]]:
        """Return a row's own question and the nearest of its aliases, each with how well it fits."""
        row = self._rows[number]
        place = alike[row.place].tolist()
        aliases, score = place[row.aliases :], float(scores[number])
        ways = [(score + max(place[: row.answers], default=0.0), Suggestion(row.key))]
        for likeness in nlargest(_SUGGESTED_ALIASES, aliases):
            # Of two that are as near, the first comes first.
            nearest = aliases.index(likeness)
            aliases[nearest] = -1.0
            ways.append((score + likeness, Suggestion(row.key, row.wordings[row.aliases + nearest])))
        return ways

    # How sure it is

    def _signals(
        self,
        typed: Sequence[str],
        sought: Sequence[_Sought],
        fits: Sequence[_Fit],
        nearest: Sequence[tuple[float, str]],
        spoken: Sequence[float],
    ) -> Signals:
        first, second = fits[0], fits[1].score if len(fits) > 1 else 0.0
        row = self._rows[first.row]
        telling = [word for word in sought if word.telling]
        total = math.fsum(word.idf for word in telling)
        covered = math.fsum(word.idf * share for word, share in zip(telling, spoken, strict=True))
        nearby = frozenset().union(*(_text_stems(text) for _, text in nearest))
        firsts = (first.said == max(fit.said for fit in fits), first.near == max(fit.near for fit in fits))
        amounts = _amounts(typed)
        cover = covered / total if total else 0.0
        return Signals(
            cover=cover,
            weakest=min((_strongest(word.stems, nearby) for word in telling), default=0.0),
            near=first.near / (1 + 2 * _NEXT_NEAREST),
            support=first.support - max((fit.support for fit in fits[1:]), default=0.0),
            lead=(first.score - second) / _HIGHEST,
            agreement=sum(firsts) / len(firsts),
            length=cover * min(len(sought) / _FULL_LENGTH, 1.0),
            amount=float(not amounts or any(amounts & _amounts(_text_words(text)) for _, text in nearest[:3])),
            plain=1 / (1 + len(row.wordings) - row.aliases),
        )

    def _spoken(self, word: _Sought, row: int, nearest: str) -> float:
        """Return how far the best of a word's stems that a row, or its nearest wording, speaks of stands for it."""
        said = _text_stems(nearest)
        return next((s for stem, s in word.stems.items() if stem in said or self._fields.has(stem, row)), 0.0)


def _likeness(wording: tuple[float, str]) -> float:
    return wording[0]


def _echo(vector: Mapping[str, float], near: Iterable[tuple[float, Mapping[str, float]]]) -> float:
    """Return how alike a vector is to the most alike of some others, each of which has its weight."""
    return max((weight * _product(other, vector) for weight, other in near), default=0.0)


def _product(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return math.fsum([one[stem] * other[stem] for stem in one.keys() & other.keys()])


def _strongest(stems: Mapping[str, float], among: Set[str]) -> float:
    """Return how far the best of some stems, which comes first, stands for a word; 0 if none is there."""
    return next((strength for stem, strength in stems.items() if stem in among), 0.0)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _text_words(text: str) -> tuple[str, ...]:
    return tuple(plain_words(text))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _text_stems(text: str) -> frozenset[str]:
    return frozenset(map(stem_of, _text_words(text)))


def _amounts(said: Sequence[str]) -> set[str]:
    """Return what is asked to be counted or measured: "many" for "how many"."""
    return {word for how, word in pairwise(said) if how == "how" and word in _MEASURES}


def _rows(entries: Iterable[Entry[K]]) -> list[_Row[K]]:
    rows: list[_Row[K]] = []
    start = 0
    for entry in entries:
        hosts = sentences(entry.question)
        # The whole turn is a wording too, and so is nothing: each row has a place of its own.
        hosts += [entry.question] if len(hosts) != 1 else []
        answers = sentences(entry.answer)
        row = _Row(entry.key, start, (*hosts, *answers, *entry.aliases), len(hosts), len(hosts) + len(answers))
        start += len(row.wordings)
        rows.append(row)
    return rows


def _words_of(rows: Iterable[_Row[K]]) -> list[list[list[str]]]:
    """Return the words of each row's wordings; each word is in memory once, however often it is said."""
    known: dict[str, str] = {}
    return [[[known.setdefault(word, word) for word in plain_words(text)] for text in row.wordings] for row in rows]


def _verbatim(rows: Sequence[_Row[K]]) -> dict[str, int]:
    """Return the row of each known way to ask; a whole turn goes before a sentence of another."""
    result: dict[str, int] = {}
    whole = [
        (n, text)
        for n, row in enumerate(rows)
        for text in (row.wordings[row.answers - 1], *row.wordings[row.aliases :])
    ]
    parts = [(n, text) for n, row in enumerate(rows) for text in row.wordings[: row.answers]]
    for number, text in whole + parts:
        result.setdefault(" ".join(plain_words(text)), number)
    result.pop("", None)  # nothing said asks for nothing
    return result


def _best(scores: Shares, limit: int) -> list[int]:
    """Return the numbers of the highest scores above 0, the first of equals first."""
    order = np.argsort(-scores.round(_DIGITS), kind="stable")[:limit]
    return [int(number) for number in order if scores[number] > 0]
