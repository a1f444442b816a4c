"""What goes on in the background while a PostgreSQL server is away: tried again, and nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.app import open_services
from bot.domain.deliveries import LEASE, Delivery
from bot.services import Services
from bot.services.quotes import SourcedQuote
from bot.services.rounds import running
from tests.conftest import StandingClock
from tests.databases import rows
from tests.postgres import Postgres
from tests.waiting import until

GUILD, CHANNEL = 81384788765712384, 81384788862181376
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONGEST = 20.0


@dataclass
class Channel:
    """A channel of Discord's, where one nonce makes one message, and what else happens when one is posted."""

    messages: dict[str, int] = field(default_factory=dict)
    while_posting: Callable[[], object] = lambda: None

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        assert quote.quote == delivery.quote
        self.while_posting()
        return self.messages.setdefault(delivery.nonce, 1000 + len(self.messages))

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        assert quote.quote == delivery.quote
        return self.messages.get(delivery.nonce)

    async def finish(self, delivery: Delivery, message_id: int) -> str | None:
        assert self.messages[delivery.nonce] == message_id
        return None

    async def tell_paused(self, delivery: Delivery) -> None:
        raise AssertionError(delivery)


@pytest.fixture
async def owing(own_url: str, clock: StandingClock) -> AsyncIterator[Services]:
    """A process that owes a quote at nine."""
    async with open_services(own_url, clock, stays=True) as services:
        await services.deliveries.set_daily(GUILD, CHANNEL, "09:00", "UTC")
        yield services


@asynccontextmanager
async def going_on(*works: Any) -> AsyncIterator[None]:
    """Let background work go on meanwhile."""
    tasks = [asyncio.create_task(work.run(*with_what)) for work, *with_what in works]
    try:
        yield
    finally:
        for work, *_ in works:
            work.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), LONGEST)


def all_asleep() -> bool:
    return bool(running()) and all(rounds.asleep for rounds in running())


def wake() -> None:
    for rounds in running():
        rounds.wake()


async def test_a_quote_that_is_due_meanwhile_is_posted_once_after_it(
    owing: Services, own_postgres: Postgres, own_url: str, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel()
    async with going_on((owing.deliveries, channel)):
        await until(all_asleep)
        own_postgres.stop()
        clock.now = NINE
        wake()
        await until(lambda: "could not be seen to" in caplog.text)
        assert not channel.messages
        own_postgres.start()
        for _ in range(3):
            await until(all_asleep)
            wake()
            await until(lambda: channel.messages)
    assert len(channel.messages) == 1
    assert rows(own_url, "SELECT state FROM deliveries") == [("sent",)]


async def test_one_that_goes_while_a_quote_is_posted_gets_no_second(
    owing: Services, own_postgres: Postgres, own_url: str, clock: StandingClock
) -> None:
    channel = Channel(while_posting=own_postgres.stop)
    async with going_on((owing.deliveries, channel)):
        await until(all_asleep)
        clock.now = NINE
        wake()
        await until(lambda: channel.messages)
        channel.while_posting = lambda: None
        own_postgres.start()
        assert rows(own_url, "SELECT state FROM deliveries") == [("claimed",)]
        clock.now += LEASE * 2

        def sent() -> bool:
            wake()
            return rows(own_url, "SELECT state FROM deliveries") == [("sent",)]

        await until(sent, every=0.05)
    assert len(channel.messages) == 1


async def test_everything_in_the_background_is_well_again_after_it(
    owing: Services, own_postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    own_postgres.stop()
    nobody = object()  # there is nothing to be told
    works = (
        (owing.deliveries, Channel()),
        (owing.gaps,),
        (owing.retention,),
        (owing.reviewing, nobody),
        (owing.publications, nobody),
    )
    async with going_on(*works):
        await until(lambda: caplog.text.count("could not be seen to") == len(works))
        assert all(rounds.behind > 0 for rounds in running())
        own_postgres.start()
        await until(all_asleep)
        wake()
        await until(lambda: all(rounds.behind == 0 for rounds in running()))
