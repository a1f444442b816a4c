import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.deliveries import GRACE, LEASE, Delivery, DeliveryState
from bot.domain.quotes import Quote
from bot.errors import InvalidInputError
from bot.services.deliveries import Deliveries, PostFailedError, PostRefusedError, Today
from bot.services.interviews import Interviews
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.deliveries import last_delivery
from bot.storage.favourites import add_favourite
from tests.conftest import StandingClock
from tests.samples import TEA, interview

GUILD, CHANNEL = 81384788765712384, 81384788862181376
OTHER_GUILD = GUILD + 1
DAY = date(2026, 3, 2)  # the clock's first, at 08:00 UTC
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
A_LONG_TIME = 10.0


@dataclass
class Channel:
    """Where the network would begin: keeps what was posted, and fails as it is told."""

    posted: list[Delivery] = field(default_factory=list)
    tried: list[Delivery] = field(default_factory=list)
    problems: dict[int, BaseException] = field(default_factory=dict)
    while_posting: Callable[[], object] = lambda: None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        assert delivery.state is DeliveryState.CLAIMED
        assert quote.quote == delivery.quote
        assert quote.interview.id == quote.quote.interview
        self.tried.append(delivery)
        self.while_posting()
        if delivery.guild_id in self.problems:
            raise self.problems[delivery.guild_id]
        self.posted.append(delivery)
        self.news.set()
        return 1000 + len(self.posted)

    @property
    def guilds(self) -> list[int]:
        return [delivery.guild_id for delivery in self.posted]


class InterruptedDatabase(Database):
    """The real one; something else happens between its reads."""

    after_reads: list[Callable[[], Awaitable[object]] | None]

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with super().read() as connection:
            yield connection
        then = self.after_reads.pop(0) if self.after_reads else None
        if then is not None:
            await then()


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
async def deliveries(database: Database, clock: StandingClock) -> Deliveries:
    interviews = Interviews(database)
    await interviews.load([interview()])
    return Deliveries(database, interviews, clock)


@pytest.fixture
async def daily(deliveries: Deliveries) -> Deliveries:
    """The deliveries, with one server that has its quote at nine."""
    await deliveries.set_daily(GUILD, CHANNEL, "09:00", "UTC")
    return deliveries


async def last(database: Database, guild_id: int = GUILD) -> Delivery:
    async with database.read() as connection:
        delivery = await last_delivery(connection, guild_id)
    assert delivery is not None
    return delivery


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(A_LONG_TIME):
        while not condition():  # noqa: ASYNC110 - who falls asleep tells nobody
            await asyncio.sleep(0)


