"""Which exchange of an interview answers a question in somebody's own words, and how sure that is.

A question is reduced to its telling words: no grammar, no name of the guest, one form for "create" and "created",
misspellings mended. Exchanges that share telling words are ranked; among the best of them it counts too how alike the
question's whole wording is to one of their sentences or aliases. That likeness, how much of the question the first
one speaks of and how far it leads say how sure the answer is.
"""

import math
import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice, takewhile
from string import ascii_lowercase
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA
from snowballstemmer.english_stemmer import EnglishStemmer

from bot.domain.text import sentences, words

# What a question is made of, whatever it is about; the host's "you" and a reader's "he" are both the guest.
_GRAMMAR = """
a about above across after again against all along already also although am among an and answer any anybody anyone
anything anyway are aren't arent around as ask asked at away be because been before being besides between both but
by can can't cannot cant could couldn't couldnt despite did didn't didnt do does doesn't doesnt doing don't done
dont down during each either else ever every everyone explain few for from further get gets getting give given go
goes going gone got guest had hadn't has hasn't have haven't having he he'd he'll hello her here here's hers herself
hes hey hi him himself his how i i'd i'll i'm i've id if im in instead interview into is isn't isnt it it'd it'll
its itself ive just know let let's like lot lots many may maybe me mention mentioned might mine more most much must
my myself never no nor not now of off often oh ok okay on once one ones only opinion or other others our ours out
over own per perhaps please question quite rather really said same say says several she she'd she'll shes should
shouldn't since so some somebody someone something still such sure take talk talking talks tell than thank thanks
that that'd thats the their theirs them themselves then there there'd there's these they they'd they'll they're
they've thing things think thinks this those though thought thoughts through to too toward towards under unless
until up upon us used very was wasn't wasnt way ways we we'd we'll we're we've well were weren't what whatever whats
when where whether which while who who'd who're whom whos whose why will with within without won't wont would
wouldn't wouldnt yes yet you you'd you'll you're you've your yours yourself
"""
# A single letter is what is left of "X-ray" or of a smiley.
STOP_WORDS = frozenset(_GRAMMAR.split()) | frozenset(ascii_lowercase)

# BM25F (Robertson & Zaragoza 2009, section 3.6): a word's repetitions count less and less (K1), and less in a long
# field (B); host, answer and aliases are fields of equal weight.
_K1 = 1.2
_B = 0.5

# A mended word may be another one; a relative ("robot" for "robotics") is one only in part.
_MENDED, _KIN = 0.8, 0.5
# A sentence that says the same in fewer words says it more plainly.
_WORDINESS = 0.05
# People ask for the same thing in the same grammar: how alike two wordings are counts as much as all words found.
_ALIKE = 2.0

# Above what questions about another subject reach, with room to spare: a wrong answer costs more trust than a choice
# of three. Round, because libraries differ.
_SURE, _NEAR = 0.55, 0.25

# What bounds the work, however long and however strange the question is.
_CANDIDATES = 30
_MOST_WORDS = 32
_LONGEST_QUESTION = 2000
_LONGEST_WORD = 32
_MOST_COMPLETIONS = 100

_PARTS = re.compile(r"[-.]")
_WRITING = re.compile(r"\w$")

K = TypeVar("K", bound=Hashable)
# For a stem: the rows it stands in and, in step with them, its frequency there.
_Posting = tuple["array[int]", "array[float]"]
# For a stem: the numbers of the terms it stands for, with the share of the question that each is.
_Hits = Mapping[str, Sequence[tuple[int, float]]]


class Band(StrEnum):
    """What to do with a finding: show the answer, offer what comes near, or say that there is none."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


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
class Finding(Generic[K]):
    """What a question found: what to do with it, how sure that is (0 to 1), and the matches, best first."""

    band: Band
    confidence: float
    matches: tuple[Match[K], ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence, a turn or an alias with the different stems of its telling words, and of all its words."""

    text: str
    stems: tuple[str, ...]
    wording: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row(Generic[K]):
    """An entry in its parts; the host's are the sentences and, where there are several, the whole turn."""

    key: K
    host: tuple[_Part, ...]
    answer: tuple[_Part, ...]
    aliases: tuple[_Part, ...]

    @property
    def parts(self) -> tuple[_Part, ...]:
        return self.host + self.answer + self.aliases


