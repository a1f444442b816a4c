"""Looking up what every question needs of a server: a row by its key, at once.

A read through the driver waits four times over for a thread of SQLite's, or for messages there and back of a PostgreSQL
server, which costs a hundred times what the look-up does. SQLite is in the process, and its pages are in memory: so a
row is looked up on the spot, and nothing is remembered that could be out of date. How PostgreSQL's rows are remembered,
`changes.py` says.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = tuple[Any, ...]
# Reads the first row of a query of a server through the driver, however long that takes.
Read = Callable[[Select[Any], int], Awaitable[Row | None]]

_DIALECT = sqlite.dialect(paramstyle="named")


class Lookups(Protocol):
    """Looks up rows of servers as quickly as a kind of database allows for."""

    async def first(self, query: Select[Any], guild_id: int, read: Read) -> Row | None:
        """Return the first row of a query of a server; None if there is no row. What isn't to be had at once is read.

        A truth value may come as 0 or 1.
        """
        ...

    def following(self, connection: AsyncConnection, rows_of: Collection[int] | None) -> AbstractContextManager[None]:
        """See to it that what is written within, to rows of some servers or of all, is what is looked up after it."""
        ...

    async def close(self) -> None:
        """Give back what it takes."""
        ...


class SqliteLookups:
    """A connection that only reads, never waits, and belongs to the thread that opened it."""

    def __init__(self, name: str) -> None:
        """Open an SQLite file, which has to be there."""
        self._connection = sqlite3.connect(name, timeout=0, isolation_level=None, uri=name.startswith("file:"))
        self._connection.execute("PRAGMA query_only=ON")
        # Of each query its text, and the values that are part of it.
        self._compiled: dict[Select[Any], tuple[str, dict[str, Any]]] = {}

    async def first(self, query: Select[Any], guild_id: int, read: Read) -> Row | None:
        """Return the first row of a query of a server."""
        with suppress(sqlite3.Error):  # it is busy, or gone: who waits finds out which
            return self._first(query, guild_id)
        return await read(query, guild_id)

    def following(self, connection: AsyncConnection, rows_of: Collection[int] | None) -> AbstractContextManager[None]:  # noqa: ARG002
        """Let a transaction write: nothing is remembered that could be out of date after it."""
        return nullcontext()

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _first(self, query: Select[Any], guild_id: int) -> Row | None:
        if query not in self._compiled:
            compiled = query.compile(dialect=_DIALECT)
            self._compiled[query] = str(compiled), dict(compiled.params)
        text, own = self._compiled[query]
        # All rows are fetched: one left over would keep the transaction open, and with it the state of now.
        rows = self._connection.execute(text, {**own, "guild_id": guild_id}).fetchall()
        return rows[0] if rows else None
