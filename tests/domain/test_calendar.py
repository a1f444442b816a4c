from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import (
    SPREAD,
    DailyRule,
    clock_changes,
    from_epoch_ms,
    jitter,
    latest_post,
    next_post,
    parse_time,
    parse_weekdays,
    post_on,
    posts_between,
    time_of_minute,
    to_epoch_ms,
    weekdays_text,
)
from bot.errors import InvalidInputError

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

zones = st.sampled_from(ZONES).map(ZoneInfo)
minutes = st.integers(0, 24 * 60 - 1).map(time_of_minute)
# No zone has skipped a whole day since 2011.
instants = st.datetimes(
    datetime(2013, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2037, 12, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def rule(at: time, zone: ZoneInfo | str, since: datetime = LONG_AGO) -> DailyRule:
    return DailyRule(1, 2, at, ZoneInfo(zone) if isinstance(zone, str) else zone, since)


class TestPosts:
    @settings(max_examples=200)
    @given(zones, minutes, instants)
    def test_one_a_local_date_at_its_time_or_after_the_gap(self, zone: ZoneInfo, at: time, start: datetime) -> None:
        daily = rule(at, zone)
        posts = [next_post(daily, start)]
        while len(posts) < 8:
            posts.append(next_post(daily, posts[-1].due))

        assert posts[0].due > start
        for one, other in pairwise(posts):
            assert other.local_date == one.local_date + timedelta(days=1)
            assert timedelta(hours=22) <= other.due - one.due <= timedelta(hours=26)
        for post in posts:
            local = post.due.astimezone(zone)
            asked = datetime.combine(post.local_date, at)
            gap = local.replace(tzinfo=None) - asked
            assert timedelta(0) <= gap <= timedelta(hours=2)
            assert gap == timedelta(0) or zone.utcoffset(asked) != zone.utcoffset(asked.replace(fold=1))

    @settings(max_examples=200, deadline=None)
    @given(zones, minutes, instants)
    def test_what_was_next_is_the_latest_once_it_is_due(self, zone: ZoneInfo, at: time, now: datetime) -> None:
        daily = rule(at, zone)
        upcoming = next_post(daily, now)
        assert latest_post(daily, upcoming.due) == upcoming
        before = latest_post(daily, upcoming.due - timedelta(microseconds=1))
        assert before is not None
        assert before.due <= now
        assert before.local_date == upcoming.local_date - timedelta(days=1)

    @settings(max_examples=100, deadline=None)
    @given(zones, minutes, instants)
    def test_a_rule_owes_nothing_from_before_it_was_set(self, zone: ZoneInfo, at: time, since: datetime) -> None:
        daily = rule(at, zone, since)
        first = next_post(daily, since)
        assert latest_post(daily, first.due - timedelta(microseconds=1)) in {None, latest_post(daily, since)}
        earlier = latest_post(daily, since)
        assert earlier is None or earlier.due == since
        assert latest_post(daily, first.due) == first

    @pytest.mark.parametrize(
        ("zone", "at", "day", "due"),
        [
            ("Europe/Berlin", time(9), date(2026, 3, 28), datetime(2026, 3, 28, 8, tzinfo=UTC)),
            ("Europe/Berlin", time(9), date(2026, 3, 29), datetime(2026, 3, 29, 7, tzinfo=UTC)),
            # 02:30 is skipped, so it's 03:30; on the way back 02:30 comes twice, and the first counts.
            ("Europe/Berlin", time(2, 30), date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
            ("Europe/Berlin", time(2, 30), date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            # Midnight is skipped.
            ("America/Santiago", time(0), date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC)),
            ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
            ("Antarctica/Troll", time(1, 30), date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ],
    )
    def test_when_the_clocks_change(self, zone: str, at: time, day: date, due: datetime) -> None:
        assert post_on(rule(at, zone), day).due == due

    def test_a_date_that_a_zone_skips_adds_no_post(self) -> None:
        daily = rule(time(9), "Pacific/Apia")  # there was no 30 December 2011
        instant = datetime(2011, 12, 28, tzinfo=UTC)
        dues = []
        for _ in range(4):
            instant = next_post(daily, instant).due
            dues.append(instant.astimezone(daily.zone).date())
        assert dues == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


class TestWeekdays:
    @settings(max_examples=100, deadline=None)
    @given(zones, minutes, instants, st.frozensets(st.integers(0, 6), min_size=1))
    def test_posts_come_on_these_alone_and_on_all_of_them(
        self, zone: ZoneInfo, at: time, start: datetime, weekdays: frozenset[int]
    ) -> None:
        daily = replace(rule(at, zone), weekdays=weekdays)
        posts = [next_post(daily, start)]
        while len(posts) < 8:
            posts.append(next_post(daily, posts[-1].due))
        dates = [post.local_date for post in posts]
        between = [dates[0] + timedelta(days=days) for days in range((dates[-1] - dates[0]).days + 1)]
        assert dates == [day for day in between if day.weekday() in weekdays]
        assert latest_post(daily, posts[-1].due) == posts[-1]
        assert posts_between(daily, dates[0], dates[-1]) == posts[1:-1]

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("every day", range(7)),
            ("Monday to Friday", range(5)),
            (" weekend", (5, 6)),
            ("Mon, Wed, Fri", (0, 2, 4)),
            ("tuesdays and thursdays", (1, 3)),
            ("SU", (6,)),
            ("Mon Mon", (0,)),
        ],
    )
    def test_as_people_write_them(self, typed: str, expected: Iterable[int]) -> None:
        assert parse_weekdays(typed) == frozenset(expected)

    @pytest.mark.parametrize("typed", ["", "never", "T", "Mon, Blue", "day", ","])
    def test_what_are_none_are_refused(self, typed: str) -> None:
        with pytest.raises(InvalidInputError):
            parse_weekdays(typed)

    @given(st.frozensets(st.integers(0, 6), min_size=1))
    def test_what_is_shown_can_be_typed(self, weekdays: frozenset[int]) -> None:
        assert parse_weekdays(weekdays_text(weekdays)) == weekdays


class TestClockChanges:
    def test_a_year_has_two_and_what_they_do(self) -> None:
        def seen(at: time) -> list[tuple[date, int, bool, bool]]:
            changes = clock_changes(rule(at, "Europe/Berlin"), date(2026, 1, 1), 365)
            return [(each.local_date, each.by // timedelta(hours=1), each.skipped, each.repeated) for each in changes]

        spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
        assert seen(time(9)) == [(spring, 1, False, False), (autumn, -1, False, False)]
        assert seen(time(2, 30)) == [(spring, 1, True, False), (autumn, -1, False, True)]

    def test_a_zone_may_have_none_and_a_day_no_post(self) -> None:
        assert clock_changes(rule(time(9), "Asia/Tokyo"), date(2026, 1, 1), 365) == []
        weekdays = replace(rule(time(9), "Europe/Berlin"), weekdays=frozenset({0}))
        assert [each.post for each in clock_changes(weekdays, date(2026, 1, 1), 365)] == [None, None]


class TestJitter:
    @given(st.integers(0, 2**63 - 1))
    def test_is_always_the_same_and_short(self, guild_id: int) -> None:
        assert timedelta() <= jitter(guild_id) < SPREAD
        assert jitter(guild_id) == jitter(guild_id)

    def test_spreads_servers_evenly_whatever_their_ids(self) -> None:
        for step in (1, 1 << 22, 86_400_000 << 22):
            counts = Counter(jitter(10**18 + number * step) // timedelta(seconds=30) for number in range(10_000))
            assert sorted(counts) == list(range(10))
            assert 850 < min(counts.values()) <= max(counts.values()) < 1150


class TestTime:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("9", time(9)),
            ("09:00", time(9)),
            (" 9:30 ", time(9, 30)),
            ("9.30", time(9, 30)),
            ("9h30", time(9, 30)),
            ("9h", time(9)),
            ("9H", time(9)),
            ("9am", time(9)),
            ("9 AM", time(9)),
            ("9:30 pm", time(21, 30)),
            ("9:30 p.m.", time(21, 30)),
            ("9 a.m.", time(9)),
            ("12am", time(0)),
            ("12:05 am", time(0, 5)),
            ("12pm", time(12)),
            ("0:00", time(0)),
            ("23:59", time(23, 59)),
        ],
    )
    def test_as_people_write_it(self, typed: str, expected: time) -> None:
        assert parse_time(typed) == expected

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            " ",
            "noon",
            "24:00",
            "9:60",
            "13pm",
            "0am",
            "-9",
            "9:3",
            "9:305",
            "009:00",
            "9:00:00",
            ":30",
            "am",
            "9:-1",
        ],
    )
    def test_what_is_none_is_refused(self, typed: str) -> None:
        with pytest.raises(InvalidInputError):
            parse_time(typed)

    @given(st.text(max_size=300))
    def test_anything_else_is_refused_shortly(self, typed: str) -> None:
        try:
            assert parse_time(typed).second == 0
        except InvalidInputError as error:
            assert len(str(error)) < 150  # noqa: PT017 - most texts are no time, some are

    @given(minutes)
    def test_what_is_shown_can_be_typed(self, at: time) -> None:
        assert parse_time(f"{at:%H:%M}") == parse_time(f"{at:%I:%M %p}") == parse_time(f"{at:%H.%M}") == at


@given(instants, zones)
def test_an_instant_is_kept_to_the_millisecond(instant: datetime, zone: ZoneInfo) -> None:
    kept = from_epoch_ms(to_epoch_ms(instant.astimezone(zone)))
    assert kept.tzinfo is UTC
    assert abs(kept - instant) <= timedelta(milliseconds=1)
    assert to_epoch_ms(kept) == to_epoch_ms(instant)


def test_minutes_of_a_day() -> None:
    assert [time_of_minute(minute) for minute in (0, 61, 1439)] == [time(0), time(1, 1), time(23, 59)]
