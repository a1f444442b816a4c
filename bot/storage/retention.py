"""What nobody needs any more: servers that the bot was removed from, and what is older than it may become."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.deliveries import DeliveryState
from bot.domain.questions import Event, QuestionState
from bot.storage.guilds import count_up_questions_revision, set_left
from bot.storage.notices import EVERYBODY
from bot.storage.privacy import NO_ASKER, count_all_anew
from bot.storage.questions import cards_of
from bot.storage.tables import answers, deliveries, guilds, me_toos, metadata, notices, question_events, questions

REFUSED = (QuestionState.REJECTED, QuestionState.WITHDRAWN)
REFUSALS = (Event.REJECTED, Event.WITHDRAWN)
UNDER_WAY = (DeliveryState.CLAIMED, DeliveryState.WAITING)

# Every table that says of its rows to which server they belong, so that one that is added later is not forgotten.
OF_A_SERVER = tuple(table for table in metadata.sorted_tables if "guild_id" in table.c)


# Servers -----------------------------------------------------------------------------------------------------


async def known_guilds(connection: AsyncConnection) -> dict[int, datetime | None]:
    """Return the servers of which anything is kept, each with since when the bot is no longer there, if so."""
    # 0 is no server: it stands for all of them, or for a direct message.
    ids = union(
        select(guilds.c.id), *(select(table.c.guild_id).where(table.c.guild_id != 0) for table in OF_A_SERVER)
    ).subquery()
    query = select(ids.c.id, guilds.c.left_at).select_from(ids.outerjoin(guilds, guilds.c.id == ids.c.id))
    return {
        row.id: None if row.left_at is None else from_epoch_ms(row.left_at) for row in await connection.execute(query)
    }


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
    left = select(guilds.c.id).where(guilds.c.id == guild_id, _left_before(before)).with_for_update()
    if await connection.scalar(left) is None:
        return 0
    count = 0
    for table in OF_A_SERVER:
        key = table.primary_key.columns[0]
        some = select(key).where(table.c.guild_id == guild_id).limit(most)
        count += (await connection.execute(delete(table).where(key.in_(some.scalar_subquery())))).rowcount
    if not count:
        count = (await connection.execute(delete(guilds).where(guilds.c.id == guild_id))).rowcount
    return count


def _left_before(instant: datetime) -> ColumnElement[bool]:
    return guilds.c.left_at < to_epoch_ms(instant)


# Questions that were rejected or taken back ------------------------------------------------------------------


async def refused_before(
    connection: AsyncConnection, instant: datetime, among: Collection[int] | None = None
) -> list[int]:
    """Return the questions, of some or of all, that were rejected or taken back before an instant, and not answered."""
    since = (
        select(func.max(question_events.c.at))
        .where(question_events.c.question_id == questions.c.id, question_events.c.kind.in_(REFUSALS))
        .scalar_subquery()
    )
    query = select(questions.c.id).where(
        questions.c.state.in_(REFUSED),
        # One that was merged goes where that one goes.
        questions.c.merged_into.is_(None),
        func.coalesce(since, questions.c.asked_at) < to_epoch_ms(instant),
        ~select(answers.c.id).where(answers.c.question_id == questions.c.id).exists(),
    )
    if among is not None:
        query = query.where(questions.c.id.in_(among))
    return list(await connection.scalars(query.order_by(questions.c.id)))


async def forget_who_wanted(connection: AsyncConnection, numbers: Collection[int]) -> list[tuple[int, int, int, int]]:
    """Forget who asked some questions and all that was merged into them, and who wanted them.

    Returns:
        The cards of those that are no longer as they were: server, question, channel and message.
    """
    family = await _with_merged(connection, numbers)
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
    family = await _with_merged(connection, numbers)
    cards = await cards_of(connection, family)
    servers = select(questions.c.guild_id).where(questions.c.id.in_(family)).distinct()
    guild_ids = list(await connection.scalars(servers))
    await connection.execute(delete(questions).where(questions.c.id.in_(family)))
    for guild_id in guild_ids:
        await count_up_questions_revision(connection, guild_id)
    return cards


async def _with_merged(connection: AsyncConnection, numbers: Collection[int]) -> list[int]:
    family = select(questions.c.id).where(questions.c.id.in_(numbers)).cte("family", recursive=True)
    merged = select(questions.c.id).join(family, questions.c.merged_into == family.c.id)
    return list(await connection.scalars(select(family.union(merged).c.id)))


# Notices and the ledger --------------------------------------------------------------------------------------


async def delete_old_notices(connection: AsyncConnection, before: datetime) -> int:
    """Delete what was last tried to send to members before an instant; return how many there were.

    What was never tried stays; and an answer's post, which names nobody and is changed with its answer.
    """
    old = (notices.c.claimed_at < to_epoch_ms(before)) & (notices.c.member_id != EVERYBODY)
    return (await connection.execute(delete(notices).where(old))).rowcount


async def old_entries(connection: AsyncConnection, before: datetime) -> list[int]:
    """Return the entries of the ledger that were due before an instant and that nothing asks for any more.

    A server's latest entry stays, and its latest that was not skipped: they say from where on days were missed.
    """
    later = deliveries.alias()
    latest = (
        select(func.max(later.c.local_date))
        .where(later.c.guild_id == deliveries.c.guild_id, later.c.state != DeliveryState.SKIPPED)
        .scalar_subquery()
    )
    query = select(deliveries.c.id).where(
        deliveries.c.due_at < to_epoch_ms(before),
        deliveries.c.state.not_in(UNDER_WAY),
        deliveries.c.local_date < latest,
    )
    return list(await connection.scalars(query))


async def delete_entries(connection: AsyncConnection, numbers: Collection[int]) -> int:
    """Delete some entries of the ledger; return how many were there."""
    return (await connection.execute(delete(deliveries).where(deliveries.c.id.in_(numbers)))).rowcount
