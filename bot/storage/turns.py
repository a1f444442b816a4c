"""When servers are to be looked at because of their daily quotes, and what a look came to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Subquery, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, latest_post, to_epoch_ms
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.planning import Plan, Step, Turn, plan_of
from bot.domain.shards import Shards
from bot.storage.deliveries import claim, claim_again, entries_of, last_dates, record_days
from bot.storage.guilds import AT_ONCE, rotation_in, rule_in
from bot.storage.shards import belongs_to
from bot.storage.tables import DAILY_RUNS, guilds

_PUT_TURN = (
    update(guilds)
    .where(guilds.c.id == bindparam("guild_id"))
    .values(
        daily_look_at=bindparam("look_at"),
        daily_cycle=bindparam("cycle"),
        daily_position=bindparam("position"),
        daily_next_quote=bindparam("wanted"),
    )
)
_SPREAD = (
    update(guilds)
    .where(guilds.c.id == bindparam("guild_id"), guilds.c.daily_look_at == bindparam("was"))
    .values(daily_look_at=bindparam("look_at"))
)


async def plans_at(
    connection: AsyncConnection, shards: Shards, now: datetime, limit: int
) -> tuple[list[Plan], set[int]]:
    """Return what is to be done for a process's own servers that are to be looked at now, longest waiting first.

    A server that has removed the bot is left out until it returns. Second come those whose time zone is not known here.
    """
    due = (guilds.c.daily_look_at <= to_epoch_ms(now)) & belongs_to(shards, guilds.c.id)
    query = select(guilds).where(DAILY_RUNS, due).order_by(guilds.c.daily_look_at, guilds.c.id).limit(limit)
    rows = (await connection.execute(query)).mappings().all()
    turns = [turn for row in rows if (turn := _turn(row)) is not None]
    unknown = {row["id"] for row in rows} - {turn.guild_id for turn in turns}

    posts = {turn.guild_id: latest_post(turn.rule, now) for turn in turns}
    dates = {guild_id: post.local_date for guild_id, post in posts.items() if post is not None}
    entries = await entries_of(connection, dates.keys(), set(dates.values()))
    found = {guild_id: entry for guild_id, day in dates.items() if (entry := entries.get((guild_id, day)))}
    last = await last_dates(connection, dates.keys() - found.keys(), now)
    plans = [
        plan_of(turn, posts[turn.guild_id], found.get(turn.guild_id), last.get(turn.guild_id), now) for turn in turns
    ]
    return plans, unknown


async def take(connection: AsyncConnection, steps: Sequence[Step], now: datetime) -> list[Delivery]:
    """Claim posts, enter missed days, and store when to look next; return the posts that are claimed.

    What somebody has changed since it was looked at is left as it is, to be looked at anew.
    """
    still = await _turns_of(connection, [step.turn.guild_id for step in steps])
    steps = [step for step in steps if still.get(step.turn.guild_id) == step.turn]
    missed = [(step.turn.rule, post) for step in steps for post in step.plan.missed]
    await record_days(connection, missed, DeliveryState.MISSED, now)
    new = [(step.turn.rule, step.plan.post, step.quote) for step in steps if step.plan.post and step.quote]
    claimed = await claim(connection, new, now)
    ours = {delivery.guild_id for delivery in claimed}
    seen = [step for step in steps if step.quote is None or step.turn.guild_id in ours]
    for step in seen:
        if step.plan.post and step.plan.again:
            again = await claim_again(connection, step.turn.rule, step.plan.post.local_date, now)
            claimed += [again] if again is not None else []
    await _put(connection, [step.after for step in seen])
    return claimed


async def _turns_of(connection: AsyncConnection, guild_ids: Collection[int]) -> dict[int, Turn]:
    query = select(guilds).where(DAILY_RUNS, guilds.c.id.in_(guild_ids))
    turns = [_turn(row) for row in (await connection.execute(query)).mappings()]
    return {turn.guild_id: turn for turn in turns if turn is not None}


async def _put(connection: AsyncConnection, turns: Collection[Turn]) -> None:
    rows = [
        {
            "guild_id": turn.guild_id,
            "look_at": to_epoch_ms(turn.look_at),
            "cycle": turn.rotation.cycle,
            "position": turn.rotation.position,
            "wanted": turn.wanted,
        }
        for turn in turns
    ]
    if rows:
        await connection.execute(_PUT_TURN, rows)


async def look_by(connection: AsyncConnection, guild_ids: Collection[int], at: datetime) -> None:
    """Let some servers be looked at by an instant, unless they are to be looked at before it."""
    sooner = (guilds.c.daily_look_at > to_epoch_ms(at)) & guilds.c.id.in_(guild_ids)
    await connection.execute(update(guilds).where(sooner).values(daily_look_at=to_epoch_ms(at)))


async def put_off(connection: AsyncConnection, guild_ids: Collection[int], until: datetime) -> None:
    """Let some servers whose time zones are not known here not be looked at before an instant, if it is still so."""
    guild_ids = set(guild_ids) - (await _turns_of(connection, guild_ids)).keys()
    await connection.execute(update(guilds).where(guilds.c.id.in_(guild_ids)).values(daily_look_at=to_epoch_ms(until)))


async def look_at_all(connection: AsyncConnection, shards: Shards, later_than: datetime) -> int:
    """Let a process's own servers be looked at now that were to be looked at later; return how many they are."""
    later = DAILY_RUNS & (guilds.c.daily_look_at > to_epoch_ms(later_than)) & belongs_to(shards, guilds.c.id)
    # In one order for all who change many servers, so that no two wait for each other.
    await connection.execute(select(func.count()).select_from(_locked(later)))
    return (await connection.execute(update(guilds).where(later).values(daily_look_at=AT_ONCE))).rowcount


