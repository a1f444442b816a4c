"""Every zone at every hour for five years, on the days around its changes of clocks and some others."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from benchmarks.calendar_years import ZONES, faults_of, rule_at
from bot.domain.calendar import latest_post, next_post, post_on

FIRST, LAST = date(2026, 1, 1), date(2031, 1, 1)
ONE_DAY = timedelta(days=1)


def changes_of(zone: ZoneInfo, first: date = FIRST, last: date = LAST) -> Iterator[date]:
    """Yield the dates on which the clocks of a zone change: found in weeks that begin and end differently."""
    day = first
    while day < last:
        week = [datetime.combine(day + ONE_DAY * number, time(), zone).utcoffset() for number in range(8)]
        if week[0] != week[-1]:
            yield from (day + ONE_DAY * number for number in range(7) if week[number] != week[number + 1])
        day += ONE_DAY * 7


def signature(zone: ZoneInfo) -> tuple[object, ...]:
    """Return what tells a zone from those that are only other names for it, in these years."""
    changes = tuple(changes_of(zone))
    days = (FIRST, *(day + ONE_DAY * number for day in changes for number in (0, 1)))
    instants = tuple(datetime.combine(day, time(hour), zone).utcoffset() for day in days for hour in range(24))
    return changes, instants


@pytest.fixture(scope="module")
def zones() -> dict[tuple[object, ...], ZoneInfo]:
    """The zones that differ in these years."""
    return {signature(zone): zone for zone in map(ZoneInfo, ZONES)}


def test_each_date_has_one_post_at_its_time(zones: dict[tuple[object, ...], ZoneInfo]) -> None:
    faults, examined = list[str](), 0
    for zone in zones.values():
        windows = [*changes_of(zone), *(date(year, 6, 21) for year in range(2026, 2031))]
        for day in windows:
            for hour in range(24):
                rule = rule_at(zone, hour)
                posts = [post_on(rule, day + ONE_DAY * number) for number in range(-2, 4)]
                faults += faults_of(rule, posts)
                # What a dispatcher sees from one to the next is the same.
                following = next_post(rule, posts[1].due)
                assert following == posts[2]
                assert latest_post(rule, following.due) == following
                examined += 1
    assert faults == []
    assert len(zones) > 50
    assert examined > 10_000


def test_the_dates_that_a_zone_skipped_are_the_only_exceptions() -> None:
    """A skipped date's post comes together with the one of the day after, and is no post of its own."""
    faults = list[str]()
    for name in ("Pacific/Apia", "Pacific/Fakaofo"):  # 30 December 2011; none since, in any zone
        rule = rule_at(ZoneInfo(name), 9)
        faults += list(faults_of(rule, [post_on(rule, date(2011, 12, 28) + ONE_DAY * number) for number in range(5)]))
    assert len(faults) > 0
    assert all("2011-12-3" in fault for fault in faults)
