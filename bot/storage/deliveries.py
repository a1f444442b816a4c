"""The ledger of daily quotes: a day is claimed by one process before its quote is sent, and settled after."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import DailyRule, LocalPost, from_epoch_ms, to_epoch_ms
from bot.domain.deliveries import GRACE, LEASE, REFUSED_DAYS, Delivery, DeliveryState
from bot.domain.quotes import Quote
from bot.storage.tables import deliveries

OUTAGE = "Discord could not take it for hours"


async def find_delivery(connection: AsyncConnection, guild_id: int, local_date: date) -> Delivery | None:
    """Return a server's entry of a date, if there is one."""
    row = (await connection.execute(select(deliveries).where(_of(guild_id, local_date)))).mappings().one_or_none()
    return _delivery(row) if row else None


async def claim(
    connection: AsyncConnection, rule: DailyRule, post: LocalPost, quote: Quote, now: datetime
) -> Delivery | None:
    """Claim a server's post of a date for the caller; None when the date has an entry already."""
    values = _entry(rule, post, DeliveryState.CLAIMED, now) | {
        "interview_key": quote.interview,
        "turn_key": quote.turn,
        "quote": quote.text,
        "attempts": 1,
        # Until it is settled it may be in the channel: nobody else can tell how far its owner came.
        "doubted_at": to_epoch_ms(now),
    }
    try:
        async with connection.begin_nested():
            query = insert(deliveries).values(**values).returning(deliveries.c.id)
            number: int = (await connection.execute(query)).scalar_one()
    except IntegrityError:  # another process was faster
        return None
    return Delivery(
        id=number,
        guild_id=rule.guild_id,
        local_date=post.local_date,
        due=post.due,
        channel_id=rule.channel_id,
        quote=quote,
        state=DeliveryState.CLAIMED,
        claimed_at=from_epoch_ms(to_epoch_ms(now)),
        attempts=1,
        options=rule.options,
    )


async def claim_again(connection: AsyncConnection, rule: DailyRule, local_date: date, now: datetime) -> Delivery | None:
    """Claim a post that waits to be tried again and whose time has come, as it was first claimed; else None.

    What it returns is doubted only if it was before.
    """
    found = await find_delivery(connection, rule.guild_id, local_date)
    if (
        found is None
        or found.state is not DeliveryState.WAITING
        or (found.retry_at is not None and found.retry_at > now)
    ):
        return None
    # Where it may have been posted already is where it has to be looked for.
    channel_id = rule.channel_id if found.doubted_at is None else found.channel_id
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == found.id)
        .values(
            state=DeliveryState.CLAIMED,
            claimed_at=to_epoch_ms(now),
            channel_id=channel_id,
            attempts=found.attempts + 1,
            doubted_at=func.coalesce(deliveries.c.doubted_at, to_epoch_ms(now)),
        )
    )
    return replace(
        found,
        state=DeliveryState.CLAIMED,
        claimed_at=from_epoch_ms(to_epoch_ms(now)),
        channel_id=channel_id,
        attempts=found.attempts + 1,
        options=rule.options,
    )


def _of(guild_id: int, local_date: date) -> ColumnElement[bool]:
    return (deliveries.c.guild_id == guild_id) & (deliveries.c.local_date == local_date.isoformat())


def _entry(rule: DailyRule, post: LocalPost, state: DeliveryState, now: datetime) -> dict[str, Any]:
    return {
        "guild_id": rule.guild_id,
        "local_date": post.local_date.isoformat(),
        "due_at": to_epoch_ms(post.due),
        "channel_id": rule.channel_id,
        "state": state,
        "claimed_at": to_epoch_ms(now),
    }


