"""Where the words of a library stand, and how much of a question each of its texts has."""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Weights = NDArray[np.float32]
Shares = NDArray[np.float64]

# BM25F (Robertson & Zaragoza 2009, section 3.6): a word's repetitions count less and less (K1), and less in a long
# field (B). The host's turn and the aliases are questions, as what is asked is: they count double.
_K1 = 3.0
_B = 0.85
_FIELD_WEIGHTS = (2.0, 1.0, 2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the best of some stems stands: the texts' numbers, how much it weighs there, and how far it stands for."""

    numbers: Numbers
    weights: Weights
    strengths: Shares

    def shares(self, share: float) -> tuple[Numbers, Weights]:
        """Return the numbers, and what a word with these stems is worth there that is such a share of a question."""
        return self.numbers, self.weights * (share * self.strengths).astype(np.float32)


class Postings:
    """For each stem, in which of a number of texts it stands, and how much it weighs there."""

    def __init__(self, texts: Iterable[Mapping[str, float]]) -> None:
        """Take each text as its stems with their weights."""
        lists: dict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("i"), array("f")))
        self.count = 0
        for number, text in enumerate(texts):
            self.count = number + 1
            for stem, weight in text.items():
                numbers, weights = lists[stem]
                numbers.append(number)
                weights.append(weight)
        # numpy reads the arrays where they are.
        self._lists = {
            stem: (np.frombuffer(numbers, dtype=np.int32), np.frombuffer(weights, dtype=np.float32))
            for stem, (numbers, weights) in lists.items()
        }

    def spread(self) -> dict[str, int]:
        """Return in how many texts each stem stands."""
        return {stem: len(numbers) for stem, (numbers, _) in self._lists.items()}

    def has(self, stem: str, number: int) -> bool:
        """Return whether a stem stands in the text of that number."""
        if stem not in self._lists:
            return False
        numbers, _ = self._lists[stem]
        place = int(numbers.searchsorted(number))
        return place < len(numbers) and int(numbers[place]) == number

    def places(self, stems: Mapping[str, float]) -> Places:
        """Return in which texts some stems stand, and of those that stand in a text the best."""
        found = [(*self._lists[stem], strength) for stem, strength in stems.items() if stem in self._lists]
        if not found:
            return _NOWHERE
        if len(found) == 1:
            [(numbers, weights, strength)] = found
            return Places(numbers, weights, np.full(len(numbers), strength))
        numbers = np.concatenate([numbers for numbers, _, _ in found])
        weights = np.concatenate([weights for _, weights, _ in found])
        strengths = np.repeat([strength for _, _, strength in found], [len(numbers) for numbers, _, _ in found])
        # By text, the best of a text last.
        order = np.lexsort((weights * strengths, numbers))
        last = order[np.append(np.diff(numbers[order]) > 0, True)]
        return Places(numbers[last], weights[last], strengths[last])

    def total(self, parts: Iterable[tuple[Numbers, Weights]]) -> Shares:
        """Return for each text the sum of what several words are worth there."""
        numbers, shares = zip(_NOTHING, *parts, strict=True)
        return np.bincount(np.concatenate(numbers), np.concatenate(shares), self.count).astype(np.float64, copy=False)


_NOTHING = np.empty(0, np.int32), np.empty(0, np.float32)
_NOWHERE = Places(*_NOTHING, np.empty(0))


def field_postings(entries: Sequence[Sequence[Sequence[str]]]) -> Postings:
    """Return the postings of entries that have fields of stems: BM25F's frequency, but for how telling a stem is."""
    usual = [sum(map(len, field)) / len(entries) or 1.0 for field in zip(*entries, strict=True)]
    return Postings(_frequencies(fields, usual) for fields in entries)


def _frequencies(fields: Sequence[Sequence[str]], usual: Sequence[float]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for field, length, weight in zip(fields, usual, _FIELD_WEIGHTS, strict=True):
        for stem in field:
            sums[stem] += weight / (1 - _B + _B * len(field) / length)
    return {stem: frequency / (_K1 + frequency) for stem, frequency in sums.items()}


class Wordings:
    """Texts as all their words, grammar too: how alike the wording of a question is to each of them."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        """Take each text as its stems."""
        plain = Postings(dict.fromkeys(text, 1.0) for text in texts)
        spread = plain.spread()
        self._idf = {stem: math.log(1 + plain.count / (1 + count)) for stem, count in spread.items()}
        self._unknown = math.log(1 + plain.count)
        squares = plain.total(plain.places({stem: 1.0}).shares(idf * idf) for stem, idf in self._idf.items())
        self._lengths = np.sqrt(np.maximum(squares, self._unknown * 1e-9))
        self._postings = plain

    def idf(self, stems: Mapping[str, float]) -> float:
        """Return how telling a word is: the inverse frequency of what stands for it best, highest if nothing does."""
        best = max(stems, key=stems.__getitem__)
        if best in self._idf:
            return self._idf[best]
        return max((self._idf[stem] for stem in stems if stem in self._idf), default=self._unknown)

    def reach(self, stems: Mapping[str, float]) -> tuple[Numbers, Weights]:
        """Return the numbers of the texts that have a word, given as stems, and how far it reaches towards each."""
        weighed = {stem: strength * self._idf.get(stem, 0.0) for stem, strength in stems.items()}
        return self._postings.places(weighed).shares(self.idf(stems))

    def projections(self, reaches: Iterable[tuple[Numbers, Weights]]) -> Shares:
        """Return for each text how far several words reach in its direction: the cosine times their length."""
        return self._postings.total(reaches) / self._lengths

    def vector(self, stems: Iterable[str]) -> dict[str, float]:
        """Return a text that is not among these as a vector of length 1."""
        weights = {stem: self.idf({stem: 1.0}) for stem in stems}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / length for stem, weight in weights.items()}

    def question_vector(self, words: Sequence[Mapping[str, float]], length: float) -> dict[str, float]:
        """Return a question, which has a length as a vector, so that its product with a text's is their cosine."""
        result: dict[str, float] = {}
        for stems in words:
            weight = self.idf(stems) / length
            for stem, strength in stems.items():
                result[stem] = max(result.get(stem, 0.0), weight * strength)
        return result
