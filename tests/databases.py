"""Databases for the tests, of either kind, made and copied in one way."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, make_url

from bot.storage.engines import sqlite_file
from tests.postgres import Postgres, connect, lent_server

SQLITE, POSTGRESQL = KINDS = ("sqlite", "postgresql")


class Databases(Protocol):
    """Makes databases of one kind; each is named by its SQLAlchemy address."""

    def new(self, folder: Path, like: str | None = None) -> str:
        """Make a database, empty or as another one is, with its files in a folder if it has any."""
        ...

    def forget(self, url: str) -> None:
        """Give back what a database takes, whoever is connected to it."""
        ...


class SqliteFiles:
    """Files, which go with their folder."""

    def new(self, folder: Path, like: str | None = None) -> str:
        file = folder / "fireside.db"
        if like is not None:
            shutil.copy(sqlite_file(like) or "", file)
        return f"sqlite+aiosqlite:///{file}"

    def forget(self, url: str) -> None:
        pass


class PostgresDatabases:
    """Databases of a server."""

    def __init__(self, server: Postgres) -> None:
        self._server = server

    def new(self, folder: Path, like: str | None = None) -> str:  # noqa: ARG002 - it has no files of its own
        return self._server.new_database(like)

    def forget(self, url: str) -> None:
        self._server.drop(url)


@contextmanager
def empty_databases(kind: str) -> Iterator[Callable[[], str]]:
    """Lend what makes empty databases of a kind, where what is written outlives a power cut, and returns addresses."""
    with ExitStack() as stack:
        if kind == POSTGRESQL:
            yield stack.enter_context(lent_server(durable=True)).new_database
        else:
            yield lambda: SqliteFiles().new(Path(stack.enter_context(TemporaryDirectory())))


@contextmanager
def lent(databases: Databases, like: str) -> Iterator[str]:
    """Lend a copy of a database, for one of many examples in a test."""
    with TemporaryDirectory() as folder:
        url = databases.new(Path(folder), like)
        try:
            yield url
        finally:
            databases.forget(url)


def looking_into(url: str) -> Engine:
    """Return an engine that works without an event loop, and without what Fireside does to its connections."""
    file = sqlite_file(url)
    return create_engine(make_url(url).set(drivername="postgresql+psycopg") if file is None else f"sqlite:///{file}")


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what a query finds, or changes, in a database, as another program sees it; each ? stands for a value."""
    file = sqlite_file(url)
    if file is None:
        with connect(url) as connection:
            cursor = connection.execute(query.replace("?", "%s").encode(), values or None)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        return database.execute(query, values).fetchall()
