"""Remembering what every question needs of a PostgreSQL database, and hearing of each change that any process makes.

Triggers say on a channel of whom something has changed. What is remembered may be out of date only for as long as word
of it is under way; so it counts while the server has answered a heartbeat that was sent a moment ago. An answer comes
after all that the server had to say before, so every change that was made before that heartbeat has been heard of.
Without a connection that hears, nothing is remembered, and everything is looked up.

Who looks up, and who changes, at the same time:

- What is looked up before a change and remembered before word of it comes is forgotten when it comes.
- What is looked up before a change, and would be remembered after word of it, is not: `_state` counts each word.
- What this process writes is forgotten when its transaction is over and before `write()` returns, whether or not it is
  known to be committed. What was looked up meanwhile is not remembered, by the same count.
- Where the connection breaks, all is forgotten, and the count goes on. It does so again once another one listens: what
  was looked up between the two may have changed before anybody listened.
"""

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Select, UpdateBase, event, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.pauses import growing_pauses
from bot.storage.engines import listening_engine_of
from bot.storage.lookups import Read, Row
from bot.storage.tables import facts, guilds

# Of whom something has changed: a server's id, or else anybody.
CHANNEL = "fireside_changes"
# Seconds. A change made by one process is in force in all of them within two.
TRUSTED_FOR = 1.5
HEARTBEAT_EVERY = 0.5
# A connection that says nothing for so long is given up for another.
GIVEN_UP_AFTER = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# Of the server that nobody has asked in for longest, the rows are forgotten first.
MOST_SERVERS = 10_000

log = logging.getLogger(__name__)


class RememberedLookups:
    """Rows of servers as they were looked up, for as long as no change of them was heard of."""

    def __init__(self, address: URL) -> None:
        """Take a PostgreSQL database's address; nothing is remembered before `begin`."""
        self._engine = listening_engine_of(address)
        self._rows: OrderedDict[int, dict[Select[Any], Row | None]] = OrderedDict()
        # Goes on whenever something may have changed.
        self._state = 0
        self._listening = False
        # When the last heartbeat that was answered was sent, by a clock that goes on while the loop is busy.
        self._heard_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to listen, and to remember, until it is closed."""
        self._task = asyncio.create_task(self._listen_always(), name="changes")

    async def close(self) -> None:
        """Listen no more, and remember nothing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._engine.dispose()

    async def first(self, query: Select[Any], guild_id: int, read: Read) -> Row | None:
        """Return the first row of a query of a server."""
        rows = self._rows.get(guild_id)
        if rows is not None and query in rows and time.monotonic() - self._heard_at < TRUSTED_FOR:
            self._rows.move_to_end(guild_id)
            return rows[query]
        state = self._state
        row = await read(query, guild_id)
        if self._listening and state == self._state:
            self._rows.setdefault(guild_id, {})[query] = row
            if len(self._rows) > MOST_SERVERS:
                self._rows.popitem(last=False)
        return row

    def forget(self, guild_ids: Collection[int] | None = None) -> None:
        """Forget the rows of some servers, or with None all; what is being looked up is not remembered either."""
        self._state += 1
        if guild_ids is None:
            self._rows.clear()
        for guild_id in guild_ids or ():
            self._rows.pop(guild_id, None)

    @contextmanager
    def following(self, connection: AsyncConnection, rows_of: Collection[int] | None) -> Iterator[None]:
        """Forget at the end what is written within: word of it may come only after whoever wrote it looks it up."""
        written = set()

        def note(_connection: Connection, statement: object, *_: object) -> None:
            if isinstance(statement, UpdateBase):
                written.add(statement.entity_description["table"])

        event.listen(connection.sync_connection, "before_execute", note)
        try:
            yield
        finally:
            if facts in written:
                self.forget()
            elif guilds in written:
                self.forget(rows_of)

    async def _listen_always(self) -> None:
        """Listen until cancelled: whatever ends it, another connection is made, after pauses that grow."""
        pauses, silent = growing_pauses(FIRST_PAUSE, LONGEST_PAUSE), False
        while True:
            try:
                async with listening(self._engine, self._hear) as driver:
                    if silent:
                        log.info("The database tells of changes again")
                    pauses, silent = growing_pauses(FIRST_PAUSE, LONGEST_PAUSE), False
                    await self._keep_listening(driver)
            except Exception as error:  # noqa: BLE001 - whatever it is, what is asked is looked up meanwhile
                if not silent:
                    reason = str(error) or type(error).__name__
                    log.warning("The database tells of no changes, so each is looked for (%s)", reason)
                silent = True
            await asyncio.sleep(next(pauses))

    def _hear(self, what: str) -> None:
        self.forget([int(what)] if what.isdecimal() else None)

    async def _keep_listening(self, driver: Any) -> None:
        """Remember, and ask again and again for a sign of life, until there is none."""
        self.forget()
        self._listening = True
        try:
            while True:
                sent_at = time.monotonic()
                async with asyncio.timeout(GIVEN_UP_AFTER):
                    await driver.execute("SELECT 1")
                self._heard_at = sent_at
                await asyncio.sleep(HEARTBEAT_EVERY)
        finally:
            self._listening = False
            self.forget()


@asynccontextmanager
async def listening(engine: AsyncEngine, hear: Callable[[str], None]) -> AsyncIterator[Any]:
    """Lend the driver's connection on which every change is heard of from now on.

    Args:
        engine: Opens connections that are nobody else's.
        hear: Is told of whom something has changed.

    Raises:
        TimeoutError: What is said on the channel does not arrive, as behind what lends connections by transaction.
    """
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - it is connected
        try:
            await _hear_another(engine, driver, hear)
            yield driver
        finally:
            driver.terminate()  # one that hangs can't be closed in order


async def _hear_another(engine: AsyncEngine, driver: Any, hear: Callable[[str], None]) -> None:
    """Begin to listen, and wait for a word that another connection says."""
    word, heard = f"hello {secrets.token_hex(8)}", asyncio.Event()

    def receive(_connection: object, _pid: int, _channel: str, what: str) -> None:
        hear(what)
        if what == word:
            heard.set()

    async with asyncio.timeout(GIVEN_UP_AFTER):
        await driver.add_listener(CHANNEL, receive)
        async with engine.begin() as other:
            await other.execute(select(func.pg_notify(CHANNEL, word)))
        await heard.wait()
