"""Readers' questions as files: CSV for spreadsheets, JSON for programs, Markdown for people.

Each format can be read back, and gives the very same records, whatever is in their texts.

CSV is UTF-8 with a byte order mark, with commas and CRLF as RFC 4180 has it. An empty cell is nothing at all. An
apostrophe stands before a text that a spreadsheet may take for a formula or a number, that begins with a blank or an
apostrophe, or that is empty; who reads the file takes exactly one off. Within a text, one stands before what begins
like a formula after a line end, a tab or a semicolon: where those part the cells, as in half of Europe's Excels, a
comma's quotes guard nothing. A control character is written as `{U+0000}`, and where somebody has typed just that, it
gets one more plus: `{U++0000}`. Tabs and line ends stay as they are. A text of 4,000 characters takes 32,000 of its
cell at most. Excel shows the first 32,767 characters of a cell; the file holds all of them.

JSON is one document, described by `docs/questions.schema.json`. Ids are strings: JavaScript would round them.

Markdown has a section for each question. Every line of a text is quoted with `> `; a backslash stands before what
would be markup, and at the end of a line that another follows; control characters, and blanks at the edges of a line,
are numeric references such as `&#32;`.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import ConfigDict, Field, PlainSerializer, TypeAdapter, ValidationError, WithJsonSchema

from bot.errors import InvalidInputError

SCHEMA_VERSION = 1
STATES = ("open", "approved", "rejected", "merged", "withdrawn", "answered")
RECIPIENTS = ("interviewee", "host")

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"^{_DAY}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,6}})?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}}))?$"
_IS_DAY, _IS_MOMENT = re.compile(_DAY), re.compile(_MOMENT)

Number = Annotated[int, PlainSerializer(str), WithJsonSchema({"type": "string", "pattern": "^[0-9]+$"})]
Moment = Annotated[str, Field(pattern=_MOMENT)]


@dataclass(frozen=True, slots=True)
class ExportedQuestion:
    """A reader's question with all that an export tells of it.

    Without a member's id it is anonymous: it has no name then, and no time finer than a day.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Annotated[Number, Field(description="The question's number.")]
    state: Annotated[str, Field(json_schema_extra={"enum": list(STATES)}, description="How far it has come.")]
    interview: Annotated[str | None, Field(description="The key of the interview it is about.")]
    to: Annotated[str, Field(json_schema_extra={"enum": list(RECIPIENTS)}, description="Who it is put to.")]
    text: Annotated[str, Field(description="The question.")]
    original: Annotated[str | None, Field(description="As it was asked, where a moderator mended the spelling.")]
    asked_by: Annotated[str | None, Field(description="The asker's name; null: anonymous, or the asker is gone.")]
    member_id: Annotated[Number | None, Field(description="The asker's Discord id; null: anonymous.")]
    asked_at: Annotated[Moment, Field(description="When it was asked; only the date if it is anonymous.")]
    wanted_by: Annotated[int, Field(ge=0, description="How many members want an answer to it.")]
    flagged: Annotated[bool, Field(description="Whether it was put aside for a moderator to look at.")]
    merged_into: Annotated[Number | None, Field(description="The number of the question that it is part of now.")]
    reason: Annotated[str | None, Field(description="Why it was rejected.")]
    about: Annotated[str | None, Field(description="The link of the message it is about.")]
    origin: Annotated[str | None, Field(description="Where it comes from, if nobody asked it in Discord.")]
    answer: Annotated[str | None, Field(description="The answer.")]
    answered_at: Annotated[Moment | None, Field(description="When it was answered; only the date if anonymous.")]

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: It is anonymous and tells more than it may, or a value is none of those that are possible.
        """
        if self.state not in STATES or self.to not in RECIPIENTS:
            raise ValueError(f"There is no state {self.state!r}, or nobody is asked as {self.to!r}.")
        if min(self.id, self.wanted_by, self.member_id or 0, self.merged_into or 0) < 0:
            raise ValueError("Ids and counts are not below 0.")
        for moment in (self.asked_at, self.answered_at):
            if moment is not None:
                _check_moment(moment, only_day=self.member_id is None)
        if self.member_id is None and self.asked_by is not None:
            raise ValueError("An anonymous question names nobody.")


def _check_moment(moment: str, *, only_day: bool) -> None:
    if _IS_DAY.fullmatch(moment):
        date.fromisoformat(moment)
    elif only_day:
        raise ValueError("An anonymous question has no time finer than a day.")
    elif _IS_MOMENT.fullmatch(moment):
        datetime.fromisoformat(moment)
    else:
        raise ValueError(f"{moment!r} is neither a date nor an instant with its offset.")


def parse_since(typed: str) -> datetime:
    """Return when the day begins in UTC that somebody typed as 2026-11-01.

    Raises:
        InvalidInputError: It is no such date.
    """
    found = _IS_DAY.fullmatch(typed.strip())
    with suppress(ValueError):
        if found:
            return datetime.fromisoformat(found.group()).replace(tzinfo=UTC)
    raise InvalidInputError(f'"{typed}" is no date. Write it as year, month and day, such as 2026-11-01.')


class ExportFormat(StrEnum):
    """What an export is written as; the value is the ending of the file's name."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format is written, piece by piece, and read back.

    A file is the head, the records with `between` between any two, and the tail. So any run of records makes a file
    of its own.
    """

    head: Callable[[datetime], bytes]
    dump: Callable[[ExportedQuestion], bytes]
    between: bytes
    tail: bytes
    read: Callable[[BinaryIO], Iterator[ExportedQuestion]]


# --- CSV ---

CSV_COLUMNS = tuple(field.name for field in fields(ExportedQuestion))
_FORMULA_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫−"
_INVISIBLE = "\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff"
_NUMBER_SIGNS = r"\s.,:;/()%$€£¥+\-eE"
# Besides: what consists of digits and signs, for it may be shown as another number, or as a date.
_GUARDED = re.compile(rf"['\s{_FORMULA_SIGNS}{_INVISIBLE}]|([{_NUMBER_SIGNS}]*\d[\d{_NUMBER_SIGNS}]*)?\Z")
# Takes every row of blanks once, whether a sign follows or not: a long one must not take quadratic time.
_INNER_START = re.compile(rf"([;\t\r\n][;\s\"{_INVISIBLE}]*+)('*+[{_FORMULA_SIGNS}])?")
# One set of characters is looked for thrice as fast as that or something else.
_SUSPICIOUS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\{U\++[0-9A-F]{4}\}")
_ESCAPED = re.compile(r"\{U(\++)([0-9A-F]{4})\}")
_TO_QUOTE = re.compile(r'[,"\r\n]')


def _csv_head(_: datetime) -> bytes:
    return _csv_line(CSV_COLUMNS).encode("utf-8-sig")


def _csv_row(question: ExportedQuestion) -> bytes:
    return _csv_line(
        (
            question.id,
            question.state,
            _cell(question.interview),
            question.to,
            _cell(question.text),
            _cell(question.original),
            _cell(question.asked_by),
            None if question.member_id is None else f"#{question.member_id}",  # digits alone would be rounded
            question.asked_at,
            question.wanted_by,
            "yes" if question.flagged else "no",
            question.merged_into,
            _cell(question.reason),
            _cell(question.about),
            _cell(question.origin),
            _cell(question.answer),
            question.answered_at,
        )
    ).encode()


def _csv_line(cells: Iterable[object]) -> str:
    # The library's writer looks at each character by itself: long texts take it twenty times as long.
    return ",".join(_quoted_cell(str(cell)) if cell is not None else "" for cell in cells) + "\r\n"


def _quoted_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell


def _cell(text: str | None) -> str | None:
    """Return a text as a cell that no spreadsheet takes for anything but a text."""
    if text is None:
        return None
    if _SUSPICIOUS.search(text):
        text = _CONTROL.sub(_escaped_control, text)
    text = _INNER_START.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], text)
    return "'" + text if _GUARDED.match(text) else text


def _escaped_control(found: re.Match[str]) -> str:
    text = found.group()
    return "{U+" + text[2:] if len(text) > 1 else f"{{U+{ord(text):04X}}}"


def _text(cell: str) -> str | None:
    """Return the text of a cell, as it was before `_cell`."""
    if not cell:
        return None
    text = _INNER_START.sub(lambda found: found[1] + (found[2] or "").removeprefix("'"), cell.removeprefix("'"))
    return _ESCAPED.sub(_control, text)


def _control(found: re.Match[str]) -> str:
    plusses, code = found.groups()
    return chr(int(code, 16)) if plusses == "+" else "{U" + plusses[1:] + code + "}"


def read_csv(file: BinaryIO) -> Iterator[ExportedQuestion]:
    """Yield the questions of a CSV export, one at a time.

    Raises:
        InvalidInputError: It is not such a file; the message names the line.
    """
    lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    rows = csv.reader(lines, strict=True)
    try:
        _check_columns(next(rows, []))
        for row in rows:
            yield _question_of(dict(zip(CSV_COLUMNS, row, strict=True)))
    except (ValueError, KeyError, csv.Error) as error:
        raise _unreadable(f"line {rows.line_num}", error) from None
    finally:
        lines.detach()


def _check_columns(row: list[str]) -> None:
    if tuple(row) != CSV_COLUMNS:
        raise ValueError("the columns are not those of an export")


def _question_of(row: Mapping[str, str]) -> ExportedQuestion:
    return ExportedQuestion(
        id=int(row["id"]),
        state=row["state"],
        interview=_text(row["interview"]),
        to=row["to"],
        text=_text(row["text"]) or "",
        original=_text(row["original"]),
        asked_by=_text(row["asked_by"]),
        member_id=_int(row["member_id"].removeprefix("#")),
        asked_at=row["asked_at"],
        wanted_by=int(row["wanted_by"]),
        flagged=_BOOL[row["flagged"]],
        merged_into=_int(row["merged_into"]),
        reason=_text(row["reason"]),
        about=_text(row["about"]),
        origin=_text(row["origin"]),
        answer=_text(row["answer"]),
        answered_at=row["answered_at"] or None,
    )


_BOOL = {"yes": True, "no": False}


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


# --- JSON ---


@dataclass(frozen=True, slots=True)
class QuestionsFile:
    """Readers' questions as Fireside exports them."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    schema_version: Annotated[Literal[1], Field(description="The version of this format.")]
    exported_at: Annotated[str, Field(description="When it was exported, in UTC.")]
    questions: Annotated[list[ExportedQuestion], Field(description="The questions, in the order of their numbers.")]


