"""One bot a database: a lock that ends with the process that holds it, however it ends."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import DatabaseError

log = logging.getLogger(__name__)


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Keep every other process from doing the same with an SQLite file.

    The lock is the operating system's, on a file of its own beside the database: SQLite's locks on the database would
    be lost by whoever opens and closes it. The file stays, and says nothing by being there.

    Raises:
        DatabaseError: Another process holds the lock, or its file can't be made.
    """
    lock = Path(f"{file.resolve()}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"{lock} can't be opened: {error.strerror}. Check that the database's folder may be written to."
        ) from error
    try:
        if not _taken(handle, lock):
            raise DatabaseError(
                f"Fireside runs with the database {file} already, or moves it, or puts a copy in its place. "
                "Stop that one first."
            )
        yield
    finally:
        os.close(handle)


def _taken(handle: int, lock: Path) -> bool:
    """Take the lock unless somebody has it; where there are no locks, as on some network drives, go on without."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    except OSError as error:
        log.warning("%s can't be locked (%s). See to it that one Fireside alone runs with it.", lock, error.strerror)
    return True
