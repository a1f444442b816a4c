import re
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pack_lines import MAX_PACK_BYTES, MAX_PACK_LINES
from bot.domain.pack_reading import PackAnswer, ReadPack, read_pack
from bot.domain.packs import (
    OTHER,
    Pack,
    PackQuestion,
    Theme,
    pack_mark,
    question_mark,
    themes_of,
    write_pack,
)
from bot.errors import InvalidInputError

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


def read(text: str | bytes, known: dict[int, str] = QUESTIONS) -> ReadPack:
    return read_pack(text if isinstance(text, bytes) else text.encode(), known)


def texts(found: ReadPack) -> dict[int, str]:
    assert len({answer.number for answer in found.answers}) == len(found.answers)
    return {answer.number: answer.text for answer in found.answers}


def everything(found: ReadPack) -> list[str]:
    parts = [*(answer.text for answer in found.answers), *(left.text for left in found.unplaced)]
    return [line for part in parts for line in part.split("\n")]


def line_of(text: str, line: str) -> int:
    return text.split("\n").index(line) + 1


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
        assert read(write_pack(pack(given)), {3: "What?"}).answers == (PackAnswer(3, "That.\n\nThis.", False, 23),)

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


def wrapped(text: str) -> str:
    return by_paragraph(text, lambda part: textwrap.fill(part, 72, break_long_words=False, break_on_hyphens=False))


def joined(text: str) -> str:
    return by_paragraph(text, lambda part: " ".join(part.split("\n")))


def by_paragraph(text: str, change: Callable[[str], str]) -> str:
    return "\n\n".join(change(part) if part.strip() else part for part in re.split(r"\n[> \t]*\n", text))


def sub(pattern: str, new: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, new, text, flags=re.MULTILINE)


def smart(text: str) -> str:
    for plain, fine in (('"', "”"), ("'", "’"), ("---", "—"), ("--", "–"), ("...", "…")):
        text = text.replace(plain, fine)
    return text


# Each changes the whole file, and an answer in it just so.
EFFECTS: dict[str, Callable[[str], str]] = {
    "smart punctuation": smart,
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "trailing blanks stripped": sub(r"[ \t]+$", ""),
    "trailing blanks added": sub(r"$", "  "),
    "tabs": lambda text: text.replace("    ", "\t"),
    "blank lines doubled": sub(r"\n(?=\n)", "\n\n"),
    "quote marks removed": sub(r"^[ \t]*> ?", ""),
    "quote marks added": sub(r"^", "> "),
    "markup lost": sub(r"^#+ |\*\*|`", ""),
    "headings moved down": sub(r"^#", "##"),
    "headings underlined": sub(r"^#+ (.+)$", r"\1\n----------"),
    "bullets replaced": sub(r"^[-*] ", "• "),
    "characters escaped": sub(r"([_#\[\]])", r"\\\1"),
    "emphasis escaped": sub(r"([*])", r"\\\1"),
    "comments removed": sub(r"<!--[\s\S]*?-->", ""),
    "wrapped": wrapped,
    "joined": joined,
}
# After these the words are the same, the blanks and line ends are not.
REFILLED = {"wrapped", "joined"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "replace")