_RECORD, _FILE = TypeAdapter(ExportedQuestion), TypeAdapter(QuestionsFile)


def questions_schema() -> str:
    """Return the JSON Schema of a JSON export, as `docs/questions.schema.json` holds it."""
    return json.dumps(_FILE.json_schema(), ensure_ascii=False, indent=2) + "\n"


def _json_head(exported_at: datetime) -> bytes:
    return f'{{"schema_version":{SCHEMA_VERSION},"exported_at":"{_instant(exported_at)}","questions":[\n'.encode()


def read_json(file: BinaryIO) -> Iterator[ExportedQuestion]:
    """Yield the questions of a JSON export; the whole of it is read and checked before the first.

    Raises:
        InvalidInputError: It is not such a file; the message names the place.
    """
    try:
        document = _FILE.validate_json(file.read())
    except ValidationError as error:
        mistake: Any = error.errors(include_url=False, include_input=False)[0]
        raise _unreadable(".".join(map(str, mistake["loc"])) or "the file", mistake["msg"]) from None
    yield from document.questions


# --- Markdown ---

_MARKUP = re.compile(r"[\\`*_\[\]<&~|$:\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# What would begin a heading, a list, a quote or a line below a heading; and a blank, which would be dropped.
_LINE_START = re.compile(r"[#+\-=>:]|([0-9]+)(?=[.)])|([^\S\n])")
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~\n])|&#([0-9]{1,7});")
_SAFE_LINK = re.compile(r"https://[A-Za-z0-9./-]+")
_TEXTS = {"As it was asked:": "original", "Answer:": "answer"}
_TITLE, _HEADING = "# Readers' questions", "## Question "


