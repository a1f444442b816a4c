from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.gaps import EVERYONE, Miss, Teaching, Vain, Wording
from bot.storage.database import Database
from bot.storage.gaps import (
    add_misses,
    forget_misses,
    forget_misses_before,
    forget_some_misses_before,
    keep_most_recent_misses,
    misses_of_guild,
    put_teaching,
    remove_teaching,
    teaching_of,
    teachings_of_guilds,
)
from bot.storage.guilds import taught_revision
from bot.storage.interviews import library_revision
from tests.conftest import StandingClock

GUILD, OTHER = 2**63 - 1, 5
MILK, SUGAR = Wording("what about milk", "What about milk?"), Wording("sugar", "Sugar 🍬?")


async def miss(
    database: Database, wording: Wording, clock: StandingClock, guild_id: int = GUILD, *, refused: bool = False
) -> None:
    async with database.write() as connection:
        await add_misses(connection, [Vain(guild_id, wording, clock(), refused)])


async def kept(database: Database, guild_id: int = GUILD) -> list[Miss]:
    async with database.read() as connection:
        return await misses_of_guild(connection, guild_id)


def teaching(clock: StandingClock, token: str, *wordings: Wording, guild_id: int = GUILD) -> Teaching:
    return Teaching(token, guild_id, "tea", "e1", wordings, taught_by=2**63 - 2, taught_at=clock())


async def teach(database: Database, *teachings: Teaching) -> None:
    async with database.write() as connection:
        for one in teachings:
            await put_teaching(connection, one)


async def taught(database: Database, *guild_ids: int) -> list[Teaching]:
    async with database.read() as connection:
        return await teachings_of_guilds(connection, guild_ids)


class TestMisses:
    async def test_are_counted_by_wording_and_keep_the_first_text(
        self, database: Database, clock: StandingClock
    ) -> None:
        begin = clock()
        await miss(database, MILK, clock)
        clock.forward(days=1, milliseconds=7)
        await miss(database, Wording(MILK.folded, "WHAT ABOUT MILK"), clock)
        await miss(database, MILK, clock, OTHER)
        assert await kept(database) == [Miss(MILK, 2, 0, begin, clock())]
        assert await kept(database, OTHER) == [Miss(MILK, 1, 0, clock(), clock())]
        assert await kept(database, 77) == []

    async def test_a_refusal_is_no_second_question_but_at_least_one(
        self, database: Database, clock: StandingClock
    ) -> None:
        await miss(database, MILK, clock)
        await miss(database, MILK, clock, refused=True)
        assert [(kept.count, kept.refused) for kept in await kept(database)] == [(1, 1)]
        await miss(database, MILK, clock, refused=True)
        assert [(kept.count, kept.refused) for kept in await kept(database)] == [(2, 2)]
        await miss(database, MILK, clock)
        assert [(kept.count, kept.refused) for kept in await kept(database)] == [(3, 2)]
        await miss(database, SUGAR, clock, refused=True)
        assert [(kept.count, kept.refused) for kept in await kept(database)] == [(3, 2), (1, 1)]

    async def test_are_forgotten_by_age_everywhere(self, database: Database, clock: StandingClock) -> None:
        await miss(database, MILK, clock)
        await miss(database, MILK, clock, OTHER)
        clock.forward(days=1)
        await miss(database, SUGAR, clock)
        async with database.write() as connection:
            assert await forget_misses_before(connection, clock(), [OTHER]) == 1
            assert await forget_some_misses_before(connection, clock(), 10) == 1
        assert [miss.wording for miss in await kept(database)] == [SUGAR]
        assert await kept(database, OTHER) == []

    async def test_are_forgotten_by_name_or_all_in_one_server(self, database: Database, clock: StandingClock) -> None:
        for guild_id in (GUILD, OTHER):
            await miss(database, MILK, clock, guild_id)
            await miss(database, SUGAR, clock, guild_id)
        async with database.write() as connection:
            assert await forget_misses(connection, GUILD, [MILK]) == 1
            assert await forget_misses(connection, GUILD, [MILK]) == 0
            assert await forget_misses(connection, OTHER) == 2
        assert [miss.wording for miss in await kept(database)] == [SUGAR]

    async def test_what_was_asked_least_recently_gives_way(self, database: Database, clock: StandingClock) -> None:
        for number in range(5):
            await miss(database, Wording(f"w{number}", f"W{number}"), clock)
            clock.forward(seconds=1)
        await miss(database, Wording("w0", "W0"), clock)
        await miss(database, MILK, clock, OTHER)
        async with database.write() as connection:
            assert await keep_most_recent_misses(connection, GUILD, 3) == 2
            assert await keep_most_recent_misses(connection, GUILD, 3) == 0
        assert [miss.wording.folded for miss in await kept(database)] == ["w0", "w3", "w4"]
        assert len(await kept(database, OTHER)) == 1

    async def test_nothing_of_who_asked_is_kept(self, database: Database) -> None:
        async with database.read() as connection:
            columns = set((await connection.execute(text("SELECT * FROM misses"))).keys())
        assert columns == {"id", "guild_id", "folded", "text", "count", "refused", "first_at", "last_at"}


class TestTeachings:
    async def test_come_back_whole_and_newest_first(self, database: Database, clock: StandingClock) -> None:
        first = teaching(clock, "a", MILK, SUGAR)
        clock.forward(milliseconds=1)
        second = teaching(clock, "b", Wording("x", "X"))
        third = teaching(clock, "c", MILK, guild_id=EVERYONE)
        await teach(database, first, second, third)
        assert await taught(database, GUILD) == [second, first]
        assert await taught(database, GUILD, EVERYONE) == [second, third, first]
        assert await taught(database, OTHER) == []
        async with database.read() as connection:
            assert await teaching_of(connection, "a") == first
            assert await teaching_of(connection, "z") is None

    async def test_a_wording_belongs_to_one_exchange_a_server(self, database: Database, clock: StandingClock) -> None:
        await teach(database, teaching(clock, "a", MILK, SUGAR), teaching(clock, "e", MILK, guild_id=EVERYONE))
        clock.forward(seconds=1)
        moved = Teaching("b", GUILD, "tea", "e2", (MILK,), taught_by=1, taught_at=clock())
        await teach(database, moved)
        assert [one.wordings for one in await taught(database, GUILD)] == [(MILK,), (SUGAR,)]
        assert len(await taught(database, EVERYONE)) == 1

    @pytest.mark.parametrize("guild_id", [GUILD, EVERYONE])
    async def test_every_change_counts_up_what_others_look_at(
        self, database: Database, clock: StandingClock, guild_id: int
    ) -> None:
        async def revisions() -> tuple[int, int]:
            async with database.read() as connection:
                return await taught_revision(connection, GUILD), await library_revision(connection)

        one = teaching(clock, "a", MILK, SUGAR, guild_id=guild_id)
        await teach(database, one)
        assert await revisions() == ((1, 0) if guild_id == GUILD else (0, 1))
        async with database.write() as connection:
            await remove_teaching(connection, one)
        assert await revisions() == ((2, 0) if guild_id == GUILD else (0, 2))
        assert await taught(database, guild_id) == []

    async def test_thousands_of_wordings_at_once(self, database: Database, clock: StandingClock) -> None:
        wordings = tuple(Wording(f"w{number}", f"W{number}?") for number in range(5000))
        await teach(database, teaching(clock, "a", *wordings))
        clock.forward(seconds=timedelta(days=1).total_seconds())
        await teach(database, teaching(clock, "b", *wordings))
        (one,) = await taught(database, GUILD)
        assert one.wordings == wordings
