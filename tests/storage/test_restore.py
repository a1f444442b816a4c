import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.backups import Contents
from bot.errors import DatabaseError
from bot.storage.backups import write_copy
from bot.storage.database import Database
from bot.storage.engines import sqlite_file
from bot.storage.migrating import newest_revision
from bot.storage.restore import put_back, read_copy, read_present

pytestmark = pytest.mark.only("sqlite")

ASKED = datetime(2026, 3, 2, tzinfo=UTC)


def do(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def ask(text: str) -> str:
    return (
        "INSERT INTO questions (guild_id, member_id, member_name, text, state, asked_at) "  # noqa: S608
        f"VALUES (5, 6, 'Mira', '{text}', 'open', {int(ASKED.timestamp() * 1000)})"
    )


def asked(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM questions ORDER BY id")]


@pytest.fixture
def file(tmp_path: Path, loaded_database: str) -> Path:
    """A database in which one question was asked."""
    path = tmp_path / "fireside.db"
    shutil.copy(sqlite_file(loaded_database) or "", path)
    do(path, "INSERT INTO guilds (id) VALUES (5)", ask("before"))
    return path


@pytest.fixture
def copy(file: Path, tmp_path: Path) -> Path:
    """A copy of it, from before a second one was asked."""
    path = tmp_path / "copies" / "copy.db"
    write_copy(file, path)
    do(file, ask("after"))
    return path


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "aside.db"


def damage(file: Path) -> None:
    """Overwrite most pages, as a failing disk might."""
    content = bytearray(file.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    file.write_bytes(content)


class TestReading:
    def test_says_what_is_in_it(self, file: Path, copy: Path) -> None:
        assert read_copy(copy) == Contents(newest_revision(), 1, 1, 1, ASKED)
        assert read_present(file) == Contents(newest_revision(), 1, 1, 2, ASKED)

    def test_what_lies_in_the_log_beside_it_counts(self, file: Path, tmp_path: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(ask("not yet in the file"))
            killed = tmp_path / "killed.db"
            for ending in ("", "-wal"):
                shutil.copy(f"{file}{ending}", f"{killed}{ending}")
        contents = read_copy(killed)
        assert contents.questions == 2

    def test_changes_nothing(self, copy: Path) -> None:
        before = copy.read_bytes()
        read_copy(copy)
        assert copy.read_bytes() == before
        assert list(copy.parent.iterdir()) == [copy]

    def test_of_what_is_not_there(self, tmp_path: Path) -> None:
        assert read_present(tmp_path / "nothing.db") is None
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "spoil",
        [
            Path.unlink,
            damage,
            lambda copy: copy.write_text(""),
            lambda copy: copy.write_text("Dear reader, this is no database. " * 1000),
            lambda copy: copy.write_bytes(copy.read_bytes()[:50_000]),
            lambda copy: do(copy, "DROP TABLE questions"),
            lambda copy: do(copy, "UPDATE alembic_version SET version_num = '9999'"),
            lambda copy: do(copy, "UPDATE alembic_version SET version_num = '0000'"),
            lambda copy: do(copy, "DELETE FROM alembic_version"),
            lambda copy: do(copy, "PRAGMA foreign_keys = OFF", "DELETE FROM people"),
        ],
    )
    def test_refuses(self, copy: Path, spoil: Callable[[Path], object]) -> None:
        spoil(copy)
        with pytest.raises(DatabaseError) as refused:
            read_copy(copy)
        assert str(copy) in str(refused.value)


class TestPuttingBack:
    def test_can_be_undone(self, file: Path, copy: Path, aside: Path) -> None:
        assert put_back(copy, file, aside) == aside
        assert asked(file) == ["before"]
        assert asked(aside) == ["before", "after"]
        put_back(aside, file, aside.with_name("another.db"))
        assert asked(file) == ["before", "after"]

    async def test_is_seen_by_who_has_it_open(self, file: Path, copy: Path, aside: Path) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{file}")

        async def count() -> int:
            async with database.read() as connection:
                found: int = (await connection.exec_driver_sql("SELECT count(*) FROM questions")).scalar_one()
                return found

        assert await count() == 2
        await asyncio.to_thread(put_back, copy, file, aside)
        assert await count() == 1
        async with database.write() as connection:
            await connection.exec_driver_sql(ask("later"))
        await database.close()
        assert asked(file) == ["before", "later"]

    def test_after_a_crash_leaves_nothing_of_the_old_log(self, file: Path, copy: Path, aside: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(ask("in the log"))
            left = {ending: Path(f"{file}{ending}").read_bytes() for ending in ("", "-wal", "-shm")}
        for ending, content in left.items():
            Path(f"{file}{ending}").write_bytes(content)
        put_back(copy, file, aside)
        assert asked(file) == ["before"]
        assert asked(aside) == ["before", "after", "in the log"]
        assert read_copy(file).questions == 1

    @pytest.mark.parametrize("spoil", [damage, lambda file: file.write_text("no database")])
    def test_of_what_can_not_be_read_keeps_its_bytes(
        self, file: Path, copy: Path, aside: Path, spoil: Callable[[Path], object]
    ) -> None:
        spoil(file)
        Path(f"{file}-wal").write_bytes(b"an old log")
        before = file.read_bytes()
        assert put_back(copy, file, aside) == aside
        assert aside.read_bytes() == before
        assert asked(file) == ["before"]
        assert not Path(f"{file}-wal").exists()

    def test_where_there_is_none(self, tmp_path: Path, copy: Path, aside: Path) -> None:
        new = tmp_path / "new" / "fireside.db"
        assert put_back(copy, new, aside) is None
        assert asked(new) == ["before"]
        assert list(new.parent.iterdir()) == [new]

    def test_waits_for_nobody_for_ever(
        self, file: Path, copy: Path, aside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.storage.restore.BUSY_SECONDS", 0.02)
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            holder.execute(ask("under way"))
            with pytest.raises(DatabaseError, match="Nothing was changed"):
                put_back(copy, file, aside)
            holder.execute("COMMIT")
        assert asked(file) == ["before", "after", "under way"]
