"""What an admin types to say when questions are taken, and how many."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.calendar import ONE_DAY, parse_time
from bot.errors import InvalidInputError

LARGEST_LIMIT = 100_000
_DATE = re.compile(r"(2\d{3})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\S.*))?")


def parse_moment(typed: str, zone: ZoneInfo, *, ends: bool = False) -> datetime | None:
    """Return the instant (UTC) of a local date such as 2026-12-01, with or without a time such as 18:00.

    A date alone means its beginning; where something ends, the end of that day. Nothing typed is None.

    Raises:
        InvalidInputError: It is no date, or no time of day.
    """
    text = typed.strip()
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        day = date(*map(int, found.group(1, 2, 3))) if found else None
    except ValueError:  # such as 2026-02-30
        day = None
    if found is None or day is None:
        raise InvalidInputError(f"“{text[:40]}” is not a date. Write it like 2026-12-01 or 2026-12-01 18:00.")
    if found.group(4):
        local = datetime.combine(day, parse_time(found.group(4)), zone)
    else:
        local = datetime.combine(day + ONE_DAY if ends else day, time(), zone)
    return local.astimezone(UTC)


def moment_typed(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as it can be typed in a zone; "" for None."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" if instant is not None else ""


def parse_limit(typed: str, what: str) -> int:
    """Return a limit that was typed as a number from 0 on; nothing typed is 0, which is no limit.

    Raises:
        InvalidInputError: It is no such number; the sentence says of what.
    """
    text = typed.strip() or "0"
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_LIMIT)) or int(text) > LARGEST_LIMIT:
        raise InvalidInputError(
            f"{what}: “{text[:40]}” is not a number from 0 to {LARGEST_LIMIT:,}. 0 means that there is no limit."
        )
    return int(text)
