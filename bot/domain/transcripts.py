"""A text as people have it, `Speaker: words` line after line, read as an interview.

Nobody's words are altered. What is not part of the interview, such as advertising, is left out and reported.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bot.domain.interviews import MAX_FILE_BYTES, Interview, Role, check_interview, checksum
from bot.domain.text import fold, sentences
from bot.errors import InterviewFileError

KEY_LENGTH = 32
WRAPPED_LINE = 120
LONGEST_LINE = 100_000
FEW_WORDS = 6

_STAMP = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?"
# Tried on the start of a line only, with every part bounded, so that no line takes long.
_LABEL = re.compile(
    rf"(?P<stamp>{_STAMP}\s{{1,4}}(?:[-–—]\s)?)?(?P<bold>\*\*|__)?(?P<label>[^\W_][\w.'’ -]{{0,59}}?)"
    rf"(?:\s{{1,4}}{_STAMP})?(?P<closed>\*\*|__)?\s?[:：](?P<closed_after>\*\*|__)?(?=\s|$)\s*"
)
_LEADING_STAMP = re.compile(rf"{_STAMP}\s+(?=\S)")
_LIST_ITEM = re.compile(r"[-*•✓]\s+(?=\S)")
_HEADING_MARK = re.compile(r"#{1,6}\s+")

_PARTICLES = frozenset(
    {"al", "bin", "da", "de", "del", "della", "der", "di", "dos", "du", "el", "la", "le", "ten", "van", "von", "y"}
)
_NOT_SPEAKERS = frozenset(
    {"note", "notes", "update", "edit", "example", "tip", "warning", "caution", "disclaimer", "source", "sources"}
    | {"correction", "ps", "p.s.", "nb", "n.b.", "date", "title", "links", "tags", "photo", "image"}
)
_NOT_IN_NAMES = frozenset(
    {"thanks", "thank", "regards", "cheers", "hi", "hello", "hey", "great", "nice", "awesome", "congrats"}
    | {"congratulations", "wow", "yes", "no"}
)
_ASKS = frozenset({"q", "question", "interviewer", "host", "moderator"})
_ANSWERS = frozenset({"a", "answer", "interviewee", "guest"})
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
_EVERYTHING, _NOTHING = re.compile(""), re.compile("(?!)")
# How a block begins that nobody said, why it is left out, and which of the blocks after it go with it.
_LEFT_OUT = (
    (_PROMOTION, "advertising", _EVERYTHING),
    (_ADVERTISEMENT, "advertising", _SELLS),
    (_AROUND, "a section around the interview", _EVERYTHING),
    (_DIVIDER, "a heading or a dividing line", _NOTHING),
)

_PUBLISHER = re.compile(r"\b[Tt]he ((?:[^\W_a-z][\w&.'’-]{0,40} ){1,4})(?i:blog|podcast|newsletter|magazine)\b")
_GUEST_NAME = re.compile(
    r"(?i:\binterview|\bconversation|\bq&a) with ([^\W\d_a-z][\w'’-]{0,40}(?: [^\W\d_a-z][\w'’-]{0,40}){1,3})"
)
_GREETING = re.compile(
    r"(?:(?:hi|hello|hey|welcome|good (?:morning|afternoon|evening))\b[^,.!?]{0,80}[,.!]"
    r"|(?:and )?thank(?:s| you)\b[^.!?]{0,200}[.!])\s*",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"(?:please )?(?:tell|describe|explain|talk|walk|share|introduce|name)\b", re.IGNORECASE)
_CLOSING_MARKS = "?!.…\"'”’»)]"


@dataclass(frozen=True, slots=True)
class Details:
    """What a text may not say about itself; None, or nothing, means that it is worked out from the text."""

    id: str | None = None
    title: str | None = None
    publisher: str | None = None
    published: date | None = None
    source: str | None = None
    language: str = "en"
    colour: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Full names by label."""
    hosts: frozenset[str] = frozenset()
    """The labels, or full names, of those who ask."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines of a text, counted from 1, that are not in its interview, and why."""

    first_line: int
    last_line: int
    why: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """An interview as it was read from a text, and what was left out of it, in the text's order."""

    interview: Interview
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together: a paragraph, a heading, an item of a list."""

    first_line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    def leave_out(self, why: str) -> LeftOut:
        return LeftOut(self.first_line, self.first_line + len(self.lines) - 1, why)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody said in the interview, or wrote beneath it."""

    name: str
    block: _Block
    paragraphs: list[str]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    words: str
    counts_once: bool


