"""`python -m bot move`, as a process of its own."""

import asyncio
import json
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE, CompletedProcess

import pytest

from bot.app import open_services
from bot.domain.questions import Asker, NewQuestion
from bot.lock import alone_with
from bot.storage.tables import metadata
from tests.databases import rows
from tests.postgres import Postgres
from tests.processes import LONGEST, ROOT, environment, fireside
from tests.waiting import until

TEXT = "Which of your papers are you most proud of?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database in which a question was asked."""

    async def ask() -> None:
        async with open_services(address(tmp_path, "fireside")) as services:
            await services.questions.submit(Asker(10, 5, "Mira"), NewQuestion(TEXT))

    asyncio.run(ask())
    return tmp_path


def address(folder: Path, name: str) -> str:
    return f"sqlite+aiosqlite:///{folder / name}.db"


def move(folder: Path, source: str, target: str) -> CompletedProcess[str]:
    return fireside(folder, "move", "--from", source, "--to", target)


def refused(result: CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_there_and_back(folder: Path, postgres: Postgres) -> None:
    there, back = postgres.new_database(), address(folder, "back")
    moved = [move(folder, address(folder, "fireside"), there), move(folder, there, back)]
    postgres.drop(there)
    assert [result.returncode for result in moved] == [0, 0], moved
    tables = [[line for line in result.stdout.splitlines() if line.startswith("│")] for result in moved]
    assert tables[0] == tables[1]
    assert len(tables[0]) == len(metadata.sorted_tables)
    output = folder / "out.csv"
    assert fireside(folder, "export", "--out", str(output), DATABASE_URL=back).returncode == 0
    assert TEXT in output.read_text(encoding="utf-8")


def test_what_can_not_be_is_a_sentence(folder: Path) -> None:
    source, other, third = (address(folder, name) for name in ("fireside", "other", "third"))
    refused(move(folder, source, source))
    refused(move(folder, other, source))
    assert move(folder, source, other).returncode == 0
    refused(move(folder, source, other))
    with alone_with(folder / "fireside.db"):
        refused(move(folder, source, third))
    assert not (folder / "third.db").exists()
    assert rows(source, "SELECT text FROM questions") == [(TEXT,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_one_that_is_told_to_stop_says_that_it_goes_on_when_run_again(
    folder: Path, number: signal.Signals
) -> None:
    source, target = address(folder, "fireside"), address(folder, "other")
    command = [sys.executable, "-m", "bot", "move", "--from", source, "--to", target]
    with closing(sqlite3.connect(folder / "other.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment(folder), stderr=PIPE)
        await until((folder / "other.db.lock").exists)
        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 1
    assert b"interrupted" in errors
    assert b"Traceback" not in errors
    moved = await asyncio.to_thread(move, folder, source, target)
    assert moved.returncode == 0


def test_nothing_is_done_with_a_half(folder: Path) -> None:
    rows(address(folder, "fireside"), "INSERT INTO facts VALUES ('move', '{}')")
    assert "move" in refused(fireside(folder, "run", DISCORD_TOKEN="x"))
    assert "move" in (said := refused(fireside(folder, "ask", "How did he begin?")))
    assert "move" in refused(fireside(folder, "backup"))
    assert not (folder / "backups").exists()
    # What is there may point to what is not there yet.
    rows(address(folder, "fireside"), "UPDATE questions SET merged_into = 99")
    found = json.loads(fireside(folder, "doctor", "--offline", "--json").stdout)
    assert [each["verdict"] for each in found if each["says"] in said] == ["fault"]
