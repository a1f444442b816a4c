import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.questions import LONGEST, SHORTEST, clean_question
from bot.errors import InvalidInputError


@given(st.text(), st.text(alphabet=" \t\n\r"))
def test_only_the_space_around_it_goes(typed: str, space: str) -> None:
    words = typed.strip()
    try:
        assert clean_question(space + typed + space) == words
    except InvalidInputError:
        assert not SHORTEST <= len(words) <= LONGEST
    else:
        assert SHORTEST <= len(words) <= LONGEST


@pytest.mark.parametrize("length", [SHORTEST, LONGEST])
def test_the_limits_are_within(length: int) -> None:
    assert clean_question("ä" * length) == "ä" * length


@pytest.mark.parametrize("length", [0, SHORTEST - 1, LONGEST + 1])
def test_what_is_beyond_the_limits_is_refused_with_the_limit(length: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_question("?" * length)
    assert str(SHORTEST if length < SHORTEST else LONGEST) in str(caught.value)
