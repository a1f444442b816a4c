"""The aliases of the bundled interview are its own: none is one of the questions it is measured with."""

import json
from pathlib import Path

import pytest

from bot.domain.interviews import parse_interview
from bot.domain.text import words

ROOT = Path(__file__).parents[2]
MEASURED_WITH = ROOT.parent / "shared" / "eval"
BUNDLED = ROOT / "data" / "interviews" / "francois-chollet.json"


@pytest.mark.skipif(not MEASURED_WITH.is_dir(), reason="the questions to measure with are not at hand")
def test_no_alias_is_a_question_that_answers_are_measured_with() -> None:
    questions = {
        tuple(words(json.loads(line)["question"]))
        for file in MEASURED_WITH.glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    interview = parse_interview(BUNDLED.read_bytes(), BUNDLED.name)
    aliases = [alias for exchange in interview.exchanges for alias in exchange.aliases]
    assert [alias for alias in aliases if tuple(words(alias)) in questions] == []


def test_every_exchange_can_be_asked_for_in_other_words() -> None:
    interview = parse_interview(BUNDLED.read_bytes(), BUNDLED.name)
    everything = [alias.casefold() for exchange in interview.exchanges for alias in exchange.aliases]
    assert all(len(exchange.aliases) >= 30 for exchange in interview.exchanges)
    assert len(set(everything)) == len(everything)
