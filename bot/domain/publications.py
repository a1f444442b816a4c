"""The author's answers to readers' questions: how they are kept, become part of an interview, and reach who asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b

from bot.domain.interviews import Exchange, Interview, Person, Role, Turn, checksum
from bot.domain.nonces import NONCE_FRESH
from bot.domain.pack_reading import Unplaced
from bot.domain.questions import Question, QuestionState, Recipient
from bot.domain.text import one_line
from bot.errors import InvalidInputError

LONGEST_ANSWER = 4000
A_READER = "A reader"
# How long a claim may stay unsettled before nobody can be working on it any more.
LEASE = timedelta(minutes=1)
# How long to wait after the first attempt that Discord may forgive, and after the later ones at most.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=2)
# With these pauses, so many attempts take a day.
MOST_ATTEMPTS = 19
# Word to the askers waits for the post that it leads to, but not for long.
POST_ATTEMPTS = 3


# What is kept -----------------------------------------------------------------------------------------------


class Change(StrEnum):
    """What somebody did to an answer."""

    PUBLISHED = "published"
    EDITED = "edited"
    RETRACTED = "retracted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class PostedAt:
    """Where the message is that shows an answer to everybody."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An author's answer to the question of that id; one with a `retracted_at` is kept, and shown nowhere."""

    id: int
    question_id: int
    text: str
    quotable: bool
    published_at: datetime
    edited_at: datetime | None = None
    retracted_at: datetime | None = None
    post: PostedAt | None = None

    @property
    def is_published(self) -> bool:
        """Whether it is shown."""
        return self.retracted_at is None

    def says(self, text: str, *, quotable: bool) -> bool:
        """Return whether it is shown with that text, and may be quoted or not as wanted."""
        return self.is_published and (self.text, self.quotable) == (text, quotable)


@dataclass(frozen=True, slots=True)
class AnswerVersion:
    """What an answer was from that instant on, who made it so, and how; nobody is named where a file did."""

    at: datetime
    actor_id: int | None
    kind: Change
    text: str
    quotable: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """A question with its answer, and the texts of the questions that were merged into it."""

    question: Question
    answer: Answer
    others: tuple[str, ...] = ()


def clean_answer(typed: str) -> str:
    """Return an answer as it is kept: what was typed, without the space around it.

    Raises:
        InvalidInputError: It is empty, or longer than 4,000 characters.
    """
    text = typed.strip()
    if not text:
        raise InvalidInputError("An answer needs some words. To take one back, use /answer retract.")
    if len(text) > LONGEST_ANSWER:
        raise InvalidInputError(f"That is too long: {len(text)} characters, and {LONGEST_ANSWER} are the most.")
    return text


# As a part of the interview ----------------------------------------------------------------------------------


class ReaderTurn(Turn):
    """What a reader asked, or what was answered to that, after the interview was published."""

    answered_on: date
    quotable: bool


class AnsweredInterview(Interview):
    """An interview with what its readers asked since: after its own turns, and only within one server."""

    readers: tuple[Person, ...] = ()

    @cached_property
    def _person_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in (*self.people, *self.readers)}


def exchange_key(question_id: int) -> str:
    """Return the key of the exchange that a reader's question makes with its answer."""
    return f"reader-{question_id}"


def is_of_readers(turn_key: str) -> bool:
    """Return whether the turn of that key is of a reader's question or its answer, there or not."""
    return turn_key.startswith("reader-")


def with_answers(interview: Interview, publications: Iterable[Publication]) -> Interview:
    """Return an interview with one more exchange for each published answer; without any, the interview itself."""
    turns: list[Turn] = []
    exchanges, readers = [], []
    for publication in publications:
        speaker = _speaker(interview, publication.question.recipient)
        if speaker is not None:
            readers.append(_reader(publication.question))
            turns += _turns(publication, speaker)
            exchanges.append(_exchange(publication))
    if not exchanges:
        return interview
    # Nothing is checked again, since a file may not hold this; and no copy, which would copy what was worked out.
    parts = {name: getattr(interview, name) for name in Interview.model_fields}
    parts |= {"turns": (*interview.turns, *turns), "exchanges": (*interview.exchanges, *exchanges)}
    return AnsweredInterview.model_construct(**parts, readers=tuple(readers))


def _speaker(interview: Interview, recipient: Recipient) -> Person | None:
    """Return who answers; None where the interview no longer has anybody of that role."""
    role = Role.HOST if recipient is Recipient.HOST else Role.GUEST
    return next(iter(interview.people_of(role)), None)


def _reader(question: Question) -> Person:
    # Readers ask, as hosts do; a name may be longer than a file's.
    return Person.model_construct(id=exchange_key(question.id), name=question.asked_by or A_READER, role=Role.HOST)


def _turns(publication: Publication, speaker: Person) -> list[Turn]:
    question, answer = publication.question, publication.answer
    key, day = exchange_key(question.id), answer.published_at.astimezone(UTC).date()
    return [
        ReaderTurn(
            id=f"{key}-{part}",
            speaker=who,
            text=text,
            sha256=checksum(text),
            answered_on=day,
            quotable=answer.quotable,
        )
        for part, who, text in (("q", key, question.text), ("a", speaker.id, answer.text))
    ]


