"""A reader's question to the author of an interview: what it may be, how far it comes, and who wants it answered."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.text import sentences
from bot.errors import InvalidInputError, NotAllowedError

SHORTEST = 15
LONGEST = 1000
LONGEST_REASON = 300
# Discord's ids hold when they were made, in milliseconds since this one.
DISCORD_EPOCH_MS = 1_420_070_400_000
ONE_DAY = timedelta(days=1)
ASKS = re.compile(r"\?[^\w?]*$")


class QuestionState(StrEnum):
    """How far a question has come. One that was merged into another keeps its state, and goes where that one goes."""

    OPEN = "open"  # nobody has reviewed it yet
    APPROVED = "approved"  # it goes to the author
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by who asked it
    ANSWERED = "answered"


# The states in which somebody may still answer a question, or want it answered.
LIVING = frozenset({QuestionState.OPEN, QuestionState.APPROVED})


class Recipient(StrEnum):
    """Whom a question is for."""

    INTERVIEWEE = "interviewee"
    HOST = "host"


class Notify(StrEnum):
    """How somebody wants to hear that a question is answered."""

    NO = "no"
    DM = "dm"
    CHANNEL = "channel"  # a mention in the channel where they asked


class Event(StrEnum):
    """What happened to a question; what its asker did names nobody."""

    ASKED = "asked"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REJECTED = "rejected"
    REOPENED = "reopened"
    MERGED = "merged"
    UNMERGED = "unmerged"
    MENDED = "mended"  # a moderator changed its spelling
    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"
    ANSWERED = "answered"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member of a server, by Discord's ids, and the name they go by there."""

    guild_id: int
    member_id: int
    member_name: str

    @property
    def account_made_at_ms(self) -> int:
        """When the account was made, in milliseconds since 1970: Discord's ids say so."""
        return (self.member_id >> 22) + DISCORD_EPOCH_MS


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to hear of an answer: in a message of their own, or in the channel they asked in."""

    notify: Notify = Notify.NO
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """What somebody wants to ask.

    Attributes:
        text: The question as it was typed.
        interview: The key of the interview it is about; with "", the first of the library.
        recipient: Whom it is for.
        anonymous: Whether nobody shall learn who asks.
        wish: How they want to hear of an answer.
        about: The address of the message it is about, if any.
        quoted: The words of that message.
    """

    text: str
    interview: str = ""
    recipient: Recipient = Recipient.INTERVIEWEE
    anonymous: bool = False
    wish: Wish = field(default_factory=Wish)
    about: str | None = None
    quoted: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A reader's question as it is kept.

    Attributes:
        member_id: Who asked it; None for a comment, and once its asker is forgotten.
        member_name: The name they gave; None if they asked anonymously or are forgotten.
        interview: The key of the interview it is about, if that is still there.
        original: The text as it was asked, where a moderator has mended it.
        reason: Why it was rejected.
        merged_into: The question that stands for it.
        about: The address of the message it is about.
        quoted: The words of that message.
        origin: Who wrote the comment beneath the interview that it was.
        wanted_by: How many people want it answered, with all that was merged into it.
    """

    id: int
    guild_id: int
    member_id: int | None
    member_name: str | None
    interview: str | None
    text: str
    state: QuestionState
    asked_at: datetime
    recipient: Recipient = Recipient.INTERVIEWEE
    original: str | None = None
    flagged: bool = False
    reason: str | None = None
    merged_into: int | None = None
    wish: Wish = field(default_factory=Wish)
    about: str | None = None
    quoted: str | None = None
    origin: str | None = None
    wanted_by: int = 1
    reviewed_by: int | None = None
    reviewed_at: datetime | None = None

    @property
    def asked_by(self) -> str | None:
        """The name to show, or None where nobody shall learn it, or nobody knows it any more."""
        return self.member_name or self.origin

    @property
    def is_waiting(self) -> bool:
        """Whether it stands for itself and may still be answered."""
        return self.merged_into is None and self.state in LIVING


@dataclass(frozen=True, slots=True)
class QuestionEvent:
    """Something that happened to a question: when, who did it (None: who asked, or nobody knows), and with what."""

    at: datetime
    kind: Event
    actor_id: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Which of a server's questions are meant; those that were merged into others only where that is said.

    Attributes:
        states: In which states; None for all.
        interview: The key of their interview.
        since: Asked at this instant or later.
        at_least: Wanted by so many people or more.
        flagged: Whether flagged ones alone.
        words: What their text contains.
        merged: Whether those that were merged into others too.
        recipient: For whom; None for anybody.
    """

    states: frozenset[QuestionState] | None = None
    interview: str | None = None
    since: datetime | None = None
    at_least: int = 1
    flagged: bool = False
    words: str = ""
    merged: bool = False
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class QuestionRules:
    """What a server allows, and where its moderators work.

    Attributes:
        recipients: Who takes questions.
        review_channel_id: Where each new question is shown to the moderators.
        answer_channel_id: Where each answer is posted.
        a_member: How many questions a member may ask in 24 hours; 0 for any number.
        a_day: How many the whole server may ask in 24 hours; 0 for any number.
        account_days: How many days old an account has to be.
        opens_at: From when on questions are taken; None for always.
        closes_at: Until when; None for ever.
    """

    recipients: tuple[Recipient, ...] = (Recipient.INTERVIEWEE,)
    review_channel_id: int | None = None
    answer_channel_id: int | None = None
    a_member: int = 3
    a_day: int = 100
    account_days: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskedLately:
    """How many questions a member, and their whole server, asked in the last 24 hours."""

    by_member: int
    in_server: int


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


def check_wish(new: NewQuestion) -> None:
    """Refuse a mention for who asks anonymously: it would show who asked.

    Raises:
        InvalidInputError: It is wanted.
    """
    if new.anonymous and new.wish.notify is Notify.CHANNEL:
        raise InvalidInputError(
            "A mention in the channel would show who asked. Choose a direct message, or ask with your name."
        )


def asks_something(text: str) -> bool:
    """Return whether a reader's comment can be taken as a question: of its length, with a sentence that asks."""
    # A question may end in a smiley, a bracket or three exclamation marks after its mark.
    return SHORTEST <= len(text.strip()) <= LONGEST and any(ASKS.search(sentence) for sentence in sentences(text))


def check_rules(rules: QuestionRules, asker: Asker, recipient: Recipient, lately: AskedLately, now: datetime) -> None:
    """Refuse a question that a server's rules do not allow now.

    Raises:
        NotAllowedError: The sentence says which rule it is, and when or how it would be allowed.
    """
    if rules.opens_at is not None and now < rules.opens_at:
        raise NotAllowedError(f"Questions are taken from <t:{int(rules.opens_at.timestamp())}:f> on.")
    if rules.closes_at is not None and now >= rules.closes_at:
        raise NotAllowedError(f"Questions were taken until <t:{int(rules.closes_at.timestamp())}:f>.")
    if recipient not in rules.recipients:
        raise NotAllowedError(f"The {recipient} takes no questions here.")
    age = timedelta(milliseconds=now.timestamp() * 1000 - asker.account_made_at_ms)
    if rules.account_days and age < rules.account_days * ONE_DAY:
        raise NotAllowedError(f"This server takes questions from accounts that are {rules.account_days} days old.")
    if rules.a_member and lately.by_member >= rules.a_member:
        raise NotAllowedError(f"You have asked {lately.by_member} questions since yesterday. Ask again tomorrow.")
    if rules.a_day and lately.in_server >= rules.a_day:
        raise NotAllowedError("This server has asked as many questions as it may in a day. Ask again tomorrow.")
