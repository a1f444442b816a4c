"""How long the bot takes from its start to the first answered command, and how much memory it has then.

Run it with: .venv/bin/python -m benchmarks.start
It starts `python -m bot run` against a Discord on this machine, with one server and with 2,500, some times each, beside
a bot on discord.py that answers "pong". A member asks as soon as Discord has the bot's commands; the database is there
from an earlier start, as with every start but the first. Memory is looked at when all servers are known.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.load import PONG, megabytes
from bot.app import open_services
from tests.databases import SqliteFiles
from tests.processes import database_of
from tests.wire.bot import FIRESIDE, run_bot
from tests.wire.loopback import LoopbackDiscord
from tests.wire.state import Member, snowflake

SERVERS = (1, 2500)
QUESTION = "Why did you create Keras?"
# After the last server the library waits so long before it says that it is ready.
READY_SECONDS = 4.0


async def first_start(program: tuple[str, ...], folder: Path) -> list[dict[str, Any]]:
    """Start for the first time, and return the commands that Discord is told of."""
    discord = LoopbackDiscord()
    discord.world.add_guild()
    async with discord.serve(), run_bot(folder, discord, database_of(folder), program) as bot:
        await bot.until_online()
        await asyncio.sleep(READY_SECONDS)
    return discord.commands


async def start(
    program: tuple[str, ...], folder: Path, servers: int, commands: list[dict[str, Any]]
) -> tuple[float, float]:
    """Return the seconds until one start had answered its first command, and the megabytes it had when it was ready."""
    discord = LoopbackDiscord()
    discord.commands = commands
    for number in range(servers):
        discord.world.add_guild(f"server {number}", channels=20, roles=10)
    guild = discord.world.guilds[0]
    async with discord.serve():
        begun = time.perf_counter()
        async with run_bot(folder, discord, database_of(folder), program) as bot:
            await bot.until_online()
            use = await discord.use("ask", Member(snowflake(), "mira"), guild.channels[0], guild, question=QUESTION)
            await asyncio.wait_for(use.settled.wait(), 30)
            seconds = time.perf_counter() - begun
            await asyncio.sleep(READY_SECONDS)
            return seconds, megabytes(bot.process.pid)


async def measure(times: int) -> dict[tuple[str, int], tuple[float, float]]:
    """Return the median seconds and megabytes by bot and number of servers."""
    found = {}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        async with open_services(f"sqlite+aiosqlite:///{folder / 'loaded.db'}"):
            pass
        for name, program in {"pong": PONG, "fireside": FIRESIDE}.items():
            (folder / name).mkdir()
            SqliteFiles().new(folder / name, f"sqlite+aiosqlite:///{folder / 'loaded.db'}")
            commands = await first_start(program, folder / name)
            for servers in SERVERS:
                starts = [await start(program, folder / name, servers, commands) for _ in range(times)]
                seconds, memory = zip(*starts, strict=True)
                found[name, servers] = statistics.median(seconds), statistics.median(memory)
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how many starts of each kind")
    found = asyncio.run(measure(parser.parse_args().times))
    table = Table("bot", "servers", "seconds to the first answer", "memory, MB")
    for (name, servers), (seconds, memory) in found.items():
        table.add_row(name, f"{servers:,}", f"{seconds:.2f}", f"{memory:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
