"""Where the author's answers were posted."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import answers


async def place_of_answer(connection: AsyncConnection, question_id: int) -> tuple[int, int] | None:
    """Return channel and message of the answer to a question, unless it was not posted, or was retracted."""
    query = select(answers.c.channel_id, answers.c.message_id).where(
        answers.c.question_id == question_id, answers.c.retracted_at.is_(None), answers.c.message_id.is_not(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return (row.channel_id, row.message_id) if row is not None else None
