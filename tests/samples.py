"""Interviews that tests share: the bundled one, and small ones made by hand."""

from collections.abc import Sequence
from functools import cache

from bot.app import BUNDLED_INTERVIEWS
from bot.domain.interviews import Exchange, Interview, Person, Role, Turn, checksum
from bot.services.files import read_interview_file

HOST = Person(id="host", name="Hanna Host", role=Role.HOST)
GUEST = Person(id="guest", name="Gustav Guest", role=Role.GUEST)

TEA = (
    "Water that boils too long makes the greenest tea taste of nothing at all.",
    "My grandmother sold tea from a boat in the harbour of Hamburg for forty years.",
    "Every cup deserves four minutes in which nobody looks at a telephone.",
)


@cache
def bundled() -> Interview:
    """Return the interview that ships with the bot."""
    return read_interview_file(BUNDLED_INTERVIEWS / "francois-chollet.json")


def turn(key: str, speaker: str, text: str) -> Turn:
    """Return a turn with its checksum."""
    return Turn(id=key, speaker=speaker, text=text, sha256=checksum(text))


def interview(key: str = "tea", answers: Sequence[str] = TEA) -> Interview:
    """Return an interview with an exchange for each answer: turns q1, a1, q2, a2, ... and exchanges e1, e2, ..."""
    numbered = list(enumerate(answers, start=1))
    return Interview(
        id=key,
        title=f"An interview about {key}",
        publisher="The Kettle",
        people=(HOST, GUEST),
        turns=tuple(
            spoken
            for number, answer in numbered
            for spoken in (turn(f"q{number}", "host", question(key, number)), turn(f"a{number}", "guest", answer))
        ),
        exchanges=tuple(
            Exchange(
                id=f"e{number}",
                question=question(key, number),
                asked_in=f"q{number}",
                answered_in=(f"a{number}",),
            )
            for number, _ in numbered
        ),
    )


def question(key: str, number: int) -> str:
    """Return what the host asks in an exchange of a small interview."""
    return f"What is question {number} about {key}?"
