"""The bot as a process of its own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import rows
from tests.processes import ROOT, environment
from tests.waiting import until
from tests.wire.loopback import LoopbackDiscord

FIRESIDE = ("-m", "bot", "run")
LONGEST = 30.0


@dataclass(slots=True)
class Bot:
    """A running bot, the address of its database, and its log."""

    process: asyncio.subprocess.Process
    discord: LoopbackDiscord
    url: str
    log_file: Path

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self.log_file.read_text(encoding="utf-8")

    async def until_online(self, identified: int = 1) -> None:
        """Wait until it listens, and some bot has identified itself so many times.

        Raises:
            AssertionError: It ended instead.
        """
        online = asyncio.create_task(self.discord.gateway.until_online(identified=identified))
        ended = asyncio.create_task(self.process.wait())
        await asyncio.wait({online, ended}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        online.cancel()
        assert self.process.returncode is None, self.log
        assert online.done(), self.log

    async def until_logged(self, text: str, since: int = 0) -> str:
        """Wait until a text is in what it logged after so many characters, and return that."""
        await until(lambda: text in self.log[since:])
        return self.log[since:]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds in its database, as another program sees it."""
        return rows(self.url, query, *values)

    async def stop(self) -> int:
        """End it as a supervisor of processes does, and return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), LONGEST)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def run_bot(
    folder: Path, discord: LoopbackDiscord, url: str, program: Sequence[str] = FIRESIDE, **settings: str
) -> AsyncIterator[Bot]:
    """Run a bot; it's ended at the end.

    Args:
        folder: Where its log is.
        discord: What it takes for Discord.
        url: The address of its database.
        program: Python's arguments.
        settings: Its environment, beside what it needs.
    """
    log_file = folder / "fireside.log"
    known = {"DISCORD_TOKEN": discord.token, "DISCORD_STAND_IN": discord.address, "DATABASE_URL": url}
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            cwd=ROOT,
            env=environment(folder, **known | settings),
            stdout=log,
            stderr=log,
        )
    bot = Bot(process, discord, url, log_file)
    try:
        yield bot
    finally:
        await bot.stop()
