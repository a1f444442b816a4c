"""What one process of several may do, held by PostgreSQL's advisory locks for as long as a connection stands.

They go with the process, however it ends, so that another can take its place.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.shards import Shards
from bot.errors import DatabaseError
from bot.storage.database import opening
from bot.storage.engines import address_of, is_sqlite, lasting_engine
from bot.storage.faults import cause_of
from bot.storage.locks import NAMESPACE, TRY, NamedLock

# Beside the numbers of shards, how many there are: two processes that count differently share servers.
SHARDS, _COUNTS = 0x46495253, 0x46495243

_ALIVE = text("SELECT 1")
_SELF = text("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
# Its end is waited for, in milliseconds. A pooler may have lent it on, without its locks: then it is let alone.
_END = text(
    "SELECT pg_terminate_backend(pid, 3000) FROM pg_stat_activity WHERE pid = :pid AND backend_start = :backend_start "
    "AND pid <> pg_backend_pid() AND EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid "
    "AND locktype = 'advisory' AND classid::bigint IN (:shards, :counts))"
)
_SHARE = text("SELECT pg_try_advisory_lock_shared(:space, :number)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:space, :number)")
_GIVE_BACK_ALL = text("SELECT pg_advisory_unlock_all()")
_REFUSED = text("SELECT id FROM unnest(:ids ::int[]) AS id WHERE NOT pg_try_advisory_lock(:space, id) ORDER BY id")
# Of a lock with two numbers, these are classid and objid: pg_locks, in PostgreSQL's manual.
_OTHERS = text(
    "SELECT DISTINCT classid::bigint, objid::bigint "
    "FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND datname = current_database() "
    "AND pid <> pg_backend_pid() AND (classid::bigint = :counts AND objid::bigint <> :count "
    "OR classid::bigint = :shards AND objid::bigint = ANY(:ids ::bigint[])) ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class Rivals:
    """Why a process can't have its shards: others have some of them, count them differently, or need to be alone."""

    ids: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Return what they do, as the beginning of a sentence."""
        if self.counts:
            return f"Another process runs with SHARD_COUNT={self.counts[0]}"
        if self.ids:
            one = len(self.ids) == 1
            numbers = ", ".join(map(str, self.ids))
            return (
                f"Shard {numbers} is run by another process" if one else f"Shards {numbers} are run by another process"
            )
        return "Another program fills the database"


class Locks(Protocol):
    """What this process alone may do, until it gives it back or ends.

    Each method raises DatabaseError where the database can't be asked; then nothing is held any more.
    """

    async def take_shards(self, shards: Shards) -> Rivals | None:
        """Take all shards, and return None; or none of them, and return why. What is held already stays held."""
        ...

    async def take(self, name: NamedLock) -> bool:
        """Return whether it is held now."""
        ...

    async def ask(self) -> None:
        """Ask whether the database is there."""
        ...

    async def give_back(self, name: NamedLock) -> None:
        """Let another process take it."""
        ...

    def holds(self, name: NamedLock) -> bool:
        """Return whether it was held when the database was last asked."""
        ...


class NoLocks:
    """For a process that is the only one: nobody else could take anything."""

    async def take_shards(self, shards: Shards) -> Rivals | None:  # noqa: ARG002
        """Return that nobody has them."""
        return None

    async def take(self, name: NamedLock) -> bool:  # noqa: ARG002
        """Return that it is held."""
        return True

    async def ask(self) -> None:
        """Do nothing."""

    async def give_back(self, name: NamedLock) -> None:
        """Do nothing."""

    def holds(self, name: NamedLock) -> bool:  # noqa: ARG002
        """Return that it is free."""
        return False


class SessionLocks:
    """Holds locks by a connection of its own; where that breaks, they are lost, and the next question opens another."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take what opens the connection; use `lent_locks`."""
        self._engine = engine
        self._connection: AsyncConnection | None = None
        # The server's process and when that began: where the connection broke unseen, it lives on and holds the locks.
        self._session: tuple[Any, ...] | None = None
        self._held: set[NamedLock | Shards] = set()
        self._turn = asyncio.Lock()

    async def take_shards(self, shards: Shards) -> Rivals | None:
        """Take all shards, and return None; or none of them, and return why. What is held already stays held."""
        return await asyncio.shield(self._take_shards(shards))

    async def _take_shards(self, shards: Shards) -> Rivals | None:
        async with self._turn:
            if shards in self._held:
                await self._ask(_ALIVE)
                return None
            rivals = await self._rivals(shards)
            if rivals is None:
                self._held.add(shards)
            else:
                await self._ask(_GIVE_BACK_ALL)
                self._held.clear()
            return rivals

    async def _rivals(self, shards: Shards) -> Rivals | None:
        """Take all that a process needs for its shards, or some of it, and return who has the rest."""
        # Who waits takes nothing, not for a moment: another that comes back would find it taken.
        if rivals := await self._seen(shards):
            return rivals
        if not await self._granted(_SHARE, NAMESPACE, NamedLock.BOT):
            return Rivals()
        await self._granted(_SHARE, _COUNTS, shards.count)
        if refused := await self._ask(_REFUSED, space=SHARDS, ids=list(shards.ids)):
            return Rivals(tuple(row[0] for row in refused))
        # Of two that count differently and come at the same time, at least one sees the other.
        return await self._seen(shards)

    async def _seen(self, shards: Shards) -> Rivals | None:
        """Return who has some of the shards, or counts them differently."""
        rows = await self._ask(_OTHERS, shards=SHARDS, counts=_COUNTS, count=shards.count, ids=list(shards.ids))
        if not rows:
            return None
        return Rivals(*(tuple(row[1] for row in rows if row[0] == space) for space in (SHARDS, _COUNTS)))

    async def take(self, name: NamedLock) -> bool:
        """Return whether it is held now."""
        # Whoever is cancelled meanwhile must not hold what nobody knows of.
        return await asyncio.shield(self._take(name))

    async def _take(self, name: NamedLock) -> bool:
        async with self._turn:
            if name not in self._held and await self._granted(TRY, NAMESPACE, name):
                self._held.add(name)
            return name in self._held

    async def ask(self) -> None:
        """Ask whether the database is there."""
        async with self._turn:
            await self._ask(_ALIVE)

    async def give_back(self, name: NamedLock) -> None:
        """Let another process take it."""
        async with self._turn:
            if name in self._held:
                self._held.discard(name)
                await self._ask(_GIVE_BACK, space=NAMESPACE, number=name)

    def holds(self, name: NamedLock) -> bool:
        """Return whether it was held when the database was last asked."""
        return name in self._held

    async def close(self) -> None:
        """Give everything back."""
        async with self._turn:
            connection, self._connection = self._connection, None
            self._held.clear()
            if connection is not None:
                with suppress(DBAPIError, OSError):  # it broke: then nothing is held
                    await connection.close()

    async def _granted(self, how: TextClause, space: int, number: int) -> bool:
        ((granted,),) = await self._ask(how, space=space, number=number)
        return bool(granted)

    async def _ask(self, query: TextClause, **values: Any) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
                await self._follow_session(self._connection)
            return [tuple(row) for row in await self._connection.execute(query, values)]
        except (DBAPIError, OSError) as error:
            await self._drop()
            raise DatabaseError(f"The database can't be asked: {cause_of(error)}.") from error

    async def _follow_session(self, connection: AsyncConnection) -> None:
        """End the session that was lost, so that it is not taken for another process's, and remember the new one."""
        lost, self._session = self._session, tuple((await connection.execute(_SELF)).one())
        if lost is not None:
            values = {"pid": lost[0], "backend_start": lost[1], "shards": SHARDS, "counts": _COUNTS}
            await connection.execute(_END, values)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            with suppress(DBAPIError, OSError):
                await connection.invalidate()
                await connection.close()


@asynccontextmanager
async def lent_locks(url: str) -> AsyncIterator[Locks]:
    """Lend what a process holds in the database at an SQLAlchemy address; at the end it is given back."""
    address = address_of(url)
    if is_sqlite(address):
        yield NoLocks()
        return
    with opening(address):
        engine = lasting_engine(address)
    locks = SessionLocks(engine)
    try:
        yield locks
    finally:
        await locks.close()
        await engine.dispose()
