import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.exports import (
    CSV_COLUMNS,
    LAYOUTS,
    RECIPIENTS,
    STATES,
    ExportedQuestion,
    ExportFormat,
    questions_schema,
)
from bot.errors import InvalidInputError
from bot.settings import ROOT

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SIGNS = "=+-@＝＋－＠"
# What means something in one of the formats, or to those who read them.
TRICKY = SIGNS + "\t\r\n ;,'\"{U+0}\\&#3;<>|*_`~[]():/.1a\x00\x1b\x7f\x85\xa0\u2028\u200f\u202e\ufeffא😀"
TEXTS = st.text(max_size=40) | st.text(TRICKY, max_size=40)
IDS = st.integers(1, 2**64 - 1)
INSTANTS = st.sampled_from(["2026-03-02T08:00:00+00:00", "2024-02-29T23:59:59.123456+05:30", "2026-03-02T08:00Z"])
DAYS = st.sampled_from(["2026-03-02", "2024-02-29"])


def questions(texts: st.SearchStrategy[str]) -> st.SearchStrategy[ExportedQuestion]:
    maybe = st.none() | texts
    common: dict[str, st.SearchStrategy[Any]] = {
        "id": IDS,
        "state": st.sampled_from(STATES),
        "interview": maybe,
        "to": st.sampled_from(RECIPIENTS),
        "text": texts,
        "original": maybe,
        "wanted_by": st.integers(0, 10**9),
        "flagged": st.booleans(),
        "merged_into": st.none() | IDS,
        "reason": maybe,
        "about": maybe | st.just("https://discord.com/channels/1/2/3"),
        "origin": maybe,
        "answer": maybe,
    }
    named = {"asked_by": maybe, "member_id": IDS, "asked_at": INSTANTS, "answered_at": st.none() | INSTANTS}
    anonymous = {"asked_by": st.none(), "member_id": st.none(), "asked_at": DAYS, "answered_at": st.none() | DAYS}
    return st.builds(ExportedQuestion, **common, **named) | st.builds(ExportedQuestion, **common, **anonymous)


def question(text: str = "What about milk in tea?", **changes: Any) -> ExportedQuestion:
    plain = ExportedQuestion(
        id=12,
        state="open",
        interview="tea",
        to="interviewee",
        text=text,
        original=None,
        asked_by="Mira",
        member_id=2**63 - 1,
        asked_at="2026-03-02T08:00:00+00:00",
        wanted_by=3,
        flagged=False,
        merged_into=None,
        reason=None,
        about=None,
        origin=None,
        answer=None,
        answered_at=None,
    )
    return dataclasses.replace(plain, **changes)


def file_of(form: ExportFormat, records: Iterable[ExportedQuestion]) -> bytes:
    layout = LAYOUTS[form]
    return layout.head(NOW) + layout.between.join(map(layout.dump, records)) + layout.tail


def read(form: ExportFormat, content: bytes) -> list[ExportedQuestion]:
    return list(LAYOUTS[form].read(io.BytesIO(content)))


@pytest.fixture(params=ExportFormat)
def form(request: pytest.FixtureRequest) -> ExportFormat:
    found = request.param
    assert isinstance(found, ExportFormat)
    return found


