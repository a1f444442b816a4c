"""What may keep the bot from working: how each finding is judged, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.deliveries import PostOptions

MEGABYTE = 1_000_000
# A copy of the database and the log of some weeks fit into this much.
ROOM, LITTLE_ROOM = 500 * MEGABYTE, 50 * MEGABYTE
# Daily quotes are posted by this machine's clock; Discord's own decides how old an answer is.
CLOCK_MAY_DIFFER, CLOCK_IS_WRONG = timedelta(seconds=10), timedelta(minutes=2)
BACKUP_MAY_BE_OLD = timedelta(days=2)
ZONES_MAY_BE_OLD = timedelta(days=550)


class Verdict(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    WARNING = "look"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it where something is."""

    what: str
    verdict: Verdict
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel in which the bot posts by itself: of which server, what for, and what goes with the posts there."""

    guild_id: int
    channel_id: int
    use: str
    options: PostOptions


@dataclass(frozen=True, slots=True)
class ServerState:
    """A PostgreSQL server that answers, and the database there.

    Attributes:
        version: Of the server, such as 16.2.
        revision: Which the database is at; None where it has no tables of ours.
        newest: Which this Fireside brings it to.
        rows: How many of what are there, where the two are the same.
        connections: How many this user may have at once.
        wanted: How many a process of the bot has at most.
        tells: Whether word of changes arrives.
    """

    version: str
    revision: str | None
    newest: str
    rows: Mapping[str, int]
    connections: int
    wanted: int
    tells: bool


def judge_server(state: ServerState, processes: int = 1) -> list[Finding]:
    """Return what to think of a PostgreSQL server and the database there, which so many processes of the bot share."""
    return [_judge_revision(state), _judge_connections(state, processes), _judge_changes(state)]


def _judge_revision(state: ServerState) -> Finding:
    says = f"PostgreSQL {state.version}"
    if state.revision is None:
        return Finding("database", Verdict.GOOD, f"{says}; no tables yet; the first start makes them")
    if state.revision > state.newest:
        behind = f"{says}; at revision {state.revision}, newer than this Fireside's {state.newest}"
        return Finding("database", Verdict.FAULT, behind, "Update Fireside.")
    if state.revision < state.newest:
        behind = f"{says}; at revision {state.revision}, not {state.newest} yet"
        remedy = "The next start brings it up to date. Copy it before with the server's own tools, such as pg_dump."
        return Finding("database", Verdict.WARNING, behind, remedy)
    rows = ", ".join(f"{number} {name}" for name, number in state.rows.items())
    return Finding("database", Verdict.GOOD, f"{says}; {rows}")


def _judge_connections(state: ServerState, processes: int) -> Finding:
    wanted = processes * state.wanted
    says = f"{state.connections} allowed; each process of the bot has at most {state.wanted}"
    if processes > 1:
        says = f"{says}, all {processes} together {wanted}"
    if state.connections < wanted:
        remedy = "Raise the server's max_connections, or the limit of this user or database. Until then some wait."
        return Finding("connections", Verdict.WARNING, says, remedy)
    return Finding("connections", Verdict.GOOD, says)


def _judge_changes(state: ServerState) -> Finding:
    if state.tells:
        return Finding("changes", Verdict.GOOD, "the server tells of them")
    says = "the server's word of them does not arrive, so each question costs some look-ups more"
    remedy = "Let DATABASE_URL name the server itself, or let what stands before it lend connections by session."
    return Finding("changes", Verdict.WARNING, says, remedy)


def judge_clock(ahead: timedelta) -> Finding:
    """Return what to think of a clock that is so far ahead of Discord's."""
    says = f"{abs(ahead).total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'} Discord's"
    remedy = "Set the clock by the network: timedatectl set-ntp true"
    if abs(ahead) > CLOCK_IS_WRONG:
        return Finding("clock", Verdict.FAULT, says, remedy)
    if abs(ahead) > CLOCK_MAY_DIFFER:
        return Finding("clock", Verdict.WARNING, says, remedy)
    return Finding("clock", Verdict.GOOD, says)


def judge_room(free: int, needed: int) -> Finding:
    """Return what to think of the free room on the database's disk, where a copy of it needs so much; both in bytes."""
    says = f"{free // MEGABYTE:,} MB free"
    remedy = "Free some, or move the database to a larger disk. When it is full, nothing can be stored."
    if free < max(LITTLE_ROOM, needed):
        return Finding("disk", Verdict.FAULT, says, remedy)
    if free < max(ROOM, 3 * needed):
        return Finding("disk", Verdict.WARNING, says, remedy)
    return Finding("disk", Verdict.GOOD, says)


def judge_backup(latest: datetime | None, now: datetime) -> Finding:
    """Return what to think of the newest copy of the database, written then."""
    remedy = "Write one with: python -m bot backup. The running bot writes one a day; its log says if it could not."
    if latest is None:
        return Finding("backup", Verdict.WARNING, "none yet", remedy)
    says = f"the newest is of {latest:%Y-%m-%d %H:%M} UTC"
    if now - latest > BACKUP_MAY_BE_OLD:
        return Finding("backup", Verdict.WARNING, says, remedy)
    return Finding("backup", Verdict.GOOD, says)


def judge_zones(release: str, now: datetime) -> Finding:
    """Return what to think of a release of the time zone data, such as 2026a: a year, and a letter."""
    says = f"release {release}"
    year = int(release[:4]) if release[:4].isdecimal() else None
    if year is None or now - now.replace(year=year, month=12, day=1) > ZONES_MAY_BE_OLD:
        remedy = "Clocks may have been changed by law since. Update: git pull && make run"
        return Finding("time zones", Verdict.WARNING, says, remedy)
    return Finding("time zones", Verdict.GOOD, says)
