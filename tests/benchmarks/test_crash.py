import pytest

from benchmarks.crash import SAID, few_quotes, repeats
from bot.domain.quotes import find_quotes


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("", 0),
        ("abc", 0),
        ("abcbca", 0),
        ("abcbc", 0),
        ("aba", 1),
        ("abccab", 1),
        ("abcbab", 1),
        ("aaa", 2),
        ("abbbac", 2),
    ],
)
def test_repeats_are_counted_within_a_cycle_and_across_two(shown: str, count: int) -> None:
    assert repeats(shown, 3) == count


def test_the_interview_has_as_many_quotes_as_were_said() -> None:
    assert [quote.text for quote in find_quotes(few_quotes())] == list(SAID)
