from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import DailyRule, LocalPost, post_on
from bot.domain.deliveries import GRACE, LEASE, Delivery, DeliveryState
from bot.domain.planning import Entry
from bot.domain.quotes import Quote
from bot.domain.shards import ALL
from bot.storage.database import Database
from bot.storage.deliveries import (
    Neglected,
    claim,
    claim_again,
    claim_late,
    coming_skip,
    entries_of,
    find_delivery,
    give_up,
    last_dates,
    last_delivery,
    ledger,
    neglected,
    record_days,
    refused_in_a_row,
    release,
    settle,
    settled_dates,
    undo_skip,
)
from bot.storage.guilds import set_daily_rule
from tests.conftest import StandingClock

GUILD, CHANNEL = 81384788765712384, 81384788862181376
DAY = date(2026, 3, 2)
ONE_DAY = timedelta(days=1)
QUOTE = Quote("tea", "a1", "Every cup deserves four minutes.")
OTHER = Quote("tea", "a2", "My grandmother sold tea from a boat.")
RULE = DailyRule(GUILD, CHANNEL, time(8), ZoneInfo("UTC"), datetime(2026, 1, 1, tzinfo=UTC))


def on(day: date) -> LocalPost:
    return post_on(RULE, day)


async def take(
    database: Database, clock: StandingClock, quote: Quote = QUOTE, day: date = DAY, guild: int = GUILD
) -> Delivery | None:
    async with database.write() as connection:
        claimed = await claim(connection, [(replace(RULE, guild_id=guild), on(day), quote)], clock())
    return claimed[0] if claimed else None


async def taken(database: Database, clock: StandingClock, day: date = DAY) -> Delivery:
    delivery = await take(database, clock, day=day)
    assert delivery is not None
    return delivery


async def retake(database: Database, clock: StandingClock, channel: int = CHANNEL) -> Delivery | None:
    async with database.write() as connection:
        return await claim_again(connection, replace(RULE, channel_id=channel), DAY, clock())


async def finish(database: Database, delivery: Delivery, state: DeliveryState, **changes: object) -> bool:
    async with database.write() as connection:
        return await settle(connection, replace(delivery, state=state, problem=f"was {state}", **changes))  # type: ignore[arg-type]


async def found(database: Database, day: date = DAY) -> Delivery:
    async with database.read() as connection:
        delivery = await find_delivery(connection, GUILD, day)
    assert delivery is not None
    return delivery


async def neglect(database: Database, now: datetime) -> Neglected:
    async with database.read() as connection:
        return await neglected(connection, ALL, now, 10)


async def record(database: Database, clock: StandingClock, state: DeliveryState, *days: date) -> None:
    async with database.write() as connection:
        await record_days(connection, [(RULE, on(day)) for day in days], state, clock())


async def test_a_claim_says_all_of_it_and_is_in_doubt_to_all_others(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    assert delivery == Delivery(
        delivery.id, GUILD, DAY, on(DAY).due, CHANNEL, QUOTE, DeliveryState.CLAIMED, claimed_at=clock.now, attempts=1
    )
    assert await found(database) == replace(delivery, doubted_at=clock.now)


async def test_a_day_is_claimed_once(database: Database, clock: StandingClock) -> None:
    await taken(database, clock)
    assert await take(database, clock, OTHER) is None
    assert await retake(database, clock) is None


async def test_days_and_servers_are_claimed_apart(database: Database, clock: StandingClock) -> None:
    await taken(database, clock)
    assert await take(database, clock, day=DAY + ONE_DAY) is not None
    assert await take(database, clock, guild=GUILD + 1) is not None


async def test_of_two_processes_one_gets_the_claim(database_url: str, clock: StandingClock) -> None:
    one, other = await Database.open(database_url), await Database.open(database_url)
    claims = [await take(database, clock) for database in (one, other)]
    assert [claimed is None for claimed in claims] == [False, True]
    await one.close()
    await other.close()


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN])
async def test_what_is_settled_is_never_claimed_again(
    database: Database, clock: StandingClock, state: DeliveryState
) -> None:
    delivery = await taken(database, clock)
    assert await finish(database, delivery, state, message_id=7)
    assert await take(database, clock) is None
    assert await retake(database, clock) is None
    kept = await found(database)
    assert (kept.state, kept.message_id, kept.problem) == (state, 7, f"was {state}")


