"""A daily quote on its way to a channel, and the ledger of the days: one entry a server and local date."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.card_contents import Theme
from bot.domain.nonces import NONCE_FRESH
from bot.domain.quotes import Quote
from bot.domain.rotation import Order

# How long after its time a quote is still worth posting, when the bot was away or Discord had trouble.
GRACE = timedelta(hours=6)
# How long a claim may stay unsettled before nobody can be working on it any more.
LEASE = timedelta(minutes=2)
# How long to wait after each attempt that Discord may forgive; the last counts for all later ones.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 900))
# After so many refused days in a row a server's quote is paused.
REFUSED_DAYS = 3
# How many days of an absence are recorded as missed.
MISSED_DAYS = 31


class DeliveryState(StrEnum):
    """What became of a day's quote."""

    CLAIMED = "claimed"  # somebody is sending it
    WAITING = "waiting"  # Discord could not take it; it is tried again
    SENT = "sent"
    MISSED = "missed"  # the bot, or Discord, was away until it was too late
    SKIPPED = "skipped"  # an admin wanted none that day
    FAILED = "failed"  # Discord refused it for good
    UNKNOWN = "unknown"  # it may have been posted, and nobody can look; it is never sent twice


@dataclass(frozen=True, slots=True)
class PostOptions:
    """What a server wants of its quotes, beside where and when they come.

    Attributes:
        interviews: The keys of those that are quoted; with none, or where none of them is left, all are.
        order: In which order quotes come.
        card: Which card carries the quote; with None it is text.
        thread: Whether a thread for the discussion is opened under it.
        role_id: The one role that a quote mentions, if any.
        publish: Whether it is published to the servers that follow the channel, which is an announcement channel.
    """

    interviews: tuple[str, ...] = ()
    order: Order = Order.SHUFFLED
    card: Theme | None = None
    thread: bool = False
    role_id: int | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """The entry of one server and local date; at most one process at a time owns it.

    `doubted_at` is since when the post may be in the channel without anybody knowing: None if it surely is not.
    A day that was missed or skipped has no quote. `options` are those in force when it was claimed; no entry keeps
    them. With a post that was sent, `problem` says what could not be done around it.
    """

    id: int
    guild_id: int
    local_date: date
    due: datetime
    channel_id: int
    quote: Quote | None
    state: DeliveryState
    claimed_at: datetime
    attempts: int = 0
    retry_at: datetime | None = None
    doubted_at: datetime | None = None
    message_id: int | None = None
    problem: str | None = None
    options: PostOptions = field(default_factory=PostOptions)

    @property
    def nonce(self) -> str:
        """A name of at most 25 characters by which Discord knows a repeated send as the same one."""
        return f"{self.guild_id:x}-{self.local_date:%y%m%d}"

    def nonce_guards(self, now: datetime) -> bool:
        """Return whether the nonce alone keeps another send from doubling the post."""
        # A clock that was set back makes the doubt lie in the future: how old it is, nobody knows then.
        return self.doubted_at is None or timedelta() <= now - self.doubted_at <= NONCE_FRESH


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the attempt of that number, from 1."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]
