from datetime import date, timedelta

import pytest

from bot.domain.deliveries import LEASE, Delivery, DeliveryState
from bot.domain.quotes import Quote
from bot.storage.database import Database
from bot.storage.deliveries import claim, count_deliveries, give_up_stale, is_settled, last_delivery, settle
from tests.conftest import StandingClock

GUILD, CHANNEL = 81384788765712384, 81384788862181376
DAY = date(2026, 3, 2)
QUOTE = Quote("tea", "a1", "Every cup deserves four minutes.")
OTHER = Quote("tea", "a2", "My grandmother sold tea from a boat.")


async def take(
    database: Database,
    clock: StandingClock,
    quote: Quote = QUOTE,
    day: date = DAY,
    guild: int = GUILD,
    channel: int = CHANNEL,
) -> Delivery | None:
    async with database.write() as connection:
        return await claim(connection, guild, day, channel, quote, clock())


async def taken(database: Database, clock: StandingClock) -> Delivery:
    delivery = await take(database, clock)
    assert delivery is not None
    return delivery


async def finish(database: Database, delivery: Delivery, state: DeliveryState, message_id: int | None = None) -> None:
    async with database.write() as connection:
        await settle(connection, delivery, state, message_id=message_id, problem=f"was {state}")


async def last(database: Database, guild: int = GUILD) -> Delivery | None:
    async with database.read() as connection:
        return await last_delivery(connection, guild)


async def settled(database: Database, guild: int = GUILD, day: date = DAY) -> bool:
    async with database.read() as connection:
        return await is_settled(connection, guild, day)


async def test_a_claim_says_all_of_it(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    assert delivery == Delivery(
        delivery.id, GUILD, DAY, CHANNEL, QUOTE, DeliveryState.CLAIMED, claimed_at=clock.now, message_id=None
    )
    assert await last(database) == delivery


async def test_a_day_is_claimed_once(database: Database, clock: StandingClock) -> None:
    assert not await settled(database)
    await taken(database, clock)
    assert await settled(database)
    assert await take(database, clock, OTHER) is None


async def test_days_and_servers_are_claimed_apart(database: Database, clock: StandingClock) -> None:
    await taken(database, clock)
    assert await take(database, clock, day=DAY + timedelta(days=1)) is not None
    assert await take(database, clock, guild=GUILD + 1) is not None
    async with database.read() as connection:
        assert await count_deliveries(connection, GUILD) == 2
        assert await count_deliveries(connection, GUILD + 1) == 1
        assert await count_deliveries(connection, GUILD + 2) == 0


async def test_of_two_processes_one_gets_the_claim(database_url: str, clock: StandingClock) -> None:
    one, other = await Database.open(database_url), await Database.open(database_url)
    claims = [await take(database, clock) for database in (one, other)]
    assert [found is None for found in claims] == [False, True]
    await one.close()
    await other.close()


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN])
async def test_what_is_settled_is_never_claimed_again(
    database: Database, clock: StandingClock, state: DeliveryState
) -> None:
    delivery = await taken(database, clock)
    await finish(database, delivery, state, message_id=7)
    assert await settled(database)
    assert await take(database, clock) is None
    found = await last(database)
    assert found is not None
    assert (found.state, found.message_id, found.problem) == (state, 7, f"was {state}")


async def test_what_waits_is_handed_out_again_with_its_quote(database: Database, clock: StandingClock) -> None:
    delivery = await taken(database, clock)
    await finish(database, delivery, DeliveryState.WAITING)
    assert not await settled(database)
    clock.forward(minutes=5)
    again = await take(database, clock, OTHER, channel=5)
    assert again is not None
    assert (again.id, again.nonce, again.quote) == (delivery.id, delivery.nonce, QUOTE)
    assert (again.state, again.channel_id, again.claimed_at) == (DeliveryState.CLAIMED, 5, clock.now)
    assert await take(database, clock, OTHER) is None


async def test_a_claim_that_nobody_settles_is_given_up_when_its_lease_ends(
    database: Database, clock: StandingClock
) -> None:
    await taken(database, clock)
    clock.now += LEASE
    async with database.write() as connection:
        assert await give_up_stale(connection, clock()) == 0
    clock.forward(seconds=1)
    async with database.write() as connection:
        assert await give_up_stale(connection, clock()) == 1
        assert await give_up_stale(connection, clock()) == 0
    found = await last(database)
    assert found is not None
    assert found.state is DeliveryState.UNKNOWN
    assert await take(database, clock) is None


async def test_the_last_is_that_of_the_latest_date(database: Database, clock: StandingClock) -> None:
    assert await last(database) is None
    for days in (1, 3, 2):
        await take(database, clock, day=DAY + timedelta(days=days))
    await take(database, clock, guild=GUILD + 1, day=DAY + timedelta(days=9))
    found = await last(database)
    assert found is not None
    assert found.local_date == DAY + timedelta(days=3)
