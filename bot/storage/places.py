"""In which channels the bot posts by itself."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkups import Place
from bot.domain.deliveries import PostOptions
from bot.storage.guilds import daily_rules
from bot.storage.tables import guilds, question_rules


async def places_of(connection: AsyncConnection) -> list[Place]:
    """Return the channels that servers have chosen for posts, of those in which the bot is, by server."""
    gone = select(guilds.c.id).where(guilds.c.left_at.is_not(None))
    left = set((await connection.execute(gone)).scalars())
    rules = [rule for rule in await daily_rules(connection) if rule.paused is None]
    found = [Place(rule.guild_id, rule.channel_id, "daily quotes", rule.options) for rule in rules]
    for column, use in (
        (question_rules.c.review_channel_id, "questions to review"),
        (question_rules.c.answer_channel_id, "answers"),
    ):
        query = select(question_rules.c.guild_id, column).where(column.is_not(None))
        found += [Place(*row, use, PostOptions()) for row in await connection.execute(query)]
    return sorted((place for place in found if place.guild_id not in left), key=lambda place: place.guild_id)
