"""An SQLite file that takes the place of another: looked into first, and put there whole."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from bot.domain.backups import Contents
from bot.domain.calendar import from_epoch_ms
from bot.errors import DamagedDatabaseError, DatabaseError
from bot.storage.backups import BUSY_SECONDS, check_pages, read_only, to_disk, write_copy
from bot.storage.faults import REMEDIES, Fault, cause_of, fault_of
from bot.storage.migrating import newest_revision, revisions

MAGIC = b"SQLite format 3\0"
# What every revision has, from the first on.
TABLES = frozenset({"alembic_version", "deliveries", "facts", "guilds", "interviews", "questions"})


def read_copy(file: Path) -> Contents:
    """Check a copy, and return what is in it.

    Raises:
        DatabaseError: It can't be used; the message says why.
    """
    try:
        with file.open("rb") as opened:
            if opened.read(len(MAGIC)) != MAGIC:
                raise DatabaseError(f"{file} is no SQLite file. Name a copy that Fireside has written.")
        with closing(read_only(file)) as connection:
            check_pages(connection)
            contents = _contents(connection, file)
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{file} can't be used: {cause_of(error)}. Name another copy.") from error
    if broken:
        raise DatabaseError(f"{file} can't be used: {len(broken)} of its references lead nowhere. Name another copy.")
    newest = newest_revision()
    if contents.revision > newest:
        raise DatabaseError(
            f"{file} is at revision {contents.revision}, newer than this Fireside's {newest}. Update Fireside."
        )
    if contents.revision not in revisions():
        raise DatabaseError(f"{file} is at a revision that Fireside never had, {contents.revision}. Name another copy.")
    return contents


def read_present(file: Path) -> Contents | None:
    """Return what is in the database that is in use, or None where there is none, or none that can be read."""
    with suppress(sqlite3.Error, DatabaseError), closing(read_only(file)) as connection:
        return _contents(connection, file)
    return None


def _contents(connection: sqlite3.Connection, file: Path) -> Contents:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= TABLES:
        raise DatabaseError(f"{file} is not a database of Fireside's. Name a copy that Fireside has written.")
    (row,) = connection.execute(
        "SELECT (SELECT version_num FROM alembic_version), (SELECT count(*) FROM guilds), "
        "(SELECT count(*) FROM interviews), (SELECT count(*) FROM questions), "
        "(SELECT max(at) FROM (SELECT max(asked_at) AS at FROM questions UNION SELECT max(claimed_at) FROM deliveries))"
    )
    revision, servers, interviews, questions, latest = row
    at = None if latest is None else from_epoch_ms(latest)
    return Contents(revision or "", servers, interviews, questions, at)


def put_back(copy: Path, file: Path, aside: Path) -> Path | None:
    """Put a checked copy in the place of a database, and return where what was there is now, if anything was.

    Somebody who has the database open meanwhile sees what was there or what was put there, and nothing between.

    Args:
        copy: What `read_copy` has accepted.
        file: The database.
        aside: The name of the copy of what is there; where that can't be read, of its bytes.

    Raises:
        DatabaseError: It could not be done, and the database is as it was; the message says what to do.
    """
    try:
        if not file.exists():
            _replace(copy, file)
            return None
        try:
            write_copy(file, aside)
        except DamagedDatabaseError:
            _copy_bytes(file, aside)
            _replace(copy, file)
        else:
            _overwrite(copy, file)
    except (sqlite3.Error, OSError) as error:
        fault = fault_of(error) or Fault.OTHER
        raise DatabaseError(
            f"{copy} could not be put in place: {cause_of(error)}. Nothing was changed. {REMEDIES[fault]}"
        ) from error
    return aside


def _overwrite(copy: Path, file: Path) -> None:
    """Let SQLite write all pages in one transaction: it knows what is in `-wal`, and who else has the file open."""
    with closing(read_only(copy)) as source, closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as target:
        target.execute("PRAGMA synchronous=FULL")
        source.backup(target, progress=_give_up_if_busy)


def _give_up_if_busy(status: int, _remaining: int, _total: int) -> None:
    """Give up once waiting was in vain; the library would wait for ever."""
    if status & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise TimeoutError("another program is writing to the database")


def _replace(copy: Path, file: Path) -> None:
    """Put a new file in the place of one that nobody can have open as a database, or of none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(f"{file}.part")
    draft.unlink(missing_ok=True)
    try:
        with closing(read_only(copy)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        draft.chmod(0o600)
        to_disk(draft)
        # What belongs to the old file would be taken for the new one's.
        for ending in ("-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    to_disk(file.parent)


def _copy_bytes(file: Path, aside: Path) -> None:
    """Keep a database that can't be read, with what belongs to it, as it is."""
    for ending in ("-wal", "-shm", ""):
        part = Path(f"{file}{ending}")
        if part.exists():
            kept = Path(f"{aside}{ending}")
            shutil.copyfile(part, kept)
            kept.chmod(0o600)
            to_disk(kept)
    to_disk(aside.parent)
