from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.duplicates import LIKELY, WORTH_A_LOOK, Duplicate, OpenQuestions, probability_same

ASKED = (
    "Why did you create Keras?",
    "Why did you create ARC?",
    "How many people use Keras?",
    "What is your favourite book?",
    "How do you keep slugs away from your lettuce?",
    "Which opening should a beginner learn first?",
    "Will there be a second season of the podcast?",
    "Who is he?",
    "Was ist sein Lieblingsbuch?",
)
WORDS = ("why", "how", "keras", "create", "book", "favourite", "not", "2015", "beginner", "advice", "the", "wnat", "ß")
QUESTION = st.one_of(st.sampled_from(ASKED), st.text(max_size=60), st.lists(st.sampled_from(WORDS)).map(" ".join))
CHANGES = st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), QUESTION)), max_size=12)


class TestTwoQuestions:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Why did you create Keras?", "What made you build Keras?"),
            ("What is your favourite book?", "which book is your favorite"),
            (
                "Hi François, big fan! I always wondered how many hours a day you code.",
                "How many hours a day do you code?",
            ),
            ("What do you think of PyTorch?", "What's your opinion on PyTorch?"),
            ("Do you have any advice for beginners?", "What would you recommend to people who are just starting out?"),
            ("How do you deal with rude people?", "What's your way of handling disrespectful comments?"),
            ("Which programming language do you like best?", "Which programing language do you like best?"),
        ],
    )
    def test_that_ask_the_same(self, one: str, other: str) -> None:
        assert probability_same(one, other) >= LIKELY

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Why did you create Keras?", "Why did you create ARC?"),
            ("Why did you join Google?", "When did you join Google?"),
            ("Why did you join Google?", "Why did you leave Google?"),
            ("What do you eat before a long run?", "What do you eat after a long run?"),
            ("How do you prune apple trees?", "How do you prune roses?"),
            ("What did you do in 2015?", "What did you do in 2016?"),
            ("What is your favourite book?", "Will robots ever be conscious?"),
            ("Was ist sein Lieblingsbuch?", "Wo wohnt er?"),
            ("What is your favourite book?", ""),
        ],
    )
    def test_that_only_look_alike(self, one: str, other: str) -> None:
        assert probability_same(one, other) < LIKELY

    @given(QUESTION, QUESTION)
    def test_in_whatever_order(self, one: str, other: str) -> None:
        there, back = probability_same(one, other), probability_same(other, one)
        assert there == pytest.approx(back)
        assert 0 <= there <= 1

    @given(st.text(st.characters()))
    def test_any_text_asks_the_same_as_itself(self, text: str) -> None:
        assert probability_same(text, text) == 1

    @pytest.mark.parametrize("text", ["a" * 100_000, "why " * 30_000, "? " * 50_000, "hi! " * 30_000, "(" * 50_000])
    def test_hostile_text_is_compared_to_its_end(self, text: str) -> None:
        assert 0 <= probability_same(text, text[::-1] + "why") <= 1


def as_asked(index: OpenQuestions) -> list[list[Duplicate]]:
    return [index.nearest(text, 10, 0.0) for text in ASKED]


class TestOpenQuestions:
    def test_finds_the_one_that_asks_the_same(self) -> None:
        found = OpenQuestions(enumerate(ASKED)).nearest("What made you build Keras?")
        assert found[0].id == 0
        assert found[0].probability == probability_same("What made you build Keras?", ASKED[0]) >= LIKELY

    def test_offers_the_likeliest_first_and_only_what_is_worth_it(self) -> None:
        index = OpenQuestions([*enumerate(ASKED), (100, ASKED[0])])
        found = index.nearest(ASKED[0], 3)
        assert [duplicate.id for duplicate in found[:2]] == [0, 100]
        assert len(found) <= 3
        assert all(one.probability >= other.probability for one, other in pairwise(found))
        assert all(duplicate.probability >= WORTH_A_LOOK for duplicate in found)
        assert index.nearest("Do whales sleep?") == []

    @pytest.mark.parametrize("text", ["Who is he?", "Was ist sein Lieblingsbuch?"])
    def test_finds_a_text_again_whatever_it_says(self, text: str) -> None:
        assert OpenQuestions(enumerate(ASKED)).nearest(text)[0] == Duplicate(ASKED.index(text), 1.0)

    @given(CHANGES)
    @settings(max_examples=40)
    def test_changed_one_by_one_is_as_if_built_afresh(self, changes: list[tuple[int, str | None]]) -> None:
        index, texts = OpenQuestions(enumerate(ASKED)), dict(enumerate(ASKED))
        for number, text in changes:
            if text is None:
                index.remove(number)
                texts.pop(number, None)
            else:
                index.replace(number, text)
                texts[number] = text
        assert len(index) == len(texts)
        assert as_asked(index) == as_asked(OpenQuestions(texts.items()))

    def test_what_is_removed_is_not_found(self) -> None:
        index = OpenQuestions([(7, ASKED[0])])
        index.remove(7)
        index.remove(8)
        assert len(index) == 0
        assert index.nearest(ASKED[0]) == []

    @given(QUESTION, st.lists(QUESTION))
    @settings(max_examples=40)
    def test_any_text_can_be_asked(self, asked: str, texts: list[str]) -> None:
        assert len(OpenQuestions(enumerate(texts)).nearest(asked, 3)) <= 3

    def test_of_ten_thousand_equal_questions_the_first_come_first(self) -> None:
        index = OpenQuestions((number, ASKED[0]) for number in range(10_000))
        assert [duplicate.id for duplicate in index.nearest(ASKED[0], 3)] == [0, 1, 2]
