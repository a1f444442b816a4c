"""The ledger of daily quotes: a day is claimed by one process before its quote is sent, and settled after."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import DailyRule, LocalPost, from_epoch_ms, to_epoch_ms
from bot.domain.deliveries import GRACE, LEASE, REFUSED_DAYS, Delivery, DeliveryState
from bot.domain.planning import Entry
from bot.domain.quotes import Quote
from bot.domain.shards import Shards
from bot.storage.shards import belongs_to
from bot.storage.tables import deliveries, guilds
from bot.storage.upserts import insert_into

OUTAGE = "Discord could not take it for hours"


@dataclass(frozen=True, slots=True)
class Neglected:
    """Posts that nobody is working on any more, each with its server.

    Attributes:
        cut_off: Claimed by a process that must have ended.
        missed: Waiting until it was too late.
        doubted: The same, but they may have arrived.
    """

    cut_off: Mapping[int, int]
    missed: Mapping[int, int]
    doubted: Mapping[int, int]

    @property
    def guild_ids(self) -> set[int]:
        """All their servers."""
        return {*self.cut_off.values(), *self.missed.values(), *self.doubted.values()}


async def find_delivery(connection: AsyncConnection, guild_id: int, local_date: date) -> Delivery | None:
    """Return a server's entry of a date, if there is one."""
    row = (await connection.execute(select(deliveries).where(_of(guild_id, local_date)))).mappings().one_or_none()
    return _delivery(row) if row else None


async def claim(
    connection: AsyncConnection, posts: Sequence[tuple[DailyRule, LocalPost, Quote]], now: datetime
) -> list[Delivery]:
    """Claim posts of some servers for the caller; those whose date has an entry already are left out."""
    if not posts:
        return []
    values = [
        _entry(rule, post, DeliveryState.CLAIMED, now)
        | {
            "interview_key": quote.interview,
            "turn_key": quote.turn,
            "quote": quote.text,
            "attempts": 1,
            # Until it is settled it may be in the channel: nobody else can tell how far its owner came.
            "doubted_at": to_epoch_ms(now),
        }
        for rule, post, quote in posts
    ]
    # Where another process was faster, nothing is inserted.
    query = (
        insert_into(connection, deliveries).on_conflict_do_nothing().returning(deliveries.c.id, deliveries.c.guild_id)
    )
    numbers = {row.guild_id: row.id for row in await connection.execute(query, values)}
    return [
        Delivery(
            id=numbers[rule.guild_id],
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
        for rule, post, quote in posts
        if rule.guild_id in numbers
    ]


async def claim_again(connection: AsyncConnection, rule: DailyRule, local_date: date, now: datetime) -> Delivery | None:
    """Claim a post that waits to be tried again and whose time has come, as it was first claimed; else None.

    What it returns is doubted only if it was before.
    """
    found = await find_delivery(connection, rule.guild_id, local_date)
    if found is None or (found.retry_at is not None and found.retry_at > now):
        return None
    # Where it may have been posted already is where it has to be looked for.
    channel_id = rule.channel_id if found.doubted_at is None else found.channel_id
    taken = await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == found.id,
            deliveries.c.state == DeliveryState.WAITING,
            deliveries.c.attempts == found.attempts,  # each claim counts one: nobody else was faster
        )
        .values(
            state=DeliveryState.CLAIMED,
            claimed_at=to_epoch_ms(now),
            channel_id=channel_id,
            attempts=found.attempts + 1,
            doubted_at=func.coalesce(deliveries.c.doubted_at, to_epoch_ms(now)),
        )
    )
    if not taken.rowcount:
        return None
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


async def neglected(connection: AsyncConnection, shards: Shards, now: datetime, limit: int) -> Neglected:
    """Return which posts of a process's own servers nobody is working on any more; of the last kind at most `limit`."""

    async def found(which: ColumnElement[bool]) -> dict[int, int]:
        query = select(deliveries.c.id, deliveries.c.guild_id).where(which, belongs_to(shards, deliveries.c.guild_id))
        rows = await connection.execute(query.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit))
        return {row.id: row.guild_id for row in rows}

    late = _late(now)
    return Neglected(
        cut_off=await found(_cut_off(now)),
        missed=await found(late & deliveries.c.doubted_at.is_(None)),
        doubted=await found(late & deliveries.c.doubted_at.is_not(None) & _may_be_tried(now)),
    )