async def settle(connection: AsyncConnection, outcome: Delivery) -> bool:
    """Record what became of a claimed post; return False where somebody else owns it by now."""
    settled = await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == outcome.id,
            deliveries.c.state == DeliveryState.CLAIMED,
            deliveries.c.claimed_at == to_epoch_ms(outcome.claimed_at),
        )
        .values(
            state=outcome.state,
            attempts=outcome.attempts,
            retry_at=_ms(outcome.retry_at),
            doubted_at=_ms(outcome.doubted_at),
            message_id=outcome.message_id,
            problem=outcome.problem,
        )
    )
    return settled.rowcount > 0


async def release_stale(connection: AsyncConnection, now: datetime) -> int:
    """Let claims whose process ended before it could settle them be taken by others; return how many there were."""
    stale = await connection.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.CLAIMED, deliveries.c.claimed_at < to_epoch_ms(now - LEASE))
        .values(state=DeliveryState.WAITING, retry_at=to_epoch_ms(now))
    )
    return stale.rowcount


async def give_up_late(connection: AsyncConnection, now: datetime) -> int:
    """Enter posts that waited until it was too late as missed, but for those in doubt; return how many there were."""
    missed = await connection.execute(
        update(deliveries)
        .where(_late(now), deliveries.c.doubted_at.is_(None))
        .values(state=DeliveryState.MISSED, problem=func.coalesce(deliveries.c.problem, OUTAGE))
    )
    return missed.rowcount


async def claim_late(connection: AsyncConnection, now: datetime, limit: int) -> list[Delivery]:
    """Claim posts in doubt for which it is too late, so that they are looked for a last time; at most `limit`."""
    wanted = _late(now) & ((deliveries.c.retry_at <= to_epoch_ms(now)) | deliveries.c.retry_at.is_(None))
    wanted &= deliveries.c.doubted_at.is_not(None)
    first = select(deliveries.c.id).where(wanted).order_by(deliveries.c.due_at).limit(limit)
    query = (
        update(deliveries)
        .where(wanted, deliveries.c.id.in_(first))
        .values(state=DeliveryState.CLAIMED, claimed_at=to_epoch_ms(now), attempts=deliveries.c.attempts + 1)
        .returning(deliveries)
    )
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


def _late(now: datetime) -> ColumnElement[bool]:
    return (deliveries.c.state == DeliveryState.WAITING) & (deliveries.c.due_at < to_epoch_ms(now - GRACE))


async def record_days(
    connection: AsyncConnection, rule: DailyRule, posts: Iterable[LocalPost], state: DeliveryState, now: datetime
) -> None:
    """Enter days that have no post, missed or skipped; those that have an entry keep it."""
    wanted = {post.local_date.isoformat(): _entry(rule, post, state, now) for post in posts}
    there = await connection.scalars(
        select(deliveries.c.local_date).where(
            deliveries.c.guild_id == rule.guild_id, deliveries.c.local_date.in_(wanted)
        )
    )
    known = set(there)
    if rows := [entry for day, entry in wanted.items() if day not in known]:
        await connection.execute(insert(deliveries), rows)


async def coming_skip(connection: AsyncConnection, guild_id: int, now: datetime) -> Delivery | None:
    """Return the post that a server will skip, if there is one whose time is still to come."""
    row = (
        (await connection.execute(select(deliveries).where(_skipped(guild_id, now)).limit(1))).mappings().one_or_none()
    )
    return _delivery(row) if row else None


async def undo_skip(connection: AsyncConnection, guild_id: int, now: datetime) -> bool:
    """Take back that a server skips a post, as long as its time is still to come; return whether there was one."""
    undone = await connection.execute(delete(deliveries).where(_skipped(guild_id, now)))
    return undone.rowcount > 0


def _skipped(guild_id: int, now: datetime) -> ColumnElement[bool]:
    return (
        (deliveries.c.guild_id == guild_id)
        & (deliveries.c.state == DeliveryState.SKIPPED)
        & (deliveries.c.due_at > to_epoch_ms(now))
    )


