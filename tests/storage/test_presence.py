"""What one of several processes holds in the database."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.shards import Shards
from bot.errors import DatabaseError
from bot.storage.locks import NamedLock
from bot.storage.presence import Rivals, SessionLocks, lent_locks
from tests.databases import rows

FIRST, BOTH, SECOND = Shards(2, (0,)), Shards(2, (0, 1)), Shards(2, (1,))
HELD = (
    "FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE locktype = 'advisory' AND datname = current_database()"
)
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.mark.only("postgresql")
async def test_shards_have_one_process_until_it_ends(database_url: str) -> None:
    async with lent_locks(database_url) as one, lent_locks(database_url) as other:
        assert await one.take_shards(FIRST) is None
        assert await one.take_shards(FIRST) is None
        assert await other.take_shards(BOTH) == Rivals((0,))
        async with lent_locks(database_url) as third:
            # Who can't have all has none.
            assert await third.take_shards(SECOND) is None
            assert await other.take_shards(BOTH) == Rivals((0, 1))
        assert await other.take_shards(SECOND) is None


@pytest.mark.only("postgresql")
async def test_processes_that_count_the_shards_differently_do_not_run_together(database_url: str) -> None:
    async with lent_locks(database_url) as one, lent_locks(database_url) as other:
        assert await one.take_shards(FIRST) is None
        assert await other.take_shards(Shards(3, (2,))) == Rivals(counts=(2,))
        assert await one.take_shards(FIRST) is None


@pytest.mark.only("postgresql")
async def test_of_many_who_come_at_once_none_runs_beside_another_that_counts_differently(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        wanted = [FIRST, SECOND, Shards(3, (2,)), Shards(5, (4,)), FIRST]
        processes = [(await stack.enter_async_context(lent_locks(database_url)), shards) for shards in wanted]
        for _ in range(20):
            refused = await asyncio.gather(*(locks.take_shards(shards) for locks, shards in processes))
            entered = [shards for shards, rivals in zip(wanted, refused, strict=True) if rivals is None]
            assert len({shards.count for shards in entered}) <= 1
            assert len(set(entered)) == len(entered)
            if entered:
                break
        assert entered


@pytest.mark.only("postgresql")
async def test_a_session_of_ones_own_that_the_server_still_believes_in_is_no_rival(database_url: str) -> None:
    async with lent_locks(database_url) as locks:
        assert isinstance(locks, SessionLocks)
        assert await locks.take_shards(FIRST) is None
        # As where the network swallowed the end of the connection: this side knows of it, and the server does not.
        unheard, locks._connection = locks._connection, None
        locks._held.clear()
        assert await locks.take_shards(FIRST) is None
        assert unheard is not None
        with pytest.raises(DBAPIError):
            await unheard.execute(text("SELECT 1"))
        await unheard.invalidate()
        await unheard.close()


@pytest.mark.only("postgresql")
async def test_who_waits_takes_nothing(database_url: str) -> None:
    async with lent_locks(database_url) as one, lent_locks(database_url) as waiting:
        assert await one.take_shards(FIRST) is None
        assert await waiting.take_shards(BOTH) == Rivals((0,))
        held = rows(database_url, f"SELECT pid {HELD}")
        assert len({pid for (pid,) in held}) == 1


@pytest.mark.only("postgresql")
async def test_nobody_runs_while_the_database_is_filled(database_url: str) -> None:
    async with lent_locks(database_url) as filling, lent_locks(database_url) as bot:
        assert await filling.take(NamedLock.BOT)
        assert await bot.take_shards(FIRST) == Rivals()
        await filling.give_back(NamedLock.BOT)
        assert await bot.take_shards(FIRST) is None
        assert not await filling.take(NamedLock.BOT)


@pytest.mark.only("postgresql")
async def test_one_leads_and_gives_it_back_once(database_url: str) -> None:
    async with lent_locks(database_url) as one, lent_locks(database_url) as other:
        assert await one.take(NamedLock.LEADER)
        assert await one.take(NamedLock.LEADER)
        assert one.holds(NamedLock.LEADER)
        assert not await other.take(NamedLock.LEADER)
        await one.give_back(NamedLock.LEADER)
        assert await other.take(NamedLock.LEADER)


@pytest.mark.only("postgresql")
async def test_a_connection_that_breaks_takes_all_with_it(database_url: str) -> None:
    async with lent_locks(database_url) as one, lent_locks(database_url) as other:
        assert await one.take_shards(FIRST) is None
        assert await one.take(NamedLock.LEADER)
        rows(database_url, f"SELECT pg_terminate_backend(pid) {OTHERS}")
        assert await other.take_shards(FIRST) is None
        with pytest.raises(DatabaseError):
            await one.take_shards(FIRST)
        assert not one.holds(NamedLock.LEADER)
        assert await one.take_shards(FIRST) == Rivals((0,))


@pytest.mark.only("sqlite")
async def test_the_only_process_has_whatever_it_asks_for(database_url: str) -> None:
    async with lent_locks(database_url) as locks:
        assert await locks.take_shards(BOTH) is None
        assert await locks.take(NamedLock.LEADER)
        await locks.give_back(NamedLock.LEADER)
        assert not locks.holds(NamedLock.LEADER)