@dataclass(frozen=True, slots=True)
class _Term:
    """A telling word of a question: its weight, and the stems that stand for it with how far they do (0 to 1)."""

    weight: float
    stems: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a row fits a question: how much of the question's weight it covers, how alike its nearest wording is."""

    row: int
    score: float
    cover: float
    alike: float
    passage: str


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    # A stemmer keeps its state in itself, so two threads must not share one.
    return EnglishStemmer().stemWord(word)  # type: ignore[no-any-return]


def _plain_words(text: str) -> list[str]:
    return [part[:_LONGEST_WORD] for word in words(text) for part in _PARTS.split(word) if part]


def _letters(word: str) -> str:
    return "".join(sorted(word))


class Matcher(Generic[K]):
    """An index over entries that finds which of them answers a question; it never changes once built."""

    def __init__(self, entries: Sequence[Entry[K]], guest_names: Iterable[str] = ()) -> None:
        self._names = {word for name in guest_names for word in _plain_words(name)}
        self._silent = STOP_WORDS | self._names
        self._seen: Counter[str] = Counter()
        self._rows = [self._row(entry) for entry in entries]
        fields = [_fields(row) for row in self._rows]
        spread = Counter(stem for row in fields for stem in dict.fromkeys(chain(*row)))
        self._rarity = {stem: self._rarity_of(rows) for stem, rows in spread.items()}
        self._stems = sorted(spread)
        self._postings = _postings(fields)
        self._usage = Counter(stem for row in self._rows for part in row.parts for stem in part.wording)
        self._part_count = sum(len(row.parts) for row in self._rows)
        # By row, each part's wording with its length as a vector.
        self._wordings_of = [[(part.wording, self._length(part.wording)) for part in row.parts] for row in self._rows]
        self._vocabulary = sorted(self._seen)
        self._by_initial = self._spellings()
        # Of shorter words only the commonest: "won" is no misspelt "own", nor "DNA" an "and".
        self._swapped = {_letters(word): word for word in sorted(self._silent) if len(word) == 4 or word == "the"}
        self._verbatim = self._wordings(entries)

    def find(self, question: str, limit: int = 4) -> Finding[K]:
        """Return at most `limit` entries that fit a question, the best first, and how sure the first is its answer.

        A match's passage is the sentence of the answer that fits best, or its first where none does.
        """
        said = _plain_words(question[:_LONGEST_QUESTION])
        terms = self._terms(said)
        scores = self._scores(terms)
        verbatim = self._verbatim.get(tuple(said))
        if verbatim is None and not any(scores):
            return Finding(Band.NONE, 0.0)
        fits = self._fits(terms, self._wording(said), scores, verbatim)
        confidence = self._confidence(terms, fits) if verbatim is None else 1.0
        band = Band.ANSWER if confidence >= _SURE else Band.SUGGEST if confidence >= _NEAR else Band.NONE
        matches = (Match(self._rows[fit.row].key, fit.score, fit.passage) for fit in fits[:limit])
        return Finding(band, confidence, tuple(matches))

    def suggest(self, typed: str, limit: int = 25) -> list[K]:
        """Return the keys of at most `limit` entries that fit what is typed so far, the best first.

        The last word may be unfinished; as long as nothing telling is typed, the entries come in their own order.
        """
        said = _plain_words(typed[:_LONGEST_QUESTION])
        begun = said.pop() if said and _WRITING.search(typed) else ""
        terms = self._terms(said) + self._completions(begun)
        if not terms:
            return [row.key for row in self._rows[:limit]]
        scores = self._scores(terms)
        return [self._rows[row].key for row in _best(scores, limit)]

    # The index

    def _row(self, entry: Entry[K]) -> _Row[K]:
        host = [self._part(sentence) for sentence in sentences(entry.question)]
        if len(host) > 1:
            stems = dict.fromkeys(stem for part in host for stem in part.stems)
            wording = frozenset().union(*(part.wording for part in host))
            host.append(_Part(entry.question, tuple(stems), wording))
        answer = (self._part(sentence) for sentence in sentences(entry.answer))
        aliases = (self._part(alias) for alias in entry.aliases)
        return _Row(entry.key, tuple(host), tuple(answer), tuple(aliases))

    def _part(self, text: str) -> _Part:
        said = _plain_words(text)
        telling = [word for word in said if word not in self._silent]
        self._seen.update(telling)
        wording = frozenset(_stem(word) for word in said if word not in self._names)
        return _Part(text, tuple(dict.fromkeys(map(_stem, telling))), wording)

    def _rarity_of(self, rows: int) -> float:
        """How telling a word is that stands in so many rows: BM25's inverse document frequency, never negative."""
        return math.log(1 + (len(self._rows) - rows + 0.5) / (rows + 0.5))

    def _spellings(self) -> dict[str, list[str]]:
        # The commonest first: of two words equally near, it is the likelier one.
        result = defaultdict(list)
        for word in sorted(self._vocabulary, key=lambda word: -self._seen[word]) + sorted(self._silent):
            result[word[0]].append(word)
        return dict(result)

    def _wordings(self, entries: Sequence[Entry[K]]) -> dict[tuple[str, ...], int]:
        result: dict[tuple[str, ...], int] = {}
        whole = [(row, text) for row, entry in enumerate(entries) for text in (entry.question, *entry.aliases)]
        parts = [(number, part.text) for number, row in enumerate(self._rows) for part in row.host]
        for row, text in whole + parts:
            result.setdefault(tuple(_plain_words(text)), row)
        return result

    # What a question says

    def _terms(self, said: Iterable[str]) -> list[_Term]:
        terms: dict[str, _Term] = {}
        telling = (word for word in dict.fromkeys(said) if word not in self._silent)
        for word in islice(telling, _MOST_WORDS):
            meant = self._mended(word)
            if meant not in self._silent:
                stem = _stem(meant)
                terms.setdefault(stem, self._term(stem, 1.0 if meant == word else _MENDED))
        return list(terms.values())

    def _term(self, stem: str, strength: float) -> _Term:
        standing = dict.fromkeys(self._relatives(stem), strength * _KIN)
        if stem in self._rarity:
            return _Term(self._rarity[stem], standing | {stem: strength})
        # What the interview never speaks of weighs most of all: it is why a question may be out of its reach.
        return _Term(self._weight(standing), standing)

    def _weight(self, stems: Iterable[str]) -> float:
        return max((self._rarity[stem] for stem in stems), default=self._rarity_of(0))

    def _relatives(self, stem: str) -> list[str]:
        root = stem[: max(4, len(stem) - 3)]
        if len(root) < 4:
            return []
        near = _starting_with(self._stems, root)
        return [other for other in near if other != stem and len(other) <= len(stem) + 3]

    def _mended(self, word: str) -> str:
        if word in self._silent or _stem(word) in self._rarity or not word.isalpha() or len(word) < 3:
            return word
        if len(word) < 5:
            return self._swapped.get(_letters(word), word)
        slips = 1 if len(word) < 8 else 2
        nearest = process.extractOne(word, self._by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return nearest[0] if nearest else word

    def _completions(self, begun: str) -> list[_Term]:
        if not begun or begun in self._silent:
            return []
        found = islice(_starting_with(self._vocabulary, begun), _MOST_COMPLETIONS)
        stems = dict.fromkeys((_stem(word) for word in found), 1.0)
        if stems:
            return [_Term(self._weight(stems), stems)]
        if any(word.startswith(begun) for word in self._silent):
            return []
        return self._terms([begun])

    # How rows fit it

    def _scores(self, terms: Iterable[_Term]) -> list[float]:
        scores = [0.0] * len(self._rows)
        for term in terms:
            for stem, strength in term.stems.items():
                gain = term.weight * strength
                for row, frequency in zip(*self._postings[stem], strict=True):
                    scores[row] += gain * frequency
        return scores

    def _fits(
        self, terms: Sequence[_Term], wording: Mapping[str, float], scores: Sequence[float], verbatim: int | None
    ) -> list[_Fit]:
        rows = _best(scores, _CANDIDATES)
        if verbatim is not None and verbatim not in rows:
            rows.append(verbatim)
        # "Who is he?", word for word, has no telling word at all.
        total = sum(term.weight for term in terms) or 1.0
        hits = defaultdict(list)
        for number, term in enumerate(terms):
            for stem, strength in term.stems.items():
                hits[stem].append((number, term.weight * strength / total))
        fits = [self._fit(row, scores[row] / total, self._alike(row, wording), hits, total) for row in rows]
        return sorted(fits, key=lambda fit: (fit.row != verbatim, -fit.score, fit.row))

    def _wording(self, said: Iterable[str]) -> dict[str, float]:
        """What each stem of a question, grammar too, adds to the cosine with a part that has it, but for its length."""
        meant = map(self._mended, said)
        stems = dict.fromkeys(_stem(word) for word in meant if word not in self._names)
        squares = {stem: self._idf(stem) ** 2 for stem in islice(stems, _MOST_WORDS)}
        length = self._length(squares)
        return {stem: square / length for stem, square in squares.items()}

    def _length(self, wording: Iterable[str]) -> float:
        # Added up in order: a set's own order, and with it the last digit of the sum, changes from run to run.
        return math.sqrt(sum(self._idf(stem) ** 2 for stem in sorted(wording)))

    def _idf(self, stem: str) -> float:
        return math.log(1 + self._part_count / (1 + self._usage[stem]))

    def _alike(self, row: int, question: Mapping[str, float]) -> float:
        """The cosine between a question's wording and the part of a row whose wording is most like it."""
        return max(
            (
                sum(weight for stem, weight in question.items() if stem in wording) / length
                for wording, length in self._wordings_of[row]
                if length
            ),
            default=0.0,
        )

    def _fit(self, number: int, score: float, alike: float, hits: _Hits, total: float) -> _Fit:
        row = self._rows[number]
        covered: dict[int, float] = {}
        passage, said = row.answer[0].text if row.answer else "", 0.0
        for part in row.answer:
            plain = _shared(part, hits, covered) / (1 + _WORDINESS * len(part.stems))
            if plain > said:
                passage, said = part.text, plain
        asked = 0.0
        for part in row.host + row.aliases:
            if shared := _shared(part, hits, covered):
                weight = sum(self._rarity[stem] for stem in part.stems) / total
                # Dice's coefficient: a phrasing is like the question if neither says much that the other does not.
                asked = max(asked, 2 * min(shared, weight) / (1 + weight))
        score += said + asked + _ALIKE * alike
        return _Fit(number, score, sum(covered.values()), alike, passage)

    def _confidence(self, terms: Iterable[_Term], fits: Sequence[_Fit]) -> float:
        first, second = fits[0], fits[1].score if len(fits) > 1 else 0.0
        # The same words may ask for something else; the same wording hardly does.
        agreement = (first.cover + 3 * first.alike) / 4
        lead = 1 - second / first.score / 2
        # One common word is little to go by, however well it is covered: count in words that one row alone has.
        evidence = first.cover * sum(term.weight for term in terms) / self._rarity_of(1)
        return math.sqrt(agreement * lead * evidence / (evidence + 0.5))


def _best(scores: Sequence[float], limit: int) -> list[int]:
    # Sorting keeps the rows' own order where scores are equal, in reverse as well.
    found = (row for row, score in enumerate(scores) if score)
    return sorted(found, key=scores.__getitem__, reverse=True)[:limit]


def _starting_with(ordered: Sequence[str], start: str) -> Iterator[str]:
    first = bisect_left(ordered, start)
    return takewhile(lambda word: word.startswith(start), islice(ordered, first, None))


def _fields(row: _Row[K]) -> tuple[list[str], ...]:
    # The last of the host's parts is the whole turn.
    return tuple([stem for part in parts for stem in part.stems] for parts in (row.host[-1:], row.answer, row.aliases))


def _postings(rows: Sequence[tuple[list[str], ...]]) -> dict[str, _Posting]:
    """BM25F without the rarity: for each stem, the rows it stands in with its saturated, weighted frequency."""
    result: dict[str, _Posting] = defaultdict(lambda: (array("L"), array("d")))
    usual = [sum(map(len, field)) / len(rows) or 1.0 for field in zip(*rows, strict=True)]
    for number, fields in enumerate(rows):
        frequencies: dict[str, float] = defaultdict(float)
        for field, length in zip(fields, usual, strict=True):
            for stem in field:
                frequencies[stem] += 1 / (1 - _B + _B * len(field) / length)
        for stem, frequency in frequencies.items():
            numbers, weights = result[stem]
            numbers.append(number)
            weights.append(frequency / (_K1 + frequency))
    return dict(result)


def _shared(part: _Part, hits: _Hits, covered: dict[int, float]) -> float:
    """The share of the question that a part speaks of; notes in `covered` what its row has spoken of so far."""
    best: dict[int, float] = {}
    for stem in part.stems:
        for term, share in hits.get(stem, ()):
            best[term] = max(best.get(term, 0.0), share)
    for term, share in best.items():
        covered[term] = max(covered.get(term, 0.0), share)
    return sum(best.values())
