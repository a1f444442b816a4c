import asyncio
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import EVERY_DAY, from_epoch_ms, post_on
from bot.domain.deliveries import DeliveryState
from bot.domain.guilds import GuildSettings
from bot.domain.questions import QuestionFilter
from bot.domain.quotes import Quote
from bot.errors import DatabaseError
from bot.storage.database import Database
from bot.storage.deliveries import last_delivery, ledger, record_days
from bot.storage.facts import Fact, read_fact, write_fact
from bot.storage.favourites import add_favourite, count_favourites, favourites_of_member
from bot.storage.gaps import misses_of_guild
from bot.storage.guilds import daily_rules, guild_settings, taught_revision
from bot.storage.interviews import load_interview, store_interview
from bot.storage.migrating import MIGRATIONS, newest_revision, revisions
from bot.storage.questions import stream_questions
from bot.storage.tables import metadata
from tests.databases import Databases, looking_into
from tests.samples import interview

FACT = Fact.LIBRARY_REVISION


async def value(database: Database) -> str | None:
    async with database.read() as connection:
        return await read_fact(connection, FACT)


async def put(database: Database, text: str) -> None:
    async with database.write() as connection:
        await write_fact(connection, FACT, text)


async def refusal(url: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        await Database.open(url)
    message = str(caught.value)
    assert message.endswith(".")
    return message


class TestConnections:
    async def pragmas(self, connection: AsyncConnection) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in names}

    @pytest.mark.only("sqlite")
    async def test_every_one_is_durable_and_checks_references(self, database: Database) -> None:
        async with AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(database.read()) for _ in range(4)]
            connections.append(await stack.enter_async_context(database.write()))
            for connection in connections:
                assert await self.pragmas(connection) == {
                    "journal_mode": "wal",
                    "synchronous": 2,  # FULL
                    "foreign_keys": 1,
                    "busy_timeout": 10_000,
                }

    async def test_a_reader_sees_one_state(self, database: Database) -> None:
        await put(database, "before")
        async with database.read() as connection:
            assert await read_fact(connection, FACT) == "before"
            await put(database, "after")
            assert await read_fact(connection, FACT) == "before"
        assert await value(database) == "after"

    async def test_a_broken_reference_is_refused(self, database: Database) -> None:
        with pytest.raises(IntegrityError):
            async with database.write() as connection:
                await connection.exec_driver_sql(
                    "INSERT INTO people (interview_id, key, position, name, role) VALUES (7, 'a', 0, 'A', 'host')"
                )


