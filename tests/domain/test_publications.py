"""Answers as parts of an interview, and the pauses between attempts to tell of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.interviews import Role
from bot.domain.nonces import NONCE_FRESH
from bot.domain.publications import (
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    Answer,
    Channel,
    Letter,
    Publication,
    clean_answer,
    is_of_readers,
    may_be_quoted,
    obstacle,
    own_turns,
    pause_after,
    place_of,
    with_answers,
)
from bot.domain.questions import Question, QuestionState, Recipient
from bot.domain.quotes import find_quotes
from bot.errors import InvalidInputError
from tests.samples import interview

NOW = datetime(2027, 3, 3, 12, tzinfo=UTC)
ANSWER = "Milk belongs into the cup before the tea, whatever anybody says about it."


def publication(number: int = 7, *, text: str = ANSWER, quotable: bool = True, **more: object) -> Publication:
    question = Question(
        number,
        1,
        2,
        "Mira",
        "tea",
        "What about milk\nin tea?",
        QuestionState.ANSWERED,
        NOW,
        **more,  # type: ignore[arg-type]
    )
    return Publication(question, Answer(number, number, text, quotable, NOW), ("Milk first,\nor tea?",))


class TestWithAnswers:
    def test_without_any_it_is_the_interview_itself(self) -> None:
        tea = interview()
        assert with_answers(tea, []) is tea

    def test_the_interview_stays_as_it_was_and_the_rest_follows(self) -> None:
        tea = interview()
        assert tea.number("a1") == 2  # what is worked out of it must not be taken over
        more = with_answers(tea, [publication(7), publication(9)])
        assert more.turns[: len(tea.turns)] == tea.turns
        assert more.exchanges[: len(tea.exchanges)] == tea.exchanges
        assert more.people == tea.people
        assert own_turns(more) == own_turns(tea) == len(tea.turns)
        assert [turn.id for turn in more.turns[len(tea.turns) :]] == [
            "reader-7-q",
            "reader-7-a",
            "reader-9-q",
            "reader-9-a",
        ]
        exchange = more.exchanges[-1]
        assert more.answer(exchange) == ANSWER
        assert exchange.question == "What about milk\nin tea?"
        assert exchange.aliases == ("Milk first, or tea?",)
        assert [more.number(turn.id) for turn in more.turns] == list(range(1, len(more.turns) + 1))
        assert all(turn.is_verbatim for turn in more.turns)
        assert all(is_of_readers(turn.id) == (turn not in tea.turns) for turn in more.turns)

    def test_everybody_who_speaks_is_somebody(self) -> None:
        tea = interview()
        long = replace(publication(9).question, member_name="M" * 400)
        more = with_answers(tea, [publication(7), replace(publication(9), question=long)])
        spoken = [more.speaker(turn) for turn in more.turns[len(tea.turns) :]]
        assert [person.name for person in spoken] == ["Mira", "Gustav Guest", "M" * 400, "Gustav Guest"]
        assert more.speaker(more.turn("a1")).name == "Gustav Guest"

    def test_the_host_answers_and_is_not_quoted_as_a_guest(self) -> None:
        more = with_answers(interview(), [publication(recipient=Recipient.HOST)])
        assert more.speaker(more.turn("reader-7-a")).role is Role.HOST
        assert find_quotes(more) == find_quotes(interview())

    def test_where_nobody_of_that_role_is_left_the_answer_is_left_out(self) -> None:
        alone = interview().model_copy(update={"people": tuple(interview().people_of(Role.GUEST))})
        assert with_answers(alone, [publication(recipient=Recipient.HOST)]) is alone

    @pytest.mark.parametrize("quotable", [True, False])
    def test_what_may_be_quoted_is(self, quotable: bool) -> None:
        more = with_answers(interview(), [publication(quotable=quotable)])
        assert may_be_quoted(more.turn("reader-7-a")) is quotable
        assert may_be_quoted(more.turn("a1"))
        assert (ANSWER in [quote.text for quote in find_quotes(more)]) is quotable

    def test_a_place_says_when_and_not_where(self) -> None:
        more = with_answers(interview(), [publication()])
        assert place_of(more, more.turn("reader-7-a")) == "asked by readers, 3 March 2027"
        assert place_of(more, more.turn("a3")) == place_of(interview(), interview().turn("a3")) == "turn 6 of 6"


def test_an_answer_has_words_and_not_too_many() -> None:
    assert clean_answer(" " * 10 + "x" * 4000 + "\n") == "x" * 4000
    for typed in ("", "\n \t", "x" * 4001):
        with pytest.raises(InvalidInputError):
            clean_answer(typed)


@pytest.mark.parametrize("state", QuestionState)
def test_only_what_somebody_still_wants_is_answered(state: QuestionState) -> None:
    question = replace(publication().question, state=state)
    living = state not in {QuestionState.REJECTED, QuestionState.WITHDRAWN}
    assert (obstacle(question) == "") is living
    assert obstacle(replace(question, merged_into=3))


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_two_hours(attempts: int) -> None:
    assert timedelta() < pause_after(attempts) <= pause_after(attempts + 1) <= LONGEST_PAUSE


def test_all_attempts_take_a_day() -> None:
    length = sum((pause_after(attempt) for attempt in range(1, MOST_ATTEMPTS)), timedelta())
    assert timedelta(hours=20) < length < timedelta(hours=28)


@given(st.integers(0, 2**63 - 1), st.lists(st.integers(1, 2**63 - 1), max_size=3))
def test_a_nonce_fits_and_is_the_same_each_time(answer_id: int, members: list[int]) -> None:
    found = publication()
    found = replace(found, answer=replace(found.answer, id=answer_id))
    letter = Letter(Channel.DM, found, (1,), NOW, 1, tuple(members))
    again = replace(letter, claimed_at=NOW + NONCE_FRESH, attempts=2, fresh=False)
    assert len(letter.nonce) <= 25
    assert letter.nonce == again.nonce
    other = replace(found, answer=replace(found.answer, id=answer_id + 1))
    assert replace(letter, publication=other).nonce != letter.nonce


def test_a_nonce_guards_for_two_minutes_and_not_before_its_time() -> None:
    letter = Letter(Channel.DM, publication(), (1,), NOW, 1, (2,))
    almost = NONCE_FRESH - timedelta(seconds=1)
    assert [letter.may_be_sent(NOW + after) for after in (timedelta(), almost, NONCE_FRESH)] == [True, True, False]
    assert not letter.may_be_sent(NOW - timedelta(seconds=1))
