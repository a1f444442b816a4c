"""A whole text read as an interview: its turns and exchanges, what stands above them, and what is known beyond it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bot.domain.interviews import Interview, Role, check_interview, checksum
from bot.domain.text import fold, sentences
from bot.domain.transcripts.comments import comments_without_heading, read_comments, threads_of
from bot.domain.transcripts.lines import (
    HEADING_MARK,
    LIST_ITEM,
    NOTHING,
    WRAPPED_LINE,
    Block,
    LeftOut,
    blocks_of,
    is_comments_heading,
    lines_of,
    spoken_by,
    stands_alone,
    why_left_out,
    without_stamp,
)
from bot.domain.transcripts.people import Said, asks, drop_empty, full_names_of, hosts_of, speakers_of

KEY_LENGTH = 32
FEW_WORDS = 6

_PUBLISHER = re.compile(r"\b[Tt]he ((?:[^\W_a-z][\w&.'’-]{0,40} ){1,4})(?i:blog|podcast|newsletter|magazine)\b")
_GREETING = re.compile(
    r"(?:(?:hi|hello|hey|welcome|good (?:morning|afternoon|evening))\b[^,.!?]{0,80}[,.!]"
    r"|(?:and )?thank(?:s| you)\b[^.!?]{0,200}[.!])\s*",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"(?:please )?(?:tell|describe|explain|talk|walk|share|introduce|name)\b", re.IGNORECASE)


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
class Transcript:
    """An interview as it was read from a text, and what was left out of it, in the text's order."""

    interview: Interview
    left_out: tuple[LeftOut, ...]


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
    lines = lines_of(text, name)
    labels = speakers_of(lines, (*details.names, *details.hosts), name)
    names = full_names_of(labels, lines, details.names, name)
    above, body, beneath = _parts(blocks_of(lines, labels), labels)

    turns, left_out = _read_turns(body, names)
    hosts = hosts_of(turns, names, details.hosts, name)
    entries, left_out_beneath = read_comments(beneath)
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
        "comments": threads_of(entries, ids),
    }
    return Transcript(check_interview(document, name), (*left_out, *left_out_beneath))


def _parts(blocks: list[Block], labels: Collection[str]) -> tuple[list[Block], list[Block], list[Block]]:
    """Return the blocks above the interview, of the interview, and of the comments beneath it."""
    heading = (number for number, block in enumerate(blocks) if is_comments_heading(block.text))
    speaks = [number for number, block in enumerate(blocks) if spoken_by(block.lines[0], labels)]
    start = next((number for number in heading if number > speaks[0]), None)
    if start is None:
        start = comments_without_heading(blocks, speaks[-1])
    return blocks[: speaks[0]], blocks[speaks[0] : start], blocks[start:]


def _read_turns(blocks: Iterable[Block], names: Mapping[str, str]) -> tuple[list[Said], list[LeftOut]]:
    turns: list[Said] = []
    left_out: list[LeftOut] = []
    goes_with = NOTHING
    for block in blocks:
        if label := spoken_by(block.lines[0], names):
            goes_with = NOTHING
            _begin_turn(turns, left_out, Said(names[label.name], block, []))
            if words := " ".join([label.words, *block.lines[1:]]).strip():
                turns[-1].paragraphs.append(words)
        elif reason := why_left_out(block.lines[0]):
            why, goes_with = reason
            left_out.append(block.leave_out(why))
        elif goes_with.search(block.text[:1000]):
            left_out[-1] = LeftOut(left_out[-1].first_line, block.leave_out("").last_line, left_out[-1].why)
        else:
            goes_with = NOTHING
            turns[-1].paragraphs.append(without_stamp(block.text))
    drop_empty(turns, left_out)
    return turns, left_out


def _begin_turn(turns: list[Said], left_out: list[LeftOut], turn: Said) -> None:
    drop_empty(turns, left_out)
    if not turns or turns[-1].name != turn.name:
        turns.append(turn)


def _exchanges(turns: Sequence[Said], hosts: Collection[str]) -> list[dict[str, Any]]:
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
        if asks(sentence):
            asked.append((start, position))
    if asked:
        return text[asked[0][0] : asked[-1][1]]
    start = 0
    while greeting := _GREETING.match(text, start):
        start = greeting.end()
    rest = text[start:]
    return rest if len(rest.split()) > FEW_WORDS or _REQUEST.match(rest) else ""


def _read_introduction(blocks: Sequence[Block]) -> tuple[str | None, dict[str, Any]]:
    """Return the title above the first turn, and the introduction as a file holds it."""
    headings = [block for block in blocks if HEADING_MARK.match(block.text)]
    headings += [block for block in (*blocks[-1:], *blocks[:1]) if _is_heading(block)]
    rest = [block.text for block in blocks if block not in headings[:1] and not stands_alone(block.text)]
    paragraphs = [text for text in rest if not LIST_ITEM.match(text)]
    topics = [LIST_ITEM.sub("", text, count=1) for text in rest if LIST_ITEM.match(text)]
    title = HEADING_MARK.sub("", headings[0].text) if headings else None
    return title, {"text": "\n\n".join(paragraphs), "topics": topics}


def _is_heading(block: Block) -> bool:
    return len(block.text) <= WRAPPED_LINE and block.text[-1] not in ".,;:" and not LIST_ITEM.match(block.text)


def _publisher(text: str, source: str | None) -> str | None:
    """Return who published the text: as it says itself most often, or the site that it comes from."""
    if said := Counter(match[1].strip() for match in _PUBLISHER.finditer(text)).most_common(1):
        return said[0][0]
    host = urlsplit(source).hostname if source else None
    return host.removeprefix("www.") if host else None


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
