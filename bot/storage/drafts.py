"""Drafts of forms as rows."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import to_epoch_ms
from bot.domain.drafts import Draft, DraftKey
from bot.storage.batches import delete_free
from bot.storage.tables import drafts
from bot.storage.upserts import put


async def put_draft(connection: AsyncConnection, key: DraftKey, draft: Draft, now: datetime) -> None:
    """Keep a draft in place of the one before."""
    content = {"fields": {name: list(values) for name, values in draft.fields.items()}, "arguments": [*draft.arguments]}
    whose = {"member_id": key.member_id, "guild_id": key.guild_id, "form": key.form}
    await put(connection, drafts, whose, {"content": content, "updated_at": to_epoch_ms(now)})


async def find_draft(connection: AsyncConnection, key: DraftKey) -> Draft | None:
    """Return a draft, if it is still kept."""
    content = await connection.scalar(select(drafts.c.content).where(_of(key)))
    return Draft(content["fields"], tuple(content["arguments"])) if content is not None else None


async def drop_draft(connection: AsyncConnection, key: DraftKey) -> bool:
    """Forget a draft; return whether there was one."""
    return (await connection.execute(delete(drafts).where(_of(key)))).rowcount > 0


async def forget_old_drafts_of(connection: AsyncConnection, member_id: int, before: datetime) -> None:
    """Forget those of a member's drafts that were last written before an instant."""
    await connection.execute(delete(drafts).where(drafts.c.member_id == member_id, _older(before)))


async def forget_drafts(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Forget anybody's drafts that were last written before an instant, at most so many; return how many they were."""
    return await delete_free(connection, drafts, _older(before), most)


def _older(before: datetime) -> ColumnElement[bool]:
    return drafts.c.updated_at < to_epoch_ms(before)


def _of(key: DraftKey) -> ColumnElement[bool]:
    return (drafts.c.member_id == key.member_id) & (drafts.c.guild_id == key.guild_id) & (drafts.c.form == key.form)