async def release(connection: AsyncConnection, numbers: Collection[int], now: datetime) -> list[int]:
    """Let claims whose process ended before it could settle them be taken by others; return their servers."""
    query = (
        update(deliveries)
        .where(deliveries.c.id.in_(numbers), _cut_off(now))
        .values(state=DeliveryState.WAITING, retry_at=to_epoch_ms(now))
        .returning(deliveries.c.guild_id)
    )
    return list(await connection.scalars(query))


async def give_up(connection: AsyncConnection, numbers: Collection[int], now: datetime) -> int:
    """Enter posts that waited until it was too late as missed, but for those in doubt; return how many there were."""
    missed = await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(numbers), _late(now), deliveries.c.doubted_at.is_(None))
        .values(state=DeliveryState.MISSED, problem=func.coalesce(deliveries.c.problem, OUTAGE))
    )
    return missed.rowcount


async def claim_late(connection: AsyncConnection, numbers: Collection[int], now: datetime) -> list[Delivery]:
    """Claim posts in doubt for which it is too late, so that they are looked for a last time."""
    query = (
        update(deliveries)
        .where(deliveries.c.id.in_(numbers), _late(now), deliveries.c.doubted_at.is_not(None), _may_be_tried(now))
        .values(state=DeliveryState.CLAIMED, claimed_at=to_epoch_ms(now), attempts=deliveries.c.attempts + 1)
        .returning(deliveries)
    )
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


def _cut_off(now: datetime) -> ColumnElement[bool]:
    return (deliveries.c.state == DeliveryState.CLAIMED) & (deliveries.c.claimed_at < to_epoch_ms(now - LEASE))


def _may_be_tried(now: datetime) -> ColumnElement[bool]:
    return (deliveries.c.retry_at <= to_epoch_ms(now)) | deliveries.c.retry_at.is_(None)


def _late(now: datetime) -> ColumnElement[bool]:
    return (deliveries.c.state == DeliveryState.WAITING) & (deliveries.c.due_at < to_epoch_ms(now - GRACE))


async def record_days(
    connection: AsyncConnection,
    days: Iterable[tuple[DailyRule, LocalPost]],
    state: DeliveryState,
    now: datetime,
) -> None:
    """Enter days of some servers that have no post, missed or skipped; those that have an entry keep it."""
    if rows := [_entry(rule, post, state, now) for rule, post in days]:
        await connection.execute(insert_into(connection, deliveries).on_conflict_do_nothing(), rows)


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
    connection: AsyncConnection, guild_ids: Collection[int], dates: Collection[date]
) -> dict[tuple[int, date], Entry]:
    """Return what the ledger says of some servers and dates."""
    query = select(deliveries.c.guild_id, deliveries.c.local_date, deliveries.c.state, deliveries.c.retry_at).where(
        deliveries.c.guild_id.in_(guild_ids), deliveries.c.local_date.in_([day.isoformat() for day in dates])
    )
    return {
        (row.guild_id, date.fromisoformat(row.local_date)): Entry(DeliveryState(row.state), _instant(row.retry_at))
        for row in await connection.execute(query)
    }


async def last_dates(connection: AsyncConnection, guild_ids: Collection[int], now: datetime) -> dict[int, date]:
    """Return the latest date that is entered for each of some servers, of those whose time has come."""
    # A look for each, so that no more than its latest entries are read.
    last = (
        select(func.max(deliveries.c.local_date))
        .where(deliveries.c.guild_id == guilds.c.id, deliveries.c.due_at <= to_epoch_ms(now))
        .scalar_subquery()
    )
    query = select(guilds.c.id, last).where(guilds.c.id.in_(guild_ids))
    return {guild_id: date.fromisoformat(day) for guild_id, day in await connection.execute(query) if day is not None}


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
