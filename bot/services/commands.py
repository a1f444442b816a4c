"""Which commands Discord was last told of."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.facts import Fact, read_fact, write_fact

LOOK_EVERY = timedelta(hours=1)


class CommandRecord:
    """Remembers a hash of the commands that Discord knows, across restarts."""

    def __init__(self, database: Database, leads: Callable[[], bool] = lambda: True) -> None:
        """Take the database that keeps the hash, and what says whether this process tells Discord of the commands."""
        self._database = database
        self._rounds = Rounds("The list of commands", LOOK_EVERY, leads)

    async def known(self) -> str | None:
        """Return the hash of the commands that Discord was last told of, or None."""
        async with self._database.read() as connection:
            return await read_fact(connection, Fact.COMMANDS_HASH)

    async def remember(self, digest: str) -> None:
        """Keep the hash of the commands that Discord was just told of."""
        async with self._database.write([]) as connection:
            await write_fact(connection, Fact.COMMANDS_HASH, digest)

    async def run(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell Discord of the commands as soon as this process leads, and look now and then, until `stop` is called.

        A process that takes the lead may be of a newer version than the one before it.
        """

        async def work() -> timedelta:
            await tell()
            return LOOK_EVERY

        await self._rounds.run(work)

    def stop(self) -> None:
        """Let `run` end."""
        self._rounds.stop()
