"""What is kept of a person: told, handed over as a file, and deleted when they want it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.privacy import KEYS, Entry, Fate, Forgotten, Held, Kind
from bot.services.reviewing import Card
from bot.storage.database import Database
from bot.storage.privacy import entries_of_member, fates_of, forget_member, holdings_of
from bot.storage.questions import cards_of_member

# A block is kept against its member's will, so it is nothing to delete.
DELETABLE = frozenset(Kind) - {Kind.BLOCKS}


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much of each kind is kept of a person, in one server and everywhere."""

    held: Mapping[Kind, Held]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing of them anywhere."""
        return not any(each.everywhere for each in self.held.values())

    @property
    def deletable(self) -> bool:
        """Whether there is something of them that they can delete."""
        return any(self.held[kind].everywhere for kind in DELETABLE)

    def count(self, kind: Kind) -> int:
        """Return how much of a kind is kept, in all servers together."""
        return self.held[kind].everywhere


class Privacy:
    """Gives people what is kept of them, and forgets them."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        forget: Callable[[int], None] = lambda _: None,
        refresh: Callable[[Iterable[Card]], None] = lambda _: None,
    ) -> None:
        """Take the database, the clock (UTC), what forgets what this process alone has, and what refreshes cards."""
        self._database = database
        self._clock = clock
        self._forget = forget
        self._refresh = refresh

    async def holdings(self, member_id: int, guild_id: int | None) -> Holdings:
        """Return how much is kept of a person, in a server if any and everywhere."""
        async with self._database.read() as connection:
            return Holdings(await holdings_of(connection, member_id, guild_id))

    async def file(self, member_id: int) -> bytes:
        """Return all that is kept of a person in all servers, as JSON that explains its own keys."""
        async with self._database.read() as connection:
            entries = await entries_of_member(connection, member_id)
        return await asyncio.to_thread(_as_json, member_id, self._clock(), entries)

    async def fates(self, member_id: int) -> Counter[Fate]:
        """Return what would become of a person's questions if they wanted them deleted, in numbers."""
        async with self._database.read() as connection:
            return Counter((await fates_of(connection, member_id)).values())

    async def forget(self, member_id: int, *, with_questions: bool) -> Forgotten:
        """Forget a person in all servers, at once or not at all, and return what became of what was kept.

        Their questions stay without their asker; or are deleted, but those that others want or that are answered.
        A block stays: else it could be shaken off.

        Raises:
            DatabaseError: It could not be done; nothing has changed.
        """
        async with self._database.write() as connection:
            cards = await cards_of_member(connection, member_id)
            forgotten = await forget_member(connection, member_id, with_questions=with_questions)
        self._forget(member_id)
        self._refresh(Card(*card) for card in cards)
        return forgotten


def _as_json(member_id: int, now: datetime, entries: Mapping[Kind, Sequence[Entry]]) -> bytes:
    head = {"member_id": str(member_id), "written_at": now.isoformat(timespec="seconds"), "what_the_keys_mean": KEYS}
    content = head | {kind.value: found for kind, found in entries.items()}
    return json.dumps(content, ensure_ascii=False, indent=2).encode()
