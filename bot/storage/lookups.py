"""Looking up a row of SQLite by its key, on the spot: the library is in the process, and its pages are in memory.

A read through the driver waits for another thread four times over, which costs a hundred times what the look-up does.
So what every question needs is looked up here; nothing is remembered, so nothing can be out of date.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

Row = tuple[Any, ...]

_DIALECT = sqlite.dialect(paramstyle="named")


class Lookups:
    """A connection that only reads, never waits, and belongs to the thread that opened it."""

    def __init__(self, name: str) -> None:
        """Open an SQLite file, which has to be there."""
        self._connection = sqlite3.connect(name, timeout=0, isolation_level=None, uri=name.startswith("file:"))
        self._connection.execute("PRAGMA query_only=ON")
        # Of each query its text, and the values that are part of it.
        self._compiled: dict[Select[Any], tuple[str, dict[str, Any]]] = {}

    def first(self, query: Select[Any], values: Mapping[str, Any]) -> Row | None:
        """Return the first row of a query, as SQLite has it: a truth value is 0 or 1. None if there is no row.

        Raises:
            sqlite3.Error: It can't be read at once, or not by this thread.
        """
        if query not in self._compiled:
            compiled = query.compile(dialect=_DIALECT)
            self._compiled[query] = str(compiled), dict(compiled.params)
        text, own = self._compiled[query]
        # All rows are fetched: one left over would keep the transaction open, and with it the state of now.
        rows = self._connection.execute(text, {**own, **values}).fetchall()
        return rows[0] if rows else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
