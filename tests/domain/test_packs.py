import time
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.packs import (
    OTHER,
    Pack,
    PackQuestion,
    Theme,
    question_mark,
    themes_of,
    write_pack,
)

KEY = "x7k2"
WORDS = ("keras", "book", "books", "speed", "gpu", "what", "is", "the", "7")
PLACE = "**Your answer:**"
QUESTIONS = {
    12: "Will Keras ever support another backend again?",
    7: 'How did you "begin"?\n\n- with _what_?\n- and with whom...',
    1234: "Which book would you read first -- and why?",
}
ANSWERS = {
    12: "It does.\n\n# Why\n\n- one\n- two\n\n```python\nimport keras\n```",
    7: "    with code, *really*.",
    1234: "“Gödel, Escher, Bach”.\n> It is a quote.\n[And a link](https://example.org)",
}


def question(number: int, text: str, wanted_by: int = 1, asked_by: str | None = None) -> PackQuestion:
    return PackQuestion(number, text, asked_by, wanted_by, None, None, quotable=True)


def pack(questions: Iterable[PackQuestion], key: str = KEY) -> Pack:
    return Pack(key, "An interview", "Ana Sol", (Theme("Keras", tuple(questions)),), 31)


def filled(answers: dict[int, str], questions: dict[int, str] = QUESTIONS, key: str = KEY) -> str:
    given = (replace(question(number, text), answer=answers.get(number)) for number, text in questions.items())
    return write_pack(pack(given, key))


class TestWritten:
    def test_the_first_line_and_the_first_screen_say_what_it_is(self) -> None:
        screen = filled({}).splitlines()[:12]
        assert "3 questions" in screen[0]
        assert "Ana Sol" in screen[0]
        assert any("31 readers" in line and "An interview" in line for line in screen)

    def test_people_who_were_not_counted_are_not_invented(self) -> None:
        asked = [question(1, "What is it?", 3), question(2, "What was it?", 4)]
        assert "7 times" in write_pack(replace(pack(asked), people=None))

    def test_has_each_question_with_its_mark_who_asks_and_what_is_nearby(self) -> None:
        asked = [question(3, "What is\nit?", 5, "Ben"), replace(question(4, "So?"), nearby="Turn 11 says:\n\nNo.")]
        text = write_pack(pack(asked))
        assert question_mark(3, KEY) in text
        assert "> What is\n> it?" in text
        assert "Ben; wanted by 5 readers" in text
        assert "a reader; wanted by 1 reader." in text
        assert "Turn 11 says: No." in text
        assert text.count(PLACE) == 2

    def test_has_the_answers_that_were_given(self) -> None:
        given = [replace(question(3, "What?"), answer="That.\n\nThis.", quotable=False)]
        assert f"{PLACE}\n\nThat.\n\nThis.\n\nMay be quoted: no" in write_pack(pack(given))

    def test_marks_are_of_a_number_and_a_pack(self) -> None:
        marks = {question_mark(number, key) for number in range(300) for key in ("a", "b", "ab")}
        assert len({mark.removesuffix("]").rsplit("-", 1)[1] for mark in marks}) > 850

    @pytest.mark.parametrize("key", ["", "A", "a b", "a\n", "x" * 33])
    def test_a_key_that_cannot_be_read_back_is_refused(self, key: str) -> None:
        with pytest.raises(ValueError, match="key"):
            pack([], key)


class TestThemes:
    def test_are_what_shares_a_telling_word(self) -> None:
        asked = [
            question(1, "Is ARC a good benchmark for AGI?", 7),
            question(2, "What do you think about AGI benchmarks?", 12),
            question(3, "Which book should I read?", 9),
            question(4, "Who read your book first?", 2),
            question(5, "Do you play an instrument?", 40),
        ]
        themes = themes_of(asked)
        assert [[one.number for one in theme.questions] for theme in themes] == [[2, 1], [3, 4], [5]]
        assert themes[0].title == "AGI, benchmark"
        assert "ook" in themes[1].title
        assert themes[-1].title == OTHER

    @given(st.lists(st.sampled_from(WORDS), max_size=4), st.randoms())
    def test_have_every_question_once_in_whatever_order_they_come(self, said: list[str], random: Random) -> None:
        asked = [question(number, " ".join(random.sample(said, len(said)))) for number in range(9)]
        themes = themes_of(asked)
        assert sorted(one.number for theme in themes for one in theme.questions) == list(range(9))
        random.shuffle(asked)
        assert themes_of(asked) == themes

    def test_of_no_questions_are_none(self) -> None:
        assert themes_of([]) == ()

    def test_of_two_thousand_questions_take_under_five_seconds(self) -> None:
        random = Random(1)  # noqa: S311
        vocabulary = [f"w{int(random.paretovariate(0.6))}" for _ in range(30_000)]
        asked = [question(number, " ".join(random.choices(vocabulary, k=30))) for number in range(2_000)]
        begin = time.perf_counter()
        themes = themes_of(asked)
        assert time.perf_counter() - begin < 5
        assert len(themes) > 5
