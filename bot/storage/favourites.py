"""Members' favourite quotes as rows."""

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.favourites import Favourite
from bot.domain.quotes import Quote
from bot.storage.tables import favourites
from bot.storage.upserts import insert_into


async def add_favourite(connection: AsyncConnection, member_id: int, quote: Quote, now: datetime) -> None:
    """Put a quote on a member's shelf, where it may be already."""
    query = insert_into(connection, favourites).values(
        member_id=member_id,
        interview_key=quote.interview,
        turn_key=quote.turn,
        quote_key=quote.key,
        quote=quote.text,
        created_at=to_epoch_ms(now),
    )
    await connection.execute(query.on_conflict_do_nothing())


async def remove_favourite(connection: AsyncConnection, member_id: int, quote_key: str) -> bool:
    """Take a quote off a member's shelf; return whether it was there."""
    removed = await connection.execute(
        delete(favourites).where(favourites.c.member_id == member_id, favourites.c.quote_key == quote_key)
    )
    return removed.rowcount > 0


async def favourites_of_member(
    connection: AsyncConnection, member_id: int, limit: int, skipped: int = 0
) -> list[Favourite]:
    """Return a member's favourites, newest first: at most so many, after so many that are skipped."""
    query = (
        select(favourites)
        .where(favourites.c.member_id == member_id)
        .order_by(favourites.c.created_at.desc(), favourites.c.id.desc())
        .limit(limit)
        .offset(skipped)
    )
    return [_favourite(row) for row in (await connection.execute(query)).mappings()]


async def favourite_of_member(connection: AsyncConnection, member_id: int, quote_key: str) -> Favourite | None:
    """Return a member's favourite by the key of its quote, or None."""
    query = select(favourites).where(favourites.c.member_id == member_id, favourites.c.quote_key == quote_key)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _favourite(row) if row is not None else None


async def count_favourites_of_member(connection: AsyncConnection, member_id: int) -> int:
    """Return how many favourites a member has."""
    return await _count(connection, favourites.c.member_id == member_id)


async def count_favourites(connection: AsyncConnection, quote_key: str) -> int:
    """Return how many members keep a quote."""
    return await _count(connection, favourites.c.quote_key == quote_key)


async def _count(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    count: int = (await connection.execute(select(func.count()).select_from(favourites).where(which))).scalar_one()
    return count


def _favourite(row: RowMapping) -> Favourite:
    return Favourite(
        member_id=row["member_id"],
        quote=Quote(row["interview_key"], row["turn_key"], row["quote"]),
        created_at=from_epoch_ms(row["created_at"]),
    )
