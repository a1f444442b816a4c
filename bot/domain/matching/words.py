"""The words of a question: which of them tell something, what a misspelt one means, which others are akin to it."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA
from Stemmer import Stemmer

from bot.domain.matching.thesaurus import THESAURUS
from bot.domain.text import words

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

# How far another word stands for the one that was typed. One that looks like it may be of its family ("robot",
# "robotics") or no kin at all ("state", "estate"), so the more so the more alike it looks.
_LOOKS_ALIKE, _MEANS_ALIKE = 0.7, 0.6
# What a misspelt word was taken for may not be what was meant.
_MENDED = 0.8
# Dice's coefficient of two words' trigrams, from which on they look alike.
_ALIKE = 0.5

_LONGEST_WORD = 32
_MOST_COMPLETIONS = 100
_MOST_REMEMBERED = 4_096
_PARTS = re.compile(r"[-.]")
_PAIR = re.compile(r"(.)\1")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed, what it was taken for, and the stem under which that is looked up."""

    typed: str
    meant: str
    stem: str


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case, a compound's parts each by itself."""
    return [part[:_LONGEST_WORD] for word in words(text) for part in _PARTS.split(word) if part]


@lru_cache(maxsize=1 << 16)
def stem_of(word: str) -> str:
    """Return what a word has in common with its other forms: "creat" for "create" and for "created"."""
    # A stemmer keeps its state in itself, so two threads must not share one.
    return Stemmer("english").stemWord(word)  # type: ignore[no-any-return]


class Vocabulary:
    """The words that some texts use, and what other words have to do with them."""

    def __init__(self, counts: Mapping[str, int], silent: Set[str]) -> None:
        """Take how often each telling word stands in the texts, and the words that tell nothing."""
        self._silent = silent
        self._words = sorted(counts)
        self._stems = sorted(set(map(stem_of, counts)))
        self._known = frozenset(self._stems)
        self._by_trigram = _by_trigram(self._stems)
        self._trigram_counts = np.array([len(_trigrams(stem)) for stem in self._stems])
        # The commonest first: of two words equally near, it is the likelier one.
        commonest = sorted(self._words, key=lambda word: -counts[word])
        self._by_initial = _by_initial(commonest + sorted(silent))
        self._short_slips = _short_slips(commonest, sorted(silent))
        # People use the same words again and again.
        self._read = lru_cache(maxsize=_MOST_REMEMBERED)(self._make_out)

    def is_telling(self, word: str) -> bool:
        """Return whether a word says what a question is about."""
        return word not in self._silent

    def read(self, typed: Iterable[str]) -> list[Word]:
        """Return some words, each once, with what they mean."""
        return [self._read(word) for word in dict.fromkeys(typed)]

    def _make_out(self, typed: str) -> Word:
        meant = self._mended(typed)
        return Word(typed, meant, stem_of(meant))

    def akin(self, word: str, *, mended: bool = False) -> Mapping[str, float]:
        """Return the stems that may stand for a word, mended or not, with how far they do (0 to 1)."""
        result, own = {}, stem_of(word)
        if self.is_telling(word):
            if len(own) > 3:
                result = {stem: _LOOKS_ALIKE * likeness for stem, likeness in self._looking_like(own)}
            for stem in _synonyms_of(word):
                if stem in self._known:
                    result[stem] = max(_MEANS_ALIKE, result.get(stem, 0.0))
        result[own] = 1.0
        return {stem: _MENDED * strength for stem, strength in result.items()} if mended else result

    def completions(self, begun: str) -> dict[str, float]:
        """Return the stems of words that begin so, as what stands for the word that is being typed."""
        first = bisect_left(self._words, begun)
        found = self._words[first : first + _MOST_COMPLETIONS]
        return dict.fromkeys((stem_of(word) for word in found if word.startswith(begun)), 1.0)

    def may_become_silent(self, begun: str) -> bool:
        """Return whether a word that begins so may be one that tells nothing."""
        return any(word.startswith(begun) for word in self._silent)

    def _mended(self, word: str) -> str:
        if word in self._silent or word in _synonyms() or stem_of(word) in self._known or not word.isalpha():
            return word
        if len(word) < 5:
            return self._short_slips.get(word, word)
        slips = 1 if len(word) < 8 else 2
        nearest = process.extractOne(word, self._by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return nearest[0] if nearest else word

    def _looking_like(self, stem: str) -> list[tuple[str, float]]:
        trigrams = _trigrams(stem)
        found = [self._by_trigram[trigram] for trigram in trigrams if trigram in self._by_trigram]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self._stems))
        likeness = 2 * shared / (len(trigrams) + self._trigram_counts)
        return [(self._stems[number], float(likeness[number])) for number in np.flatnonzero(likeness >= _ALIKE)]


def _by_initial(spellings: Iterable[str]) -> dict[str, list[str]]:
    result = defaultdict(list)
    for word in spellings:
        result[word[0]].append(word)
    return dict(result)


def _short_slips(telling: Iterable[str], silent: Iterable[str]) -> dict[str, str]:
    """Return what misspelt words of three or four letters mean, as far as so few can tell: two kinds of slips."""
    result: dict[str, str] = {}
    # Two letters swapped, of the commonest words only: "won" is no misspelt "own", nor "DNA" an "and".
    for word in silent:
        if len(word) == 4 or word == "the":
            for start in range(len(word) - 1):
                result.setdefault(word[:start] + word[start + 1] + word[start] + word[start + 2 :], word)
    # One of a pair of letters missing: "bok" for "book".
    for word in telling:
        if len(word) in {4, 5}:
            for pair in _PAIR.finditer(word):
                result.setdefault(word[: pair.start()] + word[pair.start() + 1 :], word)
    return result


def _trigrams(word: str) -> set[str]:
    marked = f"^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def _by_trigram(stems: Sequence[str]) -> dict[str, NDArray[np.int32]]:
    result = defaultdict(list)
    for number, stem in enumerate(stems):
        # A word of three letters is in too many others.
        for trigram in _trigrams(stem) if len(stem) > 3 else ():
            result[trigram].append(number)
    return {trigram: np.array(numbers, dtype=np.int32) for trigram, numbers in result.items()}


@cache
def _synonyms() -> dict[str, list[str]]:
    """Return for each word of the thesaurus, and for its stem, the stems of the words it shares a group with."""
    result: dict[str, dict[str, None]] = defaultdict(dict)
    for line in THESAURUS.strip().splitlines():
        group = line.split()
        for word in group:
            stems = dict.fromkeys(map(stem_of, group))
            result[word].update(stems)
            if stem_of(word) != word:
                result[stem_of(word)].update(stems)
    return {word: list(stems) for word, stems in result.items()}


def _synonyms_of(word: str) -> list[str]:
    return _synonyms().get(word) or _synonyms().get(stem_of(word), [])
