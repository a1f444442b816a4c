"""What is being handled right now: a command, a press, a form or an autocomplete, and the code that stands for it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What somebody used."""

    COMMAND = "command"
    AUTOCOMPLETE = "autocomplete"
    COMPONENT = "component"  # a button or a select
    FORM = "form"


class Outcome(StrEnum):
    """What became of it."""

    ANSWERED = "answered"
    REFUSED = "refused"  # the person read a sentence that says why
    ERROR = "error"  # nobody expected it; the person read the code


@dataclass(slots=True)
class Handling:
    """Something that is being handled: its code, what has become of it so far, and how sure `/ask` was, if it asked."""

    code: str
    outcome: Outcome = Outcome.ANSWERED
    band: str | None = None


_current: ContextVar[Handling | None] = ContextVar("handling", default=None)


def new_code() -> str:
    """Return a code of six characters by which a member, the log and the operator can mean the same."""
    return secrets.token_hex(3)


def current() -> Handling | None:
    """Return what is being handled, in this task or in a thread that it waits for; None in the background."""
    return _current.get()


@contextmanager
def handling() -> Iterator[Handling]:
    """Begin to handle something: it is the current one within."""
    begun = Handling(new_code())
    token = _current.set(begun)
    try:
        yield begun
    finally:
        _current.reset(token)


def note_band(band: str) -> None:
    """Remember of the current one how sure the answer to its question was."""
    if (now := current()) is not None:
        now.band = band
