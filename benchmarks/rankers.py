"""How well the matcher answers questions whose right answers are known, side by side with what people use in its place.

Run it with: .venv/bin/python benchmarks/rankers.py QUESTIONS.jsonl (--interview FILE | --items FILE)
The files are those of `python -m bot eval`. `benchmarks/ranking.py` says what the rankers are; all are given the same
texts, and all rank all exchanges.

Only the matcher says when it is sure. "right at best" makes up for that: the share of the questions in scope that are
answered rightly when a threshold on the score (for the matcher, on its confidence) lets through at most one in ten of
the questions out of scope. That is generous to a raw score, since the threshold is picked on the test itself, which
nobody who runs a bot can do. "as shipped" is what the matcher does with the threshold it comes with: the share of the
questions in scope answered rightly, and of the strange ones, out of scope, answered at all.

Building, with "bytes each" for an exchange, is measured in processes of its own: a cold one for the time, and another
for the memory, whose tracing slows things down.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.ranking import RANKERS, Ranker, afresh, build_bytes, build_seconds, rankers_for, wide_console
from bot.domain.evaluation import Evaluation, JudgedQuestion, evaluate
from bot.domain.matching import Finding
from bot.errors import FiresideError
from bot.services.evaluation import Collection, as_document, read_interview, read_items, read_questions

TOLERATED = 10  # one in so many questions out of scope may be answered


@dataclass(frozen=True, slots=True)
class Result:
    """How well a ranker answers, with its own threshold and "at best" (None where no question is out of scope)."""

    evaluation: Evaluation
    at_best: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What it takes to have a ranker: seconds to build it, and bytes an exchange that it keeps."""

    seconds: float
    bytes_each: float


def compare(collection: Collection, questions: Sequence[JudgedQuestion]) -> dict[str, Result]:
    """Return how well each ranker answers some questions from a collection."""
    return {name: measure(RANKERS[name](collection), collection, questions) for name in rankers_for(collection)}


def measure(ranker: Ranker, collection: Collection, questions: Sequence[JudgedQuestion]) -> Result:
    """Return how well a ranker answers some questions from a collection."""
    numbers = {entry.key: entry.key for entry in collection.entries}
    findings: dict[str, Finding[int]] = {}

    def find(question: str) -> Finding[int]:
        findings[question] = ranker.find(question, len(numbers))
        return findings[question]

    evaluation = evaluate(find, numbers, questions, time.perf_counter)
    return Result(evaluation, at_best(findings, questions))


def at_best(findings: Mapping[str, Finding[int]], questions: Sequence[JudgedQuestion]) -> float | None:
    """Return the share answered rightly under the best threshold that lets through few questions out of scope.

    Args:
        findings: What each question found; its confidence may be any score that is never negative.
        questions: The questions, with their right answers.
    """
    outside = sorted(
        (findings[judged.question].confidence for judged in questions if not judged.expected), reverse=True
    )
    inside = [(findings[judged.question], judged.expected) for judged in questions if judged.expected]
    if not outside or not inside:
        return None
    # What is answered lies above the first score that must not be, so of equal scores none is let through.
    threshold = outside[len(outside) // TOLERATED]
    right = [finding.confidence > threshold and finding.matches[0].key in expected for finding, expected in inside]
    return sum(right) / len(right)


def score_table(results: Mapping[str, Result], costs: Mapping[str, Cost]) -> Table:
    """Return what each ranker achieves, and what it costs."""
    table = Table()
    table.add_column("ranker", no_wrap=True)
    for column in ("P@1", "R@3", "MRR", "right at best", "right as shipped", "strange as shipped"):
        table.add_column(column)
    for column in ("median ms", "build ms", "bytes each"):
        table.add_column(column, justify="right")
    for name, result in results.items():
        score, cost = result.evaluation.overall, costs[name]
        shipped = (score.answered_right, score.out_of_scope_answered) if name == "fireside" else (None, None)
        shares = map(_share, (score.p_at_1, score.r_at_3, score.mrr, result.at_best, *shipped))
        table.add_row(name, *shares, f"{score.median_ms:.2f}", f"{cost.seconds * 1000:.1f}", f"{cost.bytes_each:,.0f}")
    return table


def category_table(results: Mapping[str, Result]) -> Table:
    """Return the share of each category that each ranker has the right answer first for."""
    table = Table("P@1")
    categories = next(iter(results.values())).evaluation.by_category
    asked = [name for name, score in categories.items() if score.p_at_1 is not None]
    for category in asked:
        table.add_column(category or "-")
    for name, result in results.items():
        table.add_row(name, *(_share(result.evaluation.by_category[category].p_at_1) for category in asked))
    return table


def document(results: Mapping[str, Result], costs: Mapping[str, Cost]) -> dict[str, Any]:
    """Return everything that was measured, as JSON has it."""
    return {
        name: as_document(result.evaluation)
        | {
            "at_best": result.at_best,
            "build_seconds": costs[name].seconds,
            "bytes_an_exchange": costs[name].bytes_each,
        }
        for name, result in results.items()
    }


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the matcher with what people use in its place.")
    parser.add_argument("questions", type=Path, help="questions with their right answers (JSON lines)")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--interview", type=Path, help="the interview file that answers them")
    source.add_argument("--items", type=Path, help="or a plain list of questions and answers (JSON)")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser.parse_args()


def main() -> None:
    """Measure and print the tables."""
    given = _arguments()
    try:
        collection = read_items(given.items) if given.items else read_interview(given.interview)
        questions = read_questions(given.questions)
    except FiresideError as error:
        sys.exit(f"rankers: {error}")
    results = compare(collection, questions)
    costs = {
        name: Cost(afresh(build_seconds, name, collection), afresh(build_bytes, name, collection)) for name in results
    }
    if given.json:
        sys.stdout.write(json.dumps(document(results, costs)) + "\n")
        return
    console = wide_console()
    console.print(f"{len(questions)} questions, {len(collection.entries)} exchanges")
    console.print(score_table(results, costs), category_table(results))


if __name__ == "__main__":
    main()
