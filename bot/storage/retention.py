"""What nobody needs any more: servers that the bot was removed from, and what is older than it may become."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, tuple_, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.deliveries import DeliveryState
from bot.domain.questions import Event
from bot.storage.batches import delete_free
from bot.storage.guilds import count_up_questions_revision, set_left
from bot.storage.interviews import count_up_library_revision
from bot.storage.notices import EVERYBODY
from bot.storage.privacy import NO_ASKER, count_all_anew
from bot.storage.questions import cards_of, with_merged
from bot.storage.tables import (
    REFUSED,
    answers,
    deliveries,
    guilds,
    me_toos,
    metadata,
    notices,
    question_events,
    questions,
)

REFUSALS = (Event.REJECTED, Event.WITHDRAWN)
SETTLED = tuple(state for state in DeliveryState if state not in {DeliveryState.CLAIMED, DeliveryState.WAITING})

STREAMED_AT_ONCE = 1_000

# Every table that says of its rows to which server they belong, so that one that is added later is not forgotten.
OF_A_SERVER = tuple(table for table in metadata.sorted_tables if "guild_id" in table.c)


# Servers -----------------------------------------------------------------------------------------------------


async def known_guilds(connection: AsyncConnection) -> dict[int, datetime | None]:
    """Return the servers of which anything is kept, each with since when the bot is no longer there, if so."""
    ids = union(select(guilds.c.id), *(_servers_in(table) for table in OF_A_SERVER)).subquery()
    query = select(ids.c.id, guilds.c.left_at).select_from(ids.outerjoin(guilds, guilds.c.id == ids.c.id))
    known = {}
    result = await connection.stream(query.execution_options(yield_per=STREAMED_AT_ONCE))
    try:
        # A hundred thousand at once would hold up everybody else.
        async for rows in result.partitions():
            known.update({row.id: None if row.left_at is None else from_epoch_ms(row.left_at) for row in rows})
    finally:
        await result.close()  # also where whoever asks is told to stop
    return known


def _servers_in(table: Table) -> Select[tuple[int]]:
    """Return the query for the servers that a table has rows of: it leaps from each to the next."""
    # 0 is no server: it stands for all of them, or for a direct message.
    first = select(func.min(table.c.guild_id).label("id")).where(table.c.guild_id > 0)
    found = first.cte(f"servers_in_{table.name}", recursive=True)
    later = select(func.min(table.c.guild_id)).where(table.c.guild_id > found.c.id).scalar_subquery()
    found = found.union_all(select(later).where(found.c.id.is_not(None)))
    return select(found.c.id).where(found.c.id.is_not(None))


async def is_known(connection: AsyncConnection, guild_id: int) -> bool:
    """Return whether anything is kept of a server."""
    there = (select(table.c.guild_id).where(table.c.guild_id == guild_id).exists() for table in OF_A_SERVER)
    query = select(or_(select(guilds.c.id).where(guilds.c.id == guild_id).exists(), *there))
    return bool(await connection.scalar(query))


async def mark_left(connection: AsyncConnection, guild_ids: Iterable[int], at: datetime | None) -> None:
    """Store since when the bot is no longer in some servers, or with None that it is there."""
    for guild_id in guild_ids:
        await set_left(connection, guild_id, at)


async def guilds_left_before(connection: AsyncConnection, instant: datetime) -> list[int]:
    """Return the servers that the bot was removed from before an instant."""
    return list(await connection.scalars(select(guilds.c.id).where(_left_before(instant)).order_by(guilds.c.id)))


async def delete_some_of_guild(connection: AsyncConnection, guild_id: int, before: datetime, most: int) -> int:
    """Delete rows of a server that the bot was removed from before an instant, its settings last; return how many.

    0 means that nothing is left of it, or that the bot is there again. Of each table, at most so many go at once.
    """
    left = select(guilds.c.id).where(guilds.c.id == guild_id, _left_before(before))
    if await connection.scalar(left) is None:
        return 0
    count = 0
    for table in OF_A_SERVER:
        key = table.primary_key.columns[0]
        some = select(key).where(table.c.guild_id == guild_id).limit(most)
        count += (await connection.execute(delete(table).where(key.in_(some.scalar_subquery())))).rowcount
    if count:
        await count_up_questions_revision(connection, guild_id)
    else:
        count = (await connection.execute(delete(guilds).where(guilds.c.id == guild_id))).rowcount
        # Its revisions begin at 0 if it comes back: what a process remembers under them must not count again. The last
        # that is done here, so whoever else counts up meanwhile waits for the commit alone.
        await count_up_library_revision(connection)
    return count


def _left_before(instant: datetime) -> ColumnElement[bool]:
    return guilds.c.left_at < to_epoch_ms(instant)


# Questions that were rejected or taken back ------------------------------------------------------------------


async def refused_after(
    connection: AsyncConnection, number: int, instant: datetime, most: int
) -> tuple[list[int], set[int]]:
    """Return questions that were rejected or taken back before an instant and not answered, and their servers.

    They are the first so many with a higher number.
    """
    later = _refused_before(instant).where(questions.c.id > number).limit(most)
    rows = (await connection.execute(later)).all()
    return [row.id for row in rows], {row.guild_id for row in rows}


async def still_refused(connection: AsyncConnection, numbers: Collection[int], instant: datetime) -> list[int]:
    """Return those of some questions of which the same still holds."""
    return list(await connection.scalars(_refused_before(instant).where(questions.c.id.in_(numbers))))


def _refused_before(instant: datetime) -> Select[Any]:
    since = (
        select(func.max(question_events.c.at))
        .where(question_events.c.question_id == questions.c.id, question_events.c.kind.in_(REFUSALS))
        .scalar_subquery()
    )
    query = select(questions.c.id, questions.c.guild_id).where(
        # One that was merged goes where that one goes.
        REFUSED,
        func.coalesce(since, questions.c.asked_at) < to_epoch_ms(instant),
        ~select(answers.c.id).where(answers.c.question_id == questions.c.id).exists(),
    )
    return query.order_by(questions.c.id)


async def forget_who_wanted(connection: AsyncConnection, numbers: Collection[int]) -> list[tuple[int, int, int, int]]:
    """Forget who asked some questions and all that was merged into them, and who wanted them.

    Returns:
        The cards of those that are no longer as they were: server, question, channel and message.
    """
    family = await with_merged(connection, numbers)
    named = or_(questions.c.member_id.is_not(None), questions.c.member_name.is_not(None))
    asked = await connection.execute(
        update(questions).where(questions.c.id.in_(family), named).values(NO_ASKER).returning(questions.c.id)
    )
    changed = set(asked.scalars())
    joined = delete(me_toos).where(me_toos.c.question_id.in_(family)).returning(me_toos.c.question_id)
    changed |= set((await connection.execute(joined)).scalars())
    if changed:
        await count_all_anew(connection, numbers)
    return await cards_of(connection, changed)


async def delete_with_merged(connection: AsyncConnection, numbers: Collection[int]) -> list[tuple[int, int, int, int]]:
    """Delete some questions and all that was merged into them, with their history.

    Returns:
        The cards that showed them: server, question, channel and message.
    """
    family = await with_merged(connection, numbers)
    cards = await cards_of(connection, family)
    servers = select(questions.c.guild_id).where(questions.c.id.in_(family)).distinct()
    guild_ids = sorted(await connection.scalars(servers))
    await connection.execute(delete(questions).where(questions.c.id.in_(family)))
    for guild_id in guild_ids:
        await count_up_questions_revision(connection, guild_id)
    return cards


# Notices and the ledger --------------------------------------------------------------------------------------


async def delete_old_notices(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete what was last tried to send to members before an instant, at most so many; return how many there were.

    What was never tried stays; and an answer's post, which names nobody and is changed with its answer.
    """
    old = (notices.c.claimed_at < to_epoch_ms(before)) & (notices.c.member_id != EVERYBODY)
    return await delete_free(connection, notices, old, most)


