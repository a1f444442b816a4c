"""What a look at a server's daily quote comes to: a post to claim, days to enter as missed, and when to look again."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.domain.calendar import ONE_DAY, DailyRule, LocalPost, next_post, posts_between
from bot.domain.deliveries import GRACE, LEASE, MISSED_DAYS, DeliveryState
from bot.domain.quotes import Quote
from bot.domain.rotation import Rotation


@dataclass(frozen=True, slots=True)
class Turn:
    """A server that is to be looked at: its rule, since when it is, how far its quotes have come, and a picked one."""

    rule: DailyRule
    look_at: datetime
    rotation: Rotation = field(default_factory=Rotation)
    wanted: str | None = None

    @property
    def guild_id(self) -> int:
        """The server."""
        return self.rule.guild_id


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of a date: the state, and when a post that waits is to be tried again."""

    state: DeliveryState
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for a server now.

    Attributes:
        turn: The server, as it was looked at.
        look_at: When it is to be looked at next, once all of this is done.
        post: What is to be claimed, if anything.
        again: Whether that has an entry already, and waits.
        missed: The days to be entered as missed.
    """

    turn: Turn
    look_at: datetime
    post: LocalPost | None = None
    again: bool = False
    missed: tuple[LocalPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for a server, what holds of it after that, and the quote of a post that is new."""

    plan: Plan
    after: Turn
    quote: Quote | None = None

    @property
    def turn(self) -> Turn:
        """The server, as it was looked at."""
        return self.plan.turn


def plan_of(turn: Turn, post: LocalPost | None, entry: Entry | None, last: date | None, now: datetime) -> Plan:
    """Return what is to be done for a server.

    Args:
        turn: The server.
        post: Its latest post, if one was ever due.
        entry: The ledger's entry for the date of that, if there is one.
        last: Where there is none, the latest date that the ledger has of the server, of those whose time has come.
        now: The present instant.
    """
    rest = Plan(turn, next_post(turn.rule, now).due)
    if post is None:
        return rest
    in_time = now - post.due <= GRACE
    if entry is None:
        return _new(rest, post, last, in_time=in_time)
    if entry.state is DeliveryState.CLAIMED and in_time:
        # It may be about to wait again, as far as whoever sends it knows.
        return replace(rest, look_at=min(now + LEASE, rest.look_at))
    if entry.state is not DeliveryState.WAITING or not in_time:
        return rest
    if entry.retry_at is not None and entry.retry_at > now:
        return replace(rest, look_at=min(entry.retry_at, rest.look_at))
    return replace(rest, post=post, again=True)


def _new(rest: Plan, post: LocalPost, last: date | None, *, in_time: bool) -> Plan:
    """Return what is to be done for a post that has no entry."""
    if in_time and rest.turn.look_at < post.due:
        # Nobody knew yet when it would be due; a crowd is known by being looked at at one instant.
        return replace(rest, look_at=post.due)
    earliest = post.local_date - MISSED_DAYS * ONE_DAY
    missed = posts_between(rest.turn.rule, max(last or earliest, earliest), post.local_date)
    if in_time:
        return replace(rest, post=post, missed=tuple(missed))
    if last is None or last < post.local_date:  # else it is the clock that went back
        missed.append(post)
    return replace(rest, missed=tuple(missed))
