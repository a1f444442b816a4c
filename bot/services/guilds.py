"""What each server chose, beside its daily quote."""

from collections.abc import Awaitable, Callable

from bot.domain.guilds import GuildSettings
from bot.storage.database import Database
from bot.storage.gaps import forget_misses
from bot.storage.guilds import set_answers_private, set_keep_misses, settings_now


class Guilds:
    """Keeps the servers' settings; each change says what holds from then on, so that two admins never undo another."""

    def __init__(self, database: Database, save_misses: Callable[[], Awaitable[None]]) -> None:
        """Take the database that keeps the settings, and what stores the misses that were gathered."""
        self._database = database
        self._save_misses = save_misses

    async def settings(self, guild_id: int | None) -> GuildSettings:
        """Return a server's settings in force; in a direct message, those that hold from the start."""
        if guild_id is None:
            return GuildSettings()
        return await settings_now(self._database, guild_id)

    async def set_answers_private(self, guild_id: int, *, private: bool) -> None:
        """Show sure answers in a server to the asker alone, or to everybody."""
        async with self._database.write([guild_id]) as connection:
            await set_answers_private(connection, guild_id, private=private)

    async def set_keep_misses(self, guild_id: int, *, keep: bool) -> None:
        """Keep a server's questions that find no answer, or keep them no more and forget those that were kept."""
        await self._save_misses()  # none of them may come later
        async with self._database.write([guild_id]) as connection:
            await set_keep_misses(connection, guild_id, keep=keep)
            if not keep:
                await forget_misses(connection, guild_id)
