"""Which rows are those of a process's own servers."""

from sqlalchemy import ColumnElement, Integer, literal, true

from bot.domain.shards import Shards


def belongs_to(shards: Shards, guild_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a server is one of a process's own, as `Shards.own` has it."""
    if shards.are_all:
        return true()
    return ((guild_id.bitwise_rshift(literal(22, Integer))) % shards.count).in_(shards.ids)
