"""What each server chose."""

from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import DailyRule, from_epoch_ms, time_of_minute, to_epoch_ms
from bot.storage.tables import guilds


async def set_daily_rule(connection: AsyncConnection, rule: DailyRule) -> None:
    """Store when and where a server wants its daily quote, in place of what it chose before."""
    values = {
        "daily_channel_id": rule.channel_id,
        "daily_minute": rule.at.hour * 60 + rule.at.minute,
        "daily_zone": rule.zone.key,
        "daily_since": to_epoch_ms(rule.since),
    }
    there = await connection.scalar(select(guilds.c.id).where(guilds.c.id == rule.guild_id))
    if there is None:
        await connection.execute(guilds.insert().values(id=rule.guild_id, **values))
    else:
        await connection.execute(update(guilds).where(guilds.c.id == rule.guild_id).values(**values))


async def clear_daily_rule(connection: AsyncConnection, guild_id: int) -> bool:
    """Stop a server's daily quote; return whether there was one."""
    cleared = await connection.execute(
        update(guilds)
        .where(guilds.c.id == guild_id, guilds.c.daily_channel_id.is_not(None))
        .values(daily_channel_id=None, daily_minute=None, daily_zone=None, daily_since=None)
    )
    return cleared.rowcount > 0


async def daily_rules(connection: AsyncConnection, guild_id: int | None = None) -> list[DailyRule]:
    """Return the rules of all servers that want a daily quote, or of one."""
    query = select(guilds).where(guilds.c.daily_channel_id.is_not(None)).order_by(guilds.c.id)
    if guild_id is not None:
        query = query.where(guilds.c.id == guild_id)
    return [
        DailyRule(
            guild_id=row["id"],
            channel_id=row["daily_channel_id"],
            at=time_of_minute(row["daily_minute"]),
            zone=ZoneInfo(row["daily_zone"]),
            since=from_epoch_ms(row["daily_since"]),
        )
        for row in (await connection.execute(query)).mappings()
    ]
