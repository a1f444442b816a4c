"""Rows that nobody needs any more, a few at once: nobody waits for long, and no process waits for another one."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def free_keys(
    connection: AsyncConnection, key: Column[int], which: ColumnElement[bool], most: int
) -> Sequence[int]:
    """Return the keys of some rows, at most so many; not of those that another transaction changes now.

    Nobody else can change them until the transaction ends.
    """
    query = select(key).where(which).limit(most).with_for_update(of=key.table, skip_locked=True)
    return (await connection.scalars(query)).all()


async def delete_free(connection: AsyncConnection, table: Table, which: ColumnElement[bool], most: int) -> int:
    """Delete such rows of a table, and return how many they were; 0 where nothing is left to do now."""
    key = table.primary_key.columns[0]
    keys = await free_keys(connection, key, which, most)
    if not keys:
        return 0
    return (await connection.execute(delete(table).where(key.in_(keys)))).rowcount
