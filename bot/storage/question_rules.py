"""What a server allows who asks, and who may not ask there."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.questions import QuestionRules, Recipient
from bot.storage.tables import blocked_members, question_rules
from bot.storage.upserts import insert_into, put


async def rules_of(connection: AsyncConnection, guild_id: int) -> QuestionRules:
    """Return a server's rules; those that hold from the start where it has set none."""
    query = select(question_rules).where(question_rules.c.guild_id == guild_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return QuestionRules()
    return QuestionRules(
        recipients=tuple(Recipient(each) for each in row["recipients"]),
        review_channel_id=row["review_channel_id"],
        answer_channel_id=row["answer_channel_id"],
        a_member=row["a_member"],
        a_day=row["a_day"],
        account_days=row["account_days"],
        opens_at=None if row["opens_at"] is None else from_epoch_ms(row["opens_at"]),
        closes_at=None if row["closes_at"] is None else from_epoch_ms(row["closes_at"]),
    )


async def set_rules(connection: AsyncConnection, guild_id: int, rules: QuestionRules) -> None:
    """Store a server's rules in place of those before."""
    values = {
        "recipients": list(rules.recipients),
        "review_channel_id": rules.review_channel_id,
        "answer_channel_id": rules.answer_channel_id,
        "a_member": rules.a_member,
        "a_day": rules.a_day,
        "account_days": rules.account_days,
        "opens_at": None if rules.opens_at is None else to_epoch_ms(rules.opens_at),
        "closes_at": None if rules.closes_at is None else to_epoch_ms(rules.closes_at),
    }
    await put(connection, question_rules, {"guild_id": guild_id}, values)


async def is_blocked(connection: AsyncConnection, guild_id: int, member_id: int) -> bool:
    """Return whether a member may not ask in a server."""
    query = select(blocked_members.c.id).where(
        blocked_members.c.guild_id == guild_id, blocked_members.c.member_id == member_id
    )
    return await connection.scalar(query) is not None


async def block(connection: AsyncConnection, guild_id: int, member_id: int, by: int, now: datetime) -> bool:
    """Let a member ask no more in a server; return False where that was so before."""
    values = {"guild_id": guild_id, "member_id": member_id, "blocked_by": by, "blocked_at": to_epoch_ms(now)}
    query = insert_into(connection, blocked_members).values(**values).on_conflict_do_nothing()
    return (await connection.execute(query)).rowcount > 0


async def unblock(connection: AsyncConnection, guild_id: int, member_id: int) -> bool:
    """Let a member ask again in a server; return whether they might not."""
    query = delete(blocked_members).where(
        blocked_members.c.guild_id == guild_id, blocked_members.c.member_id == member_id
    )
    return (await connection.execute(query)).rowcount > 0


async def blocked_in(connection: AsyncConnection, guild_id: int) -> list[int]:
    """Return the ids of those who may not ask in a server, the latest first."""
    query = (
        select(blocked_members.c.member_id)
        .where(blocked_members.c.guild_id == guild_id)
        .order_by(blocked_members.c.id.desc())
    )
    return list(await connection.scalars(query))
