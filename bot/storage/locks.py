"""Who may write at the same time to a PostgreSQL database, and who may do what only one process should.

They are PostgreSQL's advisory locks: they say something only to those who ask for them, and end with the transaction or
the session that took them, however it ends. SQLite needs none of this: one writes at a time, and one bot has the file.
"""

from collections.abc import Collection
from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# One number for all of Fireside's own locks; which one it is, a second number says.
NAMESPACE = 0x46495245


class NamedLock(IntEnum):
    """What only one may do at a time."""

    MIGRATION = 1
    # Held together by all who change rows of some servers or members, and alone by who may change anything.
    WRITING = 2
    # Held together by all processes of the bot, and alone by what fills a database that no bot may use meanwhile.
    BOT = 3
    LEADER = 4
    IDENTIFY = 5


_WAIT = text("SELECT pg_advisory_xact_lock(:space, :name)")
_SHARE = text("SELECT pg_advisory_xact_lock_shared(:space, :name)")
TRY = text("SELECT pg_try_advisory_lock(:space, :number)")
# In one order for all, so that no two wait for each other.
_SHARE_AND_WAIT_FOR_EACH = text(
    "SELECT pg_advisory_xact_lock_shared(:space, :name), pg_advisory_xact_lock(id)"
    " FROM (SELECT unnest(CAST(:ids AS bigint[])) AS id ORDER BY id) AS ids"
)


async def take_lock(connection: AsyncConnection, name: NamedLock) -> bool:
    """Return whether nobody else held a lock; it is held from now on until the connection is closed."""
    taken: bool = (await connection.execute(TRY, {"space": NAMESPACE, "number": name})).scalar_one()
    return taken


async def wait_to_write(connection: AsyncConnection, rows_of: Collection[int] | None) -> None:
    """Wait until a transaction may write, alone with the rows of some servers and members, or with None with all.

    What was looked at after this is as it was seen until the transaction ends, as in SQLite.
    """
    lock = {"space": NAMESPACE, "name": NamedLock.WRITING}
    if rows_of is None:
        await connection.execute(_WAIT, lock)
    elif rows_of:
        await connection.execute(_SHARE_AND_WAIT_FOR_EACH, lock | {"ids": sorted(rows_of)})
    else:
        await connection.execute(_SHARE, lock)
