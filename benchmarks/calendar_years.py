"""Every post of every time zone at every hour for some years, checked one by one.

Run it with: .venv/bin/python -m benchmarks.calendar_years
For each zone and hour each local date has to have one post, at the time asked for or as much later as the clocks skip;
22 to 26 hours after the one before. What is not so is listed. Beside the number of posts stands how many would be at
another time if a day simply had 24 hours.
"""

import argparse
import sys
import time as wall
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from rich.console import Console
from rich.table import Table

from bot.domain.calendar import DailyRule, LocalPost, post_on

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
SHORTEST, LONGEST = timedelta(hours=22), timedelta(hours=26)
ONE_DAY = timedelta(days=1)


def faults_of(rule: DailyRule, posts: Iterable[LocalPost]) -> Iterator[str]:
    """Yield what is wrong with some posts of consecutive dates."""
    before: LocalPost | None = None
    for post in posts:
        asked = datetime.combine(post.local_date, rule.at)
        late = post.due.astimezone(rule.zone).replace(tzinfo=None) - asked
        first, second = (asked.replace(tzinfo=rule.zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        if late != max(timedelta(), second - first):
            yield f"{rule.zone.key} {asked}: late by {late}"
        if before is not None and not SHORTEST <= post.due - before.due <= LONGEST:
            yield f"{rule.zone.key} {asked}: {post.due - before.due} after the one before"
        if before is not None and post.local_date - before.local_date != ONE_DAY:
            yield f"{rule.zone.key} {asked}: a date without a post"
        before = post


def rule_at(zone: ZoneInfo, hour: int) -> DailyRule:
    """Return a rule for an hour of a zone."""
    return DailyRule(1, 2, time(hour), zone, datetime(2000, 1, 1, tzinfo=UTC))


def main() -> None:
    """Check, and print the table; ends with 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=2026)
    parser.add_argument("--years", type=int, default=5)
    options = parser.parse_args()
    first, last = date(options.first, 1, 1), date(options.first + options.years, 1, 1)
    begin, posts, naive, faults = wall.perf_counter(), 0, 0, list[str]()
    for name in ZONES:
        for hour in range(24):
            rule = rule_at(ZoneInfo(name), hour)
            found = [post_on(rule, first + ONE_DAY * number) for number in range((last - first).days)]
            faults += faults_of(rule, found)
            posts += len(found)
            naive += sum(post.due != found[0].due + ONE_DAY * number for number, post in enumerate(found))
    table = Table("what", "figure")
    table.add_row("zones, hours, years", f"{len(ZONES)}, 24, {options.years} from {options.first}")
    table.add_row("posts", f"{posts}")
    table.add_row("at another time if days had 24 hours", f"{naive}")
    table.add_row("faults", f"{len(faults)}")
    table.add_row("seconds", f"{wall.perf_counter() - begin:.0f}")
    Console().print(table)
    for fault in faults[:50]:
        Console().print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
