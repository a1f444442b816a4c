"""Starts Fireside as its users do: as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 60.0
# What the test's processes work with, where that is no file in their folder.
CHOSEN = "TEST_DATABASE_URL"


def database_of(folder: Path) -> str:
    """Return the SQLAlchemy address of the database of processes in a folder."""
    return os.environ.get(CHOSEN) or f"sqlite+aiosqlite:///{folder / 'fireside.db'}"


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return an environment in which nothing of this machine's own settings is in force."""
    ours = {
        "DISCORD_TOKEN": "",
        "LOG_LEVEL": "",
        "LOG_FORMAT": "",
        "HEALTH_PORT": "",
        "BACKUP_DIR": "",
        "SUPPORT_URL": "",
        "SHARD_COUNT": "",
        "SHARD_IDS": "",
        "CLUSTER_COUNT": "",
        "CLUSTER_INDEX": "",
        "DEMO_PORT": "",
    }
    # Without its compiled modules, a process takes half as long again to start.
    python = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
    return os.environ | ours | python | {"DATABASE_URL": database_of(folder), "COLUMNS": "200"} | settings


def fireside(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot` with some arguments to its end, with a database in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


@contextmanager
def demo(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the demo on a free port and lend its process and the page's address; it's ended as Ctrl-C would."""
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(folder, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http" in line, process.communicate(timeout=LONGEST)
            yield process, line[line.index("http") :].strip()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=LONGEST)
