"""Readers' questions as rows."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.questions import Asker, Question, QuestionState
from bot.storage.tables import interviews, questions


async def add_question(
    connection: AsyncConnection, asker: Asker, text: str, interview_id: int | None, asked_at: datetime
) -> int:
    """Store a question and return its id."""
    result = await connection.execute(
        insert(questions)
        .values(
            guild_id=asker.guild_id,
            member_id=asker.member_id,
            member_name=asker.member_name,
            interview_id=interview_id,
            text=text,
            state=QuestionState.OPEN,
            asked_at=to_epoch_ms(asked_at),
        )
        .returning(questions.c.id)
    )
    return int(result.scalar_one())


async def questions_of_member(connection: AsyncConnection, guild_id: int, member_id: int, limit: int) -> list[Question]:
    """Return a member's questions in a server, newest first."""
    query = (
        _query()
        .where(questions.c.guild_id == guild_id, questions.c.member_id == member_id)
        .order_by(questions.c.id.desc())
        .limit(limit)
    )
    return [question async for question in _stream(connection, query)]


def questions_of_guild(connection: AsyncConnection, guild_id: int) -> AsyncIterator[Question]:
    """Yield all questions of a server, oldest first."""
    return _stream(connection, _query().where(questions.c.guild_id == guild_id).order_by(questions.c.id))


def _query() -> Select[*tuple[object, ...]]:
    return select(questions, interviews.c.key.label("interview")).outerjoin(
        interviews, interviews.c.id == questions.c.interview_id
    )


async def _stream(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> AsyncIterator[Question]:
    result = await connection.stream(query)
    async for row in result.mappings():
        yield Question(
            id=row["id"],
            asker=Asker(row["guild_id"], row["member_id"], row["member_name"]),
            interview=row["interview"],
            text=row["text"],
            state=QuestionState(row["state"]),
            asked_at=from_epoch_ms(row["asked_at"]),
        )
