"""Drafts of forms: what somebody typed is never lost, whatever fails after."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.drafts import KEPT_FOR, Draft, DraftKey
from bot.errors import NotFoundError
from bot.storage.database import Database
from bot.storage.drafts import drop_draft, find_draft, forget_old_drafts_of, put_draft

GONE = "That form was sent meanwhile, or is too old. Open a new one."


class Drafts:
    """Keeps what was typed into a form until it is used."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take the database and the clock (UTC)."""
        self._database = database
        self._clock = clock

    async def keep(self, key: DraftKey, draft: Draft) -> None:
        """Keep a draft in place of the one before; those that the member never came back to are forgotten."""
        async with self._database.write([key.member_id]) as connection:
            await forget_old_drafts_of(connection, key.member_id, self._clock() - KEPT_FOR)
            await put_draft(connection, key, draft, self._clock())

    async def find(self, key: DraftKey) -> Draft:
        """Return a draft.

        Raises:
            NotFoundError: It was used meanwhile, or forgotten.
        """
        async with self._database.read() as connection:
            draft = await find_draft(connection, key)
        if draft is None:
            raise NotFoundError(GONE)
        return draft

    async def drop(self, key: DraftKey) -> None:
        """Forget a draft, which was used."""
        async with self._database.write([key.member_id]) as connection:
            await drop_draft(connection, key)
