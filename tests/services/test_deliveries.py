import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from time import sleep as blocking_sleep
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import SPREAD, DailyRule, Pause, jitter
from bot.domain.deliveries import GRACE, LEASE, MISSED_DAYS, Delivery, DeliveryState, PostOptions
from bot.domain.quotes import Quote
from bot.errors import InvalidInputError, NotFoundError
from bot.services.deliveries import Deliveries, Today
from bot.services.dispatcher import HistoryClosedError, Pace, PostFailedError, PostRefusedError
from bot.services.interviews import Interviews
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.deliveries import last_delivery, ledger
from bot.storage.favourites import add_favourite
from bot.storage.guilds import set_daily_rule
from tests.conftest import StandingClock
from tests.databases import rows
from tests.samples import TEA, interview
from tests.waiting import until

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
    hangs: bool = False
    while_posting: Callable[[], object] = lambda: None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    # What Discord has, by nonce, and what it tells of it.
    there: dict[str, int] = field(default_factory=dict)
    looked: list[Delivery] = field(default_factory=list)
    closed: bool = False
    look_fails: Exception | None = None
    told: list[Delivery] = field(default_factory=list)
    finished: list[tuple[Delivery, int]] = field(default_factory=list)
    unfinished: str | Exception | None = None

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        assert quote.quote == delivery.quote
        self.looked.append(delivery)
        if self.closed:
            raise HistoryClosedError("may not read")
        if self.look_fails is not None:
            raise self.look_fails
        return self.there.get(delivery.nonce)

    async def finish(self, delivery: Delivery, message_id: int) -> str | None:
        self.finished.append((delivery, message_id))
        if isinstance(self.unfinished, Exception):
            raise self.unfinished
        return self.unfinished

    async def tell_paused(self, delivery: Delivery) -> None:
        self.told.append(delivery)

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        assert delivery.state is DeliveryState.CLAIMED
        assert delivery.quote is not None
        assert quote.quote == delivery.quote
        assert quote.interview.id == quote.quote.interview
        self.tried.append(delivery)
        self.while_posting()
        if self.hangs:
            await asyncio.Event().wait()
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
        assert posted.quote is not None
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

    @pytest.mark.parametrize("late", [timedelta(hours=1), timedelta(hours=7)])
    async def test_after_days_of_downtime_at_most_one_and_the_others_are_entered(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database, late: timedelta
    ) -> None:
        clock.now = NINE
        await daily.post_due(channel)
        clock.now = NINE + timedelta(days=5) + late
        await daily.post_due(channel)
        await daily.post_due(channel)
        caught_up = late <= GRACE
        assert len(channel.posted) == (2 if caught_up else 1)
        async with database.read() as connection:
            entries = await ledger(connection, GUILD, 0, 10)
        missed, sent = DeliveryState.MISSED, DeliveryState.SENT
        assert [entry.state for entry in entries] == [sent if caught_up else missed, *[missed] * 4, sent]
        assert [entry.local_date for entry in entries] == [DAY + timedelta(days=day) for day in range(5, -1, -1)]

    async def test_an_absence_of_years_is_no_flood(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        clock.now = NINE + timedelta(days=1000)
        await daily.post_due(channel)
        async with database.read() as connection:
            entries = await ledger(connection, GUILD, 0, 100)
        assert len(channel.posted) == 1
        assert len(entries) == MISSED_DAYS

    async def test_a_clock_that_is_set_back_posts_nothing_twice_and_enters_nothing(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        clock.now = NINE + timedelta(days=1)
        await daily.post_due(channel)
        for dispatch in (daily, Deliveries(database, Interviews(database), clock)):
            clock.now = NINE + timedelta(days=1) - timedelta(hours=1)
            for _ in range(5):
                await dispatch.post_due(channel)
                clock.forward(minutes=30)
        async with database.read() as connection:
            entries = await ledger(connection, GUILD, 0, 10)
        assert [entry.state for entry in entries] == [DeliveryState.SENT, DeliveryState.MISSED]
        assert len(channel.tried) == 1

    async def test_no_quote_comes_again_before_all_were_shown(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        for day in range(9):
            clock.now = NINE + timedelta(days=day)
            await daily.post_due(channel)
        shown = [delivery.quote.text for delivery in channel.posted if delivery.quote is not None]
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
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        channel.problems[GUILD] = PostFailedError("503", in_doubt=False)
        clock.now = NINE
        await daily.post_due(channel)
        clock.now = NINE + GRACE + timedelta(seconds=1)
        await daily.post_due(channel)
        assert (len(channel.tried), channel.looked) == (1, [])
        assert (await last(database)).state is DeliveryState.MISSED

    @pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.MISSED, DeliveryState.UNKNOWN])
    @pytest.mark.parametrize("stopped", [True, False])
    async def test_in_doubt_after_the_grace_is_looked_for_a_last_time(
        self,
        daily: Deliveries,
        channel: Channel,
        clock: StandingClock,
        database: Database,
        state: DeliveryState,
        stopped: bool,
    ) -> None:
        await self.doubted(daily, channel, clock)
        if state is DeliveryState.SENT:
            channel.there[channel.tried[0].nonce] = 77
        channel.closed = state is DeliveryState.UNKNOWN
        if stopped:
            await daily.stop_daily(GUILD)
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert (len(channel.tried), len(channel.looked)) == (1, 1)
        settled = await last(database)
        assert (settled.state, settled.message_id) == (state, 77 if state is DeliveryState.SENT else None)

    async def test_in_doubt_after_the_grace_waits_for_discord_to_tell(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        await self.doubted(daily, channel, clock)
        channel.look_fails = PostFailedError("does not answer", in_doubt=False)
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert len(channel.looked) == 1
        assert (await last(database)).state is DeliveryState.WAITING
        channel.look_fails = None
        clock.forward(minutes=15)
        await daily.post_due(channel)
        assert (len(channel.tried), len(channel.looked)) == (1, 2)
        assert (await last(database)).state is DeliveryState.MISSED

    async def test_a_last_look_that_fails_for_a_fault_of_ones_own_is_not_repeated(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        await self.doubted(daily, channel, clock)
        channel.look_fails = ValueError("nobody expected that")
        await daily.post_due(channel)
        assert (await last(database)).state is DeliveryState.UNKNOWN

    async def doubted(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        """Leave a post in doubt until the grace has just ended."""
        channel.problems[GUILD] = PostFailedError("timed out")
        clock.now = NINE
        await daily.post_due(channel)
        clock.now = NINE + GRACE + timedelta(seconds=1)

    async def test_failed_is_tried_at_growing_pauses_and_looked_for_once_the_nonce_is_old(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        channel.problems[GUILD] = PostFailedError("timed out")
        clock.now = NINE
        tried: list[tuple[float, int]] = []
        while clock.now < NINE + timedelta(hours=1):
            pause = await daily.post_due(channel)
            tried.append(((clock.now - NINE).total_seconds(), len(channel.looked)))
            clock.now += pause
        seconds = [at for at, _ in tried]
        assert seconds[:4] == [0, 10, 40, 100]
        assert 8 < len(channel.tried) < 15
        assert [looked for at, looked in tried if at <= 120] == [0] * len([at for at in seconds if at <= 120])
        assert channel.looked

    async def test_what_surely_did_not_arrive_is_never_looked_for(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        channel.problems[GUILD] = PostFailedError("429", in_doubt=False)
        clock.now = NINE
        for _ in range(5):
            await daily.post_due(channel)
            clock.forward(minutes=10)
        del channel.problems[GUILD]
        await daily.post_due(channel)
        assert (len(channel.posted), channel.looked) == (1, [])

    async def test_who_stalls_between_claim_and_send_does_not_send(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        class Stalling(Pace):
            async def take(self) -> None:
                clock.now += LEASE

        clock.now = NINE
        daily._dispatcher._pace = Stalling(1)
        await daily.post_due(channel)
        assert channel.tried == []
        kept = await last(database)
        assert (kept.state, kept.doubted_at) == (DeliveryState.WAITING, None)

    async def test_three_refused_days_in_a_row_pause_it_and_admins_are_told_once(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        channel.problems[GUILD] = PostRefusedError("the channel is gone")
        for day in range(5):
            clock.now = NINE + timedelta(days=day)
            await daily.post_due(channel)
        assert [delivery.local_date.day for delivery in channel.tried] == [2, 3, 4]
        assert [(delivery.local_date.day, delivery.problem) for delivery in channel.told] == [
            (4, "the channel is gone")
        ]
        status = await daily.status(GUILD)
        assert status is not None
        assert status.rule.paused == Pause(NINE + timedelta(days=2), "the channel is gone")

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

    @pytest.mark.parametrize("arrived", [True, False])
    async def test_what_was_cut_off_is_looked_for_before_it_is_sent_again(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database, arrived: bool
    ) -> None:
        await self.cut_off(daily, channel, clock)
        if arrived:
            channel.there[channel.tried[0].nonce] = 77
        await daily.post_due(channel)
        assert len(channel.looked) == 1
        assert len(channel.posted) == (0 if arrived else 1)
        settled = await last(database)
        assert (settled.state, settled.message_id) == (DeliveryState.SENT, 77 if arrived else 1001)
        await daily.post_due(channel)
        assert len(channel.looked) == 1

    async def cut_off(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        clock.now, channel.hangs = NINE, True
        posting = asyncio.create_task(daily.post_due(channel))
        await until(lambda: channel.tried)
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
        channel.hangs = False
        await daily.post_due(channel)  # the lease holds
        assert len(channel.tried) == 1
        clock.now += LEASE + timedelta(seconds=1)

    async def test_where_nobody_may_look_it_is_not_sent_again(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database: Database
    ) -> None:
        await self.cut_off(daily, channel, clock)
        channel.closed = True
        await daily.post_due(channel)
        await daily.post_due(channel)
        assert channel.posted == []
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
        other.after_reads = [None] * 4 + [lambda: daily.post_due(channel)]
        clock.now = NINE
        await Deliveries(other, Interviews(other), clock).post_due(channel)
        assert channel.guilds == [GUILD]
        await other.close()


class TestPace:
    async def test_no_more_than_so_many_a_second_in_the_order_of_asking(self) -> None:
        pace, passed = Pace(100), []
        begin = asyncio.get_running_loop().time()

        async def take(number: int) -> None:
            await pace.take()
            passed.append((number, asyncio.get_running_loop().time() - begin))

        await asyncio.gather(*(take(number) for number in range(10)))
        assert [number for number, _ in passed] == list(range(10))
        assert all(at >= number / 100 - 0.001 for number, at in passed)

    async def test_who_was_held_up_does_not_pass_together_with_the_next(self) -> None:
        pace, passed = Pace(50), []

        async def take() -> None:
            await pace.take()
            passed.append(asyncio.get_running_loop().time())

        taking = asyncio.gather(take(), take(), take())
        await asyncio.sleep(0)
        blocking_sleep(0.05)  # noqa: ASYNC251 - nobody gets a turn meanwhile, and two are due by then
        await taking
        assert passed[2] - passed[1] > 0.019

    async def test_a_crowd_is_spread_and_comes_once(
        self,
        deliveries: Deliveries,
        channel: Channel,
        clock: StandingClock,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("bot.services.dispatcher.CROWD", 40)
        monkeypatch.setattr("bot.services.dispatcher.ROUND", 7)
        monkeypatch.setattr("bot.services.dispatcher.PAGE", 9)
        deliveries._dispatcher._pace = Pace(10_000)
        rule = DailyRule(0, CHANNEL, time(9), ZoneInfo("UTC"), clock.now)
        async with database.write() as connection:
            for number in range(1, 41):
                await set_daily_rule(connection, replace(rule, guild_id=number))
        clock.now = NINE
        while clock.now <= NINE + SPREAD:
            clock.now += max(await deliveries.post_due(channel), timedelta(microseconds=1))
            assert all(jitter(number) <= clock.now - NINE for number in channel.guilds)
        assert sorted(channel.guilds) == list(range(1, 41))
        assert channel.guilds == sorted(channel.guilds, key=jitter)

    async def test_below_a_crowd_nobody_waits(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        for number in range(1, 9):
            await daily.set_daily(number, CHANNEL, "09:00", "UTC")
        clock.now = NINE
        await daily.post_due(channel)
        assert len(channel.posted) == 9


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

    @pytest.mark.parametrize(("at", "zone"), [("25:00", "UTC"), ("09:00", "Atlantis")])
    async def test_that_cannot_be_understood_leaves_the_old_one(self, daily: Deliveries, at: str, zone: str) -> None:
        before = await daily.status(GUILD)
        with pytest.raises(InvalidInputError):
            await daily.set_daily(GUILD, CHANNEL, at, zone)
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
        daily._dispatcher._pace = Pace(2)  # time enough for the first
        clock.now = NINE
        await asyncio.wait_for(daily.run(channel), A_LONG_TIME)
        assert channel.guilds == [GUILD]
        assert (await last(database)).state is DeliveryState.SENT

    async def test_who_has_many_to_post_stops_at_once_and_leaves_what_was_not_begun(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database_url: str
    ) -> None:
        for number in range(20):
            await daily.set_daily(GUILD + 1 + number, CHANNEL, "09:00", "UTC")
        channel.while_posting = daily.stop
        daily._dispatcher._pace = Pace(1)
        clock.now = NINE
        await asyncio.wait_for(daily.run(channel), A_LONG_TIME)
        assert channel.guilds == [GUILD]
        assert set(rows(database_url, "SELECT state FROM deliveries")) == {("sent",), ("waiting",)}

    async def test_stopped_before_it_begins(self, daily: Deliveries, channel: Channel, clock: StandingClock) -> None:
        clock.now = NINE
        daily.stop()
        await asyncio.wait_for(daily.run(channel), A_LONG_TIME)
        assert channel.tried == []

    async def test_a_new_rule_wakes_it(self, deliveries: Deliveries, channel: Channel) -> None:
        running = asyncio.create_task(deliveries.run(channel))
        await until(lambda: deliveries._dispatcher.rounds.asleep)
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
        # The read finds nothing due.
        database.after_reads = [lambda: deliveries.set_daily(GUILD, CHANNEL, "08:00", "UTC")]
        running = asyncio.create_task(deliveries.run(channel))
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(deliveries, running)
        assert channel.guilds == [GUILD]
        await database.close()

    async def test_a_database_that_fails_for_a_while_does_not_end_it(
        self, daily: Deliveries, channel: Channel, clock: StandingClock, database_url: str
    ) -> None:
        rows(database_url, "ALTER TABLE deliveries RENAME TO gone")
        clock.now = NINE
        running = asyncio.create_task(daily.run(channel))
        await until(lambda: daily._dispatcher.rounds.asleep)
        assert not running.done()
        assert channel.tried == []
        rows(database_url, "ALTER TABLE gone RENAME TO deliveries")
        await daily.set_daily(GUILD, CHANNEL, "09:00", "UTC")
        await asyncio.wait_for(channel.news.wait(), A_LONG_TIME)
        await self.finish(daily, running)
        assert channel.guilds == [GUILD]

    async def test_sleeps_until_the_next_is_due_but_not_for_long(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        assert await daily.post_due(channel) == timedelta(minutes=1)
        clock.now = NINE - timedelta(seconds=7)
        assert await daily.post_due(channel) == timedelta(seconds=7)


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
            assert posted.quote is not None
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


class TestOptions:
    async def test_what_is_wanted_comes_with_each_post_and_with_one_that_is_tried_again(
        self, daily: Deliveries, channel: Channel, clock: StandingClock
    ) -> None:
        await daily.set_options(GUILD, PostOptions(thread=True))
        clock.now = NINE
        channel.problems[GUILD] = PostFailedError("busy", in_doubt=False)
        await daily.post_due(channel)
        await daily.set_options(GUILD, PostOptions(role_id=5))
        channel.problems.clear()
        clock.forward(seconds=30)
        await daily.post_due(channel)
        assert [delivery.options for delivery in channel.tried] == [PostOptions(thread=True), PostOptions(role_id=5)]
        ((finished, message_id),) = channel.finished
        assert finished.options.role_id == 5
        assert message_id == 1001

    @pytest.mark.parametrize("unfinished", ["the thread could not be opened", RuntimeError("a bug")])
    async def test_a_post_is_sent_whatever_fails_around_it(
        self,
        daily: Deliveries,
        database: Database,
        channel: Channel,
        clock: StandingClock,
        unfinished: str | Exception,
    ) -> None:
        channel.unfinished = unfinished
        clock.now = NINE
        await daily.post_due(channel)
        entry = await last(database)
        assert entry.state is DeliveryState.SENT
        assert entry.message_id == 1001
        assert entry.problem
        clock.forward(minutes=10)
        await daily.post_due(channel)
        assert len(channel.posted) == 1

    async def test_only_the_chosen_interviews_are_quoted_and_all_where_none_is_left(
        self, daily: Deliveries, database: Database, channel: Channel, clock: StandingClock
    ) -> None:
        other = interview("other")
        await Interviews(database).load([other])
        await daily.set_options(GUILD, PostOptions(interviews=("other",)))
        for _ in range(5):
            clock.now = NINE + timedelta(days=len(channel.posted))
            await daily.post_due(channel)
        quoted = {delivery.quote.interview for delivery in channel.posted if delivery.quote is not None}
        assert quoted == {"other"}
        await daily.set_options(GUILD, PostOptions(interviews=("gone",)))
        clock.forward(days=1)
        await daily.post_due(channel)
        assert len(channel.posted) == 6

    async def test_without_a_daily_quote_there_is_nothing_to_change(self, deliveries: Deliveries) -> None:
        with pytest.raises(NotFoundError):
            await deliveries.set_options(GUILD, PostOptions(thread=True))