def _markdown_head(exported_at: datetime) -> bytes:
    return f"{_TITLE}\n\nExported at {_instant(exported_at)}.\n\n".encode()


def _markdown_section(question: ExportedQuestion) -> bytes:
    facts = (
        ("state", question.state),
        ("to", question.to),
        ("interview", _value(question.interview)),
        ("asked by", _value(question.asked_by)),
        ("member id", question.member_id),
        ("asked at", question.asked_at),
        ("wanted by", question.wanted_by),
        ("flagged", "yes" if question.flagged else "no"),
        ("merged into", question.merged_into),
        ("reason", _value(question.reason)),
        ("about", _value(question.about)),
        ("origin", _value(question.origin)),
        ("answered at", question.answered_at),
    )
    parts = [f"{_HEADING}{question.id}", _quoted(question.text)]
    parts.append("\n".join(f"- {name}: {value}".rstrip() for name, value in facts if value is not None))
    if question.original is not None:
        parts += ["As it was asked:", _quoted(question.original)]
    if question.answer is not None:
        parts += ["Answer:", _quoted(question.answer)]
    return ("\n\n".join(parts) + "\n").encode()


def _quoted(text: str) -> str:
    lines = _MARKUP.sub(_escaped_markup, text).split("\n")
    following = [*lines[1:], ""]
    return "\n".join(
        f"> {_edged(line)}" + ("\\" if after else "") if line else ">"
        for line, after in zip(lines, following, strict=True)
    )


