"""What a process remembers of a PostgreSQL database, while it and others change it, and while nobody tells of that."""

import ast
import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Column, Select, update
from sqlalchemy.sql import visitors

from bot.domain.guilds import GuildSettings
from bot.settings import ROOT
from bot.storage import changes
from bot.storage.database import Database
from bot.storage.engines import LISTENER
from bot.storage.facts import Fact, read_fact, write_fact
from bot.storage.guilds import count_up_taught_revision, set_answers_private, settings_now, taught_revision_now
from bot.storage.lookups import Row
from bot.storage.publications import library_revisions
from bot.storage.tables import guilds
from tests.databases import rows
from tests.pooler import pooler
from tests.postgres import connect
from tests.waiting import until

GUILD, OTHER = 7, 8
IN_FORCE_WITHIN = 2.0
PRIVATE, OPEN = GuildSettings(answers_private=True), GuildSettings(answers_private=False)

MakePrivate = Callable[[bool], None]


class CountingDatabase(Database):
    """A database that counts what is read of it one by one, and may hold that up after it was read."""

    reads = 0
    held: asyncio.Event | None = None

    async def _read_first(self, query: Select[Any], guild_id: int) -> Row | None:
        self.reads += 1
        row = await super()._read_first(query, guild_id)
        if self.held is not None:
            await self.held.wait()
        return row


@pytest.fixture
async def database(own_url: str) -> AsyncIterator[CountingDatabase]:
    """A database that remembers, with a server that made its answers private."""
    before = await Database.open(own_url)
    async with before.write([GUILD]) as connection:
        await set_answers_private(connection, GUILD, private=True)
    await before.close()
    database = await CountingDatabase.open(own_url, remember=True)
    await until(lambda: remembers(database))
    yield database
    await database.close()


@pytest.fixture
def make_private(own_url: str) -> MakePrivate:
    """Lets another program change what the server chose."""

    def make(private: bool) -> None:
        with connect(own_url) as connection:
            connection.execute("UPDATE guilds SET answers_private = %s WHERE id = %s", (private, GUILD))

    return make


async def remembers(database: CountingDatabase) -> bool:
    """Return whether a second look-up of the same reads nothing."""
    await settings_now(database, GUILD)
    before = database.reads
    await settings_now(database, GUILD)
    return database.reads == before


def listeners(url: str) -> list[int]:
    with connect(url) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"
        return [pid for (pid,) in connection.execute(query, [LISTENER])]


@contextmanager
def silent(url: str) -> Iterator[None]:
    """Let the connection that listens hang, as behind a network that swallows everything."""
    (pid,) = listeners(url)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_what_was_looked_up_is_not_read_again(database: CountingDatabase) -> None:
    for _ in range(2):
        assert await settings_now(database, GUILD) == PRIVATE
        assert await taught_revision_now(database, GUILD) == 0
        assert await settings_now(database, OTHER) == GuildSettings()
    before = database.reads
    await library_revisions(database, GUILD)
    for _ in range(10):
        await settings_now(database, GUILD)
        await settings_now(database, OTHER)
        await library_revisions(database, GUILD)
    assert database.reads == before + 1


async def test_what_another_changes_is_in_force_within_two_seconds(
    database: CountingDatabase, make_private: MakePrivate
) -> None:
    for private in (False, True, False):
        make_private(private)

        async def seen(private: bool = private) -> bool:
            return await settings_now(database, GUILD) == GuildSettings(answers_private=private)

        await until(seen, within=IN_FORCE_WITHIN)
        await until(lambda: remembers(database))