async def entries_of(
    connection: AsyncConnection, guild_ids: Sequence[int], dates: Collection[date]
) -> dict[tuple[int, date], tuple[DeliveryState, datetime | None]]:
    """Return state and time of the next attempt for the entries of some servers and dates."""
    query = select(deliveries.c.guild_id, deliveries.c.local_date, deliveries.c.state, deliveries.c.retry_at).where(
        deliveries.c.guild_id.in_(guild_ids), deliveries.c.local_date.in_([day.isoformat() for day in dates])
    )
    return {
        (row.guild_id, date.fromisoformat(row.local_date)): (DeliveryState(row.state), _instant(row.retry_at))
        for row in await connection.execute(query)
    }


async def last_dates(connection: AsyncConnection, guild_ids: Sequence[int], now: datetime) -> dict[int, date]:
    """Return the latest date that is entered for each of some servers, of those whose time has come."""
    query = (
        select(deliveries.c.guild_id, func.max(deliveries.c.local_date))
        .where(deliveries.c.guild_id.in_(guild_ids), deliveries.c.due_at <= to_epoch_ms(now))
        .group_by(deliveries.c.guild_id)
    )
    return {guild_id: date.fromisoformat(last) for guild_id, last in await connection.execute(query)}


async def settled_dates(connection: AsyncConnection, guild_id: int, since: date) -> set[date]:
    """Return the dates from `since` on whose posts need nothing more, or are under way."""
    query = select(deliveries.c.local_date).where(
        deliveries.c.guild_id == guild_id,
        deliveries.c.local_date >= since.isoformat(),
        deliveries.c.state != DeliveryState.WAITING,
    )
    return {date.fromisoformat(day) for day in await connection.scalars(query)}


async def refused_in_a_row(connection: AsyncConnection, guild_id: int, since: datetime) -> bool:
    """Return whether the last posts of a server, none of them older than `since`, were all refused."""
    query = (
        select(deliveries.c.state)
        .where(
            deliveries.c.guild_id == guild_id,
            deliveries.c.due_at >= to_epoch_ms(since),
            deliveries.c.state.in_([DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN]),
        )
        .order_by(deliveries.c.local_date.desc())
        .limit(REFUSED_DAYS)
    )
    return list(await connection.scalars(query)) == [DeliveryState.FAILED] * REFUSED_DAYS


async def last_delivery(connection: AsyncConnection, guild_id: int) -> Delivery | None:
    """Return a server's latest entry, whatever became of it; days that were skipped on purpose don't count."""
    query = (
        select(deliveries)
        .where(deliveries.c.guild_id == guild_id, deliveries.c.state != DeliveryState.SKIPPED)
        .order_by(deliveries.c.local_date.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


async def ledger(connection: AsyncConnection, guild_id: int, first: int, limit: int) -> list[Delivery]:
    """Return a server's entries, newest first, from the one of that number on."""
    query = (
        select(deliveries)
        .where(deliveries.c.guild_id == guild_id)
        .order_by(deliveries.c.local_date.desc())
        .offset(first)
        .limit(limit)
    )
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


def _delivery(row: Any) -> Delivery:
    quote = None if row["quote"] is None else Quote(row["interview_key"], row["turn_key"], row["quote"])
    return Delivery(
        id=row["id"],
        guild_id=row["guild_id"],
        local_date=date.fromisoformat(row["local_date"]),
        due=from_epoch_ms(row["due_at"]),
        channel_id=row["channel_id"],
        quote=quote,
        state=DeliveryState(row["state"]),
        claimed_at=from_epoch_ms(row["claimed_at"]),
        attempts=row["attempts"],
        retry_at=_instant(row["retry_at"]),
        doubted_at=_instant(row["doubted_at"]),
        message_id=row["message_id"],
        problem=row["problem"],
    )


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_epoch_ms(instant)


def _instant(value: int | None) -> datetime | None:
    return None if value is None else from_epoch_ms(value)
