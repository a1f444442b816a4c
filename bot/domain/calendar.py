"""When a server's next quote is due, whatever its time zone does in between."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.deliveries import PostOptions
from bot.errors import InvalidInputError

ONE_DAY = timedelta(days=1)
# Monday is 0, as in Python's dates.
EVERY_DAY = frozenset(range(7))
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY_CHOICES = {
    "every day": EVERY_DAY,
    "Monday to Friday": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
}
# How many servers due at one instant are too many to be served at once, and over how long they are then spread.
CROWD = 1000
SPREAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when a server's quote rests; `problem` says why the bot paused it, and is None where an admin did."""

    since: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class DailyRule:
    """Where and when a server wants its daily quote, since when it wants that, and how."""

    guild_id: int
    channel_id: int
    at: time
    zone: ZoneInfo
    since: datetime
    weekdays: frozenset[int] = EVERY_DAY
    paused: Pause | None = None
    options: PostOptions = field(default_factory=PostOptions)


@dataclass(frozen=True, slots=True)
class LocalPost:
    """One post: the local date that names it and the instant (UTC) at which it is due."""

    local_date: date
    due: datetime


def post_on(rule: DailyRule, local_date: date) -> LocalPost:
    """Return the post of a local date.

    A time that the clocks skip is due as much later as they skip; a time that comes twice is due the first time.
    """
    local = datetime.combine(local_date, rule.at, rule.zone)
    return LocalPost(local_date, local.astimezone(UTC))


def next_post(rule: DailyRule, after: datetime) -> LocalPost:
    """Return the first post that is due later than an instant, on one of the rule's weekdays."""
    local_date = after.astimezone(rule.zone).date() - ONE_DAY
    while local_date.weekday() not in rule.weekdays or (post := post_on(rule, local_date)).due <= after:
        local_date += ONE_DAY
    return post


def latest_post(rule: DailyRule, now: datetime) -> LocalPost | None:
    """Return the last post that is due by now, or None when the rule is younger than that."""
    local_date = now.astimezone(rule.zone).date() + ONE_DAY
    while local_date.weekday() not in rule.weekdays or (post := post_on(rule, local_date)).due > now:
        local_date -= ONE_DAY
    return post if post.due >= rule.since else None


def posts_between(rule: DailyRule, after: date, before: date) -> list[LocalPost]:
    """Return the posts that a rule owed on the dates between two others, without these."""
    days = (after + ONE_DAY * number for number in range(1, (before - after).days))
    posts = (post_on(rule, day) for day in days if day.weekday() in rule.weekdays)
    return [post for post in posts if post.due >= rule.since]


def jitter(guild_id: int) -> timedelta:
    """Return by how much a server is later than its time where a crowd is due; always the same for that server."""
    # The low bits of Discord's ids are counters, and the high ones dates: neither alone is spread evenly.
    digest = hashlib.blake2b(guild_id.to_bytes(8, "big", signed=True), digest_size=4).digest()
    return SPREAD * (int.from_bytes(digest, "big") / 2**32)


def parse_time(typed: str) -> time:
    """Return the time of day that somebody typed: 9, 9:30, 09:30, 9.30, 9h30, 9am, 9:30 p.m.

    Raises:
        InvalidInputError: It is no time of day.
    """
    text = (
        re.sub(r"([ap])\.m\.?", r"\1m", typed.strip().casefold()).replace(".", ":").replace("h", ":").replace(" ", "")
    )
    half = text[-2:] if text[-2:] in {"am", "pm"} else ""
    hours, _, minutes = text.removesuffix(half).rstrip(":").partition(":")
    digits = hours + (minutes or "0")
    if digits.isascii() and digits.isdecimal() and hours and len(hours) <= 2 and len(minutes) in {0, 2}:
        hour, minute = int(hours), int(minutes or 0)
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half:
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise InvalidInputError(f"“{typed[:40]}” is not a time of day. Write it like 09:00 or 9:30 pm.")


def parse_weekdays(typed: str) -> frozenset[int]:
    """Return the weekdays that somebody typed: every day, Monday to Friday, weekend, or names such as Mon, Wed, Fri.

    Raises:
        InvalidInputError: One of them is no weekday.
    """
    text = " ".join(typed.casefold().split())
    for name, weekdays in WEEKDAY_CHOICES.items():
        if text == name.casefold():
            return weekdays
    words = [word for word in re.split(r"[\s,;+&]+", text) if word not in {"", "and"}]
    found = [[day for day, name in enumerate(DAY_NAMES) if _names_day(word, name)] for word in words]
    if not found or any(len(days) != 1 for days in found):
        raise InvalidInputError(
            f"“{typed[:40]}” are no weekdays. Pick from the list, or write them like Mon, Wed, Fri."
        )
    return frozenset(days[0] for days in found)


def _names_day(word: str, name: str) -> bool:
    return len(word) >= 2 and name.casefold().startswith(word.removesuffix("s") if len(word) > 4 else word)


def weekdays_text(weekdays: frozenset[int]) -> str:
    """Return weekdays as they can be typed."""
    for name, chosen in WEEKDAY_CHOICES.items():
        if weekdays == chosen:
            return name
    return ", ".join(DAY_NAMES[day] for day in sorted(weekdays))


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A date on which the clocks of a rule's zone change, and by how much; `post` is that date's, if it has one."""

    local_date: date
    by: timedelta
    post: LocalPost | None
    skipped: bool
    repeated: bool


def clock_changes(rule: DailyRule, first: date, days: int) -> list[ClockChange]:
    """Return the dates on which the clocks change, among some from the first on, and what it does to the posts."""
    changes = []
    for day in (first + ONE_DAY * number for number in range(days)):
        midnight, next_midnight = (datetime.combine(each, time(), rule.zone) for each in (day, day + ONE_DAY))
        by = (next_midnight.utcoffset() or timedelta()) - (midnight.utcoffset() or timedelta())
        if by:
            asked = datetime.combine(day, rule.at, rule.zone)
            post = post_on(rule, day) if day.weekday() in rule.weekdays else None
            ambiguous = asked.utcoffset() != asked.replace(fold=1).utcoffset()
            changes.append(ClockChange(day, by, post, ambiguous and by > timedelta(), ambiguous and by < timedelta()))
    return changes


def time_of_minute(minute: int) -> time:
    """Return the time of day of a minute counted from midnight."""
    return time(minute // 60, minute % 60)


def to_epoch_ms(instant: datetime) -> int:
    """Return an instant as whole milliseconds since 1970 in UTC."""
    return round(instant.timestamp() * 1000)


def from_epoch_ms(value: int) -> datetime:
    """Return the instant (UTC) of milliseconds since 1970."""
    return datetime.fromtimestamp(value / 1000, UTC)
