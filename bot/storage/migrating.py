"""Bringing a database to the newest schema: one process does it, others that come meanwhile wait."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.backups import before_name, superfluous_before
from bot.errors import DatabaseAwayError, DatabaseError
from bot.storage.backups import write_copy
from bot.storage.engines import BUSY_TIMEOUT_MS, engine_of, file_of, is_sqlite
from bot.storage.facts import Fact, read_fact
from bot.storage.locks import NamedLock, take_lock

MIGRATIONS = Path(__file__).parent / "migrations"
WAL_RETRY_MS = 10
# How often to look whether another process has migrated a PostgreSQL database, and seconds between: a minute in all.
TURN_TRIES, TURN_RETRY = 300, 0.2

log = logging.getLogger(__name__)


def revisions() -> list[str]:
    """Return the names of all migrations, oldest first: the number that its file's name begins with."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """Return the name of the newest migration."""
    return revisions()[-1]


async def refuse_half_moved(connection: AsyncConnection) -> None:
    """Refuse a database of ours into which another one was not moved to its end.

    Raises:
        DatabaseError: It is such a database.
    """
    if await read_fact(connection, Fact.MOVE) is not None:
        raise DatabaseError(
            "Only part of what was to be moved into this database is there. Let the same python -m bot move run to its "
            "end, or name another database."
        )


async def migrate(address: URL, check: Callable[[AsyncConnection], Awaitable[None]] = refuse_half_moved) -> None:
    """Create a database where there is none, and migrate it.

    Args:
        address: Where it is.
        check: Called with a database of ours before it is changed; raises what there is against that.

    Raises:
        DatabaseAwayError: It has to be migrated, and processes run with it as it is; or another one is at it for long.
        DatabaseError: A newer Fireside has written it, or it can't be migrated; what libraries raise is left to them.
    """
    if is_sqlite(address):
        options = f"?{urlencode(address.query, doseq=True)}" if str(address.database).startswith("file:") else ""
        await asyncio.to_thread(_make_file, f"{address.database}{options}")
    engine = engine_of(address, migrating=True)
    try:
        async with engine.connect() as connection, connection.begin():
            if not is_sqlite(address):  # whose transaction is alone from its beginning
                await _wait_for_turn(connection)
            # Nobody else can migrate it now, so what is copied is what was there before.
            current = await connection.run_sync(current_revision)
            if current is not None:
                await check(connection)
                await _wait_for_no_bot(address, connection, current)
            await _keep_as_it_is(address, current)
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def _wait_for_turn(connection: AsyncConnection) -> None:
    """Wait until no other process migrates a PostgreSQL database, and let none do so until the connection is closed."""
    for tried in range(TURN_TRIES):
        if await take_lock(connection, NamedLock.MIGRATION):
            return
        if not tried:
            log.info("Another process migrates the database; waiting until it has")
        await asyncio.sleep(TURN_RETRY)
    raise DatabaseAwayError(
        "Another process migrates the database, and has not ended for a minute. Wait for it; if it hangs, end it."
    )


async def _wait_for_no_bot(address: URL, connection: AsyncConnection, current: str) -> None:
    """Refuse to change the tables of a PostgreSQL database under the feet of processes that run with the old ones."""
    newest = newest_revision()
    if is_sqlite(address) or current >= newest or await take_lock(connection, NamedLock.BOT):
        return
    raise DatabaseAwayError(
        f"The database is to be migrated from {current} to {newest}, and Fireside runs with it as it is. End all "
        "processes of the older version."
    )


def _make_file(name: str) -> None:
    """Make the file and its folder before the driver opens it: where that fails, no thread of the driver is left."""
    if not name.startswith("file:"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(name, timeout=WAL_RETRY_MS / 1000, uri=name.startswith("file:"))) as connection:
        for _ in range(BUSY_TIMEOUT_MS // WAL_RETRY_MS):
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                # A file that may only be read is opened all the same, until somebody wants to write.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("PRAGMA user_version = 0")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError as error:
                # While somebody else does the same to a new file, this fails at once instead of waiting.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(WAL_RETRY_MS / 1000)
            else:
                return
    raise TimeoutError("it is busy")


async def _keep_as_it_is(address: URL, current: str | None) -> None:
    """Write a copy of an SQLite file that is about to be migrated, and keep the last of those."""
    file, newest = file_of(address), newest_revision()
    if file is None or current is None or current >= newest:
        return
    folder = file.parent / "backups"
    try:
        await asyncio.to_thread(write_copy, file, folder / before_name(newest, current))
    except DatabaseError as error:
        raise type(error)(f"The database has to be migrated, and that begins with a copy. {error}") from error
    await asyncio.to_thread(_delete_old_copies, folder)


def _delete_old_copies(folder: Path) -> None:
    for name in superfluous_before(path.name for path in folder.iterdir()):
        (folder / name).unlink(missing_ok=True)


def _upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision, or refuse a database that a newer Fireside has written."""
    newest = newest_revision()
    current = current_revision(connection)
    if current == newest:
        return
    if current is not None and current > newest:
        raise DatabaseError(
            f"The database is at revision {current}, newer than this Fireside's {newest}. Update Fireside."
        )
    # Alembic is slow to import and needed only here.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseError(f"The migration to {newest} would break {len(broken)} references; nothing was changed.")
    log.info("Migrated the database from %s to %s", current or "nothing", newest)


def current_revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, or None where it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
