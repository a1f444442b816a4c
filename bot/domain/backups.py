"""Copies of the database: what they are called, when the next is due, and which are kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

EVERY = timedelta(days=1)
DAILY, WEEKLY, MIGRATIONS = 7, 4, 3
DRAFT_ENDING = ".part"
# Writing one takes minutes at most; what is this old was left by a process that was killed.
DRAFT_KEPT_FOR = timedelta(days=1)
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"fireside-([0-9]{8}T[0-9]{6}Z)\.db")
_BEFORE = re.compile(r"before-[0-9]{4}-from-[0-9]{4}\.db")
_DRAFT = re.compile(_NAME.pattern + r"\..*" + re.escape(DRAFT_ENDING) + r"(?:-journal)?")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database: its revision, how many rows of each kind, and when something last happened in it."""

    revision: str
    servers: int
    interviews: int
    questions: int
    latest: datetime | None


def stamp(at: datetime) -> str:
    """Return an instant as it stands in a file's name, in UTC and whole seconds."""
    return at.astimezone(UTC).strftime(_TIME)


def backup_name(at: datetime) -> str:
    """Return the name of the copy that is written at an instant."""
    return f"fireside-{stamp(at)}.db"


def written_at(name: str) -> datetime | None:
    """Return when the copy of that name was written, or None where it is not the name of one."""
    return _instant(_NAME.fullmatch(name))


def _instant(named: re.Match[str] | None) -> datetime | None:
    try:
        return datetime.strptime(named[1], _TIME).replace(tzinfo=UTC) if named else None
    except ValueError:
        return None


def due_in(names: Iterable[str], now: datetime) -> timedelta:
    """Return how long it is until the next copy is due, nothing where it is due now, by the names of those there are.

    One from the future, of a clock that was wrong, does not put off the next.
    """
    newest = max((at for at in map(written_at, names) if at is not None and at <= now), default=None)
    return timedelta() if newest is None else max(newest + EVERY - now, timedelta())


def superfluous(names: Iterable[str]) -> set[str]:
    """Return which copies are no longer needed; a name that is not that of a copy is never among them.

    Kept are the newest of each of the last 7 days that have one; and of what is older, the newest of each of the last
    4 weeks.
    """
    copies = sorted(((at, name) for name in names if (at := written_at(name)) is not None), reverse=True)
    days: dict[date, str] = {}
    for at, name in copies:
        days.setdefault(at.date(), name)
    newest_first = list(days.items())
    weeks: dict[tuple[int, int], str] = {}
    for day, name in newest_first[DAILY:]:
        weeks.setdefault(day.isocalendar()[:2], name)
    kept = {name for _, name in newest_first[:DAILY]} | set(list(weeks.values())[:WEEKLY])
    return {name for _, name in copies} - kept


def before_name(newest: str, current: str) -> str:
    """Return the name of the copy that is written before a database goes from one revision to another."""
    return f"before-{newest}-from-{current}.db"


def superfluous_before(names: Iterable[str]) -> set[str]:
    """Return which copies of before a migration are no longer needed: all but those of the last 3 migrations."""
    return set(sorted(name for name in names if _BEFORE.fullmatch(name))[:-MIGRATIONS])


def abandoned(names: Iterable[str], now: datetime) -> set[str]:
    """Return the drafts of copies that nobody writes any more."""
    begun = ((name, _instant(_DRAFT.fullmatch(name))) for name in names)
    return {name for name, at in begun if at is not None and at < now - DRAFT_KEPT_FOR}
