"""A daily quote on its way to a channel."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.quotes import Quote

# How long after its time a quote is still worth posting, when the bot was away.
GRACE = timedelta(hours=6)
# How long a claim may stay unsettled before nobody can be working on it any more.
LEASE = timedelta(minutes=2)


class DeliveryState(StrEnum):
    """What became of a day's quote."""

    CLAIMED = "claimed"  # somebody is sending it
    WAITING = "waiting"  # Discord could not take it; it is tried again
    SENT = "sent"
    FAILED = "failed"  # Discord refused it for good
    UNKNOWN = "unknown"  # the process ended while sending; it is never sent twice


@dataclass(frozen=True, slots=True)
class Delivery:
    """The quote of one server and local date; at most one process at a time owns it."""

    id: int
    guild_id: int
    local_date: date
    channel_id: int
    quote: Quote
    state: DeliveryState
    claimed_at: datetime
    message_id: int | None = None
    problem: str | None = None

    @property
    def nonce(self) -> str:
        """A name of at most 25 characters by which Discord knows a repeated send as the same one."""
        return f"{self.guild_id:x}-{self.local_date:%y%m%d}"
