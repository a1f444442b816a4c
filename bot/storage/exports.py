"""What exports and packs read beside the questions themselves: their answers, who wants them, and whole servers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms
from bot.domain.questions import Question, QuestionFilter, QuestionState
from bot.storage.questions import stream_questions, with_merged
from bot.storage.tables import answers, me_toos, questions

BATCH = 500

# The text, and when it was published.
Published = tuple[str, datetime]


async def stream_with_answers(
    connection: AsyncConnection, guild_id: int, wanted: QuestionFilter
) -> AsyncGenerator[tuple[Question, Published | None], None]:
    """Yield a server's questions with the answer to each, if there is one that is not retracted; oldest first."""
    batch: list[Question] = []
    async with aclosing(stream_questions(connection, guild_id, wanted)) as found:
        async for question in found:
            batch.append(question)
            if len(batch) == BATCH:
                for pair in await _with_answers(connection, batch):
                    yield pair
                batch = []
    for pair in await _with_answers(connection, batch):
        yield pair


async def _with_answers(
    connection: AsyncConnection, batch: Sequence[Question]
) -> list[tuple[Question, Published | None]]:
    query = select(answers.c.question_id, answers.c.text, answers.c.published_at).where(
        answers.c.question_id.in_([question.id for question in batch]), answers.c.retracted_at.is_(None)
    )
    texts = {row[0]: (row[1], from_epoch_ms(row[2])) for row in await connection.execute(query)}
    return [(question, texts.get(question.id)) for question in batch]


async def questions_by_server(connection: AsyncConnection) -> dict[int, int]:
    """Return how many questions each server has that has any, most first."""
    count = func.count()
    query = select(questions.c.guild_id, count).group_by(questions.c.guild_id)
    return {row[0]: row[1] for row in await connection.execute(query.order_by(count.desc(), questions.c.guild_id))}


async def people_wanting(connection: AsyncConnection, question_ids: Sequence[int]) -> int:
    """Return how many people want an answer to any of some questions, or of what was merged into them, each once.

    Who wrote a comment counts by that name.
    """
    within = await with_merged(connection, question_ids)
    asked = select(questions.c.member_id).where(
        questions.c.id.in_(within), questions.c.member_id.is_not(None), questions.c.state != QuestionState.WITHDRAWN
    )
    joined = select(me_toos.c.member_id).where(me_toos.c.question_id.in_(within))
    wrote = select(questions.c.origin).where(questions.c.id.in_(within), questions.c.origin.is_not(None)).distinct()
    members = (await connection.scalars(union(asked, joined))).all()
    return len(members) + len((await connection.scalars(wrote)).all())