async def test_what_waits_is_handed_out_again_when_its_time_has_come(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    await finish(database, delivery, DeliveryState.WAITING, retry_at=clock.now + timedelta(minutes=5))
    assert await retake(database, clock) is None
    clock.forward(minutes=5)
    again = await retake(database, clock, channel=5)
    assert again is not None
    assert (again.id, again.nonce, again.quote) == (delivery.id, delivery.nonce, QUOTE)
    assert (again.state, again.channel_id, again.claimed_at) == (DeliveryState.CLAIMED, 5, clock.now)
    assert (again.attempts, again.doubted_at) == (2, None)
    assert await retake(database, clock) is None


async def test_what_is_in_doubt_stays_in_its_channel(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    await finish(database, delivery, DeliveryState.WAITING, retry_at=clock.now, doubted_at=delivery.claimed_at)
    clock.forward(minutes=5)
    again = await retake(database, clock, channel=5)
    assert again is not None
    assert (again.channel_id, again.doubted_at) == (CHANNEL, delivery.claimed_at)


async def test_a_claim_that_nobody_settles_is_released_in_doubt_when_its_lease_ends(
    database: Database, clock: StandingClock
) -> None:
    delivery = await taken(database, clock)
    clock.now += LEASE
    assert (await neglect(database, clock())).cut_off == {}
    clock.forward(seconds=1)
    assert (await neglect(database, clock())).cut_off == {delivery.id: GUILD}
    async with database.write() as connection:
        assert await release(connection, [delivery.id], clock()) == [GUILD]
        assert await release(connection, [delivery.id], clock()) == []
    again = await retake(database, clock)
    assert again is not None
    assert again.doubted_at == delivery.claimed_at
    # Whoever stalled for so long settles nothing any more.
    assert not await finish(database, delivery, DeliveryState.SENT)
    assert await finish(database, again, DeliveryState.SENT)


async def test_what_waits_until_it_is_too_late_is_missed_unless_it_is_in_doubt(
    database: Database, clock: StandingClock
) -> None:
    sure, doubted = await taken(database, clock), await taken(database, clock, DAY - ONE_DAY)
    await finish(database, sure, DeliveryState.WAITING)
    await finish(database, doubted, DeliveryState.WAITING, doubted_at=clock.now)
    clock.now = on(DAY).due + GRACE
    assert (await neglect(database, clock())).missed == {}
    clock.forward(seconds=1)
    assert (await neglect(database, clock())).missed == {sure.id: GUILD}
    async with database.write() as connection:
        assert await give_up(connection, [sure.id, doubted.id], clock()) == 1
    assert (await found(database)).state is DeliveryState.MISSED
    assert (await found(database, DAY - ONE_DAY)).state is DeliveryState.WAITING


async def test_what_is_in_doubt_until_it_is_too_late_is_claimed_once_to_be_looked_for(
    database: Database, clock: StandingClock
) -> None:
    doubted = await taken(database, clock)
    retry_at = on(DAY).due + GRACE + timedelta(minutes=1)
    await finish(database, doubted, DeliveryState.WAITING, doubted_at=clock.now, retry_at=retry_at)
    sure = await taken(database, clock, DAY - ONE_DAY)
    await finish(database, sure, DeliveryState.WAITING)

    async def late(now: datetime) -> list[Delivery]:
        assert (await neglect(database, now)).doubted.keys() <= {doubted.id}
        async with database.write() as connection:
            return await claim_late(connection, [doubted.id, sure.id], now)

    assert await late(retry_at - timedelta(seconds=1)) == []
    (claimed,) = await late(retry_at)
    assert await late(retry_at) == []
    assert claimed == await found(database)
    assert (claimed.id, claimed.state, claimed.attempts) == (doubted.id, DeliveryState.CLAIMED, 2)
    assert (claimed.claimed_at, claimed.doubted_at) == (retry_at, doubted.claimed_at)


async def test_days_without_a_post_are_entered_once_and_change_no_other(
    database: Database, clock: StandingClock
) -> None:
    delivery = await taken(database, clock)
    days = [DAY - ONE_DAY, DAY, DAY + ONE_DAY]
    await record(database, clock, DeliveryState.MISSED, *days)
    await record(database, clock, DeliveryState.SKIPPED, *days)
    await record(database, clock, DeliveryState.MISSED)
    async with database.read() as connection:
        entries = await ledger(connection, GUILD, 0, 10)
        assert await ledger(connection, GUILD, 1, 1) == entries[1:2]
    assert [entry.state for entry in entries] == [DeliveryState.MISSED, DeliveryState.CLAIMED, DeliveryState.MISSED]
    assert [entry.quote for entry in entries] == [None, delivery.quote, None]
    assert [entry.due for entry in entries] == [on(day).due for day in reversed(days)]


async def test_a_skip_can_be_taken_back_until_its_time(database: Database, clock: StandingClock) -> None:
    clock.now = on(DAY).due - timedelta(seconds=1)
    await record(database, clock, DeliveryState.SKIPPED, DAY)
    async with database.write() as connection:
        skip = await coming_skip(connection, GUILD, clock())
        assert skip is not None
        assert skip.local_date == DAY
        assert await last_delivery(connection, GUILD) is None
        assert await undo_skip(connection, GUILD, clock())
        assert not await undo_skip(connection, GUILD, clock())
        assert await coming_skip(connection, GUILD, clock()) is None
    await record(database, clock, DeliveryState.SKIPPED, DAY)
    clock.forward(seconds=1)
    async with database.write() as connection:
        assert not await undo_skip(connection, GUILD, clock())


async def test_what_is_entered_is_found_for_many_at_once(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    await finish(database, delivery, DeliveryState.WAITING, retry_at=clock.now)
    await record(database, clock, DeliveryState.SKIPPED, DAY + ONE_DAY)
    async with database.read() as connection:
        assert await entries_of(connection, [GUILD, 7], [DAY]) == {
            (GUILD, DAY): Entry(DeliveryState.WAITING, clock.now)
        }
    async with database.write() as connection:
        await set_daily_rule(connection, RULE)
        assert await last_dates(connection, [GUILD, 7], on(DAY).due) == {GUILD: DAY}
        assert await settled_dates(connection, GUILD, DAY) == {DAY + ONE_DAY}


async def test_three_refused_days_in_a_row_are_told_from_others(database: Database, clock: StandingClock) -> None:
    async def refused(since: date) -> bool:
        async with database.read() as connection:
            return await refused_in_a_row(connection, GUILD, on(since).due)

    outcomes = [DeliveryState.FAILED, DeliveryState.FAILED, DeliveryState.SENT, *[DeliveryState.FAILED] * 3]
    seen = []
    for number, state in enumerate(outcomes):
        await finish(database, await taken(database, clock, DAY + number * ONE_DAY), state)
        seen.append(await refused(DAY))
    assert seen == [False] * 5 + [True]
    assert await refused(DAY + 3 * ONE_DAY)
    assert not await refused(DAY + 4 * ONE_DAY)


async def test_the_last_is_that_of_the_latest_date(database: Database, clock: StandingClock) -> None:
    for days in (1, 3, 2):
        await take(database, clock, day=DAY + timedelta(days=days))
    await take(database, clock, guild=GUILD + 1, day=DAY + timedelta(days=9))
    async with database.read() as connection:
        last = await last_delivery(connection, GUILD)
    assert last is not None
    assert last.local_date == DAY + timedelta(days=3)
