"""What goes wrong with real files: it is said in a sentence with the remedy, and nothing is half done."""

import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.domain.questions import Asker, NewQuestion
from bot.errors import DamagedDatabaseError, DatabaseError
from bot.services import Services
from bot.storage.database import Database
from bot.storage.engines import sqlite_file
from tests.processes import LONGEST, ROOT, environment

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def file(tmp_path: Path, loaded_database: str) -> Path:
    path = tmp_path / "fireside.db"
    shutil.copy(sqlite_file(loaded_database) or "", path)
    return path


async def refusal(url: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        await Database.open(url)
    return str(caught.value)


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


def spoil(file: Path, start: int, end: int | None = None) -> None:
    content = bytearray(file.read_bytes())
    part = slice(start, end)
    content[part] = b"\xa5" * len(content[part])
    file.write_bytes(content)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let every write beyond that fail, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestOpening:
    @pytest.mark.parametrize(
        "harm",
        [
            lambda file: spoil(file, 100, 4096),  # the page that lists the tables
            lambda file: spoil(file, 4096),
            lambda file: spoil(file, 0, 100),
            lambda file: file.write_text("Dear reader, this is no database. " * 1000),
        ],
    )
    async def test_a_damaged_file(self, database_url: str, file: Path, harm: Callable[[Path], object]) -> None:
        harm(file)
        before = bytes_of(file)
        with pytest.raises(DamagedDatabaseError) as caught:
            await Database.open(database_url)
        assert str(file) in str(caught.value)
        assert "bot restore" in str(caught.value)
        assert bytes_of(file) == before

    async def test_a_file_that_may_not_be_written_to(self, file: Path) -> None:
        said = await refusal(f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true")
        assert str(file) in said
        assert "may write" in said

    async def test_a_folder_that_can_not_be_made(self, file: Path) -> None:
        assert "folder" in await refusal(f"sqlite+aiosqlite:///{file}/sub/new.db")

    async def test_a_locked_file(self, database_url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.storage.migrating.BUSY_TIMEOUT_MS", 20)
        monkeypatch.setattr("bot.storage.engines.BUSY_TIMEOUT_MS", 20)
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            said = await refusal(database_url)
        assert "another program" in said

    def test_a_full_disk(self, tmp_path: Path) -> None:
        code = (
            "import resource, sys; from bot.__main__ import main\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); sys.argv = ['fireside', 'ask', 'keras']\n"
            "main()"
        )
        # What measures the tests could not write either.
        unmeasured = {name: value for name, value in environment(tmp_path).items() if not name.startswith("COV")}
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=unmeasured,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert result.returncode == 1
        assert "Make room" in result.stderr
        assert "Traceback" not in result.stderr


class TestWorking:
    async def test_a_full_disk_loses_nothing_and_all_works_again_with_room(
        self, services: Services, file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        saved = []

        async def submit(number: int) -> None:
            text = f"What is number {number} about? " + f"{number:04} " * 150
            await services.questions.submit(Asker(5, number, "Mira"), NewQuestion(text))
            saved.append(text)

        async def submit_many() -> None:
            for number in range(2, 1000):
                await submit(number)

        await submit(1)
        largest = max(len(bytes_of(file)), len(bytes_of(Path(f"{file}-wal"))))
        with no_file_larger_than(largest + 60_000):
            with pytest.raises(DatabaseError, match="could not be saved"):
                await submit_many()
            with pytest.raises(DatabaseError, match="could not be saved"):
                await submit(1000)
            assert (await services.questions.mine(5, 1)).questions[0].text == saved[0].strip()
        assert 1 < len(saved) < 998
        assert "Make room" in caplog.text
        assert "What is number" not in caplog.text

        await submit(2000)
        with closing(sqlite3.connect(file)) as connection:
            assert [text for (text,) in connection.execute("SELECT text FROM questions ORDER BY id")] == [
                text.strip() for text in saved
            ]
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    async def test_a_locked_database(self, database_url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.storage.engines.BUSY_TIMEOUT_MS", 20)
        database = await Database.open(database_url)

        async def write() -> None:
            async with database.write() as connection:
                await connection.exec_driver_sql("INSERT INTO guilds (id) VALUES (5)")

        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="could not be saved"):
                await write()
        await write()
        await database.close()

    async def test_what_is_refused_again_and_again_is_one_line_until_it_is_well_again(
        self, database_url: str, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.storage.engines.BUSY_TIMEOUT_MS", 20)
        database = await Database.open(database_url)

        async def write() -> None:
            async with database.write():
                pass

        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            for lines in (1, 2):
                holder.execute("BEGIN IMMEDIATE")
                for _ in range(3):
                    with pytest.raises(DatabaseError):
                        await write()
                    async with database.read():  # that goes well all the while
                        pass
                assert [record.exc_info for record in caplog.records] == [None] * lines
                holder.execute("ROLLBACK")
                await write()
        await database.close()

    async def test_a_page_that_can_not_be_read(
        self, database_url: str, file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        database = await Database.open(database_url)
        with closing(sqlite3.connect(file)) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'turns'").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        spoil(file, (page - 1) * size, page * size)

        async def read(table: str) -> int:
            async with database.read() as connection:
                return len((await connection.exec_driver_sql(f"SELECT * FROM {table}")).fetchall())  # noqa: S608

        async def write() -> None:
            async with database.write() as connection:
                await connection.exec_driver_sql("UPDATE turns SET text = 'x'")

        with caplog.at_level(logging.ERROR):
            with pytest.raises(DamagedDatabaseError, match="looked up"):
                await read("turns")
            with pytest.raises(DamagedDatabaseError, match="saved"):
                await write()
        assert caplog.text.count("bot restore") == 2
        assert await read("people") > 0
        await database.close()

    async def test_a_mistake_in_the_code_stays_one(self, database: Database) -> None:
        async def read() -> None:
            async with database.read() as connection:
                await connection.exec_driver_sql("SELECT * FROM nowhere")

        with pytest.raises(Exception, match="nowhere") as caught:
            await read()
        assert not isinstance(caught.value, DatabaseError)
