import asyncio
import logging
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.backups import backup_name
from bot.domain.questions import Asker, NewQuestion
from bot.errors import DatabaseError
from bot.services import Services
from bot.services.backups import Backups, backups_beside
from bot.storage.engines import sqlite_file
from tests.conftest import StandingClock
from tests.waiting import until

pytestmark = pytest.mark.only("sqlite")

A_LONG_TIME = 20.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fireside.db"


@pytest.fixture
def folder(file: Path) -> Path:
    return backups_beside(file)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def fill(folder: Path, names: set[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("x")


def questions(copy: Path) -> list[str]:
    with closing(sqlite3.connect(copy)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM questions ORDER BY id")]


@asynccontextmanager
async def running(backups: Backups) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let them run, and lend what waits until all is done for now."""

    async def done() -> None:
        await asyncio.sleep(0)
        await until(lambda: backups._rounds.asleep)

    task = asyncio.create_task(backups.run())
    try:
        yield done
    finally:
        backups.stop()
        await asyncio.wait_for(task, A_LONG_TIME)


async def once(backups: Backups) -> None:
    """Do what is due, as a bot that is started and ended does."""
    async with running(backups) as done:
        await done()


async def test_a_copy_is_whole_and_for_the_owner_alone(
    services: Services, clock: StandingClock, file: Path, folder: Path
) -> None:
    await services.questions.submit(Asker(5, 6, "Mira"), NewQuestion("What do you read at night?"))
    backup = await services.backups.write()

    assert backup.path == folder / backup_name(clock.now)
    assert backup.written_at == clock.now
    assert backup.size == backup.path.stat().st_size > 0
    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert names(folder) == [backup.path.name]
    assert services.backups.latest() == backup
    assert questions(backup.path) == ["What do you read at night?"]


async def test_a_copy_taken_while_many_write_has_what_was_saved_before_it(services: Services, tmp_path: Path) -> None:
    async def submit(number: int) -> None:
        await services.questions.submit(Asker(5, number, "Mira"), NewQuestion(f"What is number {number} about, then?"))

    await asyncio.gather(*(submit(number) for number in range(1, 10)))
    writing = asyncio.gather(*(submit(number) for number in range(10, 40)))
    backup = await services.backups.write(tmp_path / "elsewhere")
    await writing

    assert backup.path.parent == tmp_path / "elsewhere"
    assert len(questions(backup.path)) >= 9
    assert services.backups.latest() is None


async def test_a_database_that_is_not_sqlite_is_left_to_its_own_tools(clock: StandingClock, tmp_path: Path) -> None:
    backups = Backups(sqlite_file("postgresql+asyncpg://reader@localhost/fireside"), clock, tmp_path)
    with pytest.raises(DatabaseError, match="pg_dump"):
        await backups.write(tmp_path)
    await asyncio.wait_for(backups.run(), A_LONG_TIME)
    assert backups.latest() is None
    assert names(tmp_path) == []


async def test_what_is_not_there_is_not_made(clock: StandingClock, file: Path) -> None:
    with pytest.raises(DatabaseError, match=str(file)):
        await Backups(file, clock).write()
    assert names(file.parent) == []


async def test_nothing_is_written_by_itself_without_a_folder(services: Services, folder: Path) -> None:
    await asyncio.wait_for(services.backups.run(), A_LONG_TIME)
    assert folder.name not in names(folder.parent)


@pytest.mark.usefixtures("services")
class TestByItself:
    @pytest.fixture
    def backups(self, file: Path, clock: StandingClock, folder: Path) -> Backups:
        return Backups(file, clock, folder)

    async def test_one_a_day_however_often_the_bot_is_started(
        self, file: Path, clock: StandingClock, folder: Path
    ) -> None:
        for _ in range(30):
            await once(Backups(file, clock, folder))
            clock.forward(hours=1)
        assert names(folder) == [backup_name(clock.now - timedelta(hours=ago)) for ago in (30, 6)]

    async def test_only_what_is_named_like_a_copy_makes_room(
        self, backups: Backups, clock: StandingClock, folder: Path
    ) -> None:
        mine = {"fireside.db", "notes.txt", "before-0009-from-0008.db", "my-fireside-20250101T000000Z.db"}
        old = {backup_name(clock.now - timedelta(days=days)) for days in range(1, 100)}
        left = backup_name(clock.now - timedelta(days=2)) + ".abc.part"
        fill(folder, mine | old | {left})
        await once(backups)
        kept = set(names(folder))
        assert mine < kept
        assert len(kept - mine) == 11
        assert left not in kept

    async def test_one_that_fails_is_said_and_costs_no_other(
        self, backups: Backups, clock: StandingClock, file: Path, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        old = {backup_name(clock.now - timedelta(days=days)) for days in range(1, 100)}
        fill(folder, old)
        damage(file)
        await once(backups)
        (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert "restore" in record.getMessage()
        assert set(names(folder)) == old

    async def test_without_room_there_is_no_draft(
        self, backups: Backups, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.storage.backups.disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
        await once(backups)
        (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert "room" in record.getMessage()
        assert names(folder) == []

    async def test_a_folder_that_can_not_be_made_is_said(
        self, backups: Backups, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        fill(folder.parent, {folder.name})
        await once(backups)
        assert str(folder) in caplog.text

    async def test_cancelled_it_leaves_nothing_behind(self, backups: Backups, folder: Path) -> None:
        writing = asyncio.create_task(backups.write())
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()
        assert [name for name in names(folder) if not name.endswith(".db")] == []


def damage(file: Path) -> None:
    """Overwrite all pages but the first, as a failing disk might."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    file.write_bytes(content)
