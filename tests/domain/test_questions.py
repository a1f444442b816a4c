import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.questions import (
    LONGEST,
    SHORTEST,
    NewQuestion,
    Notify,
    Wish,
    asks_something,
    check_wish,
    clean_question,
)
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


@pytest.mark.parametrize(
    "text",
    [
        "Did you ever play the piano?",
        "Thanks for all of it. Did you ever play? I did.",
        "You play the piano (do you not?) Good.",
        "So you play the piano, do you not??! 🙂",
        "Lovely.\n\nDid you ever play\n\nThe piano, say?",
    ],
)
def test_a_comment_with_a_sentence_that_asks_is_a_question(text: str) -> None:
    assert asks_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for all of it.",
        "See https://example.org/?page=2 for all of it.",
        "Why? Why not?",
        " " * 20 + "Why not?",
        "Why " * 250 + "?",
        "",
    ],
)
def test_what_asks_nothing_or_too_little_or_too_much_is_none(text: str) -> None:
    assert not asks_something(text)


def test_a_mention_and_no_name_exclude_each_other() -> None:
    in_channel = Wish(Notify.CHANNEL, 5)
    with pytest.raises(InvalidInputError):
        check_wish(NewQuestion("Why?", anonymous=True, wish=in_channel))
    check_wish(NewQuestion("Why?", anonymous=True, wish=Wish(Notify.DM)))
    check_wish(NewQuestion("Why?", wish=in_channel))
