"""The matcher and what people use in its place, each built from the same texts and asked the same two questions.

- `fireside` is the matcher as the bot uses it.
- `WRatio` and `token_set_ratio` are rapidfuzz's `process.extract` over the hosts' questions in lower case, as tutorials
  have it; `+ aliases` over the aliases too. The best of an exchange's texts is its score.
- `rank-bm25` (its BM25Okapi) and `bm25s`, with the parameters they come with, rank question, answer and aliases as one
  text. They are given the matcher's own stemmer and stop words, the names of who speaks among them; what is left to
  compare is ranking, not tokenising.
"""

import gc
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

import bm25s
from rank_bm25 import BM25Okapi
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from rich.console import Console
from Stemmer import Stemmer

from bot.domain.matching import STOP_WORDS, Band, Entry, Finding, Match, Matcher
from bot.domain.text import words
from bot.services.evaluation import Collection

# What fits a question, with how well it does, the best first; at most so many.
Search = Callable[[str, int], Iterable[tuple[int, float]]]

_PARTS = re.compile(r"[-.]")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Ranker:
    """Finds the entries that fit a question, and those that fit what is typed so far: at most so many, best first.

    Where there is no confidence, the finding has the raw score of its first match in that place, and no band.
    """

    find: Callable[[str, int], Finding[int]]
    suggest: Callable[[str, int], Sequence[int]]


def fireside(collection: Collection) -> Ranker:
    """Return the matcher over a collection."""
    matcher = Matcher(collection.entries, collection.names)
    return Ranker(matcher.find, lambda typed, limit: [each.key for each in matcher.suggest(typed, limit)])


def fuzzy(scorer: Callable[..., float], *, aliases: bool) -> Callable[[Collection], Ranker]:
    """Return what builds a ranker by one of rapidfuzz's scorers, over questions alone or over aliases too."""

    def build(collection: Collection) -> Ranker:
        texts = [
            (entry.key, default_process(text))
            for entry in collection.entries
            for text in (entry.question, *(entry.aliases if aliases else ()))
        ]
        choices = [text for _, text in texts]

        def search(question: str, limit: int) -> Iterator[tuple[int, float]]:
            # An exchange's aliases may fill the first places, so where there are any the limit is set afterwards.
            several = len(choices) > len(collection.entries)
            ranked = process.extract(
                default_process(question), choices, scorer=scorer, limit=None if several else limit
            )
            best: dict[int, float] = {}
            for _, score, place in ranked:
                best.setdefault(texts[place][0], score)
            return islice(best.items(), limit)

        return _ranker(search)

    return build


def rank_bm25(collection: Collection) -> Ranker:
    """Return a ranker by rank-bm25 over a collection."""
    stems = _stems(collection.names)
    keys = [entry.key for entry in collection.entries]
    index = BM25Okapi([stems(_text(entry)) for entry in collection.entries])

    def search(question: str, limit: int) -> Iterator[tuple[int, float]]:
        scores = index.get_scores(stems(question))
        best = (-scores).argsort(kind="stable")[:limit]
        return zip((keys[row] for row in best), scores[best].tolist(), strict=True)

    return _ranker(search)


def bm25_sparse(collection: Collection) -> Ranker:
    """Return a ranker by bm25s over a collection."""
    stems = _stems(collection.names)
    keys = [entry.key for entry in collection.entries]
    index = bm25s.BM25()
    index.index([stems(_text(entry)) for entry in collection.entries], show_progress=False)

    def search(question: str, limit: int) -> Iterator[tuple[int, float]]:
        found = index.retrieve([stems(question)], k=min(limit, len(keys)), show_progress=False)
        return zip((keys[row] for row in found.documents[0]), found.scores[0].tolist(), strict=True)

    return _ranker(search)


RANKERS: Mapping[str, Callable[[Collection], Ranker]] = {
    "fireside": fireside,
    "WRatio": fuzzy(fuzz.WRatio, aliases=False),
    "WRatio + aliases": fuzzy(fuzz.WRatio, aliases=True),
    "token_set_ratio": fuzzy(fuzz.token_set_ratio, aliases=False),
    "token_set_ratio + aliases": fuzzy(fuzz.token_set_ratio, aliases=True),
    "rank-bm25": rank_bm25,
    "bm25s": bm25_sparse,
}


def rankers_for(collection: Collection) -> list[str]:
    """Return the names of the rankers that differ over a collection: without aliases, "+ aliases" adds nothing."""
    has_aliases = any(entry.aliases for entry in collection.entries)
    return [name for name in RANKERS if has_aliases or not name.endswith("+ aliases")]


def afresh(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a function does in a new process, where no other ranker has warmed or filled anything."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def build_seconds(name: str, collection: Collection) -> float:
    """Return how long it takes to build a ranker, in seconds; to be called `afresh`."""
    begin = time.perf_counter()
    RANKERS[name](collection)
    return time.perf_counter() - begin


def build_bytes(name: str, collection: Collection) -> float:
    """Return what a ranker keeps in memory beside the texts, in bytes an exchange; to be called `afresh`."""
    tracemalloc.start()
    ranker = RANKERS[name](collection)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del ranker
    return kept / len(collection.entries)


def wide_console() -> Console:
    """Return a console whose tables have room where no terminal sets a limit."""
    return Console(width=None if sys.stdout.isatty() else 120)


def _ranker(search: Search) -> Ranker:
    def found(question: str, limit: int) -> list[tuple[int, float]]:
        # What shares nothing with the question is not found, whatever place it is given.
        return [(key, score) for key, score in search(question, limit) if score]

    def find(question: str, limit: int) -> Finding[int]:
        matches = tuple(Match(key, score, "") for key, score in found(question, limit))
        return Finding(Band.NONE, matches[0].score if matches else 0.0, matches)

    def suggest(typed: str, limit: int) -> list[int]:
        return [key for key, _ in found(typed, limit)]

    return Ranker(find, suggest)


def _text(entry: Entry[int]) -> str:
    return "\n".join((entry.question, entry.answer, *entry.aliases))


def _stems(names: Iterable[str]) -> Callable[[str], list[str]]:
    silent = STOP_WORDS.union(*(_plain_words(name) for name in names))
    stem: Callable[[str], str] = cache(Stemmer("english").stemWord)  # its own, as the matcher has its own
    return lambda text: [stem(word) for word in _plain_words(text) if word not in silent]


def _plain_words(text: str) -> list[str]:
    return [part for word in words(text) for part in _PARTS.split(word) if part]
