"""Looks at what the bot needs on its machine: disk, database, copies, time zones."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.checkups import Finding, Place, Verdict, judge_backup, judge_room, judge_server, judge_zones
from bot.errors import DatabaseError
from bot.services.backups import Backups
from bot.storage.checkups import check_moved, examine_server, revision_of_server
from bot.storage.database import Database
from bot.storage.migrating import newest_revision
from bot.storage.places import places_of
from bot.storage.restore import read_copy

UPDATES_IT = "The next start brings it up to date, after it has written a copy."
UNTIL_THEN = "Until then the bot can do nothing."


class Checkups:
    """Finds what may keep the bot from working, and changes nothing."""

    def __init__(
        self,
        database_url: str,
        file: Path | None,
        backups: Backups,
        clock: Callable[[], datetime],
        processes: int = 1,
    ) -> None:
        """Take the database's address, its file where it is SQLite, its copies, the clock (UTC), and who shares it.

        Without `processes`, which says how many of the bot's do, there is one.
        """
        self._url = database_url
        self._file = file
        self._backups = backups
        self._clock = clock
        self._processes = processes

    async def of_machine(self) -> list[Finding]:
        """Return what there is to say of time zones, disk, database and copies."""
        found = [self._zones()]
        if self._file is None:
            return [*found, *await self._server()]
        return [*found, self._disk(self._file), await self._database(self._file), self._backup()]

    def _zones(self) -> Finding:
        try:
            ZoneInfo("Europe/Berlin")
            return judge_zones(str(import_module("tzdata").IANA_VERSION), self._clock())
        except (ZoneInfoNotFoundError, ModuleNotFoundError):
            return Finding("time zones", Verdict.FAULT, "not there", "Set up anew: rm -r .venv && make run")

    def _disk(self, file: Path) -> Finding:
        folder = next(each for each in file.absolute().parents if each.is_dir())
        return judge_room(shutil.disk_usage(folder).free, file.stat().st_size if file.exists() else 0)

    async def _database(self, file: Path) -> Finding:
        if not await asyncio.to_thread(file.exists):
            return Finding("database", Verdict.GOOD, "none yet; the first start makes it")
        try:
            await check_moved(self._url)
        except DatabaseError as error:
            return Finding("database", Verdict.FAULT, str(error), UNTIL_THEN)
        try:
            contents = await asyncio.to_thread(read_copy, file)
        except DatabaseError as error:
            remedy = "Put a copy back: python -m bot restore FILE"
            return Finding("database", Verdict.FAULT, str(error), remedy)
        says = f"sound; {contents.servers} servers, {contents.interviews} interviews, {contents.questions} questions"
        newest = newest_revision()
        if contents.revision != newest:
            behind = f"{says}; at revision {contents.revision}, not {newest} yet"
            return Finding("database", Verdict.WARNING, behind, UPDATES_IT)
        return Finding("database", Verdict.GOOD, says)

    async def _server(self) -> list[Finding]:
        try:
            return judge_server(await examine_server(self._url), self._processes)
        except DatabaseError as error:
            return [Finding("database", Verdict.FAULT, str(error), UNTIL_THEN)]

    def _backup(self) -> Finding:
        latest = self._backups.latest()
        return judge_backup(latest.written_at if latest is not None else None, self._clock())

    async def places(self) -> list[Place] | None:
        """Return the channels in which the bot posts by itself, or None where the database can't be read as it is."""
        try:
            if await self._revision() != newest_revision():
                return None  # to open it would migrate it
            database = await Database.open(self._url)
        except DatabaseError:
            return None
        try:
            async with database.read() as connection:
                return await places_of(connection)
        finally:
            await database.close()

    async def _revision(self) -> str | None:
        if self._file is None:
            return await revision_of_server(self._url)
        return (await asyncio.to_thread(read_copy, self._file)).revision