class TestEffects:
    @pytest.mark.parametrize("effect", EFFECTS)
    def test_of_an_editor_change_no_more_than_they_do(self, effect: str) -> None:
        change = EFFECTS[effect]
        found = read(change(filled(ANSWERS)))
        assert found.unplaced == ()
        assert found.key == KEY
        if effect in REFILLED:
            assert {number: text.split() for number, text in texts(found).items()} == {
                number: text.split() for number, text in ANSWERS.items()
            }
        else:
            assert texts(found) == {number: change(text).strip("\n") for number, text in ANSWERS.items()}

    @pytest.mark.parametrize("ends", LINE_ENDS.values(), ids=LINE_ENDS)
    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_encodings_and_line_ends_change_nothing(self, encoding: str, ends: str) -> None:
        found = read(encoded(filled(ANSWERS).replace("\n", ends), encoding))
        assert found.unplaced == ()
        assert texts(found) == ANSWERS

    def test_a_document_saved_as_text_has_a_line_for_each_paragraph(self) -> None:
        text = EFFECTS["markup lost"](EFFECTS["quote marks removed"](filled(ANSWERS)))
        found = read(re.sub(r"\n\n+", "\n", text))
        assert found.unplaced == ()
        assert set(texts(found)) == set(ANSWERS)

    @pytest.mark.parametrize(
        "mark",
        ["[Q–{0}–{1}]", "Q {0} {1}", "[q-{0}-{1}]", "(Q-{0}-{1})", "[Q - {0} - {1}]", r"\[Q-{0}-{1}\]", "Q-{0}-{1}:"],
    )
    def test_a_mark_is_known_however_it_is_written(self, mark: str) -> None:
        ours = question_mark(12, KEY)
        text = filled(ANSWERS).replace(ours, mark.format(12, ours.strip("[]").rsplit("-", 1)[1]))
        assert texts(read(text)) == ANSWERS
        assert (
            texts(read(text.replace(mark.split("{", maxsplit=1)[0], mark.split("{", maxsplit=1)[0].lower()))) == ANSWERS
        )

    def test_sections_may_be_moved_deleted_and_repeated(self) -> None:
        head, *sections = re.split(r"(?m)^(?=### )", filled(ANSWERS))
        first, second, third = sections
        assert texts(read(third + second + head + first + first)) == ANSWERS
        assert texts(read(head + second)) == {7: ANSWERS[7]}
        assert texts(read(second + third)).keys() == {7, 1234}

    def test_of_several_packs_in_a_file_the_one_with_most_questions_counts(self) -> None:
        found = read(filled({}, {12: QUESTIONS[12]}, "zz9") + filled(ANSWERS))
        assert found.key == KEY
        assert texts(found) == ANSWERS

    @pytest.mark.parametrize("asked", ["What is it?\n\n???\n...", "???", "🙂", "What?\n--\n?!\nSo?"])
    def test_questions_may_have_lines_without_a_word(self, asked: str) -> None:
        text = filled({12: "That."}, {12: asked})
        assert read(text, {12: asked}) == ReadPack(KEY, (PackAnswer(12, "That.", True, line_of(text, "That.")),), ())
        found = read(text.replace("Asked by", "!!!\n\n¿¿¿\n\n%%%\n\nAsked by"), {12: asked})
        assert found.unplaced[-1].text.endswith("%%%")
        assert texts(found) == {12: "That."}

    def test_without_any_mark_of_the_file_questions_are_known_by_their_text(self) -> None:
        found = read(filled(ANSWERS).replace(pack_mark(KEY), ""))
        assert found.key is None
        assert texts(found) == ANSWERS


