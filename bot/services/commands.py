"""Which commands Discord was last told of."""

from bot.storage.database import Database
from bot.storage.facts import Fact, read_fact, write_fact


class CommandRecord:
    """Remembers a hash of the commands that Discord knows, across restarts."""

    def __init__(self, database: Database) -> None:
        """Take the database that keeps the hash."""
        self._database = database

    async def known(self) -> str | None:
        """Return the hash of the commands that Discord was last told of, or None."""
        async with self._database.read() as connection:
            return await read_fact(connection, Fact.COMMANDS_HASH)

    async def remember(self, digest: str) -> None:
        """Keep the hash of the commands that Discord was just told of."""
        async with self._database.write([]) as connection:
            await write_fact(connection, Fact.COMMANDS_HASH, digest)