async def test_a_server_that_is_new_or_deleted_and_a_fact_are_heard_of_too(
    database: CountingDatabase, own_url: str
) -> None:
    assert await settings_now(database, OTHER) == GuildSettings()
    rows(own_url, "INSERT INTO guilds (id, answers_private, keep_misses) VALUES (8, true, false)")

    async def chosen() -> bool:
        return await settings_now(database, OTHER) == GuildSettings(answers_private=True, keep_misses=False)

    await until(chosen, within=IN_FORCE_WITHIN)
    rows(own_url, "DELETE FROM guilds WHERE id = 8")

    async def gone() -> bool:
        return await settings_now(database, OTHER) == GuildSettings()

    await until(gone, within=IN_FORCE_WITHIN)
    assert (await library_revisions(database, GUILD))[0] == 0
    rows(own_url, "INSERT INTO facts (name, value) VALUES ('library_revision', '41')")

    async def counted() -> bool:
        return (await library_revisions(database, GUILD))[0] == 41

    await until(counted, within=IN_FORCE_WITHIN)


async def test_what_is_changed_while_the_listening_connection_hangs_is_in_force_within_two_seconds(
    database: CountingDatabase, own_url: str, make_private: MakePrivate
) -> None:
    with silent(own_url):
        make_private(False)

        async def seen() -> bool:
            return await settings_now(database, GUILD) == OPEN

        await until(seen, within=IN_FORCE_WITHIN)
    await until(lambda: remembers(database))
    assert await settings_now(database, GUILD) == OPEN


async def test_one_that_hangs_for_long_is_followed_by_another(
    database: CountingDatabase, own_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "GIVEN_UP_AFTER", 1.0)
    before = listeners(own_url)
    with silent(own_url):
        await until(lambda: another(own_url, before))
        await until(lambda: remembers(database))


async def another(url: str, before: list[int]) -> bool:
    return bool(set(await asyncio.to_thread(listeners, url)) - set(before))


async def test_one_that_breaks_is_followed_by_another_and_said_once_each_way(
    database: CountingDatabase, own_url: str, make_private: MakePrivate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, changes.log.name)
    before = listeners(own_url)
    rows(own_url, f"SELECT pg_terminate_backend({before[0]})")
    make_private(False)

    async def seen() -> bool:
        return await settings_now(database, GUILD) == OPEN

    await until(seen, within=IN_FORCE_WITHIN)
    await until(lambda: another(own_url, before))
    await until(lambda: remembers(database))
    said = [record.levelno for record in caplog.records if record.name == changes.log.name]
    assert said == [logging.WARNING, logging.INFO]


async def test_what_was_looked_up_before_a_change_is_not_remembered_after_it(
    database: CountingDatabase, make_private: MakePrivate
) -> None:
    make_private(False)  # so that nothing of the server is remembered any more
    await until(lambda: forgotten(database))
    database.held = asyncio.Event()
    looking = asyncio.create_task(settings_now(database, GUILD))
    reads = database.reads
    await until(lambda: has(database.reads > reads))
    await asyncio.sleep(0)
    state = lookups_of(database)._state
    make_private(True)
    await until(lambda: has(lookups_of(database)._state > state))
    database.held.set()
    await looking  # it may be of before
    assert await settings_now(database, GUILD) == PRIVATE


async def has(so: bool) -> bool:
    return so


async def forgotten(database: CountingDatabase) -> bool:
    return GUILD not in lookups_of(database)._rows


def lookups_of(database: Database) -> changes.RememberedLookups:
    lookups = database._lookups
    assert isinstance(lookups, changes.RememberedLookups)
    return lookups


async def test_a_process_sees_what_it_has_written_before_it_hears_of_it(
    database: CountingDatabase, own_url: str
) -> None:
    with silent(own_url):
        for private in (False, True):
            assert await settings_now(database, GUILD) == GuildSettings(answers_private=not private)
            async with database.write([GUILD]) as connection:
                await set_answers_private(connection, GUILD, private=private)
            assert await settings_now(database, GUILD) == GuildSettings(answers_private=private)
        async with database.write() as connection:
            await count_up_taught_revision(connection, GUILD)
        assert await taught_revision_now(database, GUILD) == 1
        await library_revisions(database, GUILD)
        async with database.write([OTHER]) as connection:
            await write_fact(connection, Fact.LIBRARY_REVISION, "12")
        assert (await library_revisions(database, GUILD))[0] == 12


