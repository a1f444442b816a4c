"""What the matcher is built and calibrated with is its own: none of it is a question that it is measured with."""

import json
from pathlib import Path

import pytest

from bot.domain.interviews import parse_interview
from bot.domain.text import words

ROOT = Path(__file__).parents[2]
MEASURED_WITH = ROOT.parent / "shared" / "eval"
CALIBRATED_WITH = sorted((ROOT / "benchmarks" / "questions").glob("*.jsonl"))
BUNDLED = ROOT / "data" / "interviews" / "francois-chollet.json"


@pytest.mark.skipif(not MEASURED_WITH.is_dir(), reason="the questions to measure with are not at hand")
def test_no_alias_and_no_calibration_question_is_one_that_answers_are_measured_with() -> None:
    measured = {tuple(words(question)) for file in MEASURED_WITH.glob("*.jsonl") for question in questions_in(file)}
    interview = parse_interview(BUNDLED.read_bytes(), BUNDLED.name)
    own = [alias for exchange in interview.exchanges for alias in exchange.aliases]
    own += [question for file in CALIBRATED_WITH for question in questions_in(file)]
    assert [text for text in own if tuple(words(text)) in measured] == []


def test_no_alias_is_a_question_of_the_validation() -> None:
    validation = {tuple(words(question)) for file in CALIBRATED_WITH for question in questions_in(file)}
    interview = parse_interview(BUNDLED.read_bytes(), BUNDLED.name)
    aliases = [alias for exchange in interview.exchanges for alias in exchange.aliases]
    assert [alias for alias in aliases if tuple(words(alias)) in validation] == []


def questions_in(file: Path) -> list[str]:
    return [json.loads(line)["question"] for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_exchange_can_be_asked_for_in_other_words() -> None:
    interview = parse_interview(BUNDLED.read_bytes(), BUNDLED.name)
    everything = [alias.casefold() for exchange in interview.exchanges for alias in exchange.aliases]
    assert all(len(exchange.aliases) >= 30 for exchange in interview.exchanges)
    assert len(set(everything)) == len(everything)
