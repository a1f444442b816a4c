from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import ONE_DAY, DailyRule, to_epoch_ms
from bot.domain.deliveries import Delivery
from bot.domain.planning import Plan, Step
from bot.domain.quotes import Quote
from bot.domain.shards import ALL, Shards
from bot.storage.database import Database
from bot.storage.guilds import pause_daily, set_daily_rule, set_next_quote
from bot.storage.tables import guilds
from bot.storage.turns import (
    crowded_instants,
    guilds_at,
    look_at_all,
    look_by,
    looks_ahead,
    plans_at,
    put_off,
    spread,
    take,
)

SINCE = datetime(2026, 3, 1, 12, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULE = DailyRule(0, 7, time(9), ZoneInfo("UTC"), SINCE)
QUOTE = Quote("tea", "a1", "Every cup deserves four minutes.")
SERVERS = [number << 22 for number in range(1, 9)]


async def look_at(connection: AsyncConnection, guild_ids: list[int], at: datetime) -> None:
    query = update(guilds).where(guilds.c.id.in_(guild_ids))
    await connection.execute(query.values(daily_look_at=to_epoch_ms(at)))


@pytest.fixture
async def crowd(database: Database) -> Database:
    """Eight servers that are to be looked at when their quotes are due, at nine."""
    async with database.write() as connection:
        for guild_id in SERVERS:
            await set_daily_rule(connection, replace(RULE, guild_id=guild_id))
        await look_at(connection, SERVERS, NINE)
    return database


async def plans(database: Database, shards: Shards = ALL, now: datetime = NINE, limit: int = 10) -> list[Plan]:
    async with database.read() as connection:
        return (await plans_at(connection, shards, now, limit))[0]


def with_quotes(plans: Collection[Plan]) -> list[Step]:
    return [Step(plan, replace(plan.turn, look_at=plan.look_at), QUOTE) for plan in plans]


async def taken(database: Database, steps: list[Step], now: datetime = NINE) -> list[Delivery]:
    async with database.write([step.turn.guild_id for step in steps]) as connection:
        return await take(connection, steps, now)


async def ahead(database: Database, shards: Shards = ALL) -> tuple[datetime, datetime] | None:
    async with database.read() as connection:
        return await looks_ahead(connection, shards)


async def test_nobody_is_looked_at_before_the_time(crowd: Database) -> None:
    assert await plans(crowd, now=NINE - timedelta(milliseconds=1)) == []
    assert [plan.turn.guild_id for plan in await plans(crowd)] == SERVERS
    assert [plan.turn.guild_id for plan in await plans(crowd, limit=3)] == SERVERS[:3]


async def test_who_waited_longest_comes_first(crowd: Database) -> None:
    async with crowd.write() as connection:
        await look_by(connection, SERVERS[5:7], NINE - timedelta(hours=1))
        await look_by(connection, SERVERS[5:7], NINE + timedelta(hours=1))  # is no reason to come later
    assert [plan.turn.guild_id for plan in await plans(crowd, limit=3)] == [*SERVERS[5:7], SERVERS[0]]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
async def test_each_server_belongs_to_one_process(crowd: Database, count: int) -> None:
    processes = [Shards(count, (number,)) for number in range(count)]
    found = [[plan.turn.guild_id for plan in await plans(crowd, process)] for process in processes]
    assert sorted(guild_id for each in found for guild_id in each) == SERVERS
    for process, mine in zip(processes, found, strict=True):
        assert all(process.own(guild_id) for guild_id in mine)
        async with crowd.read() as connection:
            assert await guilds_at(connection, process, NINE) == mine


async def test_what_was_taken_comes_again_the_next_day(crowd: Database) -> None:
    claimed = await taken(crowd, with_quotes(await plans(crowd)))
    assert [delivery.guild_id for delivery in claimed] == SERVERS
    assert await plans(crowd) == []
    assert await ahead(crowd) == (NINE + ONE_DAY, NINE + ONE_DAY)


async def test_of_two_who_looked_at_the_same_one_takes_it(crowd: Database) -> None:
    one, other = with_quotes(await plans(crowd)), with_quotes(await plans(crowd))
    assert len(await taken(crowd, one)) == len(SERVERS)
    assert await taken(crowd, other) == []
    async with crowd.write() as connection:  # also where it is looked at anew, as after a new rule
        await look_at_all(connection, ALL, NINE)
    assert [plan.post for plan in await plans(crowd)] == [None] * len(SERVERS)


async def test_what_an_admin_changed_meanwhile_is_looked_at_anew(crowd: Database) -> None:
    steps = with_quotes(await plans(crowd))
    async with crowd.write() as connection:
        await set_daily_rule(connection, replace(RULE, guild_id=SERVERS[0], channel_id=8))
        await pause_daily(connection, SERVERS[1], NINE)
        await set_next_quote(connection, SERVERS[2], "0123456789abcdef")
    assert [delivery.guild_id for delivery in await taken(crowd, steps)] == SERVERS[3:]
    (anew, picked) = await plans(crowd)
    assert (anew.turn.rule.channel_id, picked.turn.wanted) == (8, "0123456789abcdef")


async def test_a_crowd_is_known_and_spread(crowd: Database) -> None:
    before = NINE - timedelta(minutes=5)
    async with crowd.write() as connection:
        assert await crowded_instants(connection, ALL, before, NINE, 8) == [NINE]
        assert await crowded_instants(connection, ALL, before, NINE, 9) == []
        assert await crowded_instants(connection, ALL, NINE, NINE + ONE_DAY, 8) == []
        later = {guild_id: NINE + timedelta(seconds=number) for number, guild_id in enumerate(SERVERS)}
        await look_by(connection, SERVERS[:1], before)  # somebody has changed it: it's no longer one of them
        await spread(connection, NINE, later)
        assert await guilds_at(connection, ALL, NINE) == []
    assert await ahead(crowd) == (before, NINE + timedelta(seconds=7))


async def test_all_or_those_too_far_ahead_can_be_looked_at_at_once(crowd: Database) -> None:
    async with crowd.write() as connection:
        await look_at(connection, SERVERS[:2], NINE + 9 * ONE_DAY)
        assert await look_at_all(connection, ALL, NINE + 8 * ONE_DAY) == 2
        assert await look_at_all(connection, Shards(2, (1,)), NINE - ONE_DAY) == 3
    assert [plan.turn.guild_id for plan in await plans(crowd, now=SINCE)] == sorted({*SERVERS[:2], *SERVERS[0::2]})


async def test_a_zone_that_is_not_known_here_is_told_apart(crowd: Database) -> None:
    async with crowd.write() as connection:
        await connection.execute(update(guilds).where(guilds.c.id == SERVERS[0]).values(daily_zone="Middle/Earth"))
    async with crowd.read() as connection:
        found, unknown = await plans_at(connection, ALL, NINE, 10)
    assert [plan.turn.guild_id for plan in found] == SERVERS[1:]
    assert unknown == {SERVERS[0]}


async def test_it_is_put_off_unless_an_admin_has_chosen_another_meanwhile(crowd: Database) -> None:
    async with crowd.write() as connection:
        of_two = update(guilds).where(guilds.c.id.in_(SERVERS[:2]))
        await connection.execute(of_two.values(daily_zone="Middle/Earth"))
        await set_daily_rule(connection, replace(RULE, guild_id=SERVERS[1]))
        await put_off(connection, SERVERS[:2], NINE + ONE_DAY)
    async with crowd.read() as connection:
        found, unknown = await plans_at(connection, ALL, NINE, 10)
    assert unknown == set()
    assert {plan.turn.guild_id for plan in found} == set(SERVERS[1:])


async def test_without_a_rule_there_is_nothing_ahead(database: Database) -> None:
    assert await ahead(database) is None