def _value(text: str | None) -> str | None:
    """Return a text as it stands on one line, after its name."""
    if text is None:
        return None
    if _SAFE_LINK.fullmatch(text):
        return f"<{text}>"
    return _edged(_MARKUP.sub(_escaped_markup, text).replace("\n", "&#10;"))


def _escaped_markup(found: re.Match[str]) -> str:
    char = found.group()
    if char == ":" and not found.string.startswith("//", found.end()):
        return char
    return f"\\{char}" if "!" <= char <= "~" else f"&#{ord(char)};"


def _edged(line: str) -> str:
    """Return a line whose edges mean nothing in Markdown, and are not dropped."""
    if start := _LINE_START.match(line):
        number, blank = start.groups()
        rest = line[start.end() :]
        line = f"{number}\\{rest}" if number else f"&#{ord(blank)};{rest}" if blank else f"\\{line}"
    return f"{line[:-1]}&#{ord(line[-1])};" if line[-1:].isspace() else line


def _plain(marked: str) -> str:
    return _MARKDOWN_ESCAPE.sub(lambda found: found[1] or chr(int(found[2])), marked)


def read_markdown(file: BinaryIO) -> Iterator[ExportedQuestion]:
    """Yield the questions of a Markdown export, one at a time.

    Raises:
        InvalidInputError: It is not such a file; the message names the line.
    """
    section: _Section | None = None
    number = 1
    try:
        _check_title(_line(file.readline()))
        for number, raw in enumerate(file, start=2):  # noqa: B007 - the last one is for the error
            line = _line(raw)
            if line.startswith(_HEADING):
                if section:
                    yield section.question()
                section = _Section(line.removeprefix(_HEADING))
            elif section:
                section.take(line)
        if section:
            yield section.question()
    except (ValueError, KeyError) as error:
        raise _unreadable(f"line {number}", error) from None


def _line(raw: bytes) -> str:
    return raw.decode("utf-8-sig").rstrip("\r\n")


def _check_title(line: str) -> None:
    if line != _TITLE:
        raise ValueError(f"it does not begin with {_TITLE!r}")


class _Section:
    """What was read of a section so far."""

    def __init__(self, number: str) -> None:
        self._facts = {"id": number}
        self._texts: dict[str, list[str]] = {}
        self._part = "text"

    def take(self, line: str) -> None:
        """Take the next line."""
        if line.startswith(">"):
            self._texts.setdefault(self._part, []).append(line[1:].removeprefix(" "))
        elif line.startswith("- "):
            name, _, value = line.removeprefix("- ").partition(":")
            self._facts[name] = value.removeprefix(" ")
        elif line:
            self._part = _TEXTS[line]

    def question(self) -> ExportedQuestion:
        """Return the question of the whole section."""
        facts = self._facts
        return ExportedQuestion(
            id=int(facts["id"]),
            state=facts["state"],
            interview=self._value("interview"),
            to=facts["to"],
            text=self._text("text") or "",
            original=self._text("original"),
            asked_by=self._value("asked by"),
            member_id=_int(facts.get("member id")),
            asked_at=facts["asked at"],
            wanted_by=int(facts["wanted by"]),
            flagged=_BOOL[facts["flagged"]],
            merged_into=_int(facts.get("merged into")),
            reason=self._value("reason"),
            about=self._value("about"),
            origin=self._value("origin"),
            answer=self._text("answer"),
            answered_at=facts.get("answered at"),
        )

    def _text(self, part: str) -> str | None:
        lines = self._texts.get(part)
        return None if lines is None else _plain("\n".join(lines))

    def _value(self, name: str) -> str | None:
        value = self._facts.get(name)
        if value is None:
            return None
        return value[1:-1] if value.startswith("<") else _plain(value)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _unreadable(place: str, problem: object) -> InvalidInputError:
    return InvalidInputError(f"{place}: this is not an export of questions as it was written ({problem}).")


LAYOUTS: Mapping[ExportFormat, Layout] = {
    ExportFormat.CSV: Layout(_csv_head, _csv_row, b"", b"", read_csv),
    ExportFormat.JSON: Layout(_json_head, _RECORD.dump_json, b",\n", b"\n]}\n", read_json),
    ExportFormat.MARKDOWN: Layout(_markdown_head, _markdown_section, b"\n", b"", read_markdown),
}
