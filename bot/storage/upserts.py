"""Inserting a row that may be there already, in one statement, so that nobody can come between a look and the row."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = postgresql.Insert | sqlite.Insert


def insert_into(connection: AsyncConnection, table: Table) -> Insert:
    """Return an INSERT that can say what is to be done ON CONFLICT, as the connection's database has it."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


async def put(
    connection: AsyncConnection, table: Table, key: dict[str, Any], values: dict[str, Any], **changed: Any
) -> None:
    """Insert a row, or where one has its key, set the same values there; or others where they are given."""
    query = insert_into(connection, table).values(**key, **values)
    await connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=changed or values))
