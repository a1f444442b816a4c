"""How much there is of what: counted, never read."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.deliveries import DeliveryState
from bot.domain.questions import QuestionState
from bot.storage.tables import deliveries, facts, questions


async def is_there(connection: AsyncConnection) -> None:
    """Read a row, if there is one; that it answers at all is what counts."""
    await connection.execute(select(facts.c.name).limit(1))


async def questions_by_state(connection: AsyncConnection) -> dict[QuestionState, int]:
    """Return how many questions there are in each state, in all servers; those that were merged are among them."""
    # An index holds it all: a million are counted without a look at their rows.
    query = select(questions.c.state, func.count()).group_by(questions.c.state)
    found = {QuestionState(state): count for state, count in await connection.execute(query)}
    return {state: found.get(state, 0) for state in QuestionState}


async def deliveries_by_state(connection: AsyncConnection) -> dict[DeliveryState, int]:
    """Return how many days of the daily quote are entered in each state, in all servers."""
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    found = {DeliveryState(state): count for state, count in await connection.execute(query)}
    return {state: found.get(state, 0) for state in DeliveryState}