async def test_what_is_looked_up_while_it_writes_is_not_remembered(database: CountingDatabase, own_url: str) -> None:
    with silent(own_url):
        async with database.write([GUILD]) as connection:
            await set_answers_private(connection, GUILD, private=False)
            assert await settings_now(database, GUILD) == PRIVATE
        assert await settings_now(database, GUILD) == OPEN


async def test_what_has_nothing_to_do_with_it_forgets_nothing(database: CountingDatabase) -> None:
    await settings_now(database, GUILD)
    async with database.write() as connection:
        assert await read_fact(connection, Fact.LIBRARY_REVISION) is None
    async with database.write([OTHER]) as connection:
        await connection.execute(update(guilds).where(guilds.c.id == OTHER).values(answers_private=True))
    before = database.reads
    await settings_now(database, GUILD)
    assert database.reads == before


async def test_no_more_than_so_many_servers_are_remembered(
    database: CountingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_SERVERS", 3)
    for guild_id in range(100, 120):
        await settings_now(database, guild_id)
        await settings_now(database, GUILD)
    kept = lookups_of(database)._rows
    assert set(kept) == {GUILD, 118, 119}


async def test_behind_what_swallows_every_word_nothing_is_remembered(
    own_url: str, make_private: MakePrivate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(changes, "GIVEN_UP_AFTER", 0.5)
    async with pooler(own_url) as address:
        database = await CountingDatabase.open(address, remember=True)
        async with database.write([GUILD]) as connection:
            await set_answers_private(connection, GUILD, private=True)
        await until(lambda: has("tells of no changes" in caplog.text))
        for private in (True, False):
            make_private(private)
            assert await settings_now(database, GUILD) == GuildSettings(answers_private=private)
        await database.close()


async def test_who_does_not_stay_listens_to_nothing(own_url: str) -> None:
    database = await CountingDatabase.open(own_url)
    assert not await remembers(database)
    assert not listeners(own_url)
    await database.close()


async def test_nothing_is_left_of_it_when_it_is_closed(own_url: str) -> None:
    before = asyncio.all_tasks()
    for pause in (0.0, 0.001, 0.01, 0.03, 0.1):
        database = await Database.open(own_url, remember=True)
        await asyncio.sleep(pause)
        await database.close()
        assert asyncio.all_tasks() == before

    async def gone() -> bool:
        return not listeners(own_url)

    await until(gone)


def looked_up() -> Iterator[tuple[str, Select[Any]]]:
    """Yield each query that is looked up with `first`, and where: it is a constant of its module."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "first":
                if not node.args:  # of rows, not of a database
                    continue
                assert isinstance(node.args[0], ast.Name), f"{module}: {ast.unparse(node)}"
                if node.args[0].id == "query":  # handed on
                    continue
                yield module, getattr(import_module(module), node.args[0].id)


async def test_all_that_is_looked_up_is_told_of_when_it_changes(database: CountingDatabase, own_url: str) -> None:
    found = rows(
        own_url,
        "SELECT tgrelid::regclass::text, attname FROM pg_trigger JOIN pg_attribute ON attrelid = tgrelid "
        "WHERE NOT tgisinternal AND attnum > 0 AND (attnum = ANY (tgattr::int2[]) OR cardinality(tgattr::int2[]) = 0)",
    )
    told = set(found) | {("guilds", "id")}  # which never changes
    queries = list(looked_up())
    assert {module for module, _ in queries} == {"bot.storage.guilds", "bot.storage.publications"}
    for module, query in queries:
        columns = {(column.table.name, column.name) for column in columns_of(query)}
        assert columns <= told, module
        assert set(query.compile().params) - {"guild_id"} <= {"name_1"}, module


def columns_of(query: Select[Any]) -> Iterator[Column[Any]]:
    return (part for part in visitors.iterate(query) if isinstance(part, Column))
