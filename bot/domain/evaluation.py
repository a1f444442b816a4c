"""How well questions are answered: measured with questions whose right answers are known."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.matching import Band, Finding

RECALL_DEPTH = 3


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with the numbers of its right answers, counted from 1; none where nothing answers it."""

    question: str
    expected: frozenset[int]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1, None where there was no such question; times in milliseconds a question.

    `p_at_1`, `r_at_3` and `mrr` (mean reciprocal rank) and `answered_right` are of the questions that have an answer,
    `out_of_scope_answered` is of those that have none.
    """

    p_at_1: float | None
    r_at_3: float | None
    mrr: float | None
    answered_right: float | None
    out_of_scope_answered: float | None
    median_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The score of all questions, and of each category, in the order in which they first come."""

    overall: Score
    by_category: dict[str, Score]


@dataclass(frozen=True, slots=True)
class _Outcome:
    in_scope: bool
    rank: int | None
    answered: bool
    milliseconds: float


K = TypeVar("K", bound=Hashable)


def evaluate(
    find: Callable[[str], Finding[K]],
    numbers: Mapping[K, int],
    questions: Iterable[JudgedQuestion],
    timer: Callable[[], float],
) -> Evaluation:
    """Return how well `find` answers some questions.

    Args:
        find: Returns what a question finds, best first.
        numbers: The number of each answer, by the key under which it is found.
        questions: What to ask, at least one question.
        timer: Returns a number of seconds that grows with time.
    """
    by_category: dict[str, list[_Outcome]] = defaultdict(list)
    for judged in questions:
        begin = timer()
        finding = find(judged.question)
        milliseconds = (timer() - begin) * 1000
        found = [numbers[match.key] for match in finding.matches]
        rank = next((place for place, key in enumerate(found, start=1) if key in judged.expected), None)
        outcome = _Outcome(bool(judged.expected), rank, finding.band is Band.ANSWER, milliseconds)
        by_category[judged.category].append(outcome)
    everything = [outcome for outcomes in by_category.values() for outcome in outcomes]
    return Evaluation(_score(everything), {name: _score(outcomes) for name, outcomes in by_category.items()})


def _score(outcomes: Sequence[_Outcome]) -> Score:
    inside = [outcome for outcome in outcomes if outcome.in_scope]
    times = sorted(outcome.milliseconds for outcome in outcomes)
    return Score(
        p_at_1=_mean(outcome.rank == 1 for outcome in inside),
        r_at_3=_mean(outcome.rank is not None and outcome.rank <= RECALL_DEPTH for outcome in inside),
        mrr=_mean(1 / outcome.rank if outcome.rank else 0.0 for outcome in inside),
        answered_right=_mean(outcome.answered and outcome.rank == 1 for outcome in inside),
        out_of_scope_answered=_mean(outcome.answered for outcome in outcomes if not outcome.in_scope),
        median_ms=statistics.median(times),
        p99_ms=times[min(len(times) * 99 // 100, len(times) - 1)],
    )


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return statistics.fmean(found) if found else None
