"""What readers wrote beneath an interview: where it begins, who wrote it, and which of it replies to what."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from bot.domain.text import fold
from bot.domain.transcripts.lines import (
    LIST_ITEM,
    WRAPPED_LINE,
    Block,
    LeftOut,
    is_comments_furniture,
    is_comments_heading,
    is_name,
    why_left_out,
)
from bot.domain.transcripts.people import Said, drop_empty

_NOT_IN_NAMES = frozenset(
    {"thanks", "thank", "regards", "cheers", "hi", "hello", "hey", "great", "nice", "awesome", "congrats"}
    | {"congratulations", "wow", "yes", "no"}
)


def comments_without_heading(blocks: list[Block], last_turn: int) -> int:
    """Return where comments begin that follow the last thing which is no part of the interview."""
    around = (number for number in range(len(blocks) - 1, last_turn, -1) if why_left_out(blocks[number].lines[0]))
    start = next(around, len(blocks)) + 1
    authors = [number for number in range(start, len(blocks)) if _is_author(blocks[number].lines[0])]
    # One short line alone may as well be a heading.
    return authors[0] if len(authors) > 1 else len(blocks)


def read_comments(blocks: Iterable[Block]) -> tuple[list[Said], list[LeftOut]]:
    """Return who wrote what beneath the interview, in order, and what is left out there."""
    entries: list[Said] = []
    left_out: list[LeftOut] = []
    for block in blocks:
        waiting = bool(entries) and not entries[-1].paragraphs
        if is_comments_furniture(block.text) or is_comments_heading(block.text):
            left_out.append(block.leave_out("furniture of the comments"))
        elif not waiting and _is_author(block.lines[0]) and not _is_signature(block.text, entries):
            text = " ".join(block.lines[1:])
            entries.append(Said(_author(block.lines[0]), block, [text] if text else []))
        elif entries:
            entries[-1].paragraphs.append(block.text)
        else:
            left_out.append(block.leave_out("above the first comment"))
    drop_empty(entries, left_out)
    return entries, left_out


def _author(line: str) -> str:
    return re.sub(r"(?: says)?:?$", "", line).strip("*_ ")


def _is_author(line: str) -> bool:
    """Return whether a line above a comment is a name: a single word, or words that all begin like names."""
    author = _author(line) if len(line) <= WRAPPED_LINE // 2 else ""
    if not author or re.search(r"[^\w\s.@’'-]|\w{3}\.|\s\d", author) or LIST_ITEM.match(line):
        return False
    words = author.split()
    return not _NOT_IN_NAMES & {fold(word) for word in words} and (len(words) == 1 or is_name(author))


def _is_signature(line: str, entries: Sequence[Said]) -> bool:
    """Return whether a line is the first name of who wrote the lines above it, and no new author."""
    words = fold(entries[-1].name).split() if entries else []
    return len(words) > 1 and fold(line) == words[0]


def threads_of(entries: Iterable[Said], people: Collection[str]) -> list[dict[str, Any]]:
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


def _is_reply(entry: Said, asker: str, people: Collection[str]) -> bool:
    """Return whether the host or a guest wrote it, or it begins with the name of who wrote the comment above."""
    speakers = {fold(person) for person in people}
    if fold(entry.name) in speakers:
        return True
    first_name = fold(asker).split()[0]
    # A first name that is also the host's or a guest's addresses them more likely than another reader.
    ambiguous = first_name in {person.split()[0] for person in speakers}
    called = "|".join(map(re.escape, {fold(asker)} | (set() if ambiguous else {first_name})))
    return bool(re.match(rf"@?(?:{called})[,:]|@(?:{called})\s", fold(entry.text[:WRAPPED_LINE])))
