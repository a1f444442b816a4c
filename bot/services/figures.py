"""How much there is of what, and whether the database answers at all: for who watches the bot."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.deliveries import DeliveryState
from bot.domain.questions import QuestionState
from bot.storage.database import Database
from bot.storage.figures import deliveries_by_state, is_there, questions_by_state

# Half a second for a million questions is too long for every look.
KEPT_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions and days of the daily quote there are in each state, in all servers."""

    questions: Mapping[QuestionState, int]
    deliveries: Mapping[DeliveryState, int]


class Figures:
    """Counts what is in the database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take the database and the clock (UTC)."""
        self._database = database
        self._clock = clock
        self._counting = asyncio.Lock()
        self._last: tuple[datetime, Counts] | None = None

    async def check(self) -> bool:
        """Return that the database answers; where it does not, this raises whatever it raises, or hangs."""
        async with self._database.read() as connection:
            await is_there(connection)
        return True

    async def counts(self) -> Counts:
        """Return the counts as they were at most a minute ago; they are made once for all who wait."""
        async with self._counting:
            now = self._clock()
            if self._last is None or abs(now - self._last[0]) >= KEPT_FOR:
                async with self._database.read() as connection:
                    counts = Counts(await questions_by_state(connection), await deliveries_by_state(connection))
                self._last = now, counts
            return self._last[1]
