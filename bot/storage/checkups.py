"""What there is to say of a database, and of a PostgreSQL server, which are looked at and not changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.checkups import ServerState
from bot.storage.changes import listening
from bot.storage.database import opening
from bot.storage.engines import MOST_CONNECTIONS, address_of, is_sqlite, listening_engine_of, reader_of
from bot.storage.migrating import current_revision, newest_revision, refuse_half_moved
from bot.storage.tables import guilds, interviews, questions

# A limit of -1 is none.
_CONNECTIONS = text("""
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        nullif(datconnlimit, -1),
        nullif(rolconnlimit, -1))
    FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user
""")


async def examine_server(url: str) -> ServerState:
    """Return how the server at an SQLAlchemy address is, and the database there.

    Raises:
        DatabaseError: It can't be reached, does not let this user in, or has only part of a database.
    """
    async with _connected(url) as (engine, connection):
        revision = await connection.run_sync(current_revision)
        if revision is not None:
            await refuse_half_moved(connection)
        return ServerState(
            version=str(await connection.scalar(text("SHOW server_version"))),
            revision=revision,
            newest=newest_revision(),
            rows=await _rows(connection) if revision == newest_revision() else {},
            connections=int(await connection.scalar(_CONNECTIONS) or 0),
            wanted=MOST_CONNECTIONS,
            tells=await _tells(engine),
        )


async def revision_of_server(url: str) -> str | None:
    """Return the revision that the database at an SQLAlchemy address is at, or None where it has no tables of ours.

    Raises:
        DatabaseError: It can't be reached, or does not let this user in.
    """
    async with _connected(url) as (_, connection):
        return await connection.run_sync(current_revision)


async def check_moved(file_url: str) -> None:
    """Refuse an SQLite file, by its SQLAlchemy address, into which another database was not moved to its end.

    Raises:
        DatabaseError: It is such a file, or can't be opened.
    """
    async with _connected(file_url) as (_, connection):
        if await connection.run_sync(current_revision) is not None:
            await refuse_half_moved(connection)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[tuple[AsyncEngine, AsyncConnection]]:
    address = address_of(url)
    with opening(address):
        engine = reader_of(address) if is_sqlite(address) else listening_engine_of(address)
        try:
            async with engine.connect() as connection:
                yield engine, connection
        finally:
            await engine.dispose()


async def _rows(connection: AsyncConnection) -> dict[str, int]:
    tables: dict[str, Any] = {"servers": guilds, "interviews": interviews, "questions": questions}
    return {
        name: int(await connection.scalar(select(func.count()).select_from(table)) or 0)
        for name, table in tables.items()
    }


async def _tells(engine: AsyncEngine) -> bool:
    """Return whether word of changes arrives."""
    with suppress(TimeoutError):
        async with listening(engine, lambda _: None):
            return True
    return False
