"""Copies of an SQLite file: written while others work on it, checked, looked into, and put back."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import disk_usage
from tempfile import mkstemp

from bot.domain.backups import DRAFT_ENDING
from bot.errors import DamagedDatabaseError, DatabaseError
from bot.storage.faults import DAMAGE, copy_sentence, fault_of

# How many steps of SQLite's machine lie between two looks whether to go on: a millisecond or so.
STEPS = 10_000
BUSY_SECONDS = 10.0


def write_copy(source: Path, target: Path, stopped: Callable[[], bool] = lambda: False) -> int:
    """Write a copy of a database in use, check it, and return its size in bytes.

    Nobody who reads or writes meanwhile has to wait. The copy is on the disk whole under its name, or not at all.

    Args:
        source: The file of the database.
        target: The copy; one of that name that was there is replaced.
        stopped: Asked all along, in the calling thread; when it says so, the copy is given up.

    Raises:
        DamagedDatabaseError: The database can't be read whole.
        DatabaseError: The copy could not be written; the message says what to do.
    """
    if not source.is_file():
        raise DatabaseError(f"There is no database at {source} yet.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_room(source, target)
        # Only who runs the bot may read it, from the first byte on.
        handle, name = mkstemp(prefix=f"{target.name}.", suffix=DRAFT_ENDING, dir=target.parent)
        os.close(handle)
        draft = Path(name)
        try:
            _vacuum(source, draft, stopped)
            _check_draft(draft, stopped)
            to_disk(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
            Path(f"{draft}-journal").unlink(missing_ok=True)
        to_disk(target.parent)
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        kind = DamagedDatabaseError if fault_of(error) in DAMAGE else DatabaseError
        raise kind(copy_sentence(source, target, error)) from error


def _check_room(source: Path, target: Path) -> None:
    """Refuse what would fill the disk, and so keep the bot itself from writing until the draft is gone."""
    needed, free = source.stat().st_size, disk_usage(target.parent).free
    if free < needed:
        raise DatabaseError(
            f"No copy of the database could be written to {target.parent}: it needs {needed:,} bytes, and {free:,} are "
            "free. Make room there."
        )


def _vacuum(source: Path, draft: Path, stopped: Callable[[], bool]) -> None:
    with closing(sqlite3.connect(_uri(source, "mode=rw"), timeout=BUSY_SECONDS, uri=True)) as connection:
        connection.set_progress_handler(stopped, STEPS)
        connection.execute("VACUUM INTO ?", (str(draft),))


def _check_draft(file: Path, stopped: Callable[[], bool]) -> None:
    with closing(read_only(file)) as connection:
        connection.set_progress_handler(stopped, STEPS)
        check_pages(connection)


def check_pages(connection: sqlite3.Connection) -> None:
    """Look at every page of a database.

    Raises:
        sqlite3.DatabaseError: Some can't be read as what they should be.
    """
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def read_only(file: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing, not even the files beside it that SQLite works with."""
    return sqlite3.connect(read_only_uri(file), timeout=BUSY_SECONDS, uri=True)


def read_only_uri(file: Path) -> str:
    """Return the URI by which SQLite opens a file so."""
    beside = Path(f"{file}-wal")
    return _uri(file, "mode=ro" if beside.exists() and beside.stat().st_size else "mode=ro&immutable=1")


def _uri(file: Path, query: str) -> str:
    return f"{file.absolute().as_uri()}?{query}"


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
