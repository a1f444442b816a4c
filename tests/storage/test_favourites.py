from bot.domain.favourites import Favourite
from bot.domain.quotes import Quote
from bot.storage.database import Database
from bot.storage.favourites import (
    add_favourite,
    count_favourites,
    count_favourites_of_member,
    favourite_of_member,
    favourites_of_member,
    remove_favourite,
)
from tests.conftest import StandingClock

MIRA, TOM = 2**63 - 1, 5
CUP, BOAT = Quote("tea", "a3", "Every cup deserves “four” minutes 🍵."), Quote("tea", "a2", "She had a boat.")


async def keep(database: Database, member_id: int, quote: Quote, clock: StandingClock) -> None:
    async with database.write() as connection:
        await add_favourite(connection, member_id, quote, clock())


async def drop(database: Database, member_id: int, quote: Quote) -> bool:
    async with database.write() as connection:
        return await remove_favourite(connection, member_id, quote.key)


async def shelf(database: Database, member_id: int, limit: int = 10, skipped: int = 0) -> list[Favourite]:
    async with database.read() as connection:
        return await favourites_of_member(connection, member_id, limit, skipped)


async def test_a_shelf_comes_back_newest_first_and_in_parts(database: Database, clock: StandingClock) -> None:
    begin = clock()
    await keep(database, MIRA, CUP, clock)
    clock.forward(milliseconds=7)
    await keep(database, MIRA, BOAT, clock)

    assert await shelf(database, MIRA) == [Favourite(MIRA, BOAT, clock()), Favourite(MIRA, CUP, begin)]
    assert await shelf(database, MIRA, 1, 1) == [Favourite(MIRA, CUP, begin)]
    assert await shelf(database, MIRA, 1, 2) == []
    async with database.read() as connection:
        assert await favourite_of_member(connection, MIRA, CUP.key) == Favourite(MIRA, CUP, begin)
        assert await favourite_of_member(connection, TOM, CUP.key) is None


async def test_of_the_same_moment_the_last_one_comes_first(database: Database, clock: StandingClock) -> None:
    for quote in (CUP, BOAT):
        await keep(database, MIRA, quote, clock)
    assert [favourite.quote for favourite in await shelf(database, MIRA)] == [BOAT, CUP]


async def test_members_are_counted_by_quote_and_quotes_by_member(database: Database, clock: StandingClock) -> None:
    await keep(database, MIRA, CUP, clock)
    await keep(database, TOM, CUP, clock)
    await keep(database, TOM, BOAT, clock)
    async with database.read() as connection:
        assert [await count_favourites(connection, quote.key) for quote in (CUP, BOAT)] == [2, 1]
        assert [await count_favourites_of_member(connection, member) for member in (MIRA, TOM, 6)] == [1, 2, 0]


async def test_a_member_keeps_a_quote_once(database: Database, clock: StandingClock) -> None:
    await keep(database, MIRA, CUP, clock)
    await keep(database, MIRA, CUP, clock)
    assert len(await shelf(database, MIRA)) == 1


async def test_what_is_removed_leaves_nothing_and_only_ones_own_is(database: Database, clock: StandingClock) -> None:
    await keep(database, MIRA, CUP, clock)
    assert not await drop(database, TOM, CUP)
    assert not await drop(database, MIRA, BOAT)
    assert await drop(database, MIRA, CUP)
    assert not await drop(database, MIRA, CUP)
    async with database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM favourites")).scalar_one() == 0
