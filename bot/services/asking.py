"""From a member's thought to a stored question: what comes near it before, and what its asker sees of it after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.interviews import Comment, Interview, Reply
from bot.domain.matching import Band
from bot.domain.publications import PostedAt
from bot.domain.questions import Event, Question, QuestionEvent, QuestionState, asks_something
from bot.domain.text import fold
from bot.services.answers import Answers, Hit
from bot.services.interviews import Interviews
from bot.services.questions import Page, Questions
from bot.services.similar import Similar
from bot.storage.database import Database
from bot.storage.interviews import interview_id
from bot.storage.publications import find_answer
from bot.storage.questions import add_comment, events_of, find_question, record, root_of

# What moderators say to each other is not for who asked.
AMONG_MODERATORS = frozenset({Event.FLAGGED, Event.UNFLAGGED})


@dataclass(frozen=True, slots=True)
class Near:
    """What comes near a question: the exchange that answers it, if one surely does, and those that ask the same."""

    hit: Hit | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A member's question, the one that stands for it (itself, or what it was merged into), and where its answer is."""

    question: Question
    root: Question
    answered_at: PostedAt | None

    @property
    def state(self) -> QuestionState:
        """How far it has come."""
        return self.root.state

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether its asker may still take it back."""
        return self.question.state is QuestionState.OPEN and self.question.merged_into is None

    @property
    def may_be_edited(self) -> bool:
        """Whether its asker may still change it."""
        return self.may_be_withdrawn and self.question.wanted_by == 1


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page of a member's questions, newest first, counted from 0, and how many pages are known of."""

    own: tuple[Own, ...]
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class TakenComments:
    """How many of an interview's comments were taken as questions now, before, or not, since they ask nothing."""

    title: str
    new: int
    known: int
    others: int


class Asking:
    """Says what comes near a question, and shows members what became of theirs."""

    def __init__(
        self,
        database: Database,
        interviews: Interviews,
        answers: Answers,
        questions: Questions,
        similar: Similar,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the database, the library, what finds answers and questions, and the clock (UTC)."""
        self._database = database
        self._interviews = interviews
        self._answers = answers
        self._questions = questions
        self._similar = similar
        self._clock = clock

    async def near(self, guild_id: int, text: str) -> Near:
        """Return what comes near a question that is about to be asked in a server."""
        reply = await self._answers.find(text, guild_id)
        hit = reply.hits[0] if reply.band is Band.ANSWER else None
        return Near(hit, tuple(question for question, _ in await self._similar.likely(guild_id, text)))

    async def mine(self, guild_id: int, member_id: int, number: int = 0) -> OwnPage:
        """Return a page of a member's questions in a server; beyond the last, the last."""
        page = await self._questions.mine(guild_id, member_id, max(number, 0))
        while not page.questions and page.number:  # the only one of the last page was withdrawn
            page = await self._questions.mine(guild_id, member_id, page.number - 1)
        return await self._with_fates(page)

    async def _with_fates(self, page: Page) -> OwnPage:
        own = [await self._own(question) for question in page.questions]
        return OwnPage(tuple(own), page.number, page.pages)

    async def _own(self, question: Question) -> Own:
        async with self._database.read() as connection:
            root = await find_question(connection, question.guild_id, await root_of(connection, question.id))
            root = root or question
            answer = await find_answer(connection, root.id)
            return Own(question, root, answer.post if answer is not None and answer.is_published else None)

    async def opened(self, guild_id: int, member_id: int, question_id: int) -> tuple[Own, list[QuestionEvent]]:
        """Return a member's own question, and what happened to it, oldest first.

        Raises:
            NotFoundError: There is no such question of theirs.
        """
        own = await self._own(await self._questions.own(guild_id, member_id, question_id))
        async with self._database.read() as connection:
            events = await events_of(connection, question_id)
        return own, [event for event in events if event.kind not in AMONG_MODERATORS]

    async def take_comments(self, guild_id: int, key: str | None = None) -> list[TakenComments]:
        """Take what readers asked beneath the interviews, or beneath one, as questions of a server, each once.

        Raises:
            NotFoundError: There is no interview of that key.
            DatabaseError: They could not be stored.
        """
        library = await self._interviews.library()
        interviews = library.interviews if key is None else (library.interview(key),)
        return [await self._take(guild_id, interview) for interview in interviews]

    async def _take(self, guild_id: int, interview: Interview) -> TakenComments:
        written = readers_comments(interview)
        asked = [each for each in written if asks_something(each[2])]
        new, now = 0, self._clock()
        async with self._database.write([guild_id]) as connection:
            number = await interview_id(connection, interview.id)
            if number is None:  # it was removed meanwhile
                return TakenComments(interview.title, 0, 0, len(written))
            for key, author, text in asked:
                stored = await add_comment(connection, guild_id, number, key, author, text.strip(), now)
                if stored is not None:
                    await record(connection, stored, Event.ASKED, now)
                    new += 1
        return TakenComments(interview.title, new, len(asked) - new, len(written) - len(asked))


def readers_comments(interview: Interview) -> list[tuple[str, str, str]]:
    """Return key, author and text of all that readers wrote beneath an interview; not what its people wrote there."""
    people = {fold(person.name) for person in interview.people}
    written: list[Comment | Reply] = []
    for comment in interview.comments:
        written += [comment, *comment.replies]
    return [(part.id, part.author, part.text) for part in written if fold(part.author) not in people]