async def looks_ahead(connection: AsyncConnection, shards: Shards) -> tuple[datetime, datetime] | None:
    """Return when the first, and when the last, of a process's own servers is to be looked at; None if it has none."""
    own = select(guilds.c.daily_look_at).where(DAILY_RUNS, belongs_to(shards, guilds.c.id)).limit(1)
    at = guilds.c.daily_look_at
    ends = [order.scalar_subquery() for order in (own.order_by(at), own.order_by(at.desc()))]
    first, last = (await connection.execute(select(*ends))).one()
    return None if first is None else (from_epoch_ms(first), from_epoch_ms(last))


async def crowded_instants(
    connection: AsyncConnection, shards: Shards, since: datetime, until: datetime, least: int
) -> list[datetime]:
    """Return the instants after `since` at which so many of a process's own servers, or more, are to be looked at."""
    at = guilds.c.daily_look_at
    within = (at > to_epoch_ms(since)) & (at <= to_epoch_ms(until)) & belongs_to(shards, guilds.c.id)
    query = select(at).where(DAILY_RUNS, within).group_by(at).having(func.count() >= least).order_by(at)
    return [from_epoch_ms(instant) for instant in await connection.scalars(query)]


async def guilds_at(connection: AsyncConnection, shards: Shards, instant: datetime) -> list[int]:
    """Return which of a process's own servers are to be looked at, at an instant."""
    here = (guilds.c.daily_look_at == to_epoch_ms(instant)) & belongs_to(shards, guilds.c.id)
    return list(await connection.scalars(select(guilds.c.id).where(DAILY_RUNS, here).order_by(guilds.c.id)))


async def spread(connection: AsyncConnection, instant: datetime, later: Mapping[int, datetime]) -> None:
    """Let some servers be looked at later than at the instant at which all of them were to be looked at."""
    rows = [
        {"guild_id": guild_id, "was": to_epoch_ms(instant), "look_at": to_epoch_ms(at)}
        for guild_id, at in later.items()
    ]
    await connection.execute(_SPREAD, rows)


def _locked(which: ColumnElement[bool]) -> Subquery:
    return select(guilds.c.id).where(which).order_by(guilds.c.id).with_for_update().subquery()


def _turn(row: RowMapping) -> Turn | None:
    rule = rule_in(row)
    if rule is None:
        return None
    return Turn(rule, from_epoch_ms(row["daily_look_at"]), rotation_in(row), row["daily_next_quote"])
