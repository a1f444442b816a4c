"""Single facts that outlive the process, by name."""

from enum import StrEnum

from sqlalchemy import BigInteger, Text, cast, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import facts
from bot.storage.upserts import put


class Fact(StrEnum):
    """The facts that are kept."""

    LIBRARY_REVISION = "library_revision"  # counts up whenever an interview, or what was taught of it, is changed
    COMMANDS_HASH = "commands_hash"  # of the commands that Discord was last told of
    MOVE = "move"  # what is being moved into this database, until all of it is there


async def read_fact(connection: AsyncConnection, fact: Fact) -> str | None:
    """Return a fact's value, or None where it was never set."""
    value: str | None = await connection.scalar(select(facts.c.value).where(facts.c.name == fact))
    return value


async def write_fact(connection: AsyncConnection, fact: Fact, value: str) -> None:
    """Set a fact."""
    await put(connection, facts, {"name": fact}, {"value": value})


async def count_up_fact(connection: AsyncConnection, fact: Fact) -> None:
    """Count up a fact that is a number; one that was never set is 0."""
    one_more = cast(cast(facts.c.value, BigInteger) + 1, Text)
    await put(connection, facts, {"name": fact}, {"value": "1"}, value=one_more)


async def forget_fact(connection: AsyncConnection, fact: Fact) -> None:
    """Let a fact be as if it was never set."""
    await connection.execute(delete(facts).where(facts.c.name == fact))