def read_transcript(text: str, name: str, details: Details | None = None) -> Transcript:
    """Return the interview in a text of the shape `Speaker: words`.

    Args:
        text: The whole text: what stands above the interview, its turns, and readers' comments beneath it.
        name: The text's file name, for messages.
        details: What is known about the interview beyond the text.

    Raises:
        InterviewFileError: The text is not an interview, or a detail does not fit it; the message names the
            file, the place, what was expected and the remedy.
    """
    details = details or Details()
    lines = _lines(text, name)
    labels = _speakers(lines, details, name)
    names = _full_names(labels, lines, details.names, name)
    above, body, beneath = _parts(_blocks(lines, labels), labels)

    turns, left_out = _read_turns(body, names)
    hosts = _hosts(turns, names, details.hosts, name)
    entries, left_out_beneath = _read_comments(beneath)
    title, introduction = _read_introduction(above)

    guests = [said for said in dict.fromkeys(turn.name for turn in turns) if said not in hosts]
    ids = _ids(dict.fromkeys(turn.name for turn in turns))
    document = {
        "id": details.id or _key(" and ".join(guests)),
        "title": details.title or title or f"An interview with {' and '.join(guests)}",
        "publisher": details.publisher or _publisher(text, details.source) or min(hosts),
        "published": details.published,
        "source": details.source,
        "language": details.language,
        "colour": details.colour,
        "people": [
            {"id": key, "name": person, "role": Role.HOST if person in hosts else Role.GUEST}
            for person, key in ids.items()
        ],
        "introduction": introduction,
        "turns": [
            {"id": f"t{number}", "speaker": ids[turn.name], "text": turn.text, "sha256": checksum(turn.text)}
            for number, turn in enumerate(turns, start=1)
        ],
        "exchanges": _exchanges(turns, hosts),
        "comments": _threads(entries, ids),
    }
    return Transcript(check_interview(document, name), (*left_out, *left_out_beneath))


def _lines(text: str, name: str) -> list[str]:
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


def _label(line: str) -> _Label | None:
    """Return the label that a line begins with and the words after it, if it begins with one."""
    match = _LABEL.match(line[:WRAPPED_LINE])
    if match is None or not _is_name(match["label"]):
        return None
    name, words = match["label"].strip(), line[match.end() :]
    if match["bold"] and not (match["closed"] or match["closed_after"]):
        words = words.removesuffix(match["bold"])
    in_bold_and_full = bool(match["bold"]) and " " in name
    return _Label(name, words, bool(match["stamp"]) or in_bold_and_full or fold(name) in _COUNT_ONCE)


def _is_name(line: str) -> bool:
    words = line.split()
    capital = (not word[0].islower() or word in _PARTICLES for word in words)
    return 0 < len(words) <= 5 and not words[0][0].islower() and all(capital)


def _speakers(lines: Sequence[str], details: Details, name: str) -> list[str]:
    """Return the labels that are speakers', in the order in which they first speak."""
    known = {fold(label) for label in (*details.names, *details.hosts)}
    count: Counter[str] = Counter()
    for line in _above_comments(lines):
        label = _label(line)
        if label and (fold(label.name) not in _NOT_SPEAKERS or fold(label.name) in known):
            count[label.name] += 2 if label.counts_once or fold(label.name) in known else 1
    twice = {label for label, times in count.items() if times > 1}
    # Print often gives a full name once, and a part of it from then on.
    labels = [label for label in count if label in twice or not twice.isdisjoint(label.split())]
    if len({fold(label) for label in labels}) < 2:
        found = f"only {labels[0]} speaks" if labels else "nobody speaks"
        raise InterviewFileError(
            f"{name}, line {_first_line(lines, labels)}: {found} here, and an interview has two speakers or more. "
            "Begin each turn with who speaks, as in `Ana: Why did you start?`. A label counts when it is there "
            'twice, or when you name it, as in `--name Ana="Ana Sol"`.'
        )
    return labels