class TestAnswers:
    def test_that_are_not_there_are_none(self) -> None:
        assert read(filled({})) == ReadPack(KEY, (), ())

    @pytest.mark.parametrize("between", [" ", "\n", "\n\n", "\n\n\n \n", "\t"])
    def test_may_begin_anywhere_beneath_or_beside_the_place(self, between: str) -> None:
        text = filled({}).replace(f"{PLACE}\n\n\n\n", f"{PLACE}{between}Yes.\n\nNo.\n\n", 1)
        assert texts(read(text)) == {12: "Yes.\n\nNo."}

    def test_may_be_written_over_the_place(self) -> None:
        found = read(filled(ANSWERS).replace(f"{PLACE}\n\n", ""))
        assert texts(found) == ANSWERS
        assert found.unplaced == ()

    def test_say_in_which_line_they_begin(self) -> None:
        text = filled(ANSWERS)
        lines = text.split("\n")
        for answer in read(text).answers:
            assert lines[answer.line - 1] == answer.text.split("\n")[0]

    @pytest.mark.parametrize("said", ["no", "No.", "NO", " n", "**no**", "“No”", "no\xa0"])
    def test_are_not_quoted_where_it_says_no(self, said: str) -> None:
        found = read(filled({12: "Yes."}).replace("May be quoted: yes", f"May be quoted: {said}", 1))
        assert [answer.quotable for answer in found.answers] == [False]
        assert found.unplaced == ()

    @pytest.mark.parametrize(
        "line", ["may be quoted: YES", "**May be quoted:** yes.", "May be quoted yes", "> May  be quoted : y"]
    )
    def test_are_quoted_where_it_says_yes(self, line: str) -> None:
        found = read(filled({12: "Yes."}).replace("May be quoted: yes", line, 1))
        assert [answer.quotable for answer in found.answers] == [True]
        assert found.unplaced == ()

    @pytest.mark.parametrize("said", ["", " maybe", " yes, but not the end", " yes no"])
    def test_are_kept_but_not_quoted_where_it_cannot_be_told(self, said: str) -> None:
        found = read(filled({12: "Yes."}).replace("May be quoted: yes", f"May be quoted:{said}", 1))
        assert [(answer.text, answer.quotable) for answer in found.answers] == [("Yes.", False)]
        assert [left.text for left in found.unplaced] == [f"May be quoted:{said}"]

    def test_whose_last_line_is_gone_are_not_quoted(self) -> None:
        found = read(filled(ANSWERS).replace("May be quoted: yes\n", ""))
        assert texts(found) == ANSWERS
        assert not any(answer.quotable for answer in found.answers)
        assert found.unplaced == ()

    @pytest.mark.parametrize(("said", "quotable"), [("yes", True), ("no", False)])
    @pytest.mark.parametrize("change", [wrapped, joined])
    def test_may_have_drawn_up_the_line_beneath(self, said: str, quotable: bool, change: Callable[[str], str]) -> None:
        answer = "It is so, and " * 9 + "so on."
        text = filled({12: answer}).replace("\n\nMay be quoted: yes", f"\nMay be quoted: {said}", 1)
        found = read(change(text))
        assert [(one.text.split(), one.quotable) for one in found.answers] == [(answer.split(), quotable)]

    def test_of_a_copy_count_once_where_they_are_the_same_or_empty(self) -> None:
        one, empty = filled({12: "Yes."}), filled({})
        found = read(one + empty + one.replace("May be quoted: yes", "May be quoted: no", 1))
        assert [(answer.number, answer.text, answer.quotable) for answer in found.answers] == [(12, "Yes.", False)]
        assert found.unplaced == ()

    def test_of_a_copy_that_differ_have_no_place(self) -> None:
        found = read(filled(ANSWERS) + filled({12: "No."}))
        assert set(texts(found)) == {7, 1234}
        assert [left.text for left in found.unplaced] == [ANSWERS[12], "No."]
        assert all("12" in left.why for left in found.unplaced)


