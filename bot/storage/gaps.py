"""Questions that found no answer, and the wordings that admins taught for them, as rows."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import RowMapping, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.gaps import EVERYONE, Miss, Teaching, Vain, Wording
from bot.storage.batches import delete_free
from bot.storage.guilds import count_up_taught_revision
from bot.storage.interviews import count_up_library_revision
from bot.storage.tables import guilds, misses, taught_aliases

# Whoever refuses what was shown has asked before: a wording was asked at least as often as it was refused.
_COUNT_VAIN = text(
    "INSERT INTO misses (guild_id, folded, text, count, refused, first_at, last_at)"
    " VALUES (:guild_id, :folded, :text, 1, :refused, :at, :at)"
    " ON CONFLICT (guild_id, folded) DO UPDATE SET last_at = excluded.last_at,"
    " refused = misses.refused + excluded.refused, count = CASE"
    " WHEN excluded.refused = 0 THEN misses.count + 1"
    " WHEN misses.count = misses.refused THEN misses.count + 1"
    " ELSE misses.count END"
)


async def add_misses(connection: AsyncConnection, vain: Iterable[Vain]) -> None:
    """Count what was asked in vain, in order, but for servers that keep none of it."""
    found = list(vain)
    keeping_none = select(guilds.c.id).where(guilds.c.id.in_(_servers(found)), guilds.c.keep_misses.is_(False))
    silent = set(await connection.scalars(keeping_none))
    rows = [
        {
            "guild_id": each.guild_id,
            "folded": each.wording.folded,
            "text": each.wording.text,
            "refused": int(each.refused),
            "at": to_epoch_ms(each.at),
        }
        for each in found
        if each.guild_id not in silent
    ]
    if rows:
        await connection.execute(_COUNT_VAIN, rows)


def _servers(vain: Iterable[Vain]) -> set[int]:
    return {each.guild_id for each in vain}


async def crowded_guilds(connection: AsyncConnection, vain: Iterable[Vain], most: int) -> list[int]:
    """Return those of the servers in which something was asked in vain that have more than so many misses."""
    query = select(misses.c.guild_id).where(misses.c.guild_id.in_(_servers(vain)))
    return list(await connection.scalars(query.group_by(misses.c.guild_id).having(func.count() > most)))


async def misses_of_guild(connection: AsyncConnection, guild_id: int) -> list[Miss]:
    """Return all misses of a server, in the order in which they were first asked."""
    query = select(misses).where(misses.c.guild_id == guild_id).order_by(misses.c.id)
    return [
        Miss(
            wording=Wording(row["folded"], row["text"]),
            count=row["count"],
            refused=row["refused"],
            first_at=from_epoch_ms(row["first_at"]),
            last_at=from_epoch_ms(row["last_at"]),
        )
        for row in (await connection.execute(query)).mappings()
    ]


async def forget_misses(connection: AsyncConnection, guild_id: int, wordings: Iterable[Wording] | None = None) -> int:
    """Delete some misses of a server, or all; return how many there were."""
    query = delete(misses).where(misses.c.guild_id == guild_id)
    if wordings is not None:
        query = query.where(misses.c.folded.in_([wording.folded for wording in wordings]))
    return (await connection.execute(query)).rowcount


async def forget_misses_before(connection: AsyncConnection, instant: datetime, guild_ids: Collection[int]) -> int:
    """Delete what was last asked before an instant in some servers; return how much it was."""
    old = (misses.c.last_at < to_epoch_ms(instant)) & misses.c.guild_id.in_(guild_ids)
    return (await connection.execute(delete(misses).where(old))).rowcount


async def forget_some_misses_before(connection: AsyncConnection, instant: datetime, most: int) -> int:
    """Delete what was last asked before an instant in whichever server, at most so much; return how much it was."""
    return await delete_free(connection, misses, misses.c.last_at < to_epoch_ms(instant), most)


async def keep_most_recent_misses(connection: AsyncConnection, guild_id: int, most: int) -> int:
    """Delete what was asked least recently in a server, so that at most so many are left; return how many went."""
    of_guild = misses.c.guild_id == guild_id
    count: int = (await connection.execute(select(func.count()).select_from(misses).where(of_guild))).scalar_one()
    if count <= most:
        return 0
    oldest = select(misses.c.id).where(of_guild).order_by(misses.c.last_at, misses.c.id).limit(count - most)
    return (await connection.execute(delete(misses).where(misses.c.id.in_(oldest.scalar_subquery())))).rowcount


async def put_teaching(connection: AsyncConnection, teaching: Teaching) -> None:
    """Store what was taught; a wording belongs to one exchange a server, so it leaves the one that had it."""
    folded = [wording.folded for wording in teaching.wordings]
    same = (taught_aliases.c.guild_id == teaching.guild_id, taught_aliases.c.folded.in_(folded))
    await connection.execute(delete(taught_aliases).where(*same))
    common = {
        "guild_id": teaching.guild_id,
        "interview_key": teaching.interview,
        "exchange_key": teaching.exchange,
        "token": teaching.token,
        "taught_by": teaching.taught_by,
        "taught_at": to_epoch_ms(teaching.taught_at),
    }
    rows = [common | {"folded": wording.folded, "text": wording.text} for wording in teaching.wordings]
    await connection.execute(insert(taught_aliases), rows)
    await _tell_others(connection, teaching.guild_id)


async def remove_teaching(connection: AsyncConnection, teaching: Teaching) -> None:
    """Delete what was taught at once."""
    await connection.execute(delete(taught_aliases).where(taught_aliases.c.token == teaching.token))
    await _tell_others(connection, teaching.guild_id)


async def _tell_others(connection: AsyncConnection, guild_id: int) -> None:
    """Count up the revision that tells every process of a change."""
    if guild_id == EVERYONE:
        await count_up_library_revision(connection)
    else:
        await count_up_taught_revision(connection, guild_id)


async def teaching_of(connection: AsyncConnection, token: str) -> Teaching | None:
    """Return what was taught at once under a token, or None."""
    query = select(taught_aliases).where(taught_aliases.c.token == token).order_by(taught_aliases.c.id)
    return next(_teachings((await connection.execute(query)).mappings()), None)


async def teachings_of_guilds(connection: AsyncConnection, guild_ids: Collection[int]) -> list[Teaching]:
    """Return what was taught in some servers, newest first."""
    query = (
        select(taught_aliases)
        .where(taught_aliases.c.guild_id.in_(guild_ids))
        .order_by(taught_aliases.c.taught_at.desc(), taught_aliases.c.token, taught_aliases.c.id)
    )
    return list(_teachings((await connection.execute(query)).mappings()))


def _teachings(rows: Iterable[RowMapping]) -> Iterator[Teaching]:
    """Yield the teachings of rows in which what was taught at once stands together."""
    for token, together in groupby(rows, key=lambda row: str(row["token"])):
        first, *others = together
        yield Teaching(
            token=token,
            guild_id=first["guild_id"],
            interview=first["interview_key"],
            exchange=first["exchange_key"],
            wordings=tuple(Wording(row["folded"], row["text"]) for row in (first, *others)),
            taught_by=first["taught_by"],
            taught_at=from_epoch_ms(first["taught_at"]),
        )
