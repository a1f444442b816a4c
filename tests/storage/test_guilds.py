from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import DailyRule, Pause
from bot.domain.card_contents import Theme
from bot.domain.deliveries import PostOptions
from bot.domain.guilds import GuildSettings
from bot.domain.rotation import Order, Rotation
from bot.domain.shards import ALL
from bot.storage.database import Database
from bot.storage.guilds import (
    clear_daily_rule,
    count_up_taught_revision,
    daily_rules,
    guild_settings,
    next_quote,
    pause_daily,
    post_options,
    resume_daily,
    rotation_of,
    set_answers_private,
    set_daily_rule,
    set_keep_misses,
    set_left,
    set_next_quote,
    set_post_options,
    taught_revision,
)
from bot.storage.tables import guilds
from bot.storage.turns import plans_at

RULES = [
    DailyRule(2**63 - 1, 2**63 - 2, time(23, 59), ZoneInfo("America/New_York"), datetime(2026, 3, 2, 8, tzinfo=UTC)),
    DailyRule(
        1, 2, time(0, 0), ZoneInfo("Asia/Kathmandu"), datetime(2026, 3, 2, 8, 0, 0, 123000, UTC), frozenset({0, 2, 6})
    ),
]


async def put(database: Database, *rules: DailyRule) -> None:
    async with database.write() as connection:
        for rule in rules:
            await set_daily_rule(connection, rule)


async def rules_of(database: Database, guild_id: int | None = None) -> list[DailyRule]:
    async with database.read() as connection:
        return await daily_rules(connection, guild_id)


async def clear(database: Database, guild_id: int) -> bool:
    async with database.write() as connection:
        return await clear_daily_rule(connection, guild_id)


async def test_rules_come_back_as_they_were(database: Database) -> None:
    assert await rules_of(database) == []
    await put(database, *RULES)
    assert await rules_of(database) == RULES[::-1]
    assert await rules_of(database, 1) == RULES[1:]
    assert await rules_of(database, 3) == []


async def test_a_new_rule_takes_the_place_of_the_old(database: Database) -> None:
    await put(database, *RULES)
    changed = DailyRule(1, 9, time(12, 34), ZoneInfo("Europe/Berlin"), datetime(2026, 4, 1, tzinfo=UTC))
    await put(database, changed)
    assert await rules_of(database) == [changed, RULES[0]]


async def test_a_cleared_rule_is_gone_and_may_come_back(database: Database) -> None:
    await put(database, *RULES)
    assert await clear(database, 1)
    assert not await clear(database, 1)
    assert not await clear(database, 77)
    assert await rules_of(database) == RULES[:1]
    await put(database, RULES[1])
    assert await rules_of(database) == RULES[::-1]


