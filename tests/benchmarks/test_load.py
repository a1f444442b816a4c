from collections import Counter
from itertools import islice

import pytest

from benchmarks.load import Tally, different_questions, interview_questions, judged, percentile

LONGEST_QUESTION = 300


def test_what_is_asked_can_be_asked() -> None:
    often = Counter(islice(interview_questions(), 3000))
    assert max(often.values()) > 100  # as people do, who mostly ask the same
    different = list(islice(different_questions(), 3000))
    assert len(set(different)) == 3000
    assert max(map(len, [*often, *different])) <= LONGEST_QUESTION


@pytest.mark.parametrize(("share", "value"), [(50, 51), (99, 100), (100, 100)])
def test_percentiles(share: int, value: float) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value
    assert percentile([], share) == 0


def test_the_bars_tell_a_bot_that_keeps_up_from_one_that_does_not() -> None:
    good = Tally(100, 1, answered=[1.0] * 100, cpu=0.1, memory=100)
    shed = Tally(100, 1, answered=[1.0] * 40, busy=[2.0] * 60, cpu=0.1, memory=100)
    late = Tally(100, 1, answered=[3100.0] * 90, late=5, lost=5, cpu=0.3, memory=200)

    def missed(steady: Tally, over: Tally, after: Tally) -> int:
        ours = {"steady": steady, "at once": good, "too much": over, "after": after}
        return sum(figure > most for _, figure, most in judged({"fireside": ours, "pong": {"steady": good}}))

    assert missed(good, shed, good) == 0
    assert missed(late, late, late) == 7