class TestWrite:
    async def test_commits(self, database: Database, database_url: str) -> None:
        await put(database, "kept")
        other = await Database.open(database_url)
        assert await value(other) == "kept"
        await other.close()

    async def test_rolls_back_on_any_error(self, database: Database) -> None:
        await put(database, "before")

        async def fail() -> None:
            async with database.write() as connection:
                await write_fact(connection, FACT, "after")
                raise KeyError

        with pytest.raises(KeyError):
            await fail()
        assert await value(database) == "before"

    async def test_cancelled_rolls_back_and_lets_the_next_one_write(self, database: Database) -> None:
        written = asyncio.Event()

        async def hang() -> None:
            async with database.write() as connection:
                await write_fact(connection, FACT, "half")
                written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hang())
        await written.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await value(database) is None
        await put(database, "whole")
        assert await value(database) == "whole"

    async def test_writers_of_two_processes_lose_nothing(self, database_url: str) -> None:
        databases = await asyncio.gather(Database.open(database_url), Database.open(database_url))

        async def count_up(database: Database) -> None:
            async with database.write() as connection:
                count = int(await read_fact(connection, FACT) or 0)
                await asyncio.sleep(0)
                await write_fact(connection, FACT, str(count + 1))

        await asyncio.gather(*(count_up(database) for _ in range(50) for database in databases))

        assert await value(databases[0]) == "100"
        for database in databases:
            await database.close()

    async def test_busy_for_too_long_is_said_in_words(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.storage.engines.BUSY_TIMEOUT_MS", 20)
        one, other = await Database.open(database_url), await Database.open(database_url)
        async with one.write():
            with pytest.raises(DatabaseError):
                await put(other, "late")
        await put(other, "in time")
        assert await value(one) == "in time"
        await one.close()
        await other.close()

    @pytest.mark.only("sqlite")
    async def test_a_full_disk_keeps_nothing_of_the_transaction(self, database: Database) -> None:
        await put(database, "before")

        async def fill() -> None:
            async with database.write() as connection:
                await connection.exec_driver_sql("PRAGMA max_page_count = 1")
                await write_fact(connection, FACT, "x" * 1_000_000)

        with pytest.raises(DatabaseError):
            await fill()
        assert await value(database) == "before"


def drivers_threads() -> list[str]:
    """Return the threads in which the driver works; the test runner has some of its own."""
    return [thread.name for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]


class TestOpen:
    async def test_many_at_once_on_a_new_one(self, database_url: str) -> None:
        databases = await asyncio.gather(*(Database.open(database_url) for _ in range(4)))
        for number, database in enumerate(databases):
            await put(database, str(number))
        assert [await value(database) for database in databases] == ["3"] * 4
        for database in databases:
            await database.close()

    async def test_makes_the_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "some" / "where" / "new.db"
        database = await Database.open(f"sqlite+aiosqlite:///{path}")
        await database.close()
        assert path.is_file()

    async def test_of_a_file_named_as_a_uri(self, tmp_path: Path) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///file:{tmp_path}/new.db?uri=true")
        await put(database, "works")
        assert await value(database) == "works"
        await database.close()

    async def test_again_keeps_what_is_there(self, database: Database, database_url: str) -> None:
        await put(database, "kept")
        again = await Database.open(database_url)
        assert await value(again) == "kept"
        await again.close()

    async def test_of_a_folder(self, tmp_path: Path) -> None:
        assert str(tmp_path) in await refusal(f"sqlite+aiosqlite:///{tmp_path}")

    async def test_in_a_folder_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert str(tmp_path / "file") in await refusal(f"sqlite+aiosqlite:///{tmp_path}/file/new.db")

    @pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write everywhere")
    async def test_in_a_folder_that_may_not_be_written_to(self, tmp_path: Path) -> None:
        folder = tmp_path / "shut"
        folder.mkdir(mode=0o500)
        assert str(folder) in await refusal(f"sqlite+aiosqlite:///{folder}/new.db")

    async def test_of_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "letter.db"
        path.write_text("Dear reader, this is no database. " * 100)
        before = path.read_bytes()
        await refusal(f"sqlite+aiosqlite:///{path}")
        assert path.read_bytes() == before

    @pytest.mark.only("sqlite")
    async def test_waits_for_somebody_who_has_the_new_file(self, database_url: str, tmp_path: Path) -> None:
        holder = sqlite3.connect(tmp_path / "fireside.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        opening = asyncio.create_task(Database.open(database_url))
        await asyncio.wait({opening}, timeout=0.05)
        assert not opening.done()
        holder.execute("COMMIT")
        holder.close()
        await (await opening).close()

    @pytest.mark.only("sqlite")
    async def test_gives_up_on_somebody_who_keeps_the_new_file(
        self, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.storage.migrating.BUSY_TIMEOUT_MS", 20)
        holder = sqlite3.connect(tmp_path / "fireside.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        assert str(tmp_path) in await refusal(database_url)
        holder.close()

    @pytest.mark.only("sqlite")
    async def test_a_file_that_is_spoilt_later_leaves_no_thread(self, database_url: str, tmp_path: Path) -> None:
        database = await Database.open(database_url)
        (tmp_path / "fireside.db").write_text("Dear reader, this is no database. " * 1000)
        before = drivers_threads()
        with pytest.raises(DatabaseError):
            await value(database)
        # One that is spoilt may make place for a new one.
        assert len(drivers_threads()) <= len(before)
        await database.close()

    async def test_of_somebody_elses_database(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE questions (theirs TEXT)")
        connection.close()
        await refusal(f"sqlite+aiosqlite:///{path}")
        connection = sqlite3.connect(path)
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        assert names == [("questions",)]

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "fireside.db",
            "nowhere://localhost/fireside",
            "sqlite:///fireside.db",
            "sqlite+aiosqlite://",
            "sqlite+aiosqlite:///:memory:",
            "postgresql://reader:s3cret@localhost/fireside",
            "postgresql+asyncpg://reader:s3cret@localhost:port/fireside",
            "postgres://reader:s3cret@localhost/fireside",
            "postgresql+asyncpg://reader:s3cret@localhost:99999/fireside",
            "postgresql+asyncpg://reader:x@s3cret@localhost/fireside",
            "mysql+aiomysql://reader:s3cret@localhost/fireside",
            "sqlite+aiosqlite://data/fireside.db",
        ],
    )
    async def test_of_an_address_that_is_none(self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        said = await refusal(url)
        assert "s3cret" not in said
        assert "DATABASE_URL" in said
        assert ("%40" in said) == ("x@s3cret" in url)
        assert ("begins with" in said) == url.startswith(("postgres:", "postgresql:"))
        assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


def constraints(of: Engine) -> dict[str, Any]:
    """Return all keys, conditions and indexes of each table, in words that can be compared."""
    there = inspect(of)
    return {
        table: [
            # Conditions are objects that have a text, and no equals.
            sorted(json.dumps(each, default=str, sort_keys=True) for each in found)
            for found in (
                [there.get_pk_constraint(table)],
                there.get_check_constraints(table),
                there.get_unique_constraints(table),
                there.get_foreign_keys(table),
                there.get_indexes(table),
            )
        ]
        for table in there.get_table_names()
    }


def columns(of: Engine) -> dict[str, str]:
    """Return the columns of each table, in words that can be compared."""
    there = inspect(of)
    return {table: repr(there.get_columns(table)) for table in there.get_table_names()}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestMigrations:
    @pytest.fixture
    def engine(self, database: Database, database_url: str) -> Iterator[Engine]:  # noqa: ARG002 - makes the tables
        engine = looking_into(database_url)
        yield engine
        engine.dispose()

    @staticmethod
    def config(connection: Connection | None = None) -> Config:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        return config

    def test_newest_revision_is_alembics_head(self) -> None:
        assert newest_revision() == ScriptDirectory.from_config(self.config()).get_current_head()

    def test_give_the_tables_that_the_code_has(self, engine: Engine) -> None:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []

    def test_give_the_constraints_that_the_code_has(self, engine: Engine, databases: Databases, tmp_path: Path) -> None:
        (tmp_path / "fresh").mkdir()
        url = databases.new(tmp_path / "fresh")
        fresh = looking_into(url)
        metadata.create_all(fresh)
        there = constraints(engine)
        there.pop("alembic_version")
        assert there == constraints(fresh)
        fresh.dispose()
        databases.forget(url)

    async def test_go_back_and_forth(self, engine: Engine, database_url: str) -> None:
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        again = await Database.open(database_url)
        await put(again, "works")
        assert await value(again) == "works"
        await again.close()

    async def test_from_0001_keep_the_rows_and_give_servers_what_holds_from_the_start(
        self, engine: Engine, database_url: str
    ) -> None:
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "0001")
            connection.exec_driver_sql("INSERT INTO guilds (id) VALUES (5)")
            connection.exec_driver_sql(
                "INSERT INTO guilds (id, daily_channel_id, daily_minute, daily_zone, daily_since) "
                "VALUES (9223372036854775807, 7, 570, 'Europe/Berlin', 1772438400000)"
            )
            connection.exec_driver_sql("INSERT INTO facts VALUES ('library_revision', '4')")
            connection.exec_driver_sql(
                "INSERT INTO questions (guild_id, member_id, member_name, text, state, asked_at) "
                "VALUES (5, 6, 'Mira', 'What about milk?', 'open', 1772438400000)"
            )
        assert "misses" not in inspect(engine).get_table_names()

        database = await Database.open(database_url)

        async with database.read() as connection:
            for guild_id in (2**63 - 1, 5):
                assert await guild_settings(connection, guild_id) == GuildSettings(False, True)
                assert await taught_revision(connection, guild_id) == 0
            (rule,) = await daily_rules(connection)
            assert (rule.guild_id, rule.channel_id, rule.zone.key) == (2**63 - 1, 7, "Europe/Berlin")
            assert await misses_of_guild(connection, 5) == []
            assert [question.text async for question in stream_questions(connection, 5, QuestionFilter())] == [
                "What about milk?"
            ]
        assert await value(database) == "4"
        await database.close()

    async def test_from_0002_keep_the_interviews_whose_quotes_nobody_chose(
        self, engine: Engine, database_url: str
    ) -> None:
        database = await Database.open(database_url)
        async with database.write() as connection:
            await store_interview(connection, interview())
        await database.close()
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "0002")
        assert "quotes" not in {column["name"] for column in inspect(engine).get_columns("interviews")}

        database = await Database.open(database_url)
        async with database.read() as connection:
            assert await load_interview(connection, "tea") == interview()
        await database.close()

    async def test_from_0003_keep_the_rows_and_begin_with_empty_shelves(
        self, engine: Engine, database_url: str
    ) -> None:
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "0003")
            connection.exec_driver_sql("INSERT INTO facts VALUES ('library_revision', '4')")
            connection.exec_driver_sql("INSERT INTO guilds (id, answers_private) VALUES (5, true)")
            connection.exec_driver_sql(
                "INSERT INTO deliveries (guild_id, local_date, channel_id, interview_key, turn_key, quote, state, "
                "claimed_at) VALUES (5, '2026-03-01', 7, 'tea', 'a1', 'Tea is hot.', 'sent', 1772438400000)"
            )
            connection.exec_driver_sql(
                "INSERT INTO misses (guild_id, folded, text, count, refused, first_at, last_at) "
                "VALUES (5, 'milk', 'Milk?', 2, 0, 1772438400000, 1772438400000)"
            )
        assert "favourites" not in inspect(engine).get_table_names()

        database = await Database.open(database_url)

        async with database.read() as connection:
            assert await guild_settings(connection, 5) == GuildSettings(True, True)
            delivery = await last_delivery(connection, 5)
            assert delivery is not None
            assert delivery.quote is not None
            assert await count_favourites(connection, delivery.quote.key) == 0
            assert [miss.wording.text for miss in await misses_of_guild(connection, 5)] == ["Milk?"]
        async with database.write() as connection:
            await add_favourite(connection, 6, delivery.quote, delivery.claimed_at)
        async with database.read() as connection:
            assert [kept.quote for kept in await favourites_of_member(connection, 6, 5)] == [delivery.quote]
        assert await value(database) == "4"
        await database.close()

    async def test_from_0004_keep_every_daily_quote_and_doubt_those_under_way(
        self, engine: Engine, database_url: str
    ) -> None:
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "0004")
            connection.exec_driver_sql(
                "INSERT INTO guilds (id, daily_channel_id, daily_minute, daily_zone, daily_since) "
                "VALUES (5, 7, 570, 'Europe/Berlin', 1772438400000)"
            )
            for day, state in enumerate(["sent", "failed", "waiting", "claimed"], start=1):
                connection.exec_driver_sql(
                    "INSERT INTO deliveries (guild_id, local_date, channel_id, interview_key, turn_key, quote, state, "  # noqa: S608
                    "claimed_at, message_id) "
                    f"VALUES (5, '2026-03-0{day}', 7, 'tea', 'a1', 'Tea.', '{state}', 1772438400000, {day})"
                )

        database = await Database.open(database_url)

        async with database.read() as connection:
            (rule,) = await daily_rules(connection, 5)
            entries = await ledger(connection, 5, 0, 10)
        assert (rule.weekdays, rule.paused) == (EVERY_DAY, None)
        at = from_epoch_ms(1772438400000)
        assert [(entry.state.value, entry.message_id, entry.doubted_at) for entry in entries] == [
            ("claimed", 4, at),
            ("waiting", 3, at),
            ("failed", 2, None),
            ("sent", 1, None),
        ]
        assert {(entry.due, entry.quote) for entry in entries} == {(at, Quote("tea", "a1", "Tea."))}
        async with database.write() as connection:
            await record_days(connection, [(rule, post_on(rule, date(2026, 3, 5)))], DeliveryState.MISSED, at)
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "0004")
            assert connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar() == 4
        await database.close()

    def older(self, engine: Engine) -> list[str]:
        """Put the database one revision back, and return what tables it then has."""
        with engine.begin() as connection:
            command.downgrade(self.config(connection), revisions()[-2])
            connection.exec_driver_sql("INSERT INTO facts VALUES ('library_revision', '4')")
        return sorted(inspect(engine).get_table_names())

    @pytest.mark.only("sqlite")
    async def test_begin_with_a_copy_of_what_was_there(self, engine: Engine, database_url: str, tmp_path: Path) -> None:
        tables = self.older(engine)
        await (await Database.open(database_url)).close()
        copy = tmp_path / "backups" / f"before-{newest_revision()}-from-{revisions()[-2]}.db"
        with closing(sqlite3.connect(copy)) as connection:
            found = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            ).fetchall()
            assert connection.execute("SELECT value FROM facts").fetchall() == [("4",)]
        assert [name for (name,) in found] == tables
        await (await Database.open(database_url)).close()
        assert names_in(copy.parent) == [copy.name]

    @pytest.mark.only("sqlite")
    async def test_keep_the_copies_of_the_last_three(self, engine: Engine, database_url: str, tmp_path: Path) -> None:
        self.older(engine)
        (tmp_path / "backups").mkdir()
        others = ["before-restore-20260101T000000Z.db", "fireside-20260101T000000Z.db"]
        for name in ("before-0002-from-0001.db", "before-0003-from-0002.db", "before-0004-from-0003.db", *others):
            (tmp_path / "backups" / name).touch()
        await (await Database.open(database_url)).close()
        now = f"before-{newest_revision()}-from-{revisions()[-2]}.db"
        assert names_in(tmp_path / "backups") == sorted(
            ["before-0003-from-0002.db", "before-0004-from-0003.db", now, *others]
        )

    @pytest.mark.only("sqlite")
    async def test_without_a_copy_do_not_begin(self, engine: Engine, database_url: str, tmp_path: Path) -> None:
        self.older(engine)
        (tmp_path / "backups").write_text("a file")
        assert str(tmp_path / "backups") in await refusal(database_url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == revisions()[-2]

    async def test_that_fail_half_way_leave_the_database_as_it_was(
        self, engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.older(engine)
        migrations = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, migrations)
        (last,) = (migrations / "versions").glob(f"{newest_revision()}_*.py")
        source = last.read_text()
        assert source.count("\n\n\ndef downgrade") == 1
        failing = "\n    op.execute('SELECT * FROM nowhere')\n\n\ndef downgrade"
        last.write_text(source.replace("\n\n\ndef downgrade", failing))
        before = columns(engine), constraints(engine)
        monkeypatch.setattr("bot.storage.migrating.MIGRATIONS", migrations)

        assert "nowhere" in await refusal(database_url)

        assert (columns(engine), constraints(engine)) == before
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT value FROM facts").scalar() == "4"
        monkeypatch.undo()
        database = await Database.open(database_url)
        assert await value(database) == "4"
        await database.close()

    async def test_refuse_a_database_from_the_future(self, engine: Engine, database_url: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        assert "9999" in await refusal(database_url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"

    @pytest.mark.only("sqlite")
    async def test_refuse_to_break_references(self, engine: Engine, database_url: str) -> None:
        with engine.begin() as connection:
            command.downgrade(self.config(connection), "base")
            connection.exec_driver_sql("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("CREATE TABLE children (parent INTEGER REFERENCES parents (id))")
            connection.exec_driver_sql("INSERT INTO children VALUES (1)")
        await refusal(database_url)
        assert "interviews" not in inspect(engine).get_table_names()