async def test_a_zone_that_is_no_longer_known_costs_that_server_alone_its_quote(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await put(database, *RULES)
    async with database.write() as connection:
        await connection.execute(update(guilds).where(guilds.c.id == 1).values(daily_zone="Middle/Earth"))
    assert await rules_of(database) == RULES[:1]
    assert "Middle/Earth" in caplog.text


async def running(connection: AsyncConnection) -> list[DailyRule]:
    plans, _ = await plans_at(connection, ALL, datetime(2030, 1, 1, tzinfo=UTC), 10)
    return [plan.turn.rule for plan in plans]


async def test_a_pause_lasts_until_it_is_ended_or_the_rule_is_set(database: Database) -> None:
    await put(database, *RULES)
    now, later = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    async with database.write() as connection:
        assert await pause_daily(connection, 1, now, "gone")
        assert not await pause_daily(connection, 1, later)
        assert not await pause_daily(connection, 77, now)
        assert await running(connection) == RULES[:1]
    assert (await rules_of(database, 1))[0].paused == Pause(now, "gone")
    async with database.write() as connection:
        assert await resume_daily(connection, 1, later)
        assert not await resume_daily(connection, 1, later)
    assert await rules_of(database, 1) == [replace(RULES[1], since=later)]
    async with database.write() as connection:
        await pause_daily(connection, 1, now)
        await set_daily_rule(connection, RULES[1])
    assert await rules_of(database, 1) == RULES[1:]


async def test_a_quote_is_picked_and_the_pick_is_dropped(database: Database) -> None:
    async with database.write() as connection:
        assert await next_quote(connection, 5) is None
        await set_next_quote(connection, 5, "key")
        assert await next_quote(connection, 5) == "key"
        await set_next_quote(connection, 5, None)
        assert await next_quote(connection, 5) is None


async def test_a_minute_that_no_day_has_is_refused(database: Database) -> None:
    await put(database, RULES[1])

    async def spoil() -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("UPDATE guilds SET daily_minute = 1440")

    with pytest.raises(IntegrityError):
        await spoil()
    assert await rules_of(database) == RULES[1:]


async def test_what_a_server_chose_changes_nothing_else_of_it(database: Database) -> None:
    await put(database, *RULES)
    async with database.write() as connection:
        await set_answers_private(connection, 1, private=True)
        await set_keep_misses(connection, 7, keep=False)
        await count_up_taught_revision(connection, 7)
        await count_up_taught_revision(connection, 7)
    assert await clear(database, 1)
    async with database.read() as connection:
        assert await guild_settings(connection, 1) == GuildSettings(answers_private=True, keep_misses=True)
        assert await guild_settings(connection, 7) == GuildSettings(answers_private=False, keep_misses=False)
        assert await guild_settings(connection, 2**63 - 1) == await guild_settings(connection, 99) == GuildSettings()
        assert [await taught_revision(connection, guild_id) for guild_id in (1, 7, 99)] == [0, 2, 0]
    assert await rules_of(database) == RULES[:1]


async def come_to(connection: AsyncConnection, guild_id: int, rotation: Rotation) -> None:
    values = {"daily_cycle": rotation.cycle, "daily_position": rotation.position}
    await connection.execute(guilds.insert().values(id=guild_id, **values))


async def test_how_far_the_quotes_have_come_is_kept_when_the_rule_is_cleared(database: Database) -> None:
    come = Rotation(cycle=2, position="0123456789abcdef fedcba9876543210")
    async with database.write() as connection:
        assert await rotation_of(connection, 5) == Rotation()
        await come_to(connection, 5, come)
        await clear_daily_rule(connection, 5)
        assert await rotation_of(connection, 5) == come
        assert await rotation_of(connection, 6) == Rotation()


async def test_what_a_server_wants_of_its_quotes_outlives_their_stop(database: Database) -> None:
    wanted = PostOptions(("one", "two"), Order.SEQUENCE, Theme.LIGHT, thread=True, role_id=2**63 - 1, publish=True)
    async with database.write() as connection:
        assert await post_options(connection, 1) == PostOptions()
        await set_post_options(connection, 1, wanted)
    await put(database, *RULES)
    assert await rules_of(database) == [replace(RULES[1], options=wanted), RULES[0]]
    await clear(database, 1)
    async with database.read() as connection:
        assert await post_options(connection, 1) == wanted


async def test_another_order_begins_a_new_round_and_the_same_one_does_not(database: Database) -> None:
    before = Rotation(cycle=3, position="0123 abcd")
    async with database.write() as connection:
        await come_to(connection, 1, before)
        await set_post_options(connection, 1, PostOptions(thread=True))
        assert await rotation_of(connection, 1) == before
        await set_post_options(connection, 1, PostOptions(order=Order.SEQUENCE))
        rotation = await rotation_of(connection, 1)
    assert rotation.order is Order.SEQUENCE
    assert rotation.last_key == before.last_key
    assert rotation.position != before.position


async def test_a_server_that_has_removed_the_bot_rests_until_it_returns(database: Database) -> None:
    await put(database, *RULES)
    left = RULES[1].guild_id
    for at, expected in ((RULES[1].since, [RULES[0].guild_id]), (None, [left, RULES[0].guild_id])):
        async with database.write() as connection:
            await set_left(connection, left, at)
            found = await running(connection)
        assert [rule.guild_id for rule in found] == expected
