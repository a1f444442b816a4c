"""How much there is of what: counted, never read."""

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.deliveries import DeliveryState
from bot.domain.questions import QuestionState
from bot.storage.questions import count_each
from bot.storage.tables import deliveries, facts, questions


async def is_there(connection: AsyncConnection) -> None:
    """Read a row, if there is one; that it answers at all is what counts."""
    await connection.execute(select(facts.c.name).limit(1))


async def questions_by_state(connection: AsyncConnection) -> dict[QuestionState, int]:
    """Return how many questions there are in each state, in all servers; those that were merged are among them."""
    # An index holds it all: a million are counted without a look at their rows.
    return await count_each(connection, questions.c.state, QuestionState, true())


async def deliveries_by_state(connection: AsyncConnection) -> dict[DeliveryState, int]:
    """Return how many days of the daily quote are entered in each state, in all servers."""
    return await count_each(connection, deliveries.c.state, DeliveryState, true())
