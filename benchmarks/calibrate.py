"""Fits the confidence of answers: how the signals of a finding tell whether its first match is right.

Run it with: .venv/bin/python -m benchmarks.calibrate
It prints the weights to write into bot/domain/matching/confidence.py, beside those that are there, and what they are
worth at some thresholds. All questions are made from the bundled interview and its aliases:

- each alias, asked while it and a fifth of the others are left out: most of these have their answer;
- the aliases of an exchange, asked while the exchange is left out: none of these has one, near as they come;
- questions/calibration.jsonl, by people who read the interview without its aliases, a third of them about what it
  does not say; once more with three exchanges at a time, as in a library that has only begun;
- and all of that again with no aliases at all, since most interviews have none.

questions/validation.jsonl, by others, is not fitted to: it says what the confidence is worth.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.domain.evaluation import JudgedQuestion
from bot.domain.matching import Entry, Matcher, Signals
from bot.domain.matching.confidence import BIAS, WEIGHTS, confidence_of
from bot.services.evaluation import Collection, read_interview, read_questions

ROOT = Path(__file__).resolve().parent.parent
INTERVIEW = ROOT / "data" / "interviews" / "francois-chollet.json"
QUESTIONS = Path(__file__).resolve().parent / "questions"

FOLDS = 5
# One exchange in so many makes a library of three.
FEWER = 4
# With no aliases, each alias is a question: there are more than it takes.
ONE_IN = 8
# How much the kinds of questions count: what people wrote says most about what people will write.
BY_PEOPLE, LEFT_OUT, PLAIN = 4.0, 2.0, 1.0
RIDGE = 1.0
THRESHOLDS = (0.15, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question found: the signals, if anything; whether the first match is right; whether any could be."""

    signals: Signals | None
    right: bool
    in_scope: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes of one kind of question, with what they count for together."""

    name: str
    weight: float
    outcomes: tuple[Outcome, ...]


def outcomes_of(collection: Collection, questions: Iterable[JudgedQuestion]) -> Iterator[Outcome]:
    """Yield what some questions find in a collection."""
    matcher = Matcher(collection.entries, collection.names)
    for judged in questions:
        finding = matcher.find(judged.question, 1)
        right = bool(finding.matches) and finding.matches[0].key in judged.expected
        yield Outcome(finding.signals, right, bool(judged.expected))


def without_aliases(collection: Collection) -> Collection:
    """Return a collection whose entries have no aliases."""
    return replace(collection, entries=tuple(replace(entry, aliases=()) for entry in collection.entries))


def aliases_left_out(collection: Collection) -> Iterator[Outcome]:
    """Yield what each alias finds where it is missing, a fifth of all at a time."""
    for fold in range(FOLDS):
        kept = [replace(entry, aliases=_outside(entry, fold)) for entry in collection.entries]
        asked = (
            JudgedQuestion(alias, frozenset({entry.key}))
            for entry in collection.entries
            for alias in entry.aliases[fold::FOLDS]
        )
        yield from outcomes_of(replace(collection, entries=tuple(kept)), asked)


def _outside(entry: Entry[int], fold: int) -> tuple[str, ...]:
    return tuple(alias for number, alias in enumerate(entry.aliases) if number % FOLDS != fold)


def exchanges_left_out(collection: Collection, aliases: Collection) -> Iterator[Outcome]:
    """Yield what the aliases of each exchange find where the exchange is missing."""
    for entry, asked in zip(collection.entries, aliases.entries, strict=True):
        others = tuple(other for other in collection.entries if other is not entry)
        questions = (JudgedQuestion(alias, frozenset()) for alias in asked.aliases[::ONE_IN])
        yield from outcomes_of(replace(collection, entries=others), questions)


def few_exchanges(collection: Collection, questions: Sequence[JudgedQuestion]) -> Iterator[Outcome]:
    """Yield what questions find in libraries so small that most have no answer there, and the others no rival."""
    for first in range(FEWER):
        kept = collection.entries[first::FEWER]
        there = frozenset(entry.key for entry in kept)
        asked = (replace(judged, expected=judged.expected & there) for judged in questions)
        yield from outcomes_of(replace(collection, entries=kept), asked)


def groups_of(collection: Collection, questions: Sequence[JudgedQuestion]) -> list[Group]:
    """Return all that is fitted to."""
    plain = without_aliases(collection)
    aliases = [
        JudgedQuestion(alias, frozenset({entry.key}))
        for entry in collection.entries
        for alias in entry.aliases[::ONE_IN]
    ]
    return [
        Group("by people", BY_PEOPLE, tuple(outcomes_of(collection, questions))),
        Group("an alias left out", LEFT_OUT, tuple(aliases_left_out(collection))),
        Group("an exchange left out", LEFT_OUT, tuple(exchanges_left_out(collection, collection))),
        Group("by people, no aliases", PLAIN, tuple(outcomes_of(plain, questions))),
        Group("an alias, no aliases", PLAIN, tuple(outcomes_of(plain, aliases))),
        Group("three exchanges", PLAIN, tuple(few_exchanges(collection, questions))),
        Group("three exchanges, no aliases", PLAIN, tuple(few_exchanges(plain, questions))),
        Group("an exchange left out, no aliases", PLAIN, tuple(exchanges_left_out(plain, collection))),
    ]


def fit(groups: Iterable[Group]) -> tuple[Vector, float]:
    """Return the weights and the bias of the logistic regression that tells right matches from others.

    It is fitted by Newton's method, with a ridge on the weights of the standardised signals.
    """
    known = [
        (list(asdict(outcome.signals).values()), outcome.right, group.weight / len(group.outcomes))
        for group in groups
        for outcome in group.outcomes
        if outcome.signals is not None
    ]
    signals, right, shares = (np.array(column, dtype=float) for column in zip(*known, strict=True))
    middle, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    inputs = np.column_stack([(signals - middle) / spread, np.ones(len(signals))])
    shares *= len(shares) / shares.sum()
    ridge = np.diag([RIDGE] * signals.shape[1] + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(50):
        sure = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (shares * (sure - right)) + ridge @ weights
        curve = (inputs * (shares * sure * (1 - sure))[:, None]).T @ inputs + ridge
        weights -= np.linalg.solve(curve, slope)
    scaled = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ middle)


def show(console: Console, group: Group) -> None:
    """Print how a group's questions fare at some thresholds, and whether confidence is what it says."""
    sure = np.array([confidence_of(outcome.signals) if outcome.signals else 0.0 for outcome in group.outcomes])
    right = np.array([outcome.right for outcome in group.outcomes])
    inside = np.array([outcome.in_scope for outcome in group.outcomes])
    table = Table("threshold", "answered rightly", "answered wrongly", "out of scope answered", title=group.name)
    for threshold in THRESHOLDS:
        answered = sure >= threshold
        table.add_row(
            f"{threshold:.2f}",
            _share(answered & right & inside, inside),
            _share(answered & ~right & inside, inside),
            _share(answered & ~inside, ~inside),
        )
    console.print(table)
    table = Table("confidence", "questions", "mean", "right", title=f"{group.name}: is it what it says?")
    for low in np.arange(0, 1, 0.2):
        among = (sure >= low) & (sure < low + 0.2)
        mean = f"{sure[among].mean():.2f}" if among.any() else "-"
        table.add_row(f"{low:.1f} to {low + 0.2:.1f}", str(among.sum()), mean, _share(among & right, among))
    console.print(table)


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> str:
    return f"{part.sum() / whole.sum():.3f}" if whole.any() else "-"


def main() -> None:
    """Fit, and print the weights and what they are worth."""
    collection = read_interview(INTERVIEW)
    groups = groups_of(collection, read_questions(QUESTIONS / "calibration.jsonl"))
    weights, bias = fit(groups)
    console = Console()
    table = Table("signal", "fitted", "in force")
    for name, fitted, used in zip(Signals.__dataclass_fields__, weights, WEIGHTS, strict=True):
        table.add_row(name, f"{fitted:.1f}", f"{used:.1f}")
    table.add_row("bias", f"{bias:.1f}", f"{BIAS:.1f}")
    console.print(table)
    validation = read_questions(QUESTIONS / "validation.jsonl")
    plain = Group("validation, no aliases", 0, tuple(outcomes_of(without_aliases(collection), validation)))
    for group in (*groups[:3], Group("validation", 0, tuple(outcomes_of(collection, validation))), plain):
        show(console, group)


if __name__ == "__main__":
    main()
