"""Daily quotes as rows: claimed by one process before they are sent, settled after."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.deliveries import LEASE, Delivery, DeliveryState
from bot.domain.quotes import Quote
from bot.storage.tables import deliveries


async def claim(
    connection: AsyncConnection, guild_id: int, local_date: date, channel_id: int, quote: Quote, now: datetime
) -> Delivery | None:
    """Claim a server's post of a date for the caller; None when it was claimed, sent or given up before.

    A post that waits to be tried again is handed out as it was first claimed, with the same quote.
    """
    key = (deliveries.c.guild_id == guild_id, deliveries.c.local_date == local_date.isoformat())
    row = (await connection.execute(select(deliveries).where(*key))).mappings().one_or_none()
    if row is None:
        values = _values(guild_id, local_date, channel_id, quote, now)
        try:
            async with connection.begin_nested():
                await connection.execute(insert(deliveries).values(**values))
        except IntegrityError:  # another process was faster
            return None
    elif row["state"] == DeliveryState.WAITING:
        retry = {"state": DeliveryState.CLAIMED, "claimed_at": to_epoch_ms(now), "channel_id": channel_id}
        await connection.execute(update(deliveries).where(*key).values(**retry))
    else:
        return None
    return _delivery((await connection.execute(select(deliveries).where(*key))).mappings().one())


def _values(guild_id: int, local_date: date, channel_id: int, quote: Quote, now: datetime) -> dict[str, Any]:
    return {
        "guild_id": guild_id,
        "local_date": local_date.isoformat(),
        "channel_id": channel_id,
        "interview_key": quote.interview,
        "turn_key": quote.turn,
        "quote": quote.text,
        "state": DeliveryState.CLAIMED,
        "claimed_at": to_epoch_ms(now),
    }


async def settle(
    connection: AsyncConnection,
    delivery: Delivery,
    state: DeliveryState,
    *,
    message_id: int | None = None,
    problem: str | None = None,
) -> None:
    """Record what became of a claimed post."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery.id)
        .values(state=state, message_id=message_id, problem=problem)
    )


async def give_up_stale(connection: AsyncConnection, now: datetime) -> int:
    """Mark claims whose process ended before it could settle them as unknown; return how many there were."""
    stale = await connection.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.CLAIMED, deliveries.c.claimed_at < to_epoch_ms(now - LEASE))
        .values(state=DeliveryState.UNKNOWN)
    )
    return stale.rowcount


async def is_settled(connection: AsyncConnection, guild_id: int, local_date: date) -> bool:
    """Return whether a server's post of a date needs nothing more."""
    state = await connection.scalar(
        select(deliveries.c.state).where(
            deliveries.c.guild_id == guild_id, deliveries.c.local_date == local_date.isoformat()
        )
    )
    return state not in {None, DeliveryState.WAITING}


async def count_deliveries(connection: AsyncConnection, guild_id: int) -> int:
    """Return for how many days a server's post was ever claimed."""
    query = select(func.count()).select_from(deliveries).where(deliveries.c.guild_id == guild_id)
    count: int = (await connection.execute(query)).scalar_one()
    return count


async def delivery_of(connection: AsyncConnection, guild_id: int, local_date: date) -> Delivery | None:
    """Return a server's post of a date, whatever became of it, or None."""
    query = select(deliveries).where(
        deliveries.c.guild_id == guild_id, deliveries.c.local_date == local_date.isoformat()
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


async def last_delivery(connection: AsyncConnection, guild_id: int) -> Delivery | None:
    """Return a server's latest post, whatever became of it."""
    query = (
        select(deliveries).where(deliveries.c.guild_id == guild_id).order_by(deliveries.c.local_date.desc()).limit(1)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row["id"],
        guild_id=row["guild_id"],
        local_date=date.fromisoformat(row["local_date"]),
        channel_id=row["channel_id"],
        quote=Quote(row["interview_key"], row["turn_key"], row["quote"]),
        state=DeliveryState(row["state"]),
        claimed_at=from_epoch_ms(row["claimed_at"]),
        message_id=row["message_id"],
        problem=row["problem"],
    )