class TestEveryFormat:
    @pytest.mark.parametrize("form", ExportFormat)
    @given(st.lists(questions(TEXTS), max_size=3))
    def test_gives_the_very_same_records_back(self, form: ExportFormat, records: list[ExportedQuestion]) -> None:
        assert read(form, file_of(form, records)) == records

    @pytest.mark.parametrize("unit", [*TRICKY, "\r\n", "{U+0000}", "{U++0000}", "&#0;", "1. ", "\n=", "ab "])
    def test_keeps_the_longest_texts(self, form: ExportFormat, unit: str) -> None:
        text = (unit * 4000)[:4000]
        record = question(text, original=text, answer=text, reason=text, asked_by=text)
        assert read(form, file_of(form, [record])) == [record]

    def test_keeps_nothing_and_an_empty_text_apart(self, form: ExportFormat) -> None:
        texts = ("interview", "original", "asked_by", "reason", "about", "origin", "answer")
        records = [question("", **dict.fromkeys(texts, "")), question("", **dict.fromkeys(texts, None))]
        assert read(form, file_of(form, records)) == records

    def test_tells_nothing_of_who_is_anonymous(self, form: ExportFormat) -> None:
        record = question(asked_by=None, member_id=None, asked_at="2026-03-02", answered_at="2026-03-04")
        content = LAYOUTS[form].dump(record).decode()
        assert "Mira" not in content
        assert re.search(r"\d\d:\d\d|\d{9}", content) is None

    @pytest.mark.parametrize("unit", ["\n", "\r", "\t", ";", " ", "\\", "'", '"', "=", "&#", "{U+", "1", "\n\n="])
    def test_of_a_text_beyond_all_measure_comes_back(self, form: ExportFormat, unit: str) -> None:
        # A writer or reader that looks back at each character would never end.
        record = question(unit * (200_000 // len(unit)))
        content = file_of(form, [record])
        if form == ExportFormat.CSV:  # the library's reader has a limit that is far above any question's
            assert len(content) > 200_000
        else:
            assert read(form, content) == [record]

    @pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
    def test_of_which_a_piece_is_missing_is_not_read(self, form: ExportFormat, place: float) -> None:
        content = file_of(form, [question()])
        begin = len(LAYOUTS[form].head(NOW))
        cut = begin + int((len(content) - begin) * place)
        with pytest.raises(InvalidInputError):
            read(form, content[:cut])

    @pytest.mark.parametrize(
        ("form", "content"),
        [
            (ExportFormat.CSV, b""),
            (ExportFormat.CSV, b"id,text\r\n1,x\r\n"),
            (ExportFormat.CSV, b"\xff\xfe"),
            (ExportFormat.JSON, b""),
            (ExportFormat.JSON, b"[]"),
            (ExportFormat.JSON, b'{"schema_version": 2, "exported_at": "", "questions": []}'),
            (ExportFormat.MARKDOWN, b"## Question 1\n"),
            (ExportFormat.MARKDOWN, b"## Question 1\n\nWhat?\n"),
            (ExportFormat.MARKDOWN, b"## Question 1\n\n> \xff\n"),
            (ExportFormat.MARKDOWN, b"# Tea\n\nIt is hot.\n"),
        ],
    )
    def test_that_is_another_file_is_not_read(self, form: ExportFormat, content: bytes) -> None:
        with pytest.raises(InvalidInputError):
            read(form, content)

    def test_names_the_place_of_a_fault(self, form: ExportFormat) -> None:
        content = file_of(form, [question(), question()]).replace(b"2026-03-02T", b"2026-13-02T")
        with pytest.raises(InvalidInputError, match=r"line \d+|questions\.0"):
            read(form, content)


class TestRecord:
    @pytest.mark.parametrize(
        "told",
        [
            {"asked_by": "Mira"},
            {"asked_at": "2026-03-02T08:00:00+00:00"},
            {"asked_at": "2026-03-02T00:00Z"},
            {"answered_at": "2026-03-02T08:00:00+00:00"},
        ],
    )
    def test_of_somebody_anonymous_tells_no_more_than_the_day(self, told: dict[str, Any]) -> None:
        nothing: dict[str, Any] = {
            "asked_by": None,
            "member_id": None,
            "asked_at": "2026-03-02",
            "answered_at": "2026-03-02",
        }
        assert question(**nothing).asked_at == "2026-03-02"
        with pytest.raises(ValueError, match="anonymous"):
            question(**nothing | told)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"state": "lost"},
            {"to": "reader"},
            {"id": -1},
            {"wanted_by": -1},
            {"member_id": -1},
            {"merged_into": -1},
            {"asked_at": ""},
            {"asked_at": "2026-02-30"},
            {"asked_at": "2026-02-30T08:00:00+00:00"},
            {"asked_at": "2026-03-02T08:00:00"},
            {"asked_at": "2026-03-02\n08:00:00+00:00"},
            {"asked_at": "2026-W10-1"},
            {"asked_at": "yesterday"},
            {"answered_at": "２０２６-03-02"},
        ],
    )
    def test_of_what_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"state|below|date|day|ISO|format"):
            question(**wrong)

    def test_whose_asker_is_gone_may_keep_the_id(self) -> None:
        assert question(asked_by=None).asked_by is None


def rows_of(content: bytes, delimiter: str = ",") -> Iterator[list[str]]:
    lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    return iter(csv.reader(lines, dialect="excel", delimiter=delimiter))


