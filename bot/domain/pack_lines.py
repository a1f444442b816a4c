"""The lines of a pack that comes back: which are marks, which are ours, and which an author must have written.

Texts are compared by their letters alone, so that neither quotation marks nor markup nor the ends of lines matter.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from bot.domain.packs import HOW_TO, NEARBY, PLACE, QUOTED, THE_END, seal
from bot.errors import InvalidInputError

MAX_PACK_BYTES = 8 * 1024 * 1024
MAX_PACK_LINES = 60_000

# What Markdown and word processors put before the words of a line: signs of quotes, headings, lists and emphasis.
_MARKUP = r"[\s>#*_+\-–—\\•·●○▪■◦\uf0b7\ufeff\u200b-\u200f\u2060]"
_AROUND = " >#*_+-–—•·●○▪■◦\uf0b7\ufeff\u200b\u200e\u200f\u2060"
_DASH = r"[\s\\\-_\u00ad\u2010-\u2015\u2212]"
_CODE = r"([a-z0-9]{3})(?![a-z0-9])"
_MARK = re.compile(
    rf"{_MARKUP}*+(?:question\s{{1,3}}\d{{1,9}}\s{{1,3}}of\s{{1,3}}\d{{1,9}}[\s:.*_]{{0,5}})?[\\\[(]{{0,9}}\s?"
    rf"Q{_DASH}{{0,4}}(\d{{1,18}}){_DASH}{{1,4}}{_CODE}[\s\\\]):.*_#]*+",
    re.IGNORECASE,
)
_PACK_MARK = re.compile(rf"\bP{_DASH}{{1,4}}([a-z0-9]{{1,32}}){_DASH}{{1,4}}{_CODE}", re.IGNORECASE)
_PLACE_WORDS, QUOTED_WORDS = (words.replace(" ", r"\s{1,3}") for words in (PLACE, QUOTED))
_PLACE = re.compile(rf"{_MARKUP}*+{_PLACE_WORDS}[\s*_\\]{{0,12}}[:：](?:\\{{0,8}}[*_]){{0,2}}[^\S\n]*+", re.IGNORECASE)
_QUOTED = re.compile(rf"{_MARKUP}*+{QUOTED_WORDS}\b[\s*_\\]{{0,12}}[:：]?(.*)", re.IGNORECASE)
_YES_OR_NO = {"yes": True, "y": True, "no": False, "n": False}

# Lines of ours that are short enough never to be wrapped.
_THEME = re.compile(r"Theme \d{1,6} of \d{1,6}:.{0,150}", re.IGNORECASE)
_ASKER = re.compile(r"Asked by.{0,150}; wanted by \d{1,9} readers?\.?", re.IGNORECASE)
_FILE = re.compile(rf"(?:This file is|{re.escape(THE_END)}) \[?{_PACK_MARK.pattern}\]?\.?", re.IGNORECASE)
_BOUNDARY = re.compile(rf"{_THEME.pattern}|{_FILE.pattern}", re.IGNORECASE)
_ALONE = re.compile(rf"{_ASKER.pattern}|{_BOUNDARY.pattern}", re.IGNORECASE)
# Paragraphs of ours with something in them that we cannot know: how each begins, how it ends, and the whole.
_BEGINS = re.compile(rf"\d{{1,6}} questions? for |Readers of |\d{{1,9}} readers? of |{NEARBY}:", re.IGNORECASE)
_ENDS = re.compile(r"(?:\bback|\banswers\.|\ball\.|\[[a-z0-9]{4}\])\Z", re.IGNORECASE)
_SEALED = re.compile(rf"({NEARBY}:.{{0,3000}})\[([a-z0-9]{{4}})\]", re.IGNORECASE)
_HEAD = re.compile(
    r"\d{1,6} questions? for.{0,400}: write your answers below and send this file back"
    r"|(?:Readers|\d{1,9} readers?) of the interview.{0,600} "
    r"(?:would like to read your answers|have asked for your answers \d{1,9} times? in all)\.",
    re.IGNORECASE,
)

# How all of these begin, to tell most of an author's lines from ours at once.
_OURS = re.compile(
    rf"{_MARKUP}*+(?:Theme|Asked|This|That|Your|May|\d|Readers|Nearby|{'|'.join(text[:2] for text in HOW_TO)})",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"{_MARKUP}*+Asked", re.IGNORECASE)

# All that editors add, take away or replace. What is left of a text is the same after each of them.
_SIGNS = re.compile(
    r"[\s\x00-/:-@\[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf×÷\u2000-\u206f\u25a0-\u25ff\uf0a7\uf0b7\ufe0e\ufe0f\ufeff\ufffd]+"
)
_RULE = re.compile(rf"(?:{_MARKUP}|[=~])*+")
# How far a paragraph of ours is looked for, how often its end is tried, and how many marks of packs are read.
_MOST_LINES, _MOST_TRIES, _MOST_PACK_MARKS = 80, 5, 1_000


def lines_of(content: bytes) -> list[str]:
    """Return the lines of a file in UTF-8, in UTF-16 with its mark, or as word processors save plain text.

    Raises:
        InvalidInputError: The file is no text, is empty, or is far too long for a pack.
    """
    if len(content) > MAX_PACK_BYTES:
        raise InvalidInputError(f"This file is larger than {MAX_PACK_BYTES // 2**20} MB. Is it the right file?")
    text = _decode(content)
    if not text.strip():
        raise InvalidInputError("This file is empty. Send the file that has the answers in it.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_PACK_LINES:
        raise InvalidInputError(f"This file has more than {MAX_PACK_LINES:,} lines. Is it the right file?")
    return lines


def _decode(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInputError("This file is not plain text. Save it as plain text in UTF-8 (.md or .txt), and send that.")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a question that a line begins with, and where in the line it ends."""

    number: int
    check: str
    end: int