async def old_entries(
    connection: AsyncConnection, state: DeliveryState, after: tuple[int, int], before: datetime, most: int
) -> list[tuple[int, int]]:
    """Return the entries of the ledger in a state that were due before an instant and that nothing asks for any more.

    A server's latest entry stays, and its latest that was not skipped: they say from where on days were missed.

    Args:
        connection: A transaction to read in.
        state: One that nothing is under way in.
        after: When an entry was due, and its number: those returned come after it.
        before: The instant.
        most: How many are returned at most; each with when it was due.
    """
    later = deliveries.alias()
    latest = (
        select(func.max(later.c.local_date))
        .where(later.c.guild_id == deliveries.c.guild_id, later.c.state != DeliveryState.SKIPPED)
        .scalar_subquery()
    )
    place = (deliveries.c.due_at, deliveries.c.id)
    query = select(*place).where(
        deliveries.c.state == state,
        deliveries.c.due_at < to_epoch_ms(before),
        tuple_(*place) > tuple_(*after),
        deliveries.c.local_date < latest,
    )
    return [(row[0], row[1]) for row in await connection.execute(query.order_by(*place).limit(most))]


async def delete_entries(connection: AsyncConnection, numbers: Collection[int]) -> int:
    """Delete some entries of the ledger; return how many were there."""
    return await delete_free(connection, deliveries, deliveries.c.id.in_(numbers), len(numbers))
