"""Drafts of forms: what somebody typed is never lost, whatever fails after."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.drafts import KEPT_FOR, Draft, DraftKey
from bot.errors import NotFoundError
from bot.storage.database import Database
from bot.storage.drafts import drop_draft, find_draft, forget_old_drafts_of, put_draft

# What a database that is away or full does not take is kept in memory: so many drafts at most, and for so long.
MOST_UNSAVED, UNSAVED_FOR = 1_000, timedelta(hours=1)

GONE = "That form was sent meanwhile, or is too old. Open a new one."


class Drafts:
    """Keeps what was typed into a form until it is used."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take the database and the clock (UTC)."""
        self._database = database
        self._clock = clock
        self._unsaved: dict[DraftKey, tuple[datetime, Draft]] = {}

    async def keep(self, key: DraftKey, draft: Draft) -> None:
        """Keep a draft in place of the one before; those that the member never came back to are forgotten.

        Raises:
            DatabaseError: It could not be saved; it is found all the same for an hour, as long as this process runs.
        """
        try:
            async with self._database.write([key.member_id]) as connection:
                await forget_old_drafts_of(connection, key.member_id, self._clock() - KEPT_FOR)
                await put_draft(connection, key, draft, self._clock())
        except Exception:
            self._keep_unsaved(key, draft)
            raise
        self._unsaved.pop(key, None)

    def _keep_unsaved(self, key: DraftKey, draft: Draft) -> None:
        self._unsaved.pop(key, None)
        while len(self._unsaved) >= MOST_UNSAVED:
            del self._unsaved[next(iter(self._unsaved))]
        self._unsaved[key] = self._clock(), draft

    async def find(self, key: DraftKey) -> Draft:
        """Return a draft.

        Raises:
            NotFoundError: It was used meanwhile, or forgotten.
        """
        if (draft := self._find_unsaved(key)) is not None:
            return draft
        async with self._database.read() as connection:
            draft = await find_draft(connection, key)
        if draft is None:
            raise NotFoundError(GONE)
        return draft

    def _find_unsaved(self, key: DraftKey) -> Draft | None:
        oldest = self._clock() - UNSAVED_FOR
        self._unsaved = {of: (since, draft) for of, (since, draft) in self._unsaved.items() if since >= oldest}
        _, draft = self._unsaved.get(key, (None, None))
        return draft

    async def drop(self, key: DraftKey) -> None:
        """Forget a draft, which was used."""
        self._unsaved.pop(key, None)
        async with self._database.write([key.member_id]) as connection:
            await drop_draft(connection, key)

    def forget(self, member_id: int) -> None:
        """Forget what the database did not take of a person's drafts."""
        self._unsaved = {key: kept for key, kept in self._unsaved.items() if key.member_id != member_id}
