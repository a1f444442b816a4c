"""Questions that found no answer, and the wordings that admins taught for them, as rows."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import RowMapping, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.gaps import EVERYONE, Miss, Teaching, Wording
from bot.storage.guilds import count_up_taught_revision
from bot.storage.interviews import count_up_library_revision
from bot.storage.tables import misses, taught_aliases


async def add_miss(
    connection: AsyncConnection, guild_id: int, wording: Wording, now: datetime, *, refused: bool
) -> None:
    """Count that a wording found nothing in a server; it was asked at least as often as it was refused."""
    key = (misses.c.guild_id == guild_id, misses.c.folded == wording.folded)
    values = {"last_at": to_epoch_ms(now)}
    if refused:
        times = misses.c.refused + 1
        counted = values | {"refused": times, "count": case((misses.c.count < times, times), else_=misses.c.count)}
    else:
        counted = values | {"count": misses.c.count + 1}
    updated = await connection.execute(update(misses).where(*key).values(**counted))
    if not updated.rowcount:
        first = {"guild_id": guild_id, "folded": wording.folded, "text": wording.text, "count": 1}
        await connection.execute(
            insert(misses).values(**first, **values, refused=int(refused), first_at=to_epoch_ms(now))
        )


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


async def forget_misses_before(connection: AsyncConnection, instant: datetime) -> int:
    """Delete what was last asked before an instant, in all servers; return how much it was."""
    return (await connection.execute(delete(misses).where(misses.c.last_at < to_epoch_ms(instant)))).rowcount


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
