import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.errors import DatabaseError
from bot.storage.database import Database
from bot.storage.facts import Fact, write_fact
from bot.storage.lookups import SqliteLookups
from bot.storage.tables import facts

pytestmark = pytest.mark.only("sqlite")

FACT = Fact.LIBRARY_REVISION
VALUE = select(facts.c.value).where(facts.c.name == FACT)
OTHER = select(facts.c.value).where(facts.c.name == Fact.COMMANDS_HASH)
GUILD = 7

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fireside.db"


async def put(database: Database, text: str) -> None:
    async with database.write() as connection:
        await write_fact(connection, FACT, text)


def write_in_another_process(path: Path, text: str) -> None:
    statement = "it.execute('UPDATE facts SET value = ?', sys.argv[2:])"
    script = f"import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as it: {statement}"
    subprocess.run([sys.executable, "-c", script, os.fspath(path), text], check=True)


async def test_sees_at_once_what_this_process_and_another_have_written(database: Database, path: Path) -> None:
    assert await database.first(VALUE, GUILD) is None
    for number in range(10):
        await put(database, f"own {number}")
        assert await database.first(VALUE, GUILD) == (f"own {number}",)
        await asyncio.to_thread(write_in_another_process, path, f"other {number}")
        assert await database.first(VALUE, GUILD) == (f"other {number}",)


async def test_sees_nothing_before_it_is_committed(database: Database) -> None:
    await put(database, "before")
    async with database.write() as connection:
        await write_fact(connection, FACT, "after")
        assert await database.first(VALUE, GUILD) == ("before",)
    assert await database.first(VALUE, GUILD) == ("after",)


async def test_leaves_no_transaction_open(database: Database, path: Path) -> None:
    await put(database, "kept")
    assert await database.first(VALUE, GUILD) == ("kept",)
    with sqlite3.connect(path) as other:
        # Any reader of an older state would keep the log from being emptied.
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    other.close()


async def test_where_it_can_not_be_read_at_once_it_is_waited_for(database: Database) -> None:
    await put(database, "kept")
    await database._lookups.close()
    assert await database.first(VALUE, GUILD) == ("kept",)
    assert await database.first(OTHER, GUILD) is None


async def test_what_no_database_can_read_is_still_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("no database " * 100)
    with pytest.raises(DatabaseError):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'broken.db'}")


async def test_never_writes(database: Database, path: Path) -> None:
    lookups = SqliteLookups(str(path))
    with pytest.raises(sqlite3.OperationalError):
        lookups._connection.execute("DELETE FROM facts")
    await lookups.close()
