from itertools import count

import pytest

from bot.domain.evaluation import JudgedQuestion, evaluate
from bot.domain.matching import Band, Finding, Match

FOUND: dict[str, Finding[str]] = {
    "first": Finding(Band.ANSWER, 0.9, (Match("a", 2, ""), Match("b", 1, ""))),
    "second": Finding(Band.ANSWER, 0.9, (Match("b", 2, ""), Match("a", 1, ""))),
    "fourth": Finding(Band.SUGGEST, 0.4, tuple(Match(key, 1, "") for key in "bcda")),
    "nothing": Finding(Band.NONE, 0.0),
    "strange": Finding(Band.ANSWER, 0.9, (Match("a", 1, ""),)),
}
NUMBERS = {"a": 1, "b": 2, "c": 3, "d": 4}
INSIDE = [JudgedQuestion(name, frozenset({1}), "inside") for name in ("first", "second", "fourth", "nothing")]
OUTSIDE = [JudgedQuestion(name, frozenset(), "outside") for name in ("strange", "nothing")]


def test_every_share_is_of_the_questions_it_is_about() -> None:
    ticks = count()
    result = evaluate(FOUND.__getitem__, NUMBERS, INSIDE + OUTSIDE, lambda: next(ticks) / 1000)

    assert result.overall.p_at_1 == 1 / 4
    assert result.overall.r_at_3 == 2 / 4
    assert result.overall.mrr == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)
    assert result.overall.answered_right == 1 / 4
    assert result.overall.out_of_scope_answered == 1 / 2
    assert result.overall.median_ms == pytest.approx(1)
    assert result.overall.p99_ms == pytest.approx(1)
    assert list(result.by_category) == ["inside", "outside"]
    assert result.by_category["inside"].out_of_scope_answered is None
    assert result.by_category["outside"].p_at_1 is None


def test_any_of_several_right_answers_counts() -> None:
    judged = [JudgedQuestion("second", frozenset({1, 2}))]
    assert evaluate(FOUND.__getitem__, NUMBERS, judged, lambda: 0.0).overall.p_at_1 == 1
