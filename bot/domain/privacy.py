"""What is kept of a person and of a server, for how long, and what becomes of it when somebody wants it deleted."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

# How long everything of a server stays after the bot was removed from it: whoever removed it by mistake loses nothing.
SERVER_KEPT_FOR = timedelta(days=30)
# How long a question that was rejected or taken back keeps who asked it and who wanted it too; and how long its words.
ASKER_KEPT_FOR = timedelta(days=180)
REFUSED_KEPT_FOR = timedelta(days=365)
# How long it is kept that somebody was told of an answer.
NOTICES_KEPT_FOR = timedelta(days=30)
# How long it is kept what became of a day's quote: a year and a month, so that a year ago can be looked up.
LEDGER_KEPT_FOR = timedelta(days=400)

# Not from the ids alone: they can be counted through, so that a plain hash of one would be as good as the id.
_TAG_KEY = secrets.token_bytes(16)


def tag_of(identity: int) -> str:
    """Return 6 hex digits that tell a server from others in the log of this process, and say nothing after its end."""
    return blake2b(str(identity).encode(), digest_size=3, key=_TAG_KEY).hexdigest()


class Kind(StrEnum):
    """What may be kept of a person; the file that they get has a list of each."""

    QUESTIONS = "questions"
    ME_TOOS = "me_toos"
    FAVOURITES = "favourites"
    DRAFTS = "drafts"
    NOTICES = "notices"
    TAUGHT = "taught"
    DECISIONS = "decisions"
    BLOCKS = "blocks"


_SERVER = "the server's id on Discord"
_QUESTION = "the question's number"
_NOTIFY = "how you hear of the answer: no, dm (a message to you) or channel (a mention there)"
_CHANNEL = "the id of the channel for that"

# What the keys of the file's entries mean. Ids are strings: as numbers, many programs would round them.
KEYS: dict[Kind, dict[str, str]] = {
    Kind.QUESTIONS: {
        "question_id": _QUESTION,
        "server_id": _SERVER,
        "text": "your question as it stands now",
        "original": "your words, where a moderator has mended the spelling",
        "state": "open, approved, rejected, withdrawn or answered",
        "shown_name": "the name that is shown with it; null if you asked anonymously",
        "interview": "the interview that it is about",
        "recipient": "whom it is for: interviewee or host",
        "asked_at": "when you asked it",
        "reason": "why it was rejected",
        "merged_into_id": "the number of the question that stands for it",
        "wanted_by": "how many people want it answered",
        "notify": _NOTIFY,
        "channel_id": _CHANNEL,
        "about": "the address of the message that it is about",
        "quoted": "the words of that message",
        "answer": "the author's answer",
        "history": "what happened to it: at (when), kind (what) and detail (the reason, or the words before)",
    },
    Kind.ME_TOOS: {
        "question_id": "the number of a question of somebody else that you want answered too",
        "server_id": _SERVER,
        "text": "the question",
        "notify": _NOTIFY,
        "channel_id": _CHANNEL,
        "wanted_at": "when you said so",
    },
    Kind.FAVOURITES: {
        "quote": "the words that you keep",
        "interview": "the interview that they are from",
        "turn": "the key of the turn in which they were said",
        "kept_at": "when you kept them",
    },
    Kind.DRAFTS: {
        "form": "the form that you filled in and that could not be used",
        "server_id": "the server's id on Discord; 0 for a direct message",
        "content": "what you typed or chose in it",
        "written_at": "when",
    },
    Kind.NOTICES: {
        "question_id": "the number of the question that was answered",
        "server_id": _SERVER,
        "notify": _NOTIFY,
        "channel_id": _CHANNEL,
        "state": "how far the message to you has come",
        "tried_at": "when it was last tried to send it",
    },
    Kind.TAUGHT: {
        "server_id": "the server's id on Discord; 0 for all servers",
        "text": "a wording that you taught as an admin",
        "interview": "the interview that answers it",
        "exchange": "the key of the exchange that answers it",
        "taught_at": "when",
    },
    Kind.DECISIONS: {
        "server_id": _SERVER,
        "question_id": "the number of the question; null where you blocked somebody",
        "kind": "what you did as a moderator",
        "detail": "the reason that you gave, or the words before or after",
        "decided_at": "when",
    },
    Kind.BLOCKS: {
        "server_id": "the id of a server whose moderators take no questions from you",
        "blocked_at": "since when",
    },
}

Entry = Mapping[str, Any]
"""An entry of the file, ready for JSON: ids as strings, instants in UTC as ISO 8601 has them."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many things of a kind are kept of a person: in the server where they ask, and everywhere."""

    here: int
    everywhere: int


class Fate(StrEnum):
    """What becomes of a question whose asker wants their questions deleted."""

    DELETED = "deleted"
    WANTED = "wanted"  # others want it answered, so it stays without its asker
    ANSWERED = "answered"  # the author has answered it, so it stays without its asker


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of what was kept of a person.

    Attributes:
        gone: How many things of each kind were deleted; of decisions and what was taught, how often the id was.
        wanted: How many questions stay without their asker since others want them answered.
        answered: How many stay without their asker since they are answered.
        unnamed: How many stay without their asker because that was chosen.
        blocks: How many servers' blocks stay.
    """

    gone: Mapping[Kind, int] = field(default_factory=dict)
    wanted: int = 0
    answered: int = 0
    unnamed: int = 0
    blocks: int = 0

    @property
    def stay(self) -> int:
        """How many questions stay, without their asker."""
        return self.wanted + self.answered + self.unnamed
