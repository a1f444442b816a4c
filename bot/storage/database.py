"""The database: opened with the schema of now, read from and written to in one way."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Select
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DamagedDatabaseError, DatabaseAwayError, DatabaseError
from bot.storage.changes import RememberedLookups
from bot.storage.engines import WRITERS, address_of, engine_of, file_of, is_sqlite, name_of, seeing_one_state
from bot.storage.faults import DAMAGE, REMEDIES, Fault, cause_of, fault_of, opening_sentence, server_fault_of
from bot.storage.locks import wait_to_write
from bot.storage.lookups import Lookups, Row, SqliteLookups
from bot.storage.migrating import migrate
from bot.storage.queues import Queues

SAVED, LOOKED_UP = "saved", "looked up"

log = logging.getLogger(__name__)


class Database:
    """An open database, and the one way to read from it and write to it."""

    def __init__(self, engine: AsyncEngine, lookups: Lookups) -> None:
        """Take an engine whose schema is current, and what looks up rows at once; use `Database.open`."""
        self._lookups = lookups
        self._is_sqlite = is_sqlite(engine.url)
        self._engine = engine
        # PostgreSQL shows a reader one state only where it is told to.
        self._readers = engine if self._is_sqlite else seeing_one_state(engine)
        # Who waits for a lock of PostgreSQL's holds a connection: some are left to those who only read. Of those who
        # would wait there for each other one alone does, so that a busy server leaves some to the others. Who may
        # change anything needs no queue: while one of them waits, PostgreSQL lets nobody else begin.
        self._queues = Queues()
        self._writing = asyncio.Lock() if self._is_sqlite else asyncio.Semaphore(WRITERS)
        # What was logged of what it refused, since it last took or gave something.
        self._said: dict[str, set[str]] = {SAVED: set(), LOOKED_UP: set()}

    @classmethod
    async def open(cls, url: str, *, remember: bool = False) -> Self:
        """Return the database at an SQLAlchemy address, created and migrated as needed.

        Args:
            url: The address.
            remember: Whether to remember what `first` has looked up, where that is worth it: for a process that stays.

        Raises:
            DatabaseAwayError: Its server can't be reached or is held up, or others keep it from being migrated now.
            DatabaseError: It can't be opened or migrated; the message says what to do.
        """
        address = address_of(url)
        with opening(address):
            await migrate(address)
            lookups = _lookups_of(address, remember)
        return cls(engine_of(address), lookups)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; another has none."""
        return file_of(self._engine.url)

    async def close(self) -> None:
        """Close every connection; a connection left open would keep the process alive."""
        await self._lookups.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection that sees one consistent state of the database.

        Raises:
            DatabaseError: The database is busy, damaged or gone.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self._refusing(LOOKED_UP))
            connection = await stack.enter_async_context(self._readers.connect())
            await stack.enter_async_context(connection.begin())
            yield connection

    async def first(self, query: Select[Any], guild_id: int) -> Row | None:
        """Return the first row of a query that takes no time, such as one by key; None if there is no row.

        The query should be the same object each time. It may bind `guild_id`, and look at what of `guilds` and `facts`
        the triggers of PostgreSQL watch. A truth value may come as 0 or 1.
        """
        return await self._lookups.first(query, guild_id, self._read_first)

    async def _read_first(self, query: Select[Any], guild_id: int) -> Row | None:
        async with self.read() as connection:
            row = (await connection.execute(query, {"guild_id": guild_id})).first()
            return None if row is None else tuple(row)

    @asynccontextmanager
    async def write(self, rows_of: Collection[int] | None = None) -> AsyncIterator[AsyncConnection]:
        """Lend a connection inside a transaction: committed at the end, or rolled back on any error.

        Args:
            rows_of: The servers and members to whom all rows belong that are looked at or changed, so that others may
                write elsewhere meanwhile, where the database allows for it; without any, nobody else writes.

        Raises:
            DatabaseError: The database is busy, full, damaged or gone; nothing of the transaction was kept.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self._refusing(SAVED))
            if not self._is_sqlite:
                await stack.enter_async_context(self._queues.turn(rows_of or ()))
            await stack.enter_async_context(self._writing)
            connection = await stack.enter_async_context(self._engine.connect())
            await connection.execution_options(fireside_write=True)
            stack.enter_context(self._lookups.following(connection, rows_of))
            await stack.enter_async_context(connection.begin())
            if not self._is_sqlite:
                await wait_to_write(connection, rows_of)
            yield connection

    @contextmanager
    def _refusing(self, what: str) -> Iterator[None]:
        """Turn what a database can't do within into a sentence for a member."""
        try:
            yield
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            fault = fault_of(error) if self._is_sqlite else server_fault_of(error)
            # A table that isn't there is the one to SQLite and the other to PostgreSQL.
            if fault is None and what == SAVED and isinstance(error, OperationalError | ProgrammingError):
                fault = Fault.OTHER  # whoever wanted something kept reads that it is not
            if fault is None:
                raise
            self._log_refused(error, fault, what)
            raise _refused(fault, what) from error
        else:
            self._said[what].clear()

    def _log_refused(self, error: Exception, fault: Fault, what: str) -> None:
        """Log the operator's sentence once until it is well again; each with its trace where the code may be wrong."""
        kind = "write" if what == SAVED else "read"
        sentence = f"The database refused a {kind}: {cause_of(error)}. {REMEDIES[fault]}"
        if fault is Fault.OTHER:
            log.error("%s", sentence, exc_info=error)
        elif sentence not in self._said[what]:
            self._said[what].add(sentence)
            log.error("%s", sentence)


@contextmanager
def opening(address: URL) -> Iterator[None]:
    """Turn what keeps a database from being opened within into a sentence for an operator."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"The database {name_of(address)} needs the Python package {error.name}, which is not installed. "
            "For PostgreSQL, install Fireside with its extra postgres, as make run does."
        ) from error
    except (DBAPIError, sqlite3.Error, OSError) as error:
        fault = fault_of(error) if is_sqlite(address) else server_fault_of(error)
        raise _kind_of(fault)(opening_sentence(name_of(address), error, fault)) from error


def _lookups_of(address: URL, remember: bool) -> Lookups:
    if is_sqlite(address):
        return SqliteLookups(str(address.database))
    lookups = RememberedLookups(address)
    if remember:
        lookups.begin()
    return lookups


def _refused(fault: Fault, what: str) -> DatabaseError:
    """Return the sentence for a member."""
    if fault in DAMAGE:
        return DamagedDatabaseError(
            f"That could not be {what}: what the bot has stored is damaged. Tell whoever runs it; its log says more."
        )
    return _kind_of(fault)(f"That could not be {what} just now. Try again in a minute.")


def _kind_of(fault: Fault | None) -> type[DatabaseError]:
    if fault in DAMAGE:
        return DamagedDatabaseError
    return DatabaseAwayError if fault in {Fault.AWAY, Fault.HELD_UP} else DatabaseError