class TestCsv:
    def test_is_what_spreadsheets_open_right(self) -> None:
        record = question("Is it „tea“, or\nnot? 😀", asked_by="עומר", answer='She said "no".')
        content = file_of(ExportFormat.CSV, [record, question()])
        assert content.startswith(b"\xef\xbb\xbfid,")
        head, row, other = rows_of(content)
        assert tuple(head) == CSV_COLUMNS
        cells = dict(zip(head, row, strict=True))
        assert (cells["text"], cells["asked_by"], cells["answer"]) == (record.text, record.asked_by, record.answer)
        assert (cells["id"], cells["member_id"]) == ("12", f"#{2**63 - 1}")
        assert content.replace(b"\nnot", b" not").count(b"\n") == content.count(b"\r\n") == 3
        assert len(other) == len(CSV_COLUMNS)

    @given(st.lists(questions(TEXTS), min_size=1, max_size=3), st.sampled_from(",;\t"))
    def test_has_no_formula_however_the_cells_are_parted(self, records: list[ExportedQuestion], delimiter: str) -> None:
        for row in rows_of(file_of(ExportFormat.CSV, records), delimiter):
            for cell in row:
                bare = re.sub(r"^[\s\x00-\x20\u200b-\u200f\u202a-\u202e\ufeff]+", "", cell)
                assert not bare.startswith(tuple(SIGNS)), cell

    @pytest.mark.parametrize("sign", [*SIGNS, "\t", "\r", "\n", "  =", "\u00a0-", "\u200f+", "\ufeff@", "\u3000＝"])
    def test_guards_what_begins_a_formula(self, sign: str) -> None:
        _, row = rows_of(file_of(ExportFormat.CSV, [question(f"{sign}SUM(A1)", asked_by=f"{sign}x")]))
        assert row[CSV_COLUMNS.index("text")].startswith("'" + sign[0])
        assert row[CSV_COLUMNS.index("asked_by")].startswith("'" + sign[0])

    @pytest.mark.parametrize("name", ["123456789012345678", "1e99", "3-4", "12:30", "1/2", "(5)", "$5", "007"])
    def test_guards_what_would_be_shown_as_another_number(self, name: str) -> None:
        _, row = rows_of(file_of(ExportFormat.CSV, [question(asked_by=name)]))
        assert row[CSV_COLUMNS.index("asked_by")] == "'" + name

    @pytest.mark.parametrize(
        "text", ["What about 1 + 1 = 2?", "mira_99", "e", "...", "a; b\nc", "O'Neill", "¯\\_(ツ)_/¯", "{x}"]
    )
    def test_leaves_other_texts_as_they_are(self, text: str) -> None:
        _, row = rows_of(file_of(ExportFormat.CSV, [question(text)]))
        assert row[CSV_COLUMNS.index("text")] == text

    @given(questions(TEXTS))
    def test_has_no_control_characters_but_tabs_and_line_ends(self, record: ExportedQuestion) -> None:
        content = file_of(ExportFormat.CSV, [record]).decode("utf-8-sig")
        assert re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", content) is None

    @pytest.mark.parametrize("char", [*TRICKY, "\x01"])
    def test_has_no_cell_that_excel_would_cut(self, char: str) -> None:
        _, row = rows_of(file_of(ExportFormat.CSV, [question(char * 4000)]))
        assert max(len(cell.encode("utf-16-le")) // 2 for cell in row) <= 32_767


class TestJson:
    def test_is_one_document_with_ids_as_strings(self) -> None:
        records = [question(merged_into=7), question(member_id=None, asked_by=None, asked_at="2026-03-02")]
        document = json.loads(file_of(ExportFormat.JSON, records))
        assert (document["schema_version"], document["exported_at"]) == (1, "2026-03-02T08:00:00+00:00")
        first, second = document["questions"]
        assert (first["id"], first["member_id"], first["merged_into"]) == ("12", str(2**63 - 1), "7")
        assert (first["wanted_by"], first["flagged"], second["member_id"]) == (3, False, None)

    def test_without_questions_is_a_document_too(self) -> None:
        assert json.loads(file_of(ExportFormat.JSON, []))["questions"] == []

    def test_the_schema_is_current(self) -> None:
        assert (ROOT / "docs" / "questions.schema.json").read_text(encoding="utf-8") == questions_schema()

    @given(questions(TEXTS))
    def test_is_as_the_schema_says(self, record: ExportedQuestion) -> None:
        (found,) = json.loads(file_of(ExportFormat.JSON, [record]))["questions"]
        described = json.loads(questions_schema())["$defs"]["ExportedQuestion"]
        assert set(found) == set(described["required"]) == set(described["properties"])
        for name, value in found.items():
            assert fits(value, described["properties"][name]), name

    @pytest.mark.parametrize(
        "change", [{"flavour": "mint"}, {"state": "lost"}, {"id": "x"}, {"wanted_by": -1}, {"text": None}]
    )
    def test_that_is_not_as_the_schema_says_is_not_read(self, change: dict[str, Any]) -> None:
        document = json.loads(file_of(ExportFormat.JSON, [question()]))
        document["questions"][0] |= change
        with pytest.raises(InvalidInputError, match=r"questions\.0"):
            read(ExportFormat.JSON, json.dumps(document).encode())


def fits(value: object, schema: dict[str, Any]) -> bool:
    """Return whether a value is as a schema says, of which only the words are known that are in use."""
    assert set(schema) <= {"anyOf", "description", "title", "type", "enum", "pattern", "minimum"}
    if "anyOf" in schema:
        return any(fits(value, choice) for choice in schema["anyOf"])
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    return (
        type(value) is kinds[schema["type"]]
        and value in schema.get("enum", [value])
        and (not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None)
        and (not isinstance(value, int) or value >= schema.get("minimum", value))
    )


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def outside(tokens: list[Token]) -> list[str]:
    """Return what a document consists of, without what is in its quotes."""
    return [token.type for token in tokens if not token.level or token.type == "blockquote_open"]


def quotes(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield what is in each quote of a document."""
    begin = 0
    for number, token in enumerate(tokens):
        if token.type == "blockquote_open":
            begin = number + 1
        elif token.type == "blockquote_close":
            yield tokens[begin:number]


def shown(tokens: list[Token]) -> str:
    """Return the text of some paragraphs as a reader sees it; they are nothing but text."""
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    children = [child for token in tokens for child in token.children or []]
    assert {child.type for child in children} <= {"text", "text_special", "softbreak", "hardbreak"}
    return "".join(child.content or "\n" for child in children)


def visible(text: str) -> str:
    """Return a text without blanks and control characters, in whose place Markdown shows nothing or U+FFFD."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufffd]", "", text)


class TestMarkdown:
    @given(TEXTS, TEXTS)
    def test_shows_a_text_as_it_is_and_nothing_breaks_out(self, text: str, other: str) -> None:
        def parsed(text: str, other: str) -> list[Token]:
            told = {"original": other, "answer": text, "reason": other, "asked_by": text}
            return MARKDOWN.parse(file_of(ExportFormat.MARKDOWN, [question(text, **told)] * 2).decode())

        tokens = parsed(text, other)
        assert outside(tokens) == outside(parsed("x", "x"))
        assert [visible(shown(quote)) for quote in quotes(tokens)] == [*map(visible, (text, other, text))] * 2

    @given(TEXTS)
    def test_a_text_beside_a_name_is_nothing_but_a_text(self, text: str) -> None:
        tokens = MARKDOWN.parse(file_of(ExportFormat.MARKDOWN, [question(reason=text)]).decode())
        lines = [token.children or [] for token in tokens if token.type == "inline"]
        (reason,) = [line for line in lines if line and line[0].content.startswith("reason:")]
        assert {child.type for child in reason} <= {"text", "text_special", "link_open", "link_close"}
        assert ("link_open" in {child.type for child in reason}) == bool(re.fullmatch(r"https://[A-Za-z0-9./-]+", text))

    @pytest.mark.parametrize("text", ["1. a", "2) a", "- a", "[a](b)", "![a](b)", "<b>", "a\n===", "|a|\n|-|", "    a"])
    def test_shows_markup_as_text(self, text: str) -> None:
        tokens = MARKDOWN.parse(file_of(ExportFormat.MARKDOWN, [question(text)]).decode())
        assert [visible(shown(quote)) for quote in quotes(tokens)] == [visible(text)]

    def test_has_no_blanks_at_line_ends_that_editors_drop(self) -> None:
        content = file_of(ExportFormat.MARKDOWN, [question("a \n \nb\t", reason="c ", origin="")]).decode()
        assert re.search(r"[ \t]$", content, re.MULTILINE) is None

    def test_keeps_lines_apart(self) -> None:
        tokens = MARKDOWN.parse(file_of(ExportFormat.MARKDOWN, [question("One\ntwo\n\n    three")]).decode())
        (quote,) = quotes(tokens)
        breaks = [child.type for token in quote for child in token.children or [] if "break" in child.type]
        assert breaks == ["hardbreak"]
        assert [token.type for token in quote].count("paragraph_open") == 2

    def test_is_easy_on_the_eye(self) -> None:
        content = file_of(ExportFormat.MARKDOWN, [question("Why? It's 5 o'clock (tea-time): \"so what\".")]).decode()
        assert "> Why? It's 5 o'clock (tea-time): \"so what\".\n" in content

    def test_links_the_message_it_is_about(self) -> None:
        link = "https://discord.com/channels/1/2/3"
        tokens = MARKDOWN.parse(file_of(ExportFormat.MARKDOWN, [question(about=link)]).decode())
        links = [child for token in tokens for child in token.children or [] if child.type == "link_open"]
        assert [found.attrs["href"] for found in links] == [link]

    def test_is_read_after_an_editor_changed_its_line_ends(self) -> None:
        record = question("One\n\ntwo\\\nthree")
        content = file_of(ExportFormat.MARKDOWN, [record])
        assert read(ExportFormat.MARKDOWN, b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")) == [record]