class TestUnplaced:
    def test_is_what_stands_above_the_first_question(self) -> None:
        found = read("Dear Ben,\n\nthere you are.\n\n" + filled(ANSWERS))
        assert [(left.line, left.text) for left in found.unplaced] == [(1, "Dear Ben,\n\nthere you are.")]
        assert texts(found) == ANSWERS

    def test_is_an_answer_whose_mark_is_mistyped(self) -> None:
        mark = question_mark(12, KEY)
        found = read(filled(ANSWERS).replace(mark, mark[:-2] + ("b]" if mark[-2] != "b" else "c]")))
        assert set(texts(found)) == {7, 1234}
        assert len(found.unplaced) == 1
        assert ANSWERS[12] in found.unplaced[0].text

    def test_is_an_answer_to_an_unknown_question(self) -> None:
        found = read(filled(ANSWERS), {number: text for number, text in QUESTIONS.items() if number != 7})
        assert set(texts(found)) == {12, 1234}
        assert ANSWERS[7] in found.unplaced[0].text
        assert "7" in found.unplaced[0].why

    def test_is_an_answer_of_another_pack(self) -> None:
        _, *foreign = re.split(r"(?m)^(?=### )", filled({12: "Foreign."}, key="zz9"))
        found = read(filled(ANSWERS) + foreign[0])
        assert texts(found) == ANSWERS
        assert "Foreign." in found.unplaced[0].text

    def test_is_an_answer_whose_mark_is_gone(self) -> None:
        found = read(re.sub(r"### .*-7-.*\n", "", filled(ANSWERS)))
        assert texts(found) == {12: ANSWERS[12], 1234: ANSWERS[1234]}
        assert ANSWERS[7].strip() in found.unplaced[0].text

    def test_is_an_edited_question_but_not_its_answer(self) -> None:
        found = read(filled(ANSWERS).replace("another backend", "a second backend"))
        assert texts(found) == ANSWERS
        assert [left.text for left in found.unplaced] == ["> Will Keras ever support a second backend again?"]

    def test_is_what_stands_between_a_question_and_the_place_or_beneath_an_answer(self) -> None:
        text = (
            filled(ANSWERS)
            .replace("Asked by", "Aside.\n\nAsked by", 1)
            .replace("May be quoted: yes", "May be quoted: yes\nPS", 1)
        )
        found = read(text)
        assert texts(found) == ANSWERS
        assert [left.text for left in found.unplaced] == ["Aside.", "PS"]

    def test_is_a_whole_file_that_is_no_pack(self) -> None:
        found = read("# Notes\n\nYour answer: no\n")
        assert found.key is None
        assert found.answers == ()
        assert "Your answer: no" in everything(found)


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60) | st.sampled_from(
    [
        "It is so.",
        "Is it -- or isn't it?",
        "what " * 30,
        "# Why",
        "- one",
        "  two",
        "> three",
        "```",
        "_snake_case_",
        "...",
    ]
)
MISTAKEN = [
    *(question_mark(number, KEY) for number in (1, 2, 3)),
    question_mark(1, "zz9"),
    "### Question 1 of 3 " + question_mark(2, KEY),
    PLACE,
    "Your answer: none",
    "May be quoted: no",
    "May be quoted: never",
    "Asked by Ana; wanted by 3 readers.",
    "## Theme 1 of 3: Keras",
    pack_mark(KEY),
    "???",
    "---",
]