class TestPostDue:
    async def test_once_at_its_time(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        clock.now = NINE - timedelta(seconds=1)
        await daily.post_due(channel)
        assert channel.tried == []
        clock.now = NINE
        await daily.post_due(channel)
        await daily.post_due(channel)
        (posted,) = channel.posted
        assert (posted.guild_id, posted.channel_id, posted.local_date) == (GUILD, CHANNEL, DAY)
        assert posted.quote.text in TEA
        settled = await last(database)
        assert (settled.state, settled.message_id, settled.problem) == (DeliveryState.SENT, 1001, None)

    async def test_late_within_the_grace(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        clock.now = NINE + GRACE
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert [delivery.local_date for delivery in channel.posted] == [DAY]

    async def test_later_than_the_grace_not_at_all(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        clock.now = NINE + GRACE + timedelta(seconds=1)
        await daily.post_due(channel)
        assert channel.tried == []
        clock.now = NINE + timedelta(days=1)
        await daily.post_due(channel)
        assert [delivery.local_date for delivery in channel.posted] == [DAY + timedelta(days=1)]

    async def test_after_days_of_downtime_one(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        clock.now = NINE + timedelta(days=5, hours=1)
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert [delivery.local_date for delivery in channel.posted] == [DAY + timedelta(days=5)]

    async def test_no_quote_comes_again_before_all_were_shown(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        for day in range(9):
            clock.now = NINE + timedelta(days=day)
            await daily.post_due(channel)
        shown = [delivery.quote.text for delivery in channel.posted]
        for start in (0, 3, 6):
            assert set(shown[start : start + 3]) == set(TEA)
        assert len({delivery.nonce for delivery in channel.posted}) == 9

    async def test_refused_is_not_tried_again(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        channel.problems[GUILD] = PostRefusedError("the channel is gone")
        clock.now = NINE
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert len(channel.tried) == 1
        settled = await last(database)
        assert (settled.state, settled.problem) == (DeliveryState.FAILED, "the channel is gone")
        del channel.problems[GUILD]
        clock.forward(days=1)
        await daily.post_due(channel)
        assert len(channel.posted) == 1

    async def test_failed_is_tried_again_as_the_same(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        channel.problems[GUILD] = PostFailedError("503")
        clock.now = NINE
        await daily.post_due(channel)
        assert (await last(database)).state is DeliveryState.WAITING
        clock.forward(minutes=1)
        await daily.post_due(channel)
        del channel.problems[GUILD]
        clock.forward(minutes=1)
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert len(channel.tried) == 3
        assert len({(delivery.nonce, delivery.quote) for delivery in channel.tried}) == 1
        assert (await last(database)).state is DeliveryState.SENT

    async def test_failed_is_not_tried_after_the_grace(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        channel.problems[GUILD] = PostFailedError("503")
        clock.now = NINE
        await daily.post_due(channel)
        clock.now = NINE + GRACE + timedelta(seconds=1)
        await daily.post_due(channel)
        assert len(channel.tried) == 1

    @pytest.mark.parametrize(
        "problem", [PostRefusedError("gone"), PostFailedError("503"), ValueError("nobody expected that")]
    )
    async def test_one_servers_fault_stops_no_other(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, problem: Exception
    ) -> None:
        await daily.set_daily(OTHER_GUILD, CHANNEL, "09:00", "UTC")
        channel.problems[GUILD] = problem
        clock.now = NINE
        await daily.post_due(channel)
        assert channel.guilds == [OTHER_GUILD]

    async def test_what_was_cut_off_is_never_sent_twice(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        channel.problems[GUILD] = asyncio.CancelledError()
        clock.now = NINE
        with pytest.raises(asyncio.CancelledError):
            await daily.post_due(channel)
        del channel.problems[GUILD]
        clock.now += LEASE + timedelta(seconds=1)
        await daily.post_due(channel)
        assert len(channel.tried) == 1
        assert (await last(database)).state is DeliveryState.UNKNOWN
        clock.forward(days=1)
        await daily.post_due(channel)
        assert len(channel.posted) == 1

    async def test_nothing_to_quote_is_nothing_owed(
        self, database: Database, channel: Channel, clock: StandingClock
    ) -> None:
        interviews = Interviews(database)
        deliveries = Deliveries(database, interviews, clock)
        await deliveries.set_daily(GUILD, CHANNEL, "09:00", "UTC")
        clock.now = NINE
        await deliveries.post_due(channel)
        assert channel.tried == []
        await interviews.load([interview()])
        await deliveries.post_due(channel)
        assert channel.guilds == [GUILD]

    async def test_a_stopped_server_gets_nothing(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        await daily.stop_daily(GUILD)
        clock.now = NINE
        await daily.post_due(channel)
        assert channel.tried == []

    async def test_of_two_processes_one_posts(
        self, database_url: str, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        other = await InterruptedDatabase.open(database_url)
        # Both find the post open before either of them claims it.
        other.after_reads = [None, lambda: daily.post_due(channel)]
        clock.now = NINE
        await Deliveries(other, Interviews(other), clock).post_due(channel)
        assert channel.guilds == [GUILD]
        await other.close()


class TestRule:
    async def test_there_is_none_at_first(self, deliveries: Deliveries) -> None:
        assert await deliveries.status(GUILD) is None
        assert not await deliveries.stop_daily(GUILD)

    async def test_is_in_force_when_it_is_said(self, deliveries: Deliveries, clock: StandingClock) -> None:
        status = await deliveries.set_daily(GUILD, CHANNEL, "9:30 pm", "america/new york")
        assert status == await deliveries.status(GUILD)
        assert (status.rule.guild_id, status.rule.channel_id, status.rule.since) == (GUILD, CHANNEL, clock.now)
        assert (status.rule.at.hour, status.rule.at.minute, status.rule.zone.key) == (21, 30, "America/New_York")
        assert status.upcoming.due == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
        assert status.last is None

    @pytest.mark.parametrize(("time", "zone"), [("25:00", "UTC"), ("09:00", "Atlantis")])
    async def test_that_cannot_be_understood_leaves_the_old_one(self, daily: Deliveries, time: str, zone: str) -> None:
        before = await daily.status(GUILD)
        with pytest.raises(InvalidInputError):
            await daily.set_daily(GUILD, CHANNEL, time, zone)
        assert await daily.status(GUILD) == before

    async def test_for_an_hour_that_is_over_begins_tomorrow(self, deliveries: Deliveries, channel: Channel) -> None:
        status = await deliveries.set_daily(GUILD, CHANNEL, "07:00", "UTC")
        assert status.upcoming.due == datetime(2026, 3, 3, 7, tzinfo=UTC)
        await deliveries.post_due(channel)
        assert channel.tried == []

    async def test_for_a_later_hour_of_a_day_that_had_its_quote_begins_tomorrow(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        clock.now = NINE
        await daily.post_due(channel)
        status = await daily.set_daily(GUILD, CHANNEL, "20:00", "UTC")
        assert status.upcoming.local_date == DAY + timedelta(days=1)
        assert status.last is not None
        assert status.last.state is DeliveryState.SENT
        clock.now = NINE.replace(hour=20)
        await daily.post_due(channel)
        assert len(channel.posted) == 1

    async def test_can_be_stopped(self, daily: Deliveries) -> None:
        assert await daily.stop_daily(GUILD)
        assert await daily.status(GUILD) is None


class TestRun:
    async def finish(self, deliveries: Deliveries, running: asyncio.Task[None]) -> None:
        deliveries.stop()
        await asyncio.wait_for(running, A_LONG_TIME)

    async def test_posts_what_is_due_and_ends_when_told(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        clock.now = NINE
        running = asyncio.create_task(daily.run(channel))
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(daily, running)
        assert channel.guilds == [GUILD]
        assert (await last(database)).state is DeliveryState.SENT

    async def test_stopped_while_posting_settles_that_post_and_begins_no_other(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        await daily.set_daily(OTHER_GUILD, CHANNEL, "09:00", "UTC")
        channel.while_posting = daily.stop
        clock.now = NINE
        await asyncio.wait_for(daily.run(channel), A_LONG_TIME)
        assert channel.guilds == [GUILD]
        assert (await last(database)).state is DeliveryState.SENT

    async def test_stopped_before_it_begins(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        clock.now = NINE
        daily.stop()
        await asyncio.wait_for(daily.run(channel), A_LONG_TIME)
        assert channel.tried == []

    async def test_a_new_rule_wakes_it(self, deliveries: Deliveries, channel: Channel) -> None:
        running = asyncio.create_task(deliveries.run(channel))
        await until(lambda: deliveries._rounds.asleep)
        await deliveries.set_daily(GUILD, CHANNEL, "08:00", "UTC")
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(deliveries, running)
        assert channel.guilds == [GUILD]

    async def test_a_new_rule_is_not_missed_on_the_way_to_sleep(
        self, database_url: str, channel: Channel, clock: StandingClock
    ) -> None:
        database = await InterruptedDatabase.open(database_url)
        database.after_reads = []
        interviews = Interviews(database)
        await interviews.load([interview()])
        deliveries = Deliveries(database, interviews, clock)
        # The first read finds nothing due, the second finds out how long to sleep.
        database.after_reads = [None, lambda: deliveries.set_daily(GUILD, CHANNEL, "08:00", "UTC")]
        running = asyncio.create_task(deliveries.run(channel))
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(deliveries, running)
        assert channel.guilds == [GUILD]
        await database.close()

    async def test_a_database_that_fails_for_a_while_does_not_end_it(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, tmp_path: Path
    ) -> None:
        def rename(old: str, new: str) -> None:
            with sqlite3.connect(tmp_path / "test.db") as connection:
                connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
            connection.close()

        rename("deliveries", "gone")
        clock.now = NINE
        running = asyncio.create_task(daily.run(channel))
        await until(lambda: daily._rounds.asleep)
        assert not running.done()
        assert channel.tried == []
        rename("gone", "deliveries")
        await daily.set_daily(GUILD, CHANNEL, "09:00", "UTC")
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(daily, running)
        assert channel.guilds == [GUILD]

    async def test_sleeps_until_the_next_is_due_but_not_for_long(self, daily: Deliveries, clock: StandingClock) -> None:
        assert await daily._pause() == timedelta(minutes=1)
        clock.now = NINE - timedelta(seconds=7)
        assert await daily._pause() == timedelta(seconds=7)


class TestToday:
    async def test_has_a_quote_from_its_post_to_the_end_of_the_day_there(
        self, deliveries: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        await deliveries.set_daily(GUILD, CHANNEL, "23:00", "America/New_York")
        before = await deliveries.today(GUILD)
        assert before.status is not None
        assert (before.date, before.post, before.quote) == (DAY, None, None)
        assert before.status.upcoming.local_date == DAY

        clock.now = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # 23:30 of the day before over there
        await deliveries.post_due(channel)
        (posted,) = channel.posted
        async with database.write() as connection:
            await add_favourite(connection, 5, posted.quote, clock())
        after = await deliveries.today(GUILD)
        assert after.post is not None
        assert after.quote is not None
        assert (after.date, after.post.message_id, after.quote.quote) == (DAY, 1001, posted.quote)
        assert after.quote.favourites == 1

        clock.forward(hours=1)
        tomorrow = await deliveries.today(GUILD)
        assert (tomorrow.date, tomorrow.quote) == (DAY + timedelta(days=1), None)

    async def test_has_none_while_the_post_is_tried_again(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        clock.now = NINE
        channel.problems[GUILD] = PostFailedError("busy")
        await daily.post_due(channel)
        today = await daily.today(GUILD)
        assert today.post is not None
        assert (today.post.state, today.quote) == (DeliveryState.WAITING, None)

    async def test_has_its_quote_after_the_rule_is_gone(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        clock.now = NINE
        await daily.post_due(channel)
        await daily.stop_daily(GUILD)
        today = await daily.today(GUILD)
        assert (today.status, today.quote is not None) == (None, True)
        assert await daily.today(OTHER_GUILD) == Today(DAY, None)


async def test_a_post_says_how_many_members_keep_its_quote(
    daily: Deliveries, clock: StandingClock, database: Database
) -> None:
    counts = []

    class Counting(Channel):
        async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
            counts.append(quote.favourites)
            return await super().post(delivery, quote)

    async with database.write() as connection:
        for number, text in enumerate(TEA, start=1):
            await add_favourite(connection, 5, Quote("tea", f"a{number}", text), clock())
    clock.now = NINE
    await daily.post_due(Counting())
    assert counts == [1]
