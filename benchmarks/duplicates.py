"""How well questions that ask the same are told from those that look alike, and how long it takes among many.

Run it with: .venv/bin/python -m benchmarks.duplicates [FILE] [--fit]
FILE has labelled pairs, a JSON object a line: {"one": ..., "other": ..., "same": true, "kind": "hard"}. The measure
stands beside rapidfuzz's scorers, each at the threshold that suits it best in this very file.

With --fit, it prints the weights to write into bot/domain/duplicates.py. They are fitted to
pairs/development.jsonl, and beside it to what nobody writes down, since it is easy, but which is nearly
all there is on a server: questions that have nothing to do with each other, those that come nearest to one without
asking the same, and those that differ in a slip of the finger only. Without these, whatever looks different would pass
for the same. What it is worth is measured on pairs that were left out of the fit;
even so it flatters, for the expressions in bot/domain/phrasings.py were collected by who wrote most of the pairs. Pairs
by others say what to expect.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rich.console import Console
from rich.table import Table

from bot.domain.duplicates import BIAS, FOR, LIKELY, WEIGHTS, WORTH_A_LOOK, OpenQuestions, Signals, signals_of
from bot.domain.readings import read

DEVELOPMENT = Path(__file__).resolve().parent / "pairs" / "development.jsonl"
BASELINES: dict[str, Callable[[str, str], float]] = {
    "token_set_ratio": lambda one, other: fuzz.token_set_ratio(one.lower(), other.lower()),
    "WRatio": lambda one, other: fuzz.WRatio(one.lower(), other.lower()),
    "ratio": lambda one, other: fuzz.ratio(one.lower(), other.lower()),
}
# How much a pair counts beside one that was written down.
UNRELATED, NEIGHBOUR, MISSPELT = 0.05, 0.03, 0.03
UNRELATED_EACH, NEIGHBOURS_EACH, MOST_NEAR = 2, 3, 30
# Neighbours so alike are the same question written down twice.
WRITTEN_TWICE = 72
RIDGE, FOLDS, ROUNDS = 3.0, 10, 3
PRECISION = 0.9
MANY, TIMES = 10_000, 200

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions, whether they ask the same, and what kind of pair that is."""

    one: str
    other: str
    same: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What is fitted to: a pair's signals a row, whether it asks the same, and how much it counts."""

    signals: Vector
    same: Vector
    weight: Vector

    def __add__(self, other: "Sample") -> "Sample":
        both = zip((self.signals, self.same, self.weight), (other.signals, other.same, other.weight), strict=True)
        return Sample(*(np.concatenate(parts) for parts in both))

    def only(self, rows: NDArray[np.intp]) -> "Sample":
        """Return some of the rows."""
        return Sample(self.signals[rows], self.same[rows], self.weight[rows])


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a file."""
    return [Pair(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def sample_of(pairs: Sequence[tuple[str, str]], same: Sequence[bool], weight: float) -> Sample:
    """Return pairs as what is fitted to."""
    signals = [astuple(signals_of(read(one), read(other))) for one, other in pairs]
    return Sample(np.array(signals), np.array(same, dtype=float), np.full(len(pairs), weight))


def made_up(pairs: Sequence[Pair]) -> Sample:
    """Return what is made from the questions of the pairs: unrelated, neighbours, misspelt."""
    chance = Random(1)  # noqa: S311 - the same every time
    group = _groups(pairs)
    texts = list(group)
    ends = [pair for text in texts for pair in ((text, other) for other in chance.choices(texts, k=UNRELATED_EACH))]
    unrelated = [(one, other) for one, other in ends if group[one] != group[other]]
    judged = {frozenset((group[pair.one], group[pair.other])) for pair in pairs}
    index = OpenQuestions(enumerate(texts))
    neighbours = []
    for text in texts:
        # In an order that has nothing to do with the weights in force.
        near = [texts[number] for number in sorted(found.id for found in index.nearest(text, MOST_NEAR, 0.0))]
        others = [
            other
            for other in near
            if frozenset((group[text], group[other])) not in judged
            and group[text] != group[other]
            and fuzz.token_sort_ratio(text.lower(), other.lower()) < WRITTEN_TWICE
        ]
        neighbours += [(text, other) for other in chance.sample(others, min(NEIGHBOURS_EACH, len(others)))]
    slips = [(text, _misspelt(text, chance)) for text in texts[::2]]
    return (
        sample_of(unrelated, [False] * len(unrelated), UNRELATED)
        + sample_of(neighbours, [False] * len(neighbours), NEIGHBOUR)
        + sample_of(slips, [True] * len(slips), MISSPELT)
    )


def _groups(pairs: Sequence[Pair]) -> dict[str, int]:
    """Return the questions, each with the number of those that ask the same."""
    group: dict[str, int] = {}
    for pair in pairs:
        for text in (pair.one, pair.other):
            group.setdefault(text, len(group))
        if pair.same:
            old, new = group[pair.other], group[pair.one]
            group.update({text: new for text, number in group.items() if number == old})
    return group


def _misspelt(text: str, chance: Random) -> str:
    word = max(text.split(), key=len)
    place = chance.randrange(1, len(word) - 1)
    return text.replace(word, word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :])


def fit(sample: Sample) -> tuple[Vector, float]:
    """Return the weights and the bias of the logistic regression that tells the same from others.

    It is fitted by Newton's method, with a ridge on the weights of the standardised signals. A signal that would get
    the wrong sign is left out: what speaks for the same must never speak against it.
    """
    kept = list(range(sample.signals.shape[1]))
    while True:
        weights, bias, standardised = _fit(sample, kept)
        wrong = [
            (abs(standardised[place]), signal)
            for place, signal in enumerate(kept)
            if weights[place] and (weights[place] > 0) != (signal < FOR)
        ]
        if not wrong:
            result = np.zeros(sample.signals.shape[1])
            result[kept] = weights
            return result, bias
        kept.remove(max(wrong)[1])


def _fit(sample: Sample, kept: Sequence[int]) -> tuple[Vector, float, Vector]:
    signals = sample.signals[:, kept]
    middle = np.average(signals, axis=0, weights=sample.weight)
    spread = np.sqrt(np.average((signals - middle) ** 2, axis=0, weights=sample.weight)) + 1e-9
    inputs = np.column_stack([(signals - middle) / spread, np.ones(len(signals))])
    ridge = np.diag([RIDGE] * len(kept) + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        sure = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (sample.weight * (sure - sample.same)) + ridge @ weights
        curve = (inputs * (sample.weight * sure * (1 - sure))[:, None]).T @ inputs + ridge
        weights -= np.linalg.solve(curve, slope)
    scaled = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ middle), weights[:-1]


def probabilities(signals: Vector, weights: Vector, bias: float) -> Vector:
    """Return how likely each row is of two questions that ask the same."""
    result: Vector = 1 / (1 + np.exp(-(signals @ weights + bias)))
    return result


def left_out(written: Sample, beside: Sample) -> Vector:
    """Return how likely each pair is the same by a fit that did not know it, the mean of some rounds."""
    result = np.zeros(len(written.same))
    for round_ in range(ROUNDS):
        order = np.random.default_rng(round_).permutation(len(result))
        for fold in range(FOLDS):
            out = order[fold::FOLDS]
            weights, bias = fit(written.only(np.setdiff1d(order, out)) + beside)
            result[out] += probabilities(written.signals[out], weights, bias)
    return result / ROUNDS


def precision_recall(scores: Vector, same: NDArray[np.bool_], threshold: float) -> tuple[float, float]:
    """Return precision and recall of taking for the same what scores so high."""
    taken = scores >= threshold
    return float(same[taken].mean()) if taken.any() else 0.0, float(taken[same].mean())


def best_threshold(scores: Vector, same: NDArray[np.bool_]) -> float:
    """Return the threshold with the highest recall at the precision wanted; where none has it, with the highest F1."""

    def worth(threshold: float) -> tuple[bool, float]:
        precision, recall = precision_recall(scores, same, threshold)
        enough = precision >= PRECISION
        return enough, recall if enough else 2 * precision * recall / (precision + recall or 1)

    return max(map(float, np.unique(scores)), key=worth)


def show(
    console: Console, title: str, pairs: Sequence[Pair], scores: dict[str, tuple[Vector, Sequence[float]]]
) -> None:
    """Print precision and recall of some scorers at their thresholds, and what share of each kind passes."""
    same = np.array([pair.same for pair in pairs])
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    table = Table("scorer", "threshold", "precision", "recall", *kinds, title=title)
    for name, (values, thresholds) in scores.items():
        for threshold in thresholds:
            rates = (f"{rate:.3f}" for rate in precision_recall(values, same, threshold))
            taken = values >= threshold
            shares = (f"{taken[[pair.kind == kind for pair in pairs]].mean():.2f}" for kind in kinds)
            table.add_row(name, f"{threshold:.2f}", *rates, *shares)
    console.print(table)


def measure(console: Console, path: Path) -> None:
    """Print what the probability and the baselines are worth on a file."""
    pairs = read_pairs(path)
    same = np.array([pair.same for pair in pairs])
    sample = sample_of([(pair.one, pair.other) for pair in pairs], same.tolist(), 1.0)
    sure = probabilities(sample.signals, np.array(WEIGHTS), BIAS)
    scores: dict[str, tuple[Vector, Sequence[float]]] = {"fireside": (sure, (LIKELY, WORTH_A_LOOK))}
    for name, scorer in BASELINES.items():
        values = np.array([scorer(pair.one, pair.other) for pair in pairs])
        scores[name] = (values, (best_threshold(values, same),))
    show(console, f"{path.name}: {len(pairs)} pairs", pairs, scores)


def fit_and_show(console: Console) -> None:
    """Print the weights, and what they are worth on pairs that were left out, at some thresholds."""
    pairs = read_pairs(DEVELOPMENT)
    written = sample_of([(pair.one, pair.other) for pair in pairs], [pair.same for pair in pairs], 1.0)
    beside = made_up(pairs)
    weights, bias = fit(written + beside)
    table = Table("signal", "fitted", "in force")
    for field, fitted, used in zip(fields(Signals), weights, WEIGHTS, strict=True):
        table.add_row(field.name, f"{fitted:.1f}", f"{used:.1f}")
    table.add_row("bias", f"{bias:.1f}", f"{BIAS:.1f}")
    console.print(table)
    console.print("WEIGHTS =", tuple(round(float(weight), 1) for weight in weights), "BIAS =", round(bias, 1))
    unseen = left_out(written, beside)
    same = np.array([pair.same for pair in pairs])
    thresholds = [best_threshold(unseen, same), *np.arange(0.2, 0.9, 0.1).tolist()]
    show(console, "left out of the fit", pairs, {"fireside": (unseen, thresholds)})
    for name, weight, alike in (("unrelated", UNRELATED, 0.0), ("neighbours", NEIGHBOUR, 0.0)):
        rows = (beside.weight == weight) & (beside.same == alike)
        sure = probabilities(beside.signals[rows], weights, bias)
        passed = ", ".join(f"{threshold:.2f}: {(sure >= threshold).mean():.3f}" for threshold in thresholds)
        console.print(f"{name}, different, share that passes {passed}")


def many_questions() -> list[str]:
    """Return made-up questions as varied as those of a full server, the same in every run."""
    chance = Random(1)  # noqa: S311 - the same every time
    known = sorted({word for pair in read_pairs(DEVELOPMENT) for word in (pair.one + " " + pair.other).split()})
    texts = sorted({text for pair in read_pairs(DEVELOPMENT) for text in (pair.one, pair.other)})
    result = []
    for _ in range(MANY):
        words = chance.choice(texts).split()
        for place in range(len(words)):
            if chance.random() < 0.3:
                words[place] = chance.choice(known)
        result.append(" ".join(words))
    return result


def clock(console: Console) -> None:
    """Print how long it takes to build, to add to and to search the open questions of a full server."""
    texts = many_questions()
    begin = time.perf_counter()
    index = OpenQuestions(enumerate(texts))
    built = time.perf_counter() - begin
    asked = [text for pair in read_pairs(DEVELOPMENT)[:TIMES] for text in (pair.one,)]
    searching, adding = [], []
    for number, text in enumerate(asked):
        begin = time.perf_counter()
        index.nearest(text)
        searching.append((time.perf_counter() - begin) * 1000)
        begin = time.perf_counter()
        index.replace(number, f"{text} {number}")
        adding.append((time.perf_counter() - begin) * 1000)
    table = Table("among 10,000 open questions", "median", "95 in 100", "worst")
    table.add_row("build, s", f"{built:.2f}", "", "")
    for name, taken in (("nearest, ms", searching), ("replace, ms", adding)):
        table.add_row(name, f"{statistics.median(taken):.2f}", f"{np.percentile(taken, 95):.2f}", f"{max(taken):.2f}")
    console.print(table)


def main() -> None:
    """Fit, or measure and clock."""
    parser = argparse.ArgumentParser(description="Measure how well questions that ask the same are told from others.")
    parser.add_argument("file", type=Path, nargs="?", default=DEVELOPMENT, help="labelled pairs")
    parser.add_argument("--fit", action="store_true", help="print fitted weights instead")
    arguments = parser.parse_args()
    console = Console()
    if arguments.fit:
        fit_and_show(console)
        return
    measure(console, arguments.file)
    clock(console)


if __name__ == "__main__":
    main()
