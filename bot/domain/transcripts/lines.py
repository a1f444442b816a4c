"""The lines of a text: which begin with a label, which belong together, and which are no part of the interview."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.interviews import MAX_FILE_BYTES
from bot.domain.text import fold
from bot.errors import InterviewFileError

# Longer lines are whole paragraphs; labels, headings and names end well before.
WRAPPED_LINE = 120
LONGEST_LINE = 100_000

_STAMP = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?"
# Tried on the start of a line only, with every part bounded, so that no line takes long.
_LABEL = re.compile(
    rf"(?P<stamp>{_STAMP}\s{{1,4}}(?:[-–—]\s)?)?(?P<bold>\*\*|__)?(?P<label>[^\W_][\w.'’ -]{{0,59}}?)"
    rf"(?:\s{{1,4}}{_STAMP})?(?P<closed>\*\*|__)?\s?[:：](?P<closed_after>\*\*|__)?(?=\s|$)\s*"
)
_LEADING_STAMP = re.compile(rf"{_STAMP}\s+(?=\S)")
LIST_ITEM = re.compile(r"[-*•✓]\s+(?=\S)")
HEADING_MARK = re.compile(r"#{1,6}\s+")

# Words within a name that may begin with a small letter.
PARTICLES = frozenset(
    {"al", "bin", "da", "de", "del", "della", "der", "di", "dos", "du", "el", "la", "le", "ten", "van", "von", "y"}
)
_COUNT_ONCE = frozenset({"q", "a", "question", "answer", "interviewer", "interviewee"})

_COMMENTS = re.compile(
    r"(?:\d+ |reader |readers[’'] )?(?:comments?|responses?|replies)(?: \(\d+\))?:?$"
    r"|\d+ (?:comments?|responses?|replies|thoughts?) (?:to|on) .{1,200}$",
    re.IGNORECASE,
)
_COMMENTS_FURNITURE = re.compile(
    r"(?:reply|like|share|report|permalink|leave a (?:comment|reply)|log in to reply|comments? (?:are |is )?closed)\W*$"
    r"|\d{4}-\d\d-\d\d\b.{0,20}$|\w{3,9} \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b.{0,20}$|\d+ \w{3,10} ago$",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"\W*what[’']s next\? we recommend|\W*(?:join|subscribe|sign up)\b.{0,80}\b(?:newsletter|mailing list)",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"\W*(?:advertisement|sponsored(?: (?:content|message|post))?|ad break)(?:\W*$|\s*[:–—-])|\W*sponsored by "
    r"|(?:this|today[’']s) \w+ is (?:sponsored|brought to you) by|(?:and now )?a (?:word|message) from our sponsors?",
    re.IGNORECASE,
)
_SELLS = re.compile(
    r"^(?:buy|try|get|order|visit|shop|use)\b|subscri|sponsor|newsletter|discount|coupon|% off|percent off"
    r"|use (?:the )?code|free trial|sign up|https?://|www\.",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\W*(?:summary|conclusions?|final thoughts|wrapping up|about the (?:author|host|guest)|further reading|show notes"
    r"|related (?:posts|articles|reading)|similar articles|share this)\W*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"#{1,6}\s|[-*_=~\s]{3,80}$")
# Which blocks go along with one that is left out, where it is all of them or none.
_EVERYTHING, NOTHING = re.compile(""), re.compile("(?!)")
# How a block begins that nobody said, why it is left out, and which of the blocks after it go with it.
_LEFT_OUT = (
    (_PROMOTION, "advertising", _EVERYTHING),
    (_ADVERTISEMENT, "advertising", _SELLS),
    (_AROUND, "a section around the interview", _EVERYTHING),
    (_DIVIDER, "a heading or a dividing line", NOTHING),
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines of a text, counted from 1, that are not in its interview, and why."""

    first_line: int
    last_line: int
    why: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a paragraph, a heading, an item of a list."""

    first_line: int
    lines: list[str]

    @property
    def text(self) -> str:
        """The lines as one, with a blank between them."""
        return " ".join(self.lines)

    def leave_out(self, why: str) -> LeftOut:
        """Return the place of these lines, as left out for the given reason."""
        return LeftOut(self.first_line, self.first_line + len(self.lines) - 1, why)


@dataclass(frozen=True, slots=True)
class Label:
    """Who speaks in a line, as the line writes it, and the words after that."""

    name: str
    words: str
    counts_once: bool
    """Whether it can be nothing but a label, so that it need not be there twice."""


def lines_of(text: str, name: str) -> list[str]:
    """Return the lines of a text without the space around them, or raise an error where it is too long."""
    if len(text) > MAX_FILE_BYTES:
        raise InterviewFileError(
            f"{name}: the text is longer than {MAX_FILE_BYTES} characters, which is too much for an interview. "
            "Check that it is the right file."
        )
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))]
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise InterviewFileError(
                f"{name}, line {number}: the line is longer than {LONGEST_LINE} characters, which is too much for a "
                "paragraph. Begin a new line where another person speaks."
            )
    return lines


def label_of(line: str) -> Label | None:
    """Return the label that a line begins with and the words after it, if it begins with one."""
    match = _LABEL.match(line[:WRAPPED_LINE])
    if match is None or not is_name(match["label"]):
        return None
    name, words = match["label"].strip(), line[match.end() :]
    if match["bold"] and not (match["closed"] or match["closed_after"]):
        words = words.removesuffix(match["bold"])
    in_bold_and_full = bool(match["bold"]) and " " in name
    return Label(name, words, bool(match["stamp"]) or in_bold_and_full or fold(name) in _COUNT_ONCE)


def is_name(line: str) -> bool:
    """Return whether a line is up to five words that all begin as the words of a name do."""
    words = line.split()
    capital = (not word[0].islower() or word in PARTICLES for word in words)
    return 0 < len(words) <= 5 and not words[0][0].islower() and all(capital)


def spoken_by(line: str, labels: Collection[str]) -> Label | None:
    """Return the label that a line begins with, if it is one of the given labels."""
    label = label_of(line)
    return label if label and label.name in labels else None


def blocks_of(lines: Sequence[str], labels: Collection[str]) -> list[Block]:
    """Return the blocks of a text: of paragraphs wrapped to short lines, or of a paragraph a line."""
    long_lines = sum(len(line) > WRAPPED_LINE for line in lines)
    wrapped = "" in lines[:-1] and long_lines * 10 <= sum(map(bool, lines))
    blocks: list[Block] = []
    continues = False
    for number, line in enumerate(lines, start=1):
        if line and continues and not _begins_block(line, labels):
            blocks[-1].lines.append(line)
        elif line:
            blocks.append(Block(number, [line]))
        continues = wrapped and bool(line) and not stands_alone(line)
    return blocks


def _begins_block(line: str, labels: Collection[str]) -> bool:
    return (
        bool(LIST_ITEM.match(line) or spoken_by(line, labels))
        or is_comments_furniture(line)
        or why_left_out(line) is not None
    )


def stands_alone(line: str) -> bool:
    """Return whether a line is a block of its own, so that the next one does not continue it."""
    return bool(_DIVIDER.match(line) or _AROUND.match(line)) or is_comments_furniture(line) or is_comments_heading(line)


def is_comments_heading(line: str) -> bool:
    """Return whether a line is the heading above readers' comments."""
    return bool(_COMMENTS.match(HEADING_MARK.sub("", line[:WRAPPED_LINE]).strip("*_ ")))


def is_comments_furniture(line: str) -> bool:
    """Return whether a line is what a page puts around comments: a button, a date."""
    return bool(_COMMENTS_FURNITURE.match(line))


def why_left_out(line: str) -> tuple[str, re.Pattern[str]] | None:
    """Return why a block that begins with this line is left out, and what goes with it, if it is."""
    begin = line[: 2 * WRAPPED_LINE]
    return next(((why, goes_with) for marker, why, goes_with in _LEFT_OUT if marker.match(begin)), None)


def without_stamp(text: str) -> str:
    """Return a text without the time that it begins with, if it begins with one."""
    return _LEADING_STAMP.sub("", text, count=1)
