import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, insert, select, update

from bot.app import move_database
from bot.errors import DatabaseError
from bot.lock import alone_with
from bot.services.moving import MovedTable, Step
from bot.storage import moving
from bot.storage.database import Database
from bot.storage.engines import sqlite_file
from bot.storage.facts import Fact
from bot.storage.locks import NAMESPACE, NamedLock
from bot.storage.migrating import revisions
from bot.storage.tables import comments, me_toos, metadata, questions
from bot.storage.texts import kind_of
from tests.databases import KINDS, POSTGRESQL, SQLITE, rows
from tests.postgres import Postgres, connect
from tests.processes import LONGEST, ROOT, environment

New = Callable[..., str]
ROWS = 7
# The highest question was deleted; its number must never name another one.
LAST_NUMBER = ROWS * 10 + 1
TABLES = metadata.sorted_tables
PAIRS = [(source, target) for source in KINDS for target in KINDS]


@pytest.fixture(scope="module")
def migrated(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """For each kind, a database with nothing in its tables, made once."""
    made = {SQLITE: f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('migrated') / 'empty.db'}"}
    made[POSTGRESQL] = postgres.new_database()
    for url in made.values():
        asyncio.run(contents(url))
    yield made
    postgres.drop(made[POSTGRESQL])


@pytest.fixture
def new(postgres: Postgres, migrated: dict[str, str], tmp_path: Path) -> Iterator[New]:
    """Makes databases of a kind with nothing in their tables, or such that nobody has opened yet."""
    made: list[str] = []

    def make(kind: str, *, untouched: bool = False) -> str:
        if kind == SQLITE:
            file = tmp_path / f"{len(made)}.db"
            if not untouched:
                shutil.copy(sqlite_file(migrated[kind]) or "", file)
            made.append(f"sqlite+aiosqlite:///{file}")
        else:
            made.append(postgres.new_database(None if untouched else migrated[kind]))
        return made[-1]

    yield make
    for url in made:
        if sqlite_file(url) is None:
            postgres.drop(url)


def value_for(column: Column[Any], number: int) -> Any:
    """Return a value for a row, as unlike any other as the column allows for."""
    if column.foreign_keys:
        return None if column.table in {f.column.table for f in column.foreign_keys} else number * 10
    if column.nullable and number % 3 == 0:
        return None
    kind = kind_of(column)
    values = {
        JSON: {"a": [number, None, "Zoë 🦉"], "Z": {"nul": "\0", "half": "\ud83d"}},
        Boolean: bool(number % 2),
        BigInteger: number * 10 if column.primary_key else 2**62 + number,
        Integer: number,
        String: f"{number}~Ünï 🦉 'x' \\N\n,"[: getattr(kind, "length", None)],
    }
    return next(value for of, value in values.items() if isinstance(kind, of))


async def fill(url: str, count: int = ROWS) -> None:
    """Put rows into every table; whoever adds one gets its rows here by itself."""
    database = await Database.open(url)
    async with database.write() as connection:
        for table in metadata.sorted_tables:
            made = [{c.name: value_for(c, number) for c in table.columns} for number in range(1, count + 1)]
            await connection.execute(insert(table), made)
        for number in range(1, count):  # the one that is pointed to is moved later
            for table, column in ((comments, "parent_id"), (questions, "merged_into")):
                points = update(table).where(table.c.id == number * 10).values({column: number * 10 + 10})
                await connection.execute(points)
    await database.close()
    give_and_forget_a_number(url, count * 10 + 1)


def give_and_forget_a_number(url: str, number: int) -> None:
    """Leave a database as if its last question, with a certain number, had been deleted."""
    rows(url, f"INSERT INTO questions (id, guild_id, text, state, asked_at) VALUES ({number}, 1, 'x', 'open', 1)")  # noqa: S608
    if sqlite_file(url) is None:
        rows(url, f"SELECT setval('questions_id_seq', {number})")
    rows(url, f"DELETE FROM questions WHERE id = {number}")  # noqa: S608


def empty(url: str, kept: str = "") -> None:
    """Delete all rows, but those of one table."""
    for table in reversed(TABLES):
        if table.name != kept:
            rows(url, f"DELETE FROM {table.name}")  # noqa: S608


async def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    database = await Database.open(url)
    async with database.read() as connection:
        found = {table.name: [tuple(row) for row in await connection.execute(select(table))] for table in TABLES}
    await database.close()
    return {name: sorted(some, key=repr) for name, some in found.items()}


async def move(source: str, target: str) -> list[MovedTable]:
    return await move_database(source, target, lambda *_: None)


async def refusal(source: str, target: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        await move(source, target)
    return str(caught.value)


class EndedError(Exception):
    """What ends a move early."""


async def move_until(source: str, target: str, step: Step, calls: int) -> None:
    """Move, and end at the so manieth word of a step."""
    left = calls

    def watch(now: Step, _rows: int, _total: int) -> None:
        nonlocal left
        left -= now is step
        if not left:
            raise EndedError

    with pytest.raises(EndedError):
        await move_database(source, target, watch)


class TestMove:
    @pytest.mark.parametrize(("kind", "other"), PAIRS)
    async def test_all_of_it_is_there(self, new: New, kind: str, other: str) -> None:
        source, target = new(kind), new(other, untouched=True)
        await fill(source)
        before = await contents(source)
        assert all(before.values()), "each table has rows, so that none is forgotten"
        report = await move(source, target)
        assert {table.name: table.rows for table in report} == {name: len(some) for name, some in before.items()}
        assert await contents(target) == before
        assert await contents(source) == before

    async def test_checksums_say_what_is_in_it_and_not_in_what(self, new: New, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second, third, fourth = (new(kind) for kind in (SQLITE, POSTGRESQL, POSTGRESQL, SQLITE))
        await fill(first)
        there = await move(first, second)
        assert await move(second, third) == there
        monkeypatch.setattr(moving, "BATCH", 2)
        assert await move(third, fourth) == there
        assert len({table.checksum for table in there}) == len(there)
        rows(fourth, "UPDATE question_events SET detail = 'y' WHERE id = 20")
        changed = await move(fourth, new(SQLITE))
        assert {one.name for one, other in zip(there, changed, strict=True) if one != other} == {"question_events"}

    @pytest.mark.parametrize(("kind", "other"), PAIRS)
    async def test_numbers_go_on_where_they_were(self, new: New, kind: str, other: str) -> None:
        source, target = new(kind), new(other)
        await fill(source)
        await move(source, target)
        for url in (target, source):
            database = await Database.open(url)
            async with database.write() as connection:
                question = {"guild_id": 1, "text": "x", "state": "open", "asked_at": 1}
                asked = insert(questions).values(question).returning(questions.c.id)
                number = (await connection.execute(asked)).scalar_one()
                wish = {"question_id": number, "member_id": 5, "created_at": 1}
                wanting = insert(me_toos).values(wish).returning(me_toos.c.id)
                wanted = (await connection.execute(wanting)).scalar_one()
            await database.close()
            assert number == LAST_NUMBER + 1
            assert wanted > ROWS * 10 or url == source

    async def test_the_schema_is_as_migrations_make_it(self, new: New) -> None:
        source, target, fresh = new(SQLITE), new(POSTGRESQL, untouched=True), new(POSTGRESQL, untouched=True)
        await fill(source)
        await move(source, target)
        await contents(fresh)
        for query in (
            "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint ORDER BY 1, 2",
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        ):
            assert rows(target, query) == rows(fresh, query)

    async def test_the_file_that_is_moved_stays_as_it_is(self, new: New) -> None:
        source = new(SQLITE)
        file = sqlite_file(source)
        assert file is not None
        await fill(source)
        before = file.read_bytes()
        file.chmod(0o400)
        await move(source, new(SQLITE))
        assert file.read_bytes() == before
        assert not file.with_name(f"{file.name}-wal").exists()

    async def test_what_is_still_beside_the_file_is_moved_too(self, new: New) -> None:
        source, target = new(SQLITE), new(POSTGRESQL)
        await fill(source)
        with closing(sqlite3.connect(sqlite_file(source) or "", isolation_level=None)) as other:
            other.execute("UPDATE guilds SET daily_problem = 'late'")  # in the -wal until the connection is closed
            await move(source, target)
        assert rows(target, "SELECT DISTINCT daily_problem FROM guilds") == [("late",)]

    async def test_an_empty_database_is_moved(self, new: New) -> None:
        source, target = new(SQLITE), new(POSTGRESQL)
        nothing = await contents(source)
        assert sum(table.rows for table in await move(source, target)) == 0
        assert await contents(target) == nothing


class TestGoingOn:
    # A process of its own says a line a batch, and waits to be told to go on.
    SCRIPT = """
import asyncio, sys
from bot.app import move_database
from bot.storage import moving
moving.BATCH = 10
def watch(step, rows, total):
    print(step.name, flush=True)
    sys.stdin.readline()
asyncio.run(move_database(sys.argv[1], sys.argv[2], watch))
"""

    def move_and_kill(self, source: str, target: str, folder: Path, at: tuple[Step, int], delay: float) -> bool:
        """Run a move, kill it some seconds after the so manieth line of a step, and return whether it was in time."""
        command = [sys.executable, "-c", self.SCRIPT, source, target]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        said: Counter[str] = Counter()
        with subprocess.Popen(command, cwd=ROOT, env=environment(folder), **pipes) as process:  # type: ignore[call-overload]
            while said[at[0].name] < at[1]:
                line = process.stdout.readline()
                assert line, "it has ended by itself"
                said[line.strip()] += 1
                process.stdin.write("\n")
                process.stdin.flush()
            with suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            process.kill()
            return bool(process.wait(LONGEST) == -signal.SIGKILL)

    @pytest.mark.parametrize(("kind", "other"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
    async def test_a_kill_at_any_moment_loses_nothing(self, new: New, kind: str, other: str, tmp_path: Path) -> None:
        source, target = new(kind), new(other)
        await fill(source, count=50)
        random = Random(7)  # noqa: S311 - not for secrets
        for step, line in ((Step.READ, 100), (Step.MOVE, 2), (Step.MOVE, 40), (Step.MOVE, 80), (Step.CHECK, 50)):
            delay = random.uniform(0, 0.02)
            assert await asyncio.to_thread(self.move_and_kill, source, target, tmp_path, (step, line), delay)
            if step != Step.READ:
                with pytest.raises(DatabaseError):
                    await Database.open(target)
        await move(source, target)
        assert await contents(target) == await contents(source)

    @pytest.mark.parametrize(("kind", "other"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
    async def test_a_kill_at_the_end_leaves_all_or_a_move_to_go_on(
        self, new: New, kind: str, other: str, tmp_path: Path
    ) -> None:
        source, target = new(kind), new(other)
        await fill(source)
        for delay in (0.0, 0.02, 0.05):
            last = (Step.CHECK, len(TABLES))
            await asyncio.to_thread(self.move_and_kill, source, target, tmp_path, last, delay)
            try:
                found = await contents(target)
            except DatabaseError:
                continue
            assert found == await contents(source)
            return
        await move(source, target)
        assert await contents(target) == await contents(source)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_nothing_is_moved_twice(self, new: New, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(moving, "BATCH", 3)
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await move_until(source, target, Step.MOVE, 20)
        moved: list[int] = []
        await move_database(source, target, lambda step, count, _: moved.append(count) if step is Step.MOVE else None)
        assert sum(moved) == ROWS * len(TABLES)
        assert moved[0] == ROWS, "what the first run has moved is passed over at once"

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_half_moved_database_is_opened_by_nobody(self, new: New, kind: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await move_until(source, target, Step.MOVE, 30)
        with pytest.raises(DatabaseError, match="move"):
            await Database.open(target)
        assert "into" in await refusal(target, new(SQLITE)), "nor is it moved on"

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_source_that_has_changed_is_found(self, new: New, kind: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await move_until(source, target, Step.MOVE, 30)
        rows(source, "UPDATE guilds SET daily_problem = 'x' WHERE id = 10")
        assert "before it was changed" in await refusal(source, target)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(("step", "call"), [(Step.READ, 1), (Step.MOVE, 1), (Step.MOVE, 30), (Step.CHECK, 22)])
    @pytest.mark.parametrize("is_open", [False, True])
    async def test_a_file_that_is_written_to_while_it_is_moved_is_found(
        self, new: New, kind: str, step: Step, call: int, *, is_open: bool
    ) -> None:
        source, target, left = new(SQLITE), new(kind), call
        await fill(source)

        def watch(now: Step, _rows: int, _total: int) -> None:
            nonlocal left
            left -= now is step
            if now is step and not left:
                rows(source, "UPDATE guilds SET daily_problem = 'x' WHERE id = 10")

        with ExitStack() as stack:
            if is_open:  # so that what is written stays beside the file
                other = stack.enter_context(closing(sqlite3.connect(sqlite_file(source) or "", isolation_level=None)))
                other.execute("UPDATE guilds SET daily_problem = 'y' WHERE id = 20")
            with pytest.raises(DatabaseError, match="Somebody else"):
                await move_database(source, target, watch)
            with pytest.raises(DatabaseError, match="move"):
                await Database.open(target)
            await move(source, empty_one := new(kind))
        assert await contents(empty_one) == await contents(source)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_file_that_is_only_read_while_it_is_moved_is_moved(self, new: New, kind: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        read: list[Any] = []
        await move_database(source, target, lambda *_: read.extend(rows(source, "SELECT count(*) FROM guilds")))
        assert await contents(target) == await contents(source)

    async def test_nobody_writes_to_a_server_while_it_is_moved_or_moved_to(self, new: New) -> None:
        source, target = new(POSTGRESQL), new(POSTGRESQL)
        await fill(source)
        write = f"SELECT pg_try_advisory_xact_lock_shared({NAMESPACE}, {NamedLock.WRITING})"
        may: set[bool] = set()

        def watch(*_: object) -> None:
            may.update(row[0] for url in (source, target) for row in rows(url, write))

        await move_database(source, target, watch)
        assert may == {False}
        assert rows(source, write) == rows(target, write) == [(True,)]

    async def test_a_server_that_somebody_writes_to_is_not_moved(self, new: New) -> None:
        source, target = new(POSTGRESQL), new(SQLITE)
        await fill(source)
        database = await Database.open(source)
        async with database.write([1]):
            assert "writes" in await refusal(source, target)
        await database.close()
        await move(source, target)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE guilds SET daily_minute = 9 WHERE id = 10",
            "UPDATE guilds SET id = 1 WHERE id = 20",
            "DELETE FROM guilds WHERE id = 10",
        ],
    )
    async def test_a_target_that_has_changed_is_found(self, new: New, kind: str, change: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await move_until(source, target, Step.CHECK, 1)
        rows(target, change)
        said = await refusal(source, target)
        assert "guilds" in said
        assert "questions" not in said
        with pytest.raises(DatabaseError):
            await Database.open(target)

    @pytest.mark.parametrize(("kind", "other"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
    async def test_a_server_that_goes_away_is_a_sentence(self, new: New, kind: str, other: str) -> None:
        source, target = new(kind), new(other)
        await fill(source)
        server = source if kind == POSTGRESQL else target

        def cut(step: Step, _rows: int, _total: int) -> None:
            if step is Step.MOVE:
                others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                rows(server, f"SELECT pg_terminate_backend(pid, 5000) {others}")

        with pytest.raises(DatabaseError, match="stopped the move"):
            await move_database(source, target, cut)
        await move(source, target)
        assert await contents(target) == await contents(source)


class TestRefusals:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("table", ["interviews", "facts", "drafts"])
    async def test_a_target_with_anything_in_it(self, new: New, kind: str, table: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await fill(target)
        empty(target, kept=table)
        before = await contents(target)
        assert table in await refusal(source, target)
        assert await contents(target) == before

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_filled_target_is_not_even_migrated(self, new: New, kind: str) -> None:
        source, target = new(SQLITE), new(kind)
        await fill(source)
        await fill(target)
        rows(target, "UPDATE alembic_version SET version_num = '0008'")
        await refusal(source, target)
        assert rows(target, "SELECT version_num FROM alembic_version") == [("0008",)]

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_source_of_another_version_or_none_of_ours(self, new: New, kind: str) -> None:
        source, target = new(kind), new(SQLITE, untouched=True)
        await fill(source)
        rows(source, f"UPDATE alembic_version SET version_num = '{revisions()[-2]}'")  # noqa: S608
        assert "Start the bot with it once" in await refusal(source, target)
        rows(source, "UPDATE alembic_version SET version_num = '9999'")
        assert "Update Fireside" in await refusal(source, target)
        rows(source, "DROP TABLE alembic_version")
        assert "--from" in await refusal(source, target)
        file = sqlite_file(target)
        assert file is not None
        assert not file.exists()

    @pytest.mark.parametrize("kind", KINDS)
    async def test_itself(self, new: New, kind: str) -> None:
        source = new(kind)
        await fill(source)
        before = await contents(source)
        await refusal(source, source)
        assert await contents(source) == before

    async def test_addresses_that_are_none(self, new: New, tmp_path: Path) -> None:
        await fill(source := new(SQLITE))
        assert "--from" in await refusal("nothing", new(SQLITE))
        assert "--to" in await refusal(source, "sqlite+aiosqlite://")
        assert "no database" in await refusal(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}", source)
        assert "can't be opened" in await refusal(source, f"postgresql+asyncpg://x@/x?host={tmp_path}")
        (tmp_path / "text.db").write_text("no database, but a text that is long enough for a header")
        assert "can't be opened" in await refusal(source, f"sqlite+aiosqlite:///{tmp_path / 'text.db'}")
        assert "stopped the move" in await refusal(f"sqlite+aiosqlite:///{tmp_path / 'text.db'}", new(SQLITE))

    @pytest.mark.parametrize(("kind", "other"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
    @pytest.mark.parametrize("which", [0, 1])
    async def test_while_a_bot_runs(self, new: New, kind: str, other: str, which: int) -> None:
        urls = new(kind), new(other)
        await fill(urls[0])
        file = sqlite_file(urls[which])
        with ExitStack() as stack:
            if file is None:
                bot = stack.enter_context(connect(urls[which]))
                bot.execute("SELECT pg_advisory_lock_shared(1179210309, 3)")
            else:
                stack.enter_context(alone_with(file))
            assert "runs with" in await refusal(*urls)
        await move(*urls)


class TestWhatPostgresDoesNotHold:
    @pytest.mark.parametrize(
        ("change", "place"),
        [
            (
                "UPDATE questions SET text = 'a' || char(0) || 'b' WHERE id = 20",
                ("questions", "id 20", "text", "U+0000"),
            ),
            ("UPDATE deliveries SET local_date = '2026-01-011' WHERE id = 30", ("deliveries", "id 30", "local_date")),
            ("UPDATE misses SET count = 3000000000 WHERE id = 70", ("misses", "id 70", "count")),
            ("UPDATE misses SET count = 'many' WHERE id = 70", ("misses", "id 70", "count")),
            ("UPDATE answers SET text = x'00ff' WHERE id = 10", ("answers", "id 10", "text")),
            ("UPDATE answers SET text = CAST(x'ff' AS TEXT) WHERE id = 10", ("answers", "id 10", "text")),
            ("UPDATE drafts SET content = '{' WHERE id = 40", ("drafts", "id 40", "content")),
            ("UPDATE drafts SET content = '[NaN]' WHERE id = 40", ("drafts", "id 40", "content")),
            ("DELETE FROM turns WHERE id = 20", ("exchanges", "id 20", "asked_in", "turns")),
        ],
    )
    async def test_it_is_named_before_anything_is_moved(self, new: New, change: str, place: tuple[str, ...]) -> None:
        source, target = new(SQLITE), new(POSTGRESQL)
        await fill(source)
        rows(source, change)
        said = await refusal(source, target)
        assert [word for word in place if word not in said] == []
        assert rows(target, "SELECT count(*) FROM facts") == [(0,)]
        empty(source)
        await fill(source)
        await move(source, target)

    async def test_a_file_may_hold_what_files_hold(self, new: New) -> None:
        source, target = new(SQLITE), new(SQLITE)
        await fill(source)
        rows(source, "UPDATE questions SET origin = printf('%.*c', 9000, 'x')")
        await move(source, target)
        assert await contents(target) == await contents(source)


async def test_the_mark_says_what_is_being_moved(new: New) -> None:
    source, target = new(SQLITE), new(POSTGRESQL)
    await fill(source)
    await move_until(source, target, Step.MOVE, 3)
    ((mark,),) = rows(target, f"SELECT value FROM facts WHERE name = '{Fact.MOVE}'")  # noqa: S608
    assert json.loads(mark)["questions"]["rows"] == ROWS
