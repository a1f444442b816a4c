import pytest

from benchmarks.scale import Growth, Times, asked, growth_table, made_up, typed
from bot.domain.matching import STOP_WORDS
from bot.domain.text import sentences, words


def test_what_is_made_up_is_shaped_as_promised_and_the_same_each_time() -> None:
    collection = made_up(50)

    assert collection == made_up(50)
    assert [entry.key for entry in collection.entries] == list(range(1, 51))
    assert {len(words(entry.question)) for entry in collection.entries} == {12}
    assert {len(sentences(entry.answer)) for entry in collection.entries} == {8}
    said = [word for entry in collection.entries for word in words(entry.answer)]
    assert len(said) / 50 == pytest.approx(120, abs=8)
    assert 0.5 < sum(word in STOP_WORDS for word in said) / len(said) < 0.7


def test_questions_are_of_what_was_said_but_for_slips() -> None:
    collection = made_up(50)
    said = {word for entry in collection.entries for word in words(f"{entry.question} {entry.answer}")}
    questions = asked(collection, 40)

    assert questions == asked(collection, 40)
    strange = [[word for word in words(question) if word not in said] for question in questions]
    assert not any(strange[number] for number in range(40) if number % 4)
    assert sum(map(bool, strange)) >= 5
    assert all(
        question.startswith(start) and start for question, start in zip(questions, typed(questions), strict=True)
    )


def test_the_matcher_is_what_the_others_are_measured_by() -> None:
    slow, fast = Growth(1, 2, Times(4, 5, 6), Times(8, 9, 9)), Growth(1, 2, Times(2, 5, 6), Times(2, 9, 9))
    table = growth_table({12: {"fireside": slow, "bm25s": fast}})

    columns = {str(column.header): list(column.cells) for column in table.columns}
    assert columns["q x"] == ["1.00", "0.50"]
    assert columns["k x"] == ["1.00", "0.25"]
