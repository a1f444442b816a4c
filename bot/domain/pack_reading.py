"""A pack that comes back from its author: which answer belongs to which question, whatever an editor did to the file.

Every line that is not blank is known to be ours, or ends in an answer or among what could not be placed.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain.pack_lines import QUOTED_WORDS, Mark, PackLines, Spelling, lines_of, spellings_of
from bot.domain.packs import pack_check, question_check

# How far below its mark a question is looked for, and how many copies of one are read.
_MOST_GAP, _MOST_COPIES = 10, 50
_MOST_KEYS = 8
# Where no blank line is left above it, an editor that fills lines draws this up to the end of the answer.
_DRAWN_UP = re.compile(rf"\s{QUOTED_WORDS}:\s{{1,4}}(yes|no)[\s.]*\Z")
_LAST_LINES = 3

_NO_MARK = "The mark of its question is gone."


@dataclass(frozen=True, slots=True)
class PackAnswer:
    """An answer to the question of that number, as the file has it; `line` is where it begins, from 1."""

    number: int
    text: str
    quotable: bool
    line: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Something in the file that surely belongs to no question, from that line on, and why."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadPack:
    """What was read; `key` names the export, if the file still says so."""

    key: str | None
    answers: tuple[PackAnswer, ...]
    unplaced: tuple[Unplaced, ...]


def read_pack(content: bytes, known: Mapping[int, str]) -> ReadPack:
    """Return what an author's file says; `known` has the text of each exported question by its number.

    An answer whose line "May be quoted" is gone may not be quoted.

    Raises:
        InvalidInputError: The file is no text, is empty, or is far too long for a pack.
    """
    lines = PackLines(lines_of(content))
    key = _key_of(lines)
    return _Reading(lines, key, _Finder(lines, key, known).sections()).result()


def _key_of(lines: PackLines) -> str | None:
    """Return the key that most marks of questions fit, of those that the file names."""
    named = (key for key, check in lines.pack_marks() if check == pack_check(key))
    keys: dict[str, int] = {}
    for key in named:
        if len(keys) < _MOST_KEYS:
            keys.setdefault(key, 0)
    if len(keys) > 1:
        for mark in lines.marks.values():
            for key in keys:
                keys[key] += mark.check == question_check(mark.number, key)
    return max(keys, key=lambda key: keys[key], default=None)


@dataclass(frozen=True, slots=True)
class _Section:
    """A question and its answer: where its mark stands, and where the text of the question has ended.

    `gap` is what stands between the two. With a `why`, it cannot be told to which question the answer belongs.
    """

    begin: int
    body: int
    number: int = 0
    gap: tuple[int, ...] = ()
    why: str = ""


class _Finder:
    """Finds where questions begin. Answers and questions may quote a mark; no section begins there."""

    def __init__(self, lines: PackLines, key: str | None, known: Mapping[int, str]) -> None:
        self._lines = lines
        self._key = key
        self._known = known
        self._spellings: dict[int, tuple[Spelling, ...]] = {}

    def sections(self) -> list[_Section]:
        """Return all sections in order."""
        found = self._with_questions()
        inside = {line for section in found for line in range(section.begin + 1, section.body)}
        sure = {section.number for section in found if not section.why}
        begins = {section.begin for section in found}
        marks = [line for line in self._lines.marks if line not in inside]
        for line, end in pairwise([*marks, len(self._lines.lines)]):
            if line not in begins and (section := self._without_question(line, end, sure)):
                found.append(section)
        found.sort(key=lambda section: section.begin)
        return sorted([*found, *self._without_mark(found)], key=lambda section: section.begin)

    def _with_questions(self) -> list[_Section]:
        """Return the marks with their question beneath."""
        result: list[_Section] = []
        copies: Counter[int] = Counter()
        for line, mark in self._lines.marks.items():
            if mark.number not in self._known or (result and line < result[-1].body):
                continue
            copies[mark.number] += 1
            if copies[mark.number] <= _MOST_COPIES and (section := self._with_question(line, mark)):
                result.append(section)
        return result

    def _with_question(self, line: int, mark: Mark) -> _Section | None:
        if mark.number not in self._spellings:
            self._spellings[mark.number] = spellings_of(self._known[mark.number])
        gap: list[int] = []
        end = len(self._lines.lines)
        for start in range(line, min(line + _MOST_GAP, end)):
            if start > line and self._lines.is_blank(start):
                continue
            for spelling in self._spellings[mark.number]:
                body = start + self._lines.count(spelling, start, end, mark.end if start == line else 0)
                if body > start and (spelling.letters or (not gap and self._asker_follows(body))):
                    return _Section(line, body, mark.number, tuple(gap), self._why_not(mark))
            if start > line:
                if start in self._lines.marks or not self._lines.foreign(start, start + 1):
                    break
                gap.append(start)
        return None

    def _asker_follows(self, line: int) -> bool:
        asker = _next(self._lines.askers, line, len(self._lines.lines))
        return asker is not None and asker - line < _MOST_GAP and not self._lines.foreign(line, asker)

    def _why_not(self, mark: Mark) -> str:
        if mark.number not in self._known:
            return f"There is no question {mark.number} in this pack."
        if self._key is not None and mark.check != question_check(mark.number, self._key):
            return f"The mark of question {mark.number} ends in {mark.check}: it is mistyped, or of another pack."
        return ""

    def _without_question(self, line: int, end: int, sure: set[int]) -> _Section | None:
        """Return a mark whose question is unknown or was edited, where the rest of what we write stands beneath."""
        mark = self._lines.marks[line]
        place = _next(self._lines.places, line, end)
        if place is None:
            return None
        why = self._why_not(mark)
        if self._key is None and not why:
            why = "The mark of the file is gone, and the question is not as we wrote it."
        if (why or mark.number in sure) and _next(self._lines.askers, line, place) is None:
            return None
        return _Section(line, line + 1, mark.number, why=why)

    def _without_mark(self, found: Sequence[_Section]) -> Iterator[_Section]:
        """Yield where a question begins whose mark is gone: who asks and the place for the answer are still there."""
        begins = [section.begin for section in found]
        for asker, next_asker in pairwise([*self._lines.askers, len(self._lines.lines)]):
            place = _next(self._lines.places, asker, next_asker)
            if place is None or self._lines.foreign(asker + 1, place):
                continue
            at = bisect_left(begins, asker) - 1
            if at < 0:
                yield _Section(asker, asker, why=_NO_MARK)
            elif (first := _next(self._lines.places, found[at].body, asker)) is not None:
                quote = _last(self._lines.quotes, first + 1, asker)
                if quote is not None:
                    yield _Section(quote + 1, quote + 1, why=_NO_MARK)


class _Reading:
    """Reads the answers of sections, and gathers what has no place."""

    def __init__(self, lines: PackLines, key: str | None, sections: Sequence[_Section]) -> None:
        self._lines = lines
        self._key = key
        self._sections = sections
        self._unplaced: list[Unplaced] = []

    def result(self) -> ReadPack:
        """Return what was read, in the order of the file."""
        bounds = [*(section.begin for section in self._sections), len(self._lines.lines)]
        self._leave(self._lines.foreign(0, bounds[0]), "It stands above the first question.")
        answers: dict[int, list[PackAnswer]] = defaultdict(list)
        for section, end in zip(self._sections, bounds[1:], strict=True):
            if section.why:
                self._leave_all(section.begin, self._boundary(section.begin, end), section.why)
            elif answer := self._answer(section, end):
                answers[answer.number].append(answer)
        placed = [answer for found in answers.values() for answer in self._agreed(found)]
        placed.sort(key=lambda answer: answer.line)
        return ReadPack(self._key, tuple(placed), tuple(sorted(self._unplaced, key=lambda left: left.line)))

    def _answer(self, section: _Section, end: int) -> PackAnswer | None:
        place = _next(self._lines.places, section.body, end)
        last = _last(self._lines.quotes, section.body if place is None else place + 1, end)
        stop = self._boundary(section.body, end) if last is None else last
        above = list(section.gap)
        if place is None:
            # The words "Your answer" were written over.
            first = next(iter(self._lines.foreign(section.body, stop)), stop)
            written = list(self._lines.lines[first:stop])
        else:
            first = place
            above += self._lines.foreign(section.body, place)
            written = [self._lines.after_place(place), *self._lines.lines[place + 1 : stop]]
        self._leave(above, f'It stands above the words "Your answer" of question {section.number}.')
        quotable = self._quotable(section.number, last, end) if last is not None else _drawn_up(written)
        is_quoted = place is not None and self._lines.lines[place].lstrip().startswith(">")
        return _answer_of(section.number, written, first, quotable=quotable, is_quoted=is_quoted)

    def _quotable(self, number: int, quote: int, end: int) -> bool:
        said = self._lines.may_be_quoted(quote)
        if said is None:
            self._leave([quote], f'This says neither "yes" nor "no", so the answer to question {number} is not quoted.')
        self._leave(self._lines.foreign(quote + 1, end), f"It stands beneath the answer to question {number}.")
        return said is True

    def _boundary(self, begin: int, end: int) -> int:
        """Return where a section ends that other lines of ours may follow, such as the title of a theme."""
        result = end
        for line in range(end - 1, begin - 1, -1):
            if self._lines.is_boundary(line):
                result = line
            elif not self._lines.is_blank(line):
                break
        return result

    def _agreed(self, found: Sequence[PackAnswer]) -> Sequence[PackAnswer]:
        """Return the one answer that all copies of a question have, or none."""
        first = found[0]
        if all(answer.text == first.text for answer in found):
            return [replace(first, quotable=all(answer.quotable for answer in found))]
        others = " and ".join(str(answer.line) for answer in found[:_MOST_COPIES])
        why = f"Question {first.number} has several answers, in lines {others}."
        self._unplaced.extend(Unplaced(answer.line, answer.text, why) for answer in found)
        return []

    def _leave(self, foreign: Sequence[int], why: str) -> None:
        """Keep lines that have no place, those together between which nothing stands."""
        begin = 0
        for at, line in enumerate(foreign):
            if at + 1 == len(foreign) or not all(map(self._lines.is_blank, range(line + 1, foreign[at + 1]))):
                self._leave_all(foreign[begin], line + 1, why)
                begin = at + 1

    def _leave_all(self, begin: int, end: int, why: str) -> None:
        lines = list(self._lines.lines[begin:end])
        begin += _trim(lines)
        if lines:
            self._unplaced.append(Unplaced(begin + 1, "\n".join(lines), why))


def _answer_of(number: int, written: list[str], first: int, *, quotable: bool, is_quoted: bool) -> PackAnswer | None:
    # A mail program quotes the blank lines around an answer too.
    first += _trim(written, ">" if is_quoted else "")
    return PackAnswer(number, "\n".join(written), quotable, first + 1) if written else None


def _drawn_up(written: list[str]) -> bool:
    """Take whether it may be quoted off the end of an answer; False where that does not say so."""
    _trim(written)
    tail = "\n".join(written[-_LAST_LINES:])
    found = _DRAWN_UP.search(tail, max(0, len(tail) - 100))
    if found is None:
        return False
    written[-_LAST_LINES:] = tail[: found.start()].split("\n")
    return found[1] == "yes"


def _trim(lines: list[str], markup: str = "") -> int:
    """Take the blank lines off both ends, and return how many there were at the beginning."""
    while lines and not lines[-1].replace(markup, "").strip():
        lines.pop()
    blank = next((at for at, line in enumerate(lines) if line.replace(markup, "").strip()), 0)
    del lines[:blank]
    return blank


def _next(lines: Sequence[int], begin: int, end: int) -> int | None:
    """Return the first of some line numbers that is not before the one, but before the other."""
    at = bisect_left(lines, begin)
    return lines[at] if at < len(lines) and lines[at] < end else None


def _last(lines: Sequence[int], begin: int, end: int) -> int | None:
    """Return the last of some line numbers that is not before the one, but before the other."""
    at = bisect_left(lines, end) - 1
    return lines[at] if at >= 0 and lines[at] >= begin else None
