"""The policy that operators publish states what the code does."""

import re

import pytest

from bot.domain import drafts, gaps
from bot.domain.privacy import (
    ASKER_KEPT_FOR,
    LEDGER_KEPT_FOR,
    NOTICES_KEPT_FOR,
    REFUSED_KEPT_FOR,
    SERVER_KEPT_FOR,
)
from bot.settings import ROOT

POLICY = (ROOT / "docs" / "privacy-policy.md").read_text(encoding="utf-8")
# By the words that a paragraph or a line of the table begins with: for how long it is kept, in the order of the text.
STATED = {
    "| The same, of a question": [ASKER_KEPT_FOR, REFUSED_KEPT_FOR],
    "| That you want somebody else's question": [ASKER_KEPT_FOR],
    "| That you were sent word of an answer": [NOTICES_KEPT_FOR],
    "| A form that could not be used": [drafts.KEPT_FOR],
    "| A question that found no answer": [gaps.KEPT_FOR],
    "| What became of each daily quote": [LEDGER_KEPT_FOR],
    "**Servers that remove the bot.**": [SERVER_KEPT_FOR],
}


def days_in(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+) days", text)]


@pytest.mark.parametrize("beginning", STATED)
def test_every_time_is_stated_as_it_is(beginning: str) -> None:
    (line,) = [line for line in POLICY.splitlines() if line.startswith(beginning)]
    assert days_in(line) == [time.days for time in STATED[beginning]]


def test_no_other_time_is_stated() -> None:
    assert sorted(days_in(POLICY)) == sorted(time.days for times in STATED.values() for time in times)


def test_who_runs_it_and_how_to_reach_them_is_left_to_fill_in_and_readers_find_it() -> None:
    assert "[Your name or organisation]" in POLICY
    assert "[contact address]" in POLICY
    assert "docs/privacy-policy.md" in (ROOT / "README.md").read_text(encoding="utf-8")
