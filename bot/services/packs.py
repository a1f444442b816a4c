"""Author packs: the questions that wait for an answer, as one file for whoever shall answer them."""

import asyncio
import secrets
from dataclasses import dataclass

from bot.domain.interviews import Interview, Role
from bot.domain.matching import Band
from bot.domain.packs import Pack, PackQuestion, themes_of, write_pack
from bot.domain.publications import ReaderTurn
from bot.domain.questions import Question, QuestionFilter, QuestionState, Recipient
from bot.errors import NotFoundError
from bot.services.answers import Answers
from bot.services.interviews import Interviews
from bot.storage.database import Database
from bot.storage.exports import people_wanting
from bot.storage.questions import count_questions, list_questions

# More than anybody answers; and with its answers, such a pack is still small enough to come back.
MOST_QUESTIONS = 500


@dataclass(frozen=True, slots=True)
class PackWish:
    """Which questions an author shall get: with the interview None, those about the first one."""

    interview: str | None = None
    at_least: int = 1
    state: QuestionState = QuestionState.APPROVED
    recipient: Recipient = Recipient.INTERVIEWEE


@dataclass(frozen=True, slots=True)
class PackFile:
    """An author pack as a file, for whom it is, and how many questions are in it of those that would be."""

    name: str
    content: bytes
    author: str
    count: int
    of: int


class Packs:
    """Writes author packs."""

    def __init__(self, database: Database, interviews: Interviews, answers: Answers) -> None:
        """Take the database, the library, and what finds the place in an interview that is near a question."""
        self._database = database
        self._interviews = interviews
        self._answers = answers

    async def write(self, guild_id: int, wish: PackWish) -> PackFile:
        """Return a pack of a server's questions: the most wanted ones that stand for themselves and have no answer.

        Raises:
            NotFoundError: There is no such interview, or no such question about it.
        """
        interview = (await self._interviews.library(guild_id)).interview(wish.interview)
        wanted = QuestionFilter(frozenset({wish.state}), interview.id, at_least=wish.at_least, recipient=wish.recipient)
        async with self._database.read() as connection:
            questions = await list_questions(connection, guild_id, wanted, MOST_QUESTIONS)
            count = await count_questions(connection, guild_id, wanted)
            people = await people_wanting(connection, [question.id for question in questions])
        if not questions:
            raise NotFoundError(
                f'No {wish.state.value} question about "{interview.title}" waits for an answer of the {wish.recipient}'
                + (f", wanted by {wish.at_least} or more." if wish.at_least > 1 else ".")
            )
        role = Role.HOST if wish.recipient is Recipient.HOST else Role.GUEST
        author = next((person.name for person in interview.people_of(role)), "the author")
        entries = [await self._entry(guild_id, interview, question) for question in questions]

        def content() -> bytes:
            pack = Pack(secrets.token_hex(4), interview.title, author, themes_of(entries), people)
            return write_pack(pack).encode()

        name = f"questions-{interview.id}.md"
        return PackFile(name, await asyncio.to_thread(content), author, len(questions), count)

    async def _entry(self, guild_id: int, interview: Interview, question: Question) -> PackQuestion:
        return PackQuestion(
            number=question.id,
            text=question.text,
            asked_by=question.asked_by,
            wanted_by=question.wanted_by,
            nearby=await self._nearby(guild_id, interview, question.text),
            answer=None,
            quotable=True,
        )

    async def _nearby(self, guild_id: int, interview: Interview, text: str) -> str | None:
        """Return what an interview says that comes near to a question, and where."""
        reply = await self._answers.find(text, guild_id, limit=1)
        if reply.band is Band.NONE or not reply.hits or reply.hits[0].interview.id != interview.id:
            return None
        hit = reply.hits[0]
        turn = hit.interview.turn(hit.exchange.answered_in[0])
        place = "An answer since" if isinstance(turn, ReaderTurn) else f"Turn {hit.interview.number(turn.id)}"
        return f"{place} says: {hit.passage}"
