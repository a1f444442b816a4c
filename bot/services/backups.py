"""Copies of the database: one a day by itself, or when asked for."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.backups import Contents, abandoned, backup_name, due_in, stamp, superfluous, written_at
from bot.errors import DatabaseError
from bot.services.rounds import Rounds
from bot.storage.backups import write_copy
from bot.storage.restore import put_back, read_copy, read_present

TRY_AGAIN_AFTER = timedelta(hours=1)
# A machine that was suspended has slept through more than it knows.
LOOK_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database: where it is, when it was written, and its size in bytes."""

    path: Path
    written_at: datetime
    size: int


def backups_beside(file: Path) -> Path:
    """Return the folder for copies of an SQLite file where no other was chosen."""
    return file.parent / "backups"


class Backups:
    """Writes copies of an SQLite file while others work on it, and keeps some of them."""

    def __init__(self, file: Path | None, clock: Callable[[], datetime], folder: Path | None = None) -> None:
        """Take the database's file (None where it is not SQLite), the clock (UTC), and where copies go by themselves.

        Without a folder, `run` writes none; who asks for one finds it in the folder `backups` beside the file.
        """
        self._file = file
        self._clock = clock
        self._by_itself = file is not None and folder is not None
        self._folder = folder or (backups_beside(file) if file is not None else None)
        self._rounds = Rounds("The copy of the database", TRY_AGAIN_AFTER)

    async def write(self, to: Path | None = None) -> Backup:
        """Write a copy into a folder, or where copies go by themselves, and return it; no other copy is touched.

        Raises:
            DatabaseError: The database is not SQLite, or no copy could be written; the message says what to do.
        """
        file = self._sqlite_file()
        folder = to or self._folder or backups_beside(file)
        at = self._clock().replace(microsecond=0)
        path = folder / backup_name(at)
        given_up = threading.Event()
        try:
            return Backup(path, at, await asyncio.to_thread(write_copy, file, path, given_up.is_set))
        finally:
            given_up.set()  # whoever is cancelled does not wait for the thread, which ends soon and leaves nothing

    def _sqlite_file(self) -> Path:
        if self._file is None:
            raise DatabaseError(
                "This database is not an SQLite file. Copy it and put it back with its own tools, such as pg_dump."
            )
        return self._file

    def latest(self) -> Backup | None:
        """Return the newest copy that is where copies go by themselves."""
        dated = [(at, name) for name in self._names() if (at := written_at(name)) is not None]
        if self._folder is None or not dated:
            return None
        at, name = max(dated)
        return Backup(self._folder / name, at, (self._folder / name).stat().st_size)

    def _names(self) -> list[str]:
        if self._folder is None or not self._folder.is_dir():
            return []
        return [path.name for path in self._folder.iterdir() if path.is_file()]

    async def run(self) -> None:
        """Write a copy a day, and delete those that are no longer needed, until `stop` is called."""
        if self._by_itself:
            await self._rounds.run(self._round)

    def stop(self) -> None:
        """Let `run` end."""
        self._rounds.stop()

    async def _round(self) -> timedelta:
        pause = due_in(self._names(), self._clock())
        if pause:
            return min(pause, LOOK_EVERY)
        try:
            backup = await self.write()
        except DatabaseError as error:
            log.error("%s The copies that are there are kept.", error)  # noqa: TRY400 - the sentence says it all
            return TRY_AGAIN_AFTER
        log.info("Copied the database to %s, %d bytes", backup.path, backup.size)
        await asyncio.to_thread(self._delete_superfluous)
        return LOOK_EVERY

    # Putting one back

    def compare(self, copy: Path) -> tuple[Contents, Contents | None]:
        """Check a copy, and return what is in it and what is in the database now, if that can be read.

        Raises:
            DatabaseError: The copy can't be used; the message says why.
        """
        file = self._sqlite_file()
        if file.exists() and copy.exists() and copy.samefile(file):
            raise DatabaseError(f"{copy} is the database itself. Name a copy of it.")
        return read_copy(copy), read_present(file)

    def restore(self, copy: Path) -> Path | None:
        """Put a copy in the database's place, and return where what was there is kept, if anything was.

        Raises:
            DatabaseError: It could not be done, and nothing was changed; the message says what to do.
        """
        file = self._sqlite_file()
        return put_back(copy, file, backups_beside(file) / f"before-restore-{stamp(self._clock())}.db")

    def _delete_superfluous(self) -> None:
        assert self._folder is not None  # noqa: S101 - a copy was written there just now
        names = self._names()
        for name in superfluous(names) | abandoned(names, self._clock()):
            (self._folder / name).unlink(missing_ok=True)
