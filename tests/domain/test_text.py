import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import excerpt, fold, one_line, pages, paragraphs, sentences, shorten, words

TEXTS = st.text() | st.text("ab .!?…\n\"”'éI\u2028", max_size=200)


def bare(text: str) -> str:
    return "".join(text.split())


class TestSentences:
    @given(TEXTS)
    def test_lose_nothing(self, text: str) -> None:
        assert bare("".join(sentences(text))) == bare(text)

    @given(TEXTS)
    def test_are_slices_of_the_text_in_order(self, text: str) -> None:
        position = 0
        for sentence in sentences(text):
            assert sentence
            assert sentence == sentence.strip()
            position = text.index(sentence, position) + len(sentence)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("It is so. It was.", ["It is so.", "It was."]),
            ("He said “no.” She left.", ["He said “no.”", "She left."]),
            ("No. It was no. 5. No.", ["No.", "It was no. 5.", "No."]),
            ("Why?! Because... Well.", ["Why?!", "Because...", "Well."]),
            ("He met Dr. Sol, e.g. Ana, on J. Street.", ["He met Dr. Sol, e.g. Ana, on J. Street."]),
            ("Was it I? It was.", ["Was it I?", "It was."]),
            ("It has 3.5 parts. and more", ["It has 3.5 parts. and more"]),
            ("One line\nand another.\n\nA paragraph.", ["One line", "and another.", "A paragraph."]),
            ("Numbers. 3 of them. “Quoted.” (So.)", ["Numbers.", "3 of them.", "“Quoted.”", "(So.)"]),
            ("", []),
        ],
    )
    def test_end_where_a_reader_sees_it(self, text: str, expected: list[str]) -> None:
        assert sentences(text) == expected

    @pytest.mark.parametrize("piece", [".", ". ", "A. ", "a. A", "! Aa", ".”", "\n", "e.g. A"])
    def test_take_linear_time(self, piece: str) -> None:
        begin = time.perf_counter()
        sentences(piece * (300_000 // len(piece)))
        assert time.perf_counter() - begin < 2


class TestParagraphs:
    @given(TEXTS)
    def test_lose_nothing(self, text: str) -> None:
        assert bare("".join(paragraphs(text))) == bare(text)

    def test_are_set_apart_by_blank_lines(self) -> None:
        assert paragraphs("\n one\ntwo \n \t\n\nthree\n") == ["one\ntwo", "three"]


class TestFold:
    @given(TEXTS)
    def test_folds_once_and_for_all(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)

    @given(TEXTS)
    def test_leaves_no_capitals(self, text: str) -> None:
        assert not any(unicodedata.category(char) == "Lu" and char.lower() != char for char in fold(text))

    @pytest.mark.parametrize(
        ("text", "folded"),
        [("François", "francois"), ("Straße", "strasse"), ("Keras™", "kerastm"), ("ﬁt\u00ad", "fit"), ("it’s", "it's")],
    )
    def test_makes_alike_what_readers_type(self, text: str, folded: str) -> None:
        assert fold(text) == folded

    def test_finds_words(self) -> None:
        assert words("Keras’s C++ API, v2.0 — o'clock; tf.keras!") == [
            "keras",
            "c++",
            "api",
            "v2.0",
            "o'clock",
            "tf.keras",
        ]


class TestShorten:
    @given(TEXTS, st.integers(1, 60))
    def test_keeps_to_the_limit(self, text: str, limit: int) -> None:
        short = shorten(text, limit)
        assert len(short) <= limit
        assert "\n" not in short
        assert short == one_line(text) or short.endswith("…")

    def test_cuts_between_words(self) -> None:
        assert shorten("one two, three four", 11) == "one two…"
        assert shorten("incomprehensible", 9) == "incompre…"
        assert shorten(" as\n it  is ", 20) == "as it is"


class TestPages:
    @given(TEXTS, st.integers(3, 80))
    def test_keep_to_the_limit_and_lose_nothing(self, text: str, limit: int) -> None:
        result = pages(text, limit)
        assert all(len(page) <= limit for page in result)
        assert bare("".join(result)).replace("…", "") == bare(text).replace("…", "")

    @given(TEXTS, st.integers(3, 80))
    def test_are_never_empty_but_for_a_text_without_words(self, text: str, limit: int) -> None:
        assert pages(text, limit) == [""] or all(page.strip() for page in pages(text, limit))

    def test_end_where_sentences_end(self) -> None:
        assert pages("One. Two two. Three.\n\nFour.", 14) == ["One. Two two.", "Three.\n\nFour."]

    def test_show_where_a_sentence_is_cut(self) -> None:
        assert pages("one two three four five", 12) == ["one two…", "…three four…", "…five"]
        assert pages("abcdefgh", 4) == ["abc…", "…de…", "…fgh"]

    @pytest.mark.parametrize("limit", [-1, 0, 2])
    def test_have_room_for_words(self, limit: int) -> None:
        with pytest.raises(ValueError, match=str(limit)):
            pages("words", limit)

    def test_of_a_long_word_take_linear_time(self) -> None:
        begin = time.perf_counter()
        assert len(pages("x" * 2_000_000, 1000)) > 2000
        assert time.perf_counter() - begin < 2


class TestExcerpt:
    TEXT = "The boat leaks… A lot. The artist bails, and the boat floats."

    @pytest.mark.parametrize(
        ("quote", "parts"),
        [
            ("The boat leaks… A lot.", ["The boat leaks… A lot."]),
            ("[…] the boat floats.", ["the boat floats."]),
            ("The boat […] floats.", ["The boat", "floats."]),
            ("The boat … floats.", ["The boat", "floats."]),
            ("The boat leaks… […] the boat floats […].", ["The boat leaks…", "the boat floats", "."]),
            ("the boat", ["the boat"]),
        ],
    )
    def test_is_word_for_word_between_its_cuts(self, quote: str, parts: list[str]) -> None:
        assert [self.TEXT[start:end] for start, end in excerpt(self.TEXT, quote)] == parts

    @pytest.mark.parametrize(
        "quote",
        ["The ship leaks", "the Boat floats", "floats […] leaks", "The art […]", "oat floats.", "[…]", "A […] A lot."],
    )
    def test_is_nothing_where_the_words_are_others(self, quote: str) -> None:
        assert excerpt(self.TEXT, quote) == ()

    @given(st.text(max_size=60), st.data())
    def test_finds_what_was_left_out(self, text: str, data: st.DataObject) -> None:
        words = text.split()
        kept = data.draw(st.lists(st.integers(0, max(0, len(words) - 1)), unique=True)) if words else []
        quote = " […] ".join(words[number] for number in sorted(kept))
        spans = excerpt(text, quote)
        assert bool(spans) == bool(kept)
        assert list(spans) == sorted(spans)