@dataclass(frozen=True, slots=True)
class Spelling:
    """The letters of a text, and how many of its words have none."""

    letters: str
    signs: int


def spellings_of(text: str) -> tuple[Spelling, ...]:
    """Return a text as it comes back, and as it comes back from a Windows-1252 file, which knows few letters."""
    reduced = text.encode("cp1252", "replace").decode("cp1252")
    return tuple(
        Spelling(_letters(one), sum(not _letters(word) for word in one.split()))
        for one in dict.fromkeys((text, reduced))
    )


def _letters(text: str) -> str:
    return _SIGNS.sub("", text).casefold()


def _bare(line: str) -> str:
    """Return a line without its markup, on single blanks."""
    return " ".join(line.replace("\\", "").split()).strip(_AROUND)


def _is_whole(text: str) -> bool:
    """Return whether a text is all of one of our paragraphs with something in it that we cannot know."""
    sealed = _SEALED.fullmatch(text)
    return seal(sealed[1]) == sealed[2].lower() if sealed else _HEAD.fullmatch(text) is not None


_HOW_TO = tuple(Spelling(_letters(text), 0) for text in HOW_TO)


class PackLines:
    """The lines of a file, numbered from 0."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Take the lines, without their ends."""
        self.lines = lines

    @cached_property
    def marks(self) -> dict[int, Mark]:
        """The lines that begin with something like a question's mark, in order."""
        found = ((number, _MARK.match(line)) for number, line in enumerate(self.lines))
        return {number: Mark(int(mark[1]), mark[2].lower(), mark.end()) for number, mark in found if mark}

    @cached_property
    def places(self) -> list[int]:
        """The lines that may begin an answer, in order."""
        return [number for number, line in enumerate(self.lines) if _PLACE.match(line)]

    @cached_property
    def quotes(self) -> list[int]:
        """The lines that may say whether an answer may be quoted, in order."""
        return [number for number, line in enumerate(self.lines) if _QUOTED.match(line)]

    @cached_property
    def askers(self) -> list[int]:
        """The lines that say who asks, in order."""
        asked = ((number, line) for number, line in enumerate(self.lines) if _ASKS.match(line))
        return [number for number, line in asked if _ASKER.fullmatch(_bare(line))]

    def pack_marks(self) -> Iterator[tuple[str, str]]:
        """Yield the key and the check of what looks like a pack's mark, as far as there may be some."""
        found = (mark for line in self.lines for mark in _PACK_MARK.finditer(line))
        for mark in islice(found, _MOST_PACK_MARKS):
            yield mark[1].lower(), mark[2].lower()

    def after_place(self, line: int) -> str:
        """Return what follows on the line that begins an answer."""
        found = _PLACE.match(self.lines[line])
        rest = self.lines[line][found.end() :] if found else ""
        return "" if _RULE.fullmatch(rest) else rest

    def may_be_quoted(self, line: int) -> bool | None:
        """Return whether a line says yes or no, or None where that cannot be told."""
        found = _QUOTED.match(self.lines[line])
        return _YES_OR_NO.get(_letters(found[1])) if found else None

    def is_blank(self, line: int) -> bool:
        """Return whether a line shows nothing, or nothing but markup, such as a rule."""
        return _RULE.fullmatch(self.lines[line]) is not None

    def is_boundary(self, line: int) -> bool:
        """Return whether a line is ours and neither of a question nor of an answer."""
        return _BOUNDARY.fullmatch(_bare(self.lines[line])) is not None

    def foreign(self, begin: int, end: int) -> list[int]:
        """Return which lines from one to another are not ours and not blank."""
        result = []
        while begin < end:
            ours = 1 if self.is_blank(begin) else self._ours(begin, end)
            if not ours:
                result.append(begin)
            begin += ours or 1
        return result

    def _ours(self, begin: int, end: int) -> int:
        """Return how many lines from there on are a paragraph of ours."""
        if not _OURS.match(self.lines[begin]):
            return 0
        bare = _bare(self.lines[begin])
        if _ALONE.fullmatch(bare):
            return 1
        if _PLACE.match(self.lines[begin]):
            return int(not self.after_place(begin))
        if self.may_be_quoted(begin) is not None:
            return 1
        if _BEGINS.match(bare):
            return self._ours_with_more(begin, end)
        letters = _letters(bare)
        return next((self.count(text, begin, end) for text in _HOW_TO if text.letters.startswith(letters)), 0)

    def _ours_with_more(self, begin: int, end: int) -> int:
        said: list[str] = []
        tries = _MOST_TRIES
        for number in range(begin, min(end, begin + _MOST_LINES)):
            bare = _bare(self.lines[number])
            if not tries or (said and _BEGINS.match(bare)):
                break
            if bare:  # an editor may have underlined the first line of a title that was wrapped
                said.append(bare)
            if _ENDS.search(bare):
                if _is_whole(" ".join(said)):
                    return number - begin + 1
                tries -= 1
        return 0

    def count(self, text: Spelling, begin: int, end: int, column: int = 0) -> int:
        """Return how many lines from there on, the first from a column on, are that text and nothing else, or 0."""
        at, signs = 0, text.signs
        number = begin
        while number < end and at < len(text.letters):
            line = self.lines[number][column:] if number == begin else self.lines[number]
            found = _letters(line)
            signs -= not found and _RULE.fullmatch(line) is None
            if not text.letters.startswith(found, at) or signs < 0:
                return 0
            at += len(found)
            number += 1
        if at < len(text.letters):
            return 0
        last = number
        while signs and number < end and not _letters(self.lines[number]):
            if not self.is_blank(number):
                signs -= 1
                last = number + 1
            number += 1
        return last - begin
