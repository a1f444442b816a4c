"""What each server chose."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Column, RowMapping, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import EVERY_DAY, DailyRule, Pause, from_epoch_ms, time_of_minute, to_epoch_ms
from bot.domain.card_contents import Theme
from bot.domain.deliveries import PostOptions
from bot.domain.guilds import GuildSettings
from bot.domain.privacy import tag_of
from bot.domain.rotation import Order, Rotation, reordered
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.tables import facts, guilds
from bot.storage.upserts import put

_IN_FORCE = select(guilds.c.answers_private, guilds.c.keep_misses).where(guilds.c.id == bindparam("guild_id"))
_TAUGHT = select(guilds.c.taught_revision).where(guilds.c.id == bindparam("guild_id"))
_QUESTIONS = select(
    select(facts.c.value).where(facts.c.name == Fact.LIBRARY_REVISION).scalar_subquery(),
    select(guilds.c.questions_revision).where(guilds.c.id == bindparam("guild_id")).scalar_subquery(),
)
# When a server is looked at whose rule has just changed.
AT_ONCE = 0

Revision = tuple[int, int]

log = logging.getLogger(__name__)


async def set_daily_rule(connection: AsyncConnection, rule: DailyRule) -> None:
    """Store when and where a server wants its daily quote, in place of what it chose before; a pause ends."""
    values = {
        "daily_channel_id": rule.channel_id,
        "daily_minute": rule.at.hour * 60 + rule.at.minute,
        "daily_zone": rule.zone.key,
        "daily_since": to_epoch_ms(rule.since),
        "daily_weekdays": sum(1 << day for day in rule.weekdays),
        "daily_paused_at": None,
        "daily_problem": None,
        "daily_look_at": AT_ONCE,
    }
    await _put(connection, rule.guild_id, values)


async def pause_daily(connection: AsyncConnection, guild_id: int, now: datetime, problem: str | None = None) -> bool:
    """Pause a server's daily quote, for a reason or for none; return whether it was running."""
    paused = await connection.execute(
        update(guilds)
        .where(guilds.c.id == guild_id, guilds.c.daily_channel_id.is_not(None), guilds.c.daily_paused_at.is_(None))
        .values(daily_paused_at=to_epoch_ms(now), daily_problem=problem)
    )
    return paused.rowcount > 0


async def resume_daily(connection: AsyncConnection, guild_id: int, now: datetime) -> bool:
    """End the pause of a server's daily quote, which owes nothing from before; return whether there was one."""
    resumed = await connection.execute(
        update(guilds)
        .where(guilds.c.id == guild_id, guilds.c.daily_paused_at.is_not(None))
        .values(daily_paused_at=None, daily_problem=None, daily_since=to_epoch_ms(now), daily_look_at=AT_ONCE)
    )
    return resumed.rowcount > 0


async def set_next_quote(connection: AsyncConnection, guild_id: int, key: str | None) -> None:
    """Store which quote a server wants next, or that it wants the one whose turn it is."""
    await _put(connection, guild_id, {"daily_next_quote": key})


async def next_quote(connection: AsyncConnection, guild_id: int) -> str | None:
    """Return the key of the quote that a server wants next, if it has picked one."""
    key: str | None = await connection.scalar(select(guilds.c.daily_next_quote).where(guilds.c.id == guild_id))
    return key


