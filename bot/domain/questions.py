"""A reader's question to the author of an interview."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import InvalidInputError

SHORTEST = 15
LONGEST = 1000


class QuestionState(StrEnum):
    """How far a question has come."""

    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member of a server, by Discord's ids, and the name they go by there."""

    guild_id: int
    member_id: int
    member_name: str


@dataclass(frozen=True, slots=True)
class Question:
    """A reader's question as it is kept; `interview` is the key of the interview it is about, if any."""

    id: int
    asker: Asker
    interview: str | None
    text: str
    state: QuestionState
    asked_at: datetime


def clean_question(typed: str) -> str:
    """Return a question as it is kept: what was typed, without the space around it.

    Raises:
        InvalidInputError: It is shorter than 15 or longer than 1,000 characters.
    """
    text = typed.strip()
    if len(text) < SHORTEST:
        raise InvalidInputError(f"That is too short to be answered: {SHORTEST} characters are the least.")
    if len(text) > LONGEST:
        raise InvalidInputError(f"That is too long: {len(text)} characters, and {LONGEST} are the most.")
    return text