def _first_line(lines: Sequence[str], labels: Collection[str]) -> int:
    spoken = (number for number, line in enumerate(lines, start=1) if _spoken_by(line, labels))
    return next(spoken, 1)


def _spoken_by(line: str, labels: Collection[str]) -> _Label | None:
    label = _label(line)
    return label if label and label.name in labels else None


def _above_comments(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines up to the heading of the comments; before anybody spoke, such a line is a link to it."""
    spoken = False
    for line in lines:
        if spoken and _is_comments_heading(line):
            return
        spoken = spoken or _label(line) is not None
        yield line


def _is_comments_heading(line: str) -> bool:
    return bool(_COMMENTS.match(_HEADING_MARK.sub("", line[:WRAPPED_LINE]).strip("*_ ")))


def _blocks(lines: Sequence[str], labels: Collection[str]) -> list[_Block]:
    """Return the blocks of a text: of paragraphs wrapped to short lines, or of a paragraph a line."""
    long_lines = sum(len(line) > WRAPPED_LINE for line in lines)
    wrapped = "" in lines[:-1] and long_lines * 10 <= sum(map(bool, lines))
    blocks: list[_Block] = []
    continues = False
    for number, line in enumerate(lines, start=1):
        if line and continues and not _begins_block(line, labels):
            blocks[-1].lines.append(line)
        elif line:
            blocks.append(_Block(number, [line]))
        continues = wrapped and bool(line) and not _stands_alone(line)
    return blocks


def _begins_block(line: str, labels: Collection[str]) -> bool:
    return (
        bool(_LIST_ITEM.match(line) or _COMMENTS_FURNITURE.match(line) or _spoken_by(line, labels))
        or _why_left_out(line) is not None
    )


def _stands_alone(line: str) -> bool:
    return bool(_DIVIDER.match(line) or _AROUND.match(line) or _COMMENTS_FURNITURE.match(line)) or _is_comments_heading(
        line
    )


def _why_left_out(line: str) -> tuple[str, re.Pattern[str]] | None:
    """Return why a block that begins with this line is left out, and what goes with it, if it is."""
    begin = line[: 2 * WRAPPED_LINE]
    return next(((why, goes_with) for marker, why, goes_with in _LEFT_OUT if marker.match(begin)), None)


def _parts(blocks: list[_Block], labels: Collection[str]) -> tuple[list[_Block], list[_Block], list[_Block]]:
    """Return the blocks above the interview, of the interview, and of the comments beneath it."""
    heading = (number for number, block in enumerate(blocks) if _is_comments_heading(block.text))
    speaks = [number for number, block in enumerate(blocks) if _spoken_by(block.lines[0], labels)]
    start = next((number for number in heading if number > speaks[0]), None)
    if start is None:
        start = _comments_without_heading(blocks, speaks[-1])
    return blocks[: speaks[0]], blocks[speaks[0] : start], blocks[start:]


def _comments_without_heading(blocks: list[_Block], last_turn: int) -> int:
    """Return where comments begin that follow the last thing which is no part of the interview."""
    around = (number for number in range(len(blocks) - 1, last_turn, -1) if _why_left_out(blocks[number].lines[0]))
    start = next(around, len(blocks)) + 1
    authors = [number for number in range(start, len(blocks)) if _is_author(blocks[number].lines[0])]
    # One short line alone may as well be a heading.
    return authors[0] if len(authors) > 1 else len(blocks)


def _read_turns(blocks: Iterable[_Block], names: Mapping[str, str]) -> tuple[list[_Said], list[LeftOut]]:
    turns: list[_Said] = []
    left_out: list[LeftOut] = []
    goes_with = _NOTHING
    for block in blocks:
        if label := _spoken_by(block.lines[0], names):
            goes_with = _NOTHING
            _begin_turn(turns, left_out, _Said(names[label.name], block, []))
            if words := " ".join([label.words, *block.lines[1:]]).strip():
                turns[-1].paragraphs.append(words)
        elif reason := _why_left_out(block.lines[0]):
            why, goes_with = reason
            left_out.append(block.leave_out(why))
        elif goes_with.search(block.text[:1000]):
            left_out[-1] = LeftOut(left_out[-1].first_line, block.leave_out("").last_line, left_out[-1].why)
        else:
            goes_with = _NOTHING
            turns[-1].paragraphs.append(_LEADING_STAMP.sub("", block.text, count=1))
    _drop_empty(turns, left_out)
    return turns, left_out


def _begin_turn(turns: list[_Said], left_out: list[LeftOut], turn: _Said) -> None:
    _drop_empty(turns, left_out)
    if not turns or turns[-1].name != turn.name:
        turns.append(turn)


def _drop_empty(said: list[_Said], left_out: list[LeftOut]) -> None:
    if said and not said[-1].paragraphs:
        left_out.append(said.pop().block.leave_out("a name without words"))


def _full_names(labels: Sequence[str], lines: Sequence[str], given: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the full name of each label: as given, or as the text writes it."""
    by_label = {fold(label): full_name for label, full_name in given.items()}
    if unknown := set(by_label) - {fold(label) for label in labels}:
        raise InterviewFileError(_nobody(name, sorted(unknown), labels))
    written = _names_written({fold(label.split()[0]) for label in labels}, lines)
    guest = next((match[1] for line in lines if (match := _GUEST_NAME.search(line))), None)
    names = {}
    for label in labels:
        key = fold(label)
        if key in {"a", "answer"} and not (guest or key in by_label):
            raise InterviewFileError(
                f"{name}, line {_first_line(lines, [label])}: the label {label} does not say who answers. "
                f'Name the people, as in `--name {labels[0]}="Ana Sol" --name {label}="Ben Ode"`.'
            )
        known = by_label.get(key) or (guest if key in _ANSWERS else None)
        names[label] = known or ("Interviewer" if key in {"q", "question"} else _written(label, written))
    return names


def _nobody(name: str, unknown: Iterable[str], labels: Iterable[str]) -> str:
    return f"{name}: nobody speaks as {', '.join(unknown)}. The labels in the text are {', '.join(labels)}."


def _names_written(first_names: Collection[str], lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how often each full name is written that begins with one of the folded first names."""
    written: dict[str, Counter[str]] = {first: Counter() for first in first_names}
    for line in lines:
        words = line.split()
        for place, word in enumerate(words[:-1]):
            first = word.lstrip("([\"'“‘*_@")
            counter = written.get(first.lower() if first.isascii() else fold(first))
            if counter is not None and (surname := _surname(words[place + 1 : place + 5])):
                counter[f"{first} {surname}"] += 1
    return written


def _surname(words: Sequence[str]) -> str | None:
    """Return the surname that the words begin with, with what stands before it, as in `van Dyk`."""
    for place, word in enumerate(words):
        if word not in _PARTICLES:
            surname = re.split(r"[’'](?=s\W*$)|[^\w’'-]", word, maxsplit=1)[0]
            return " ".join([*words[:place], surname]) if len(surname) > 1 and surname[0].isupper() else None
    return None


def _written(label: str, written: Mapping[str, Counter[str]]) -> str:
    """Return a label's name as the text most often writes it in full."""
    key, first = fold(label), fold(label.split(maxsplit=1)[0])
    alike: Counter[str] = Counter()
    for full_name, times in written[first].items():
        if key in {first, fold(full_name)}:
            alike[fold(full_name)] += times
    if not alike:
        return label.title() if label.isupper() and len(label) > 2 else label
    most = alike.most_common(1)[0][0]
    spelt = {full_name: times for full_name, times in written[first].items() if fold(full_name) == most}
    # The label knows its own accents; readers often leave them out.
    like_label = {full_name: times for full_name, times in spelt.items() if full_name.startswith(label)}
    best = max(like_label or spelt, key=spelt.__getitem__)
    return best.title() if best.isupper() else best


def _hosts(turns: Sequence[_Said], names: Mapping[str, str], given: Collection[str], name: str) -> frozenset[str]:
    """Return the full names of those who ask: as given, as their labels say, or whose turns most often ask."""
    by_key = {fold(key): full_name for label, full_name in names.items() for key in (label, full_name)}
    if unknown := [host for host in given if fold(host) not in by_key]:
        raise InterviewFileError(_nobody(name, unknown, names))
    speakers = dict.fromkeys(turn.name for turn in turns)
    hosts = {by_key[fold(host)] for host in given}
    hosts = hosts or {full_name for label, full_name in names.items() if fold(label) in _ASKS}
    asked = Counter(turn.name for turn in turns if _asks(turn.text))
    # Where two ask equally often, the first to speak is the host.
    hosts = hosts or {max(speakers, key=asked.__getitem__)}
    if hosts >= speakers.keys():
        raise InterviewFileError(
            f"{name}: everybody who speaks is a host, so nobody answers. Name fewer hosts, or check that at least "
            "two people have words after their labels."
        )
    return frozenset(hosts)


def _asks(text: str) -> bool:
    return "?" in text[len(text.rstrip(_CLOSING_MARKS)) :]


def _exchanges(turns: Sequence[_Said], hosts: Collection[str]) -> list[dict[str, Any]]:
    """Return the exchanges, as a file holds them: a host's question with all that guests say until the next."""
    exchanges: list[dict[str, Any]] = []
    for number, turn in enumerate(turns, start=1):
        answered = bool(exchanges) and bool(exchanges[-1]["answered_in"])
        if turn.name not in hosts:
            if exchanges:
                exchanges[-1]["answered_in"].append(f"t{number}")
        elif (question := _question(turn.text)) and (answered or not exchanges or "?" in question):
            if exchanges and not answered:
                exchanges.pop()
            exchanges.append({"question": question, "asked_in": f"t{number}", "answered_in": []})
    answered_ones = (exchange for exchange in exchanges if exchange["answered_in"])
    return [{"id": f"e{number}", **exchange} for number, exchange in enumerate(answered_ones, start=1)]


def _question(text: str) -> str:
    """Return the part of a host's turn that asks, word for word; nothing where the turn only comments."""
    asked, position = [], 0
    for sentence in sentences(text):
        start = text.index(sentence, position)
        position = start + len(sentence)
        if _asks(sentence):
            asked.append((start, position))
    if asked:
        return text[asked[0][0] : asked[-1][1]]
    start = 0
    while greeting := _GREETING.match(text, start):
        start = greeting.end()
    rest = text[start:]
    return rest if len(rest.split()) > FEW_WORDS or _REQUEST.match(rest) else ""


def _read_introduction(blocks: Sequence[_Block]) -> tuple[str | None, dict[str, Any]]:
    """Return the title above the first turn, and the introduction as a file holds it."""
    headings = [block for block in blocks if _HEADING_MARK.match(block.text)]
    headings += [block for block in (*blocks[-1:], *blocks[:1]) if _is_heading(block)]
    rest = [block.text for block in blocks if block not in headings[:1] and not _stands_alone(block.text)]
    paragraphs = [text for text in rest if not _LIST_ITEM.match(text)]
    topics = [_LIST_ITEM.sub("", text, count=1) for text in rest if _LIST_ITEM.match(text)]
    title = _HEADING_MARK.sub("", headings[0].text) if headings else None
    return title, {"text": "\n\n".join(paragraphs), "topics": topics}


def _is_heading(block: _Block) -> bool:
    return len(block.text) <= WRAPPED_LINE and block.text[-1] not in ".,;:" and not _LIST_ITEM.match(block.text)


def _publisher(text: str, source: str | None) -> str | None:
    """Return who published the text: as it says itself most often, or the site that it comes from."""
    if said := Counter(match[1].strip() for match in _PUBLISHER.finditer(text)).most_common(1):
        return said[0][0]
    host = urlsplit(source).hostname if source else None
    return host.removeprefix("www.") if host else None


def _read_comments(blocks: Iterable[_Block]) -> tuple[list[_Said], list[LeftOut]]:
    """Return who wrote what beneath the interview, in order, and what is left out there."""
    entries: list[_Said] = []
    left_out: list[LeftOut] = []
    for block in blocks:
        waiting = bool(entries) and not entries[-1].paragraphs
        if _COMMENTS_FURNITURE.match(block.text) or _is_comments_heading(block.text):
            left_out.append(block.leave_out("furniture of the comments"))
        elif not waiting and _is_author(block.lines[0]) and not _is_signature(block.text, entries):
            text = " ".join(block.lines[1:])
            entries.append(_Said(_author(block.lines[0]), block, [text] if text else []))
        elif entries:
            entries[-1].paragraphs.append(block.text)
        else:
            left_out.append(block.leave_out("above the first comment"))
    _drop_empty(entries, left_out)
    return entries, left_out


def _author(line: str) -> str:
    return re.sub(r"(?: says)?:?$", "", line).strip("*_ ")


def _is_author(line: str) -> bool:
    """Return whether a line above a comment is a name: a single word, or words that all begin like names."""
    author = _author(line) if len(line) <= WRAPPED_LINE // 2 else ""
    if not author or re.search(r"[^\w\s.@’'-]|\w{3}\.|\s\d", author) or _LIST_ITEM.match(line):
        return False
    words = author.split()
    return not _NOT_IN_NAMES & {fold(word) for word in words} and (len(words) == 1 or _is_name(author))


def _is_signature(line: str, entries: Sequence[_Said]) -> bool:
    """Return whether a line is the first name of who wrote the lines above it, and no new author."""
    words = fold(entries[-1].name).split() if entries else []
    return len(words) > 1 and fold(line) == words[0]


def _threads(entries: Iterable[_Said], people: Collection[str]) -> list[dict[str, Any]]:
    """Return comments with their replies, as a file holds them."""
    comments: list[dict[str, Any]] = []
    for entry in entries:
        part = {"author": entry.name, "text": entry.text}
        if comments and _is_reply(entry, comments[-1]["author"], people):
            replies = comments[-1]["replies"]
            replies.append({"id": f"{comments[-1]['id']}-r{len(replies) + 1}", **part})
        else:
            comments.append({"id": f"c{len(comments) + 1}", **part, "replies": []})
    return comments


def _is_reply(entry: _Said, asker: str, people: Collection[str]) -> bool:
    """Return whether the host or a guest wrote it, or it begins with the name of who wrote the comment above."""
    speakers = {fold(person) for person in people}
    if fold(entry.name) in speakers:
        return True
    first_name = fold(asker).split()[0]
    # A first name that is also the host's or a guest's addresses them more likely than another reader.
    ambiguous = first_name in {person.split()[0] for person in speakers}
    called = "|".join(map(re.escape, {fold(asker)} | (set() if ambiguous else {first_name})))
    return bool(re.match(rf"@?(?:{called})[,:]|@(?:{called})\s", fold(entry.text[:WRAPPED_LINE])))


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Return a key for each full name, each another one."""
    ids: dict[str, str] = {}
    for name in names:
        key = _key(name)
        ids[name] = key if key not in ids.values() else f"{key[: KEY_LENGTH - 4]}-{len(ids) + 1}".replace("--", "-")
    return ids


def _key(name: str) -> str:
    """Return a name in small letters, digits and hyphens, for the file's ids."""
    key = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    return key[:KEY_LENGTH].strip("-") or "unnamed"
