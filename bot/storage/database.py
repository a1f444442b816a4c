"""The database: opened with the right pragmas, migrated, and written to in one way."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit
from urllib.request import url2pathname

from sqlalchemy import URL, Connection, Select, event, inspect, make_url, pool, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.backups import before_name, superfluous_before
from bot.errors import DamagedDatabaseError, DatabaseError
from bot.storage.backups import write_copy
from bot.storage.faults import DAMAGE, REMEDIES, Fault, cause_of, fault_of, opening_sentence
from bot.storage.lookups import Lookups, Row

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
WAL_RETRY_MS = 10
SAVED, LOOKED_UP = "saved", "looked up"

log = logging.getLogger(__name__)


class Database:
    """An open database, and the one way to read from it and write to it."""

    def __init__(self, engine: AsyncEngine, lookups: Lookups | None = None) -> None:
        """Take an engine whose schema is current, and what looks up rows where that is SQLite; use `Database.open`."""
        self._engine = engine
        self._lookups = lookups
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> Self:
        """Return the database at an SQLAlchemy address, created and migrated as needed.

        Raises:
            DatabaseError: It can't be opened or migrated; the message says what to do.
        """
        address = _address(url)
        try:
            await _migrate(address)
            lookups = Lookups(str(address.database)) if address.get_backend_name() == "sqlite" else None
        except ModuleNotFoundError as error:
            raise DatabaseError(
                f"The database of DATABASE_URL needs the Python package {error.name}, which is not installed."
            ) from error
        except (DBAPIError, sqlite3.Error, OSError) as error:
            kind = DamagedDatabaseError if fault_of(error) in DAMAGE else DatabaseError
            name = _file(address) or address.render_as_string(hide_password=True)
            raise kind(opening_sentence(str(name), error)) from error
        return cls(_engine(address), lookups)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; another has none."""
        return _file(self._engine.url)

    async def close(self) -> None:
        """Close every connection; a connection left open would keep the process alive."""
        if self._lookups is not None:
            self._lookups.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection that sees one consistent state of the database.

        Raises:
            DatabaseError: The database is busy, damaged or gone.
        """
        try:
            async with self._engine.connect() as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if refusal := _refusal(error, LOOKED_UP):
                raise refusal from error
            raise

    async def first(self, query: Select[Any], **values: Any) -> Row | None:
        """Return the first row of a query that takes no time, such as one by key; None if there is no row.

        The query should be the same object each time. A truth value may come as 0 or 1.
        """
        if self._lookups is not None:
            with suppress(sqlite3.Error):  # it is busy, or gone: who waits finds out which
                return self._lookups.first(query, values)
        async with self.read() as connection:
            row = (await connection.execute(query, values)).first()
            return None if row is None else tuple(row)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection inside a transaction: committed at the end, or rolled back on any error.

        Raises:
            DatabaseError: The database is busy, full, damaged or gone; nothing of the transaction was kept.
        """
        async with self._writing:
            try:
                async with self._engine.connect() as connection:
                    await connection.execution_options(fireside_write=True)
                    async with connection.begin():
                        yield connection
            except DBAPIError as error:
                if refusal := _refusal(error, SAVED):
                    raise refusal from error
                raise


def _refusal(error: DBAPIError, what: str) -> DatabaseError | None:
    """Return the sentence for a member, and log the operator's; an error that the code made gets none."""
    fault = fault_of(error)
    if fault is None and what == SAVED and isinstance(error, OperationalError):
        fault = Fault.OTHER  # whoever wanted something kept reads that it is not
    if fault is None:
        return None
    kind = "write" if what == SAVED else "read"
    log.error("The database refused a %s: %s. %s", kind, cause_of(error), REMEDIES[fault], exc_info=error)
    if fault in DAMAGE:
        return DamagedDatabaseError(
            f"That could not be {what}: what the bot has stored is damaged. Tell whoever runs it; its log says more."
        )
    return DatabaseError(f"That could not be {what} just now. Try again in a minute.")


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        # Each connection to :memory: would have a database of its own.
        in_memory = address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}
        usable = address.get_dialect().is_async and not in_memory
    except (ArgumentError, ModuleNotFoundError, ValueError):
        usable = False
    if not usable:
        raise DatabaseError(
            "DATABASE_URL is not an address of a database, such as sqlite+aiosqlite:///data/fireside.db."
        )
    return address


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database by its SQLAlchemy address, or None for another database.

    Raises:
        DatabaseError: It is no address of a database.
    """
    return _file(_address(url))


def _file(address: URL) -> Path | None:
    if address.get_backend_name() != "sqlite":
        return None
    name = str(address.database)
    return Path(url2pathname(urlsplit(name).path)) if name.startswith("file:") else Path(name)


def _engine(address: URL, *, migrating: bool = False) -> AsyncEngine:
    """Return an engine whose every SQLite connection has the pragmas and begins its transactions itself."""
    # Parameters hold what members wrote: no error in the log may show them.
    engine = create_async_engine(address, poolclass=pool.NullPool if migrating else None, hide_parameters=True)
    if address.get_backend_name() != "sqlite":
        return engine

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            # With foreign keys in force, rebuilding a table in a migration deletes its children.
            cursor.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        except Exception:
            connection.close()  # the pool doesn't know it yet, so nobody else would end its thread
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that only later turns into a write fails as "locked" instead of waiting.
        writes = migrating or connection.get_execution_options().get("fireside_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def revisions() -> list[str]:
    """Return the names of all migrations, oldest first: the number that its file's name begins with."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """Return the name of the newest migration."""
    return revisions()[-1]


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


async def _migrate(address: URL) -> None:
    if address.get_backend_name() == "sqlite":
        options = f"?{urlencode(address.query, doseq=True)}" if str(address.database).startswith("file:") else ""
        await asyncio.to_thread(_make_file, f"{address.database}{options}")
    engine = _engine(address, migrating=True)
    try:
        async with engine.connect() as connection, connection.begin():
            # Nobody else can migrate it now, so what is copied is what was there before.
            await _keep_as_it_is(address, await connection.run_sync(_revision))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def _keep_as_it_is(address: URL, current: str | None) -> None:
    """Write a copy of an SQLite file that is about to be migrated, and keep the last of those."""
    file, newest = _file(address), newest_revision()
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
    current = _revision(connection)
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


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