def _exchange(publication: Publication) -> Exchange:
    key = exchange_key(publication.question.id)
    return Exchange.model_construct(
        id=key,
        question=publication.question.text,
        asked_in=f"{key}-q",
        answered_in=(f"{key}-a",),
        # A file's aliases are shorter; a reader's words may be as long as a question.
        aliases=tuple(dict.fromkeys(one_line(text) for text in publication.others)),
    )


def may_be_quoted(turn: Turn) -> bool:
    """Return whether a turn may be quoted: all of an interview may, and what its author allows of the rest."""
    return not isinstance(turn, ReaderTurn) or turn.quotable


def own_turns(interview: Interview) -> int:
    """Return how many turns an interview has without those of its readers."""
    return sum(not isinstance(turn, ReaderTurn) for turn in interview.turns)


def short_place_of(interview: Interview, turn: Turn) -> str:
    """Return where a turn stands: "turn 6", or "asked by readers, 3 March 2027"."""
    if isinstance(turn, ReaderTurn):
        return f"asked by readers, {turn.answered_on.day} {turn.answered_on:%B %Y}"
    return f"turn {interview.number(turn.id)}"


def place_of(interview: Interview, turn: Turn) -> str:
    """Return where a turn stands, and among how many: "turn 6 of 24", or "asked by readers, 3 March 2027"."""
    place = short_place_of(interview, turn)
    return place if isinstance(turn, ReaderTurn) else f"{place} of {own_turns(interview)}"


# A file that came back ---------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What an answer in a file does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """An answer in a file, and what it would do.

    Attributes:
        number: The question that the file names.
        question_id: The question that would be answered: itself, or the one that stands for it.
        text: The answer, without the space around it.
        quotable: Whether it may be quoted.
        line: Where in the file it begins, from 1.
        outcome: What it would do, or did.
        why: Where it is refused, the reason, in a sentence.
        before: The text that it would change.
    """

    number: int
    question_id: int
    text: str
    quotable: bool
    line: int
    outcome: Outcome
    why: str = ""
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file would do, and what in it belongs to no question."""

    answers: tuple[PlannedAnswer, ...]
    unplaced: tuple[Unplaced, ...] = ()

    def of(self, outcome: Outcome) -> tuple[PlannedAnswer, ...]:
        """Return the answers that would do that."""
        return tuple(each for each in self.answers if each.outcome is outcome)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a file did: each of its answers with what came of it."""

    answers: tuple[PlannedAnswer, ...]

    def of(self, outcome: Outcome) -> tuple[PlannedAnswer, ...]:
        """Return the answers of which that came."""
        return tuple(each for each in self.answers if each.outcome is outcome)


def obstacle(question: Question) -> str:
    """Return why a question can't be answered as it is now, in a sentence, or ""."""
    if question.merged_into is not None:
        return f"Question {question.id} was merged into another one. Answer that one."
    if question.state is QuestionState.REJECTED:
        return f"Question {question.id} was rejected. Reopen it first."
    if question.state is QuestionState.WITHDRAWN:
        return f"Question {question.id} was taken back by who asked it."
    return ""


# Word of it --------------------------------------------------------------------------------------------------


class NoticeState(StrEnum):
    """What became of a message about an answer."""

    PENDING = "pending"
    CLAIMED = "claimed"  # somebody is sending it
    SENT = "sent"
    REFUSED = "refused"  # Discord will not take it, or did not for a day
    UNKNOWN = "unknown"  # it may have arrived, and nobody can tell; it is never sent twice
    STALE = "stale"  # a post that no longer says what holds
    MENDING = "mending"  # somebody is changing such a post


class Channel(StrEnum):
    """How word of an answer goes out."""

    POST = "post"  # to everybody, in the server's channel for answers
    MEND = "mend"  # the post says something else from now on
    DM = "dm"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about an answer that somebody has claimed to send.

    Attributes:
        notices: The ids of the notices that it settles: in a mention, one for each member.
        members: Who is told; nobody by a post.
        channel_id: Where it goes, but for a direct message.
        claimed_at: When it was first claimed: from then on it may have arrived.
        attempts: The number of this attempt, from 1.
        fresh: Whether it surely was not sent before.
        asked: In a direct message, the member's own question, if they asked it themselves.
    """

    kind: Channel
    publication: Publication
    notices: tuple[int, ...]
    claimed_at: datetime
    attempts: int
    members: tuple[int, ...] = ()
    channel_id: int | None = None
    fresh: bool = True
    asked: str | None = None

    @property
    def number(self) -> int:
        """The number of the answer that it is about: our own, which names nobody."""
        return self.publication.answer.id

    @property
    def nonce(self) -> str:
        """A name of 20 characters by which Discord knows a repeated send as the same one."""
        key = f"{self.number}/{self.members[0] if self.members else 0}"
        return blake2b(key.encode(), digest_size=10).hexdigest()

    @property
    def waiting(self) -> NoticeState:
        """The state in which it waits to be tried again."""
        return NoticeState.STALE if self.kind is Channel.MEND else NoticeState.PENDING

    def may_be_sent(self, now: datetime) -> bool:
        """Return whether Discord surely knows a send before this one, or one of another process, by its nonce."""
        return timedelta() <= now - self.claimed_at < NONCE_FRESH


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the attempt of that number, from 1: twice as long each time, up to two hours."""
    doubled: int = 2 ** min(attempts - 1, MOST_ATTEMPTS)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