async def rotation_of(connection: AsyncConnection, guild_id: int) -> Rotation:
    """Return how far a server's quotes have come round."""
    query = select(guilds.c.daily_order, guilds.c.daily_cycle, guilds.c.daily_position).where(guilds.c.id == guild_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return rotation_in(row) if row else Rotation()


def rotation_in(row: RowMapping) -> Rotation:
    """Return how far the quotes of a server have come round, by its row."""
    return Rotation(Order(row["daily_order"]), row["daily_cycle"], row["daily_position"])


async def post_options(connection: AsyncConnection, guild_id: int) -> PostOptions:
    """Return what a server wants of its quotes, whether or not it has any now."""
    row = (await connection.execute(select(guilds).where(guilds.c.id == guild_id))).mappings().one_or_none()
    return _post_options(row) if row else PostOptions()


async def set_post_options(connection: AsyncConnection, guild_id: int, options: PostOptions) -> None:
    """Store what a server wants of its quotes; another order begins a new round of them."""
    rotation = reordered(await rotation_of(connection, guild_id), options.order)
    values = {
        "daily_cycle": rotation.cycle,
        "daily_position": rotation.position,
        "daily_interviews": list(options.interviews),
        "daily_order": options.order,
        "daily_card": options.card,
        "daily_thread": options.thread,
        "daily_role_id": options.role_id,
        "daily_publish": options.publish,
    }
    await _put(connection, guild_id, values)


async def _put(connection: AsyncConnection, guild_id: int, values: dict[str, Any]) -> None:
    """Set some columns of a server, whether or not it has chosen anything before."""
    await put(connection, guilds, {"id": guild_id}, values)


async def _count_up(connection: AsyncConnection, guild_id: int, revision: Column[int]) -> None:
    await put(connection, guilds, {"id": guild_id}, {revision.name: 1}, **{revision.name: revision + 1})


async def guild_settings(connection: AsyncConnection, guild_id: int) -> GuildSettings:
    """Return what a server chose; what it never chose is as it is from the start."""
    row = (await connection.execute(_IN_FORCE, {"guild_id": guild_id})).one_or_none()
    return GuildSettings(*row) if row else GuildSettings()


async def settings_now(database: Database, guild_id: int) -> GuildSettings:
    """Return the same at once, outside of a transaction."""
    row = await database.first(_IN_FORCE, guild_id=guild_id)
    return GuildSettings(*map(bool, row)) if row else GuildSettings()


async def set_answers_private(connection: AsyncConnection, guild_id: int, *, private: bool) -> None:
    """Store whether sure answers in a server are shown to the asker alone."""
    await _put(connection, guild_id, {"answers_private": private})


async def set_keep_misses(connection: AsyncConnection, guild_id: int, *, keep: bool) -> None:
    """Store whether a server keeps questions that found no answer."""
    await _put(connection, guild_id, {"keep_misses": keep})


async def set_left(connection: AsyncConnection, guild_id: int, at: datetime | None) -> None:
    """Store since when the bot is no longer in a server, or with None that it is there."""
    await _put(connection, guild_id, {"left_at": None if at is None else to_epoch_ms(at)})


async def taught_revision(connection: AsyncConnection, guild_id: int) -> int:
    """Return a number that grows whenever a server is taught something or forgets it."""
    found: int | None = await connection.scalar(_TAUGHT, {"guild_id": guild_id})
    return found or 0


async def taught_revision_now(database: Database, guild_id: int) -> int:
    """Return the same at once, outside of a transaction."""
    row = await database.first(_TAUGHT, guild_id=guild_id)
    return int(row[0]) if row else 0


async def count_up_taught_revision(connection: AsyncConnection, guild_id: int) -> None:
    """Let every process see that a server was taught something, or forgot it."""
    await _count_up(connection, guild_id, guilds.c.taught_revision)


async def questions_revision(connection: AsyncConnection, guild_id: int) -> Revision:
    """Return what is another one after a question of a server came, went or changed its words.

    A server that was forgotten and comes back counts from 0 again: then the library has another number.
    """
    library, own = (await connection.execute(_QUESTIONS, {"guild_id": guild_id})).one()
    return int(library or 0), own or 0


async def count_up_questions_revision(connection: AsyncConnection, guild_id: int) -> None:
    """Let every process see that a question of a server came, went or changed its words."""
    await _count_up(connection, guild_id, guilds.c.questions_revision)


async def answers_revision(connection: AsyncConnection, guild_id: int) -> int:
    """Return a number that grows whenever an answer of the author is published, changed or retracted in a server."""
    found: int | None = await connection.scalar(select(guilds.c.answers_revision).where(guilds.c.id == guild_id))
    return found or 0


async def answers_revisions(connection: AsyncConnection, guild_ids: Collection[int]) -> dict[int, int]:
    """Return these numbers of those among some servers in which an answer was ever published."""
    query = select(guilds.c.id, guilds.c.answers_revision).where(
        guilds.c.id.in_(guild_ids), guilds.c.answers_revision > 0
    )
    return {row.id: row.answers_revision for row in await connection.execute(query)}


async def count_up_answers_revision(connection: AsyncConnection, guild_id: int) -> None:
    """Let every process see that an answer was published, changed or retracted in a server."""
    await _count_up(connection, guild_id, guilds.c.answers_revision)


async def clear_daily_rule(connection: AsyncConnection, guild_id: int) -> bool:
    """Stop a server's daily quote; return whether there was one."""
    cleared = await connection.execute(
        update(guilds)
        .where(guilds.c.id == guild_id, guilds.c.daily_channel_id.is_not(None))
        .values(
            daily_channel_id=None,
            daily_minute=None,
            daily_zone=None,
            daily_since=None,
            daily_paused_at=None,
            daily_problem=None,
            daily_next_quote=None,
        )
    )
    return cleared.rowcount > 0


async def daily_rules(connection: AsyncConnection, guild_id: int | None = None) -> list[DailyRule]:
    """Return the rules of all servers that want a daily quote, or of one; those that are paused too."""
    query = select(guilds).where(guilds.c.daily_channel_id.is_not(None)).order_by(guilds.c.id)
    if guild_id is not None:
        query = query.where(guilds.c.id == guild_id)
    rows = (await connection.execute(query)).mappings()
    return [rule for row in rows if (rule := rule_in(row)) is not None]


def rule_in(row: RowMapping) -> DailyRule | None:
    """Return a server's rule by its row; None where its time zone is not known here."""
    try:
        zone = ZoneInfo(row["daily_zone"])
    except ZoneInfoNotFoundError:
        # One server's zone that a new release of the zone data has dropped must not stop everybody's quotes.
        log.warning("Server %s has the time zone %s, which is not known here", tag_of(row["id"]), row["daily_zone"])
        return None
    paused_at = row["daily_paused_at"]
    return DailyRule(
        guild_id=row["id"],
        channel_id=row["daily_channel_id"],
        at=time_of_minute(row["daily_minute"]),
        zone=zone,
        since=from_epoch_ms(row["daily_since"]),
        weekdays=frozenset(day for day in EVERY_DAY if row["daily_weekdays"] >> day & 1),
        paused=None if paused_at is None else Pause(from_epoch_ms(paused_at), row["daily_problem"]),
        options=_post_options(row),
    )


def _post_options(row: RowMapping) -> PostOptions:
    return PostOptions(
        interviews=tuple(row["daily_interviews"]),
        order=Order(row["daily_order"]),
        card=Theme(row["daily_card"]) if row["daily_card"] else None,
        thread=row["daily_thread"],
        role_id=row["daily_role_id"],
        publish=row["daily_publish"],
    )