ODD = ["", "???", "?! " * 60, "日本語ですか? はい?", "هل هذا كتاب؟\n\n- نعم", "🙂 🙂?\n🙂"]
ODD += [f"{row}\nWhat is it?" for row in (PLACE, "May be quoted: no", f"[Q-1-abc]\n{PLACE}", question_mark(1, KEY))]


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Lines of any kind, one of which may look like ours, but no blank ones around them."""
    above, below = draw(st.lists(PLAIN | st.just(""), max_size=4)), draw(st.lists(PLAIN | st.just(""), max_size=4))
    text = "\n".join([*above, *draw(st.lists(st.sampled_from(MISTAKEN), max_size=1)), *below])
    return stripped(text.replace("<!--", ""))


def stripped(text: str) -> str:
    rows = text.split("\n")
    while rows and not rows[0].strip():
        rows.pop(0)
    while rows and not rows[-1].strip():
        rows.pop()
    return "\n".join(rows)


def has_words(text: str) -> bool:
    return any(char.isascii() and char.isalnum() for char in text)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """A pack with anything in it; its questions are longer than what an answer quotes by chance."""
    asks = lines().map(lambda text: f"What do you say of that? {text}") | st.sampled_from(ODD)
    some = PLAIN | st.sampled_from(MISTAKEN)
    asked = [
        PackQuestion(
            number,
            draw(asks),
            draw(st.none() | some),
            draw(st.integers(1, 9)),
            draw(st.none() | lines()),
            None,
            draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(2, 4)))
    ]
    cut = draw(st.integers(0, len(asked)))
    themes = (Theme(draw(some), tuple(asked[:cut])), Theme(draw(some), tuple(asked[cut:])))
    return Pack(KEY, draw(some), draw(some), themes, draw(st.none() | st.just(9)))


def fill_in(text: str, answers: Iterable[str], gap: str = "\n\n") -> str:
    """Return a pack with the answers in its empty places, in order."""
    head, *sections = re.split(rf"(?m)^{re.escape(PLACE)}\n\n\n\n(?=May be)", text)
    return head + "".join(
        f"{PLACE}{gap}{answer}\n\n{section}" for answer, section in zip(answers, sections, strict=True)
    )


def questions_of(made: Pack) -> list[PackQuestion]:
    return [one for theme in made.themes for one in theme.questions]


class TestRoundTrip:
    @settings(max_examples=200)
    @given(packs(), st.data())
    def test_every_answer_comes_back_from_any_chain_of_editors(self, made: Pack, data: st.DataObject) -> None:
        head, *sections = re.split(r"(?m)^(?=### Question )", write_pack(made))
        order = data.draw(st.permutations(range(len(sections))))[data.draw(st.integers(0, 1)) :]
        asked = [questions_of(made)[place] for place in order]
        moved = "\n".join([head, *(sections[place] for place in order)])
        answers = [data.draw(lines().filter(lambda text: not text or has_words(text))) for _ in asked]
        effects = data.draw(st.lists(st.sampled_from(sorted(EFFECTS)), max_size=4))
        encoding = data.draw(st.sampled_from(ENCODINGS))
        ends = data.draw(st.sampled_from(sorted(LINE_ENDS)))
        # Filled up to the place, an answer would have no first line of its own for later effects.
        gaps = ["\n\n"] if REFILLED & set(effects) else ["\n\n", "\n"]
        text = fill_in(moved, answers, data.draw(st.sampled_from(gaps)))
        expected = list(answers)
        for effect in effects:
            text = EFFECTS[effect](text)
            expected = [EFFECTS[effect](answer) for answer in expected]
        content = encoded(text.replace("\n", LINE_ENDS[ends]), encoding)
        found = read_pack(content, {one.number: one.text for one in questions_of(made)})
        assert found.unplaced == ()
        assert found.key == KEY
        normal = bare if effects else stripped
        back = {number: normal(text) for number, text in texts(found).items()}
        wanted = (normal(encoded(answer, encoding).decode(encoding)) for answer in expected)
        assert back == {one.number: answer for one, answer in zip(asked, wanted, strict=True) if answer}
        quotable = {one.number: one.quotable for one in asked}
        assert all(answer.quotable == quotable[answer.number] for answer in found.answers)

    @settings(max_examples=200)
    @given(packs(), st.data())
    def test_no_line_is_ever_dropped(self, made: Pack, data: st.DataObject) -> None:
        asked = questions_of(made)
        text = fill_in(write_pack(made), [data.draw(st.just("") | st.just("It is.")) for _ in asked])
        rows = text.split("\n")
        ours = set(rows)
        for _ in range(data.draw(st.integers(1, 4))):
            # Words of nobody else: "00" between "0" and "0" could be either's.
            drawn = data.draw(lines()).split("\n")
            added = [row if row in MISTAKEN or not has_words(row) else f"zyx {row}" for row in drawn]
            at = data.draw(st.integers(0, len(rows)))
            rows[at:at] = added
        found = read("\n".join(rows), {one.number: one.text for one in asked})
        kept = {line.strip() for line in everything(found)}
        known = ours | set(MISTAKEN)
        assert {row for row in rows if has_words(row) and row not in known and row.strip() not in kept} == set()

    @given(st.lists(st.sampled_from([*MISTAKEN, *filled(ANSWERS).split("\n"), "zyx"]), max_size=40))
    def test_of_lines_in_any_order_none_is_kept_twice_or_dropped(self, rows: list[str]) -> None:
        rows = [f"zyx {place}" if row == "zyx" else row for place, row in enumerate(rows)]
        kept = everything(read("\n".join([*rows, "."])))
        assert sorted(row for row in kept if "zyx" in row) == sorted(row for row in rows if "zyx" in row)

    @given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
    def test_a_file_of_anything_is_refused_or_wholly_kept(self, content: bytes) -> None:
        try:
            found = read(content)
        except InvalidInputError:
            return
        assert found.answers == ()


def bare(text: str) -> list[str]:
    """Return the words of a text without the quote marks that may stand before them."""
    return [word for word in text.split() if word.strip(">")]


class TestBrokenFiles:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b" \r\n\t\n",
            b"\xef\xbb\xbf",
            b"PK\x03\x04\x00\x00",
            bytes(range(256)),
            "No mark".encode("utf-16-le"),
            b"\xff\xfea",
            b"\xff\xfe\x00\xd8",
            b"x\n" * MAX_PACK_LINES,
            b"x" * (MAX_PACK_BYTES + 1),
        ],
        ids=["empty", "blank", "mark only", "zip", "binary", "wide", "odd", "surrogate", "lines", "bytes"],
    )
    def test_are_refused(self, content: bytes) -> None:
        with pytest.raises(InvalidInputError):
            read(content)


HOSTILE_BYTES, HOSTILE_LINES = 1_000_000, 12_000


class TestHostileFiles:
    @pytest.mark.parametrize(
        "piece",
        [
            "[Q-1-abc]\n",
            f"{question_mark(12, KEY)}\n",
            f"{question_mark(12, KEY)}\n{QUESTIONS[12][:30]}\n",
            f"{question_mark(12, KEY)}\n{QUESTIONS[12]}\nAsked by A; wanted by 1 reader.\nYour answer:\nx\n",
            f"{question_mark(5, KEY)}\n\n\n\nAsked by A; wanted by 1 reader.\nYour answer:\n",
            "Asked by A; wanted by 1 reader.\n",
            "Asked by A; wanted by 1 reader.\nYour answer:\nMay be quoted: yes\n",
            "Your answer:\n",
            "May be quoted: yes\n",
            "May be quoted: x\n\n",
            "Readers of the interview x all.\n",
            "Nearby in the interview: x [abcd]\nx [abcd]\nx [abcd]\nx\n",
            "Theme 1 of 1: x\n",
            "[P-a-abc] ",
            "write each answer\n",
            "a\n\n",
            "a\n",
            "\n",
            "> # * - ",
            "?",
            "e\u0301",
            "\u0315\u0300",
            "**[Q-",
            "Your answer ",
            "<!--",
        ],
    )
    @pytest.mark.parametrize(
        "head", ["", f"{pack_mark(KEY)}\n{question_mark(12, KEY)}\n{QUESTIONS[12]}\nYour answer:\n"]
    )
    def test_are_read_to_their_end(self, piece: str, head: str) -> None:
        # Large enough that a reader which looks back at each line would never end.
        size = HOSTILE_BYTES // len(piece.encode())
        if "\n" in piece:
            size = min(size, HOSTILE_LINES // piece.count("\n"))
        content = (head + piece * size + "end").encode()
        assert lines_named(read(content)) <= set(range(1, content.count(b"\n") + 2))

    def test_lines_as_long_as_they_may_be_are_read_to_their_end(self) -> None:
        row = "Nearby in the interview: " + "x" * 50 + " [abcd]"
        rows = min(HOSTILE_LINES, HOSTILE_BYTES // len(row))
        assert lines_named(read("\n".join([row] * rows))) <= set(range(1, rows + 1))


def lines_named(found: ReadPack) -> set[int]:
    """Return the lines that a read pack speaks of."""
    return {answer.line for answer in found.answers} | {passage.line for passage in found.unplaced}
