"""One bot a database."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import DatabaseError
from bot.lock import alone_with
from tests.processes import LONGEST, ROOT

HOLD = (
    "import sys, time; from pathlib import Path; from bot.lock import alone_with\n"
    "with alone_with(Path(sys.argv[1])): print('held', flush=True); time.sleep(1000)"
)


def test_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    file, other = tmp_path / "new" / "fireside.db", tmp_path / "other.db"
    with alone_with(file):
        with pytest.raises(DatabaseError, match="already"), alone_with(file):
            raise AssertionError
        with alone_with(other):
            pass
    with alone_with(file):
        pass


def test_is_of_the_file_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "fireside.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "fireside.db")
    with alone_with(tmp_path / "fireside.db"), pytest.raises(DatabaseError), alone_with(tmp_path / "link.db"):
        raise AssertionError


def test_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "fireside.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DatabaseError), alone_with(file):
            raise AssertionError
        process.kill()
        process.wait(timeout=LONGEST)
    with alone_with(file):
        pass


def test_says_where_it_can_not_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="folder"), alone_with(tmp_path / "file" / "fireside.db"):
        raise AssertionError
