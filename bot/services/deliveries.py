"""The daily quote: what a server chose, and the dispatcher that posts it once, at its time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from bot.domain.calendar import DailyRule, LocalPost, latest_post, next_post, parse_time, parse_zone
from bot.domain.deliveries import GRACE, Delivery, DeliveryState
from bot.domain.quotes import daily_quote
from bot.services.interviews import Interviews
from bot.services.quotes import SourcedQuote
from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.deliveries import (
    claim,
    count_deliveries,
    delivery_of,
    give_up_stale,
    is_settled,
    last_delivery,
    settle,
)
from bot.storage.favourites import count_favourites
from bot.storage.guilds import clear_daily_rule, daily_rules, set_daily_rule

# The longest sleep: the wall clock may be set, and another process may store a rule.
LONGEST_SLEEP = timedelta(minutes=1)

log = logging.getLogger(__name__)


class PostRefusedError(Exception):
    """Discord will never take this post: the channel is gone, or the bot may not write there."""


class PostFailedError(Exception):
    """Discord could not take this post now; it may later."""


class Poster(Protocol):
    """Whatever brings a quote into a channel."""

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id; raises PostRefusedError or PostFailedError."""
        ...


@dataclass(frozen=True, slots=True)
class DailyStatus:
    """A server's rule, its next post, and what became of the last one."""

    rule: DailyRule
    upcoming: LocalPost
    last: Delivery | None


@dataclass(frozen=True, slots=True)
class Today:
    """A server's quote of today: its date, the state if there is a rule, the post, and once that is out, its quote."""

    date: date
    status: DailyStatus | None
    post: Delivery | None = None
    quote: SourcedQuote | None = None


class Deliveries:
    """Keeps the servers' rules and posts what is due."""

    def __init__(self, database: Database, interviews: Interviews, clock: Callable[[], datetime]) -> None:
        """Take the database, the library and the clock (UTC)."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._rounds = Rounds("The daily quotes", LONGEST_SLEEP)

    async def set_daily(self, guild_id: int, channel_id: int, typed_time: str, typed_zone: str) -> DailyStatus:
        """Store where and when a server wants its quote, and return the state in force.

        Raises:
            InvalidInputError: The time or the zone can't be understood.
        """
        rule = DailyRule(guild_id, channel_id, parse_time(typed_time), parse_zone(typed_zone), self._clock())
        async with self._database.write() as connection:
            await set_daily_rule(connection, rule)
        self._rounds.wake()
        return await self._status(rule)

    async def stop_daily(self, guild_id: int) -> bool:
        """Stop a server's daily quote; return whether there was one."""
        async with self._database.write() as connection:
            return await clear_daily_rule(connection, guild_id)

    async def status(self, guild_id: int) -> DailyStatus | None:
        """Return a server's state in force, or None where it has no daily quote."""
        async with self._database.read() as connection:
            rules = await daily_rules(connection, guild_id)
        return await self._status(rules[0]) if rules else None

    async def today(self, guild_id: int) -> Today:
        """Return a server's quote of today, which is the day that it is in the rule's zone; without a rule, in UTC.

        Raises:
            NotFoundError: The interview of the quote is no longer there.
        """
        status = await self.status(guild_id)
        library = await self._interviews.library()
        today = self._clock().astimezone(status.rule.zone if status is not None else UTC).date()
        async with self._database.read() as connection:
            post = await delivery_of(connection, guild_id, today)
            if post is None or post.state is not DeliveryState.SENT:
                return Today(today, status, post)
            favourites = await count_favourites(connection, post.quote.key)
        quote = SourcedQuote(post.quote, library.interview(post.quote.interview), favourites)
        return Today(today, status, post, quote)

    async def _status(self, rule: DailyRule) -> DailyStatus:
        async with self._database.read() as connection:
            last = await last_delivery(connection, rule.guild_id)
            upcoming = next_post(rule, self._clock())
            # A date has one post: a rule set to a later hour of a day that had its quote begins the day after.
            while await is_settled(connection, rule.guild_id, upcoming.local_date):
                upcoming = next_post(rule, upcoming.due)
        return DailyStatus(rule, upcoming, last)

    def stop(self) -> None:
        """Let `run` end as soon as the post that it may be sending is settled."""
        self._rounds.stop()

    async def run(self, poster: Poster) -> None:
        """Post what is due until `stop` is called; whatever fails is logged and tried again."""

        async def work() -> timedelta:
            await self.post_due(poster)
            return await self._pause()

        await self._rounds.run(work)

    async def post_due(self, poster: Poster) -> None:
        """Post every quote that is due now and not yet settled; one server's fault stops no other."""
        now = self._clock()
        async with self._database.write() as connection:
            if lost := await give_up_stale(connection, now):
                log.warning("Gave up %d posts whose sending was cut off", lost)
        async with self._database.read() as connection:
            rules = await daily_rules(connection)
        for rule in rules:
            post = latest_post(rule, now)
            if not self._rounds.stopping and post is not None and now - post.due <= GRACE:
                try:
                    await self._post(rule, post, poster)
                except Exception:
                    log.exception("The daily quote of server %d failed", rule.guild_id)

    async def _post(self, rule: DailyRule, post: LocalPost, poster: Poster) -> None:
        claimed = await self._claim(rule, post)
        if claimed is None:
            return
        delivery, quote = claimed
        try:
            message_id = await poster.post(delivery, quote)
        except PostRefusedError as error:
            await self._settle(delivery, DeliveryState.FAILED, problem=str(error))
        except PostFailedError as error:
            await self._settle(delivery, DeliveryState.WAITING, problem=str(error))
        else:
            await self._settle(delivery, DeliveryState.SENT, message_id=message_id)

    async def _claim(self, rule: DailyRule, post: LocalPost) -> tuple[Delivery, SourcedQuote] | None:
        async with self._database.read() as connection:
            if await is_settled(connection, rule.guild_id, post.local_date):
                return None
        library = await self._interviews.library()
        if not library.quotes:
            return None
        async with self._database.write() as connection:
            day = await count_deliveries(connection, rule.guild_id)
            quote = daily_quote(library.quotes, rule.guild_id, day)
            delivery = await claim(connection, rule.guild_id, post.local_date, rule.channel_id, quote, self._clock())
            if delivery is None:
                return None
            # In the claim: once it is committed, nothing that may fail stands between it and the post.
            favourites = await count_favourites(connection, delivery.quote.key)
        return delivery, SourcedQuote(delivery.quote, library.interview(delivery.quote.interview), favourites)

    async def _settle(
        self, delivery: Delivery, state: DeliveryState, *, message_id: int | None = None, problem: str | None = None
    ) -> None:
        async with self._database.write() as connection:
            await settle(connection, delivery, state, message_id=message_id, problem=problem)
        level = logging.INFO if state is DeliveryState.SENT else logging.WARNING
        log.log(
            level,
            "Daily quote of server %d for %s: %s %s",
            delivery.guild_id,
            delivery.local_date,
            state,
            problem or "",
        )

    async def _pause(self) -> timedelta:
        """Return how long nothing will be due."""
        now = self._clock()
        async with self._database.read() as connection:
            upcoming = [next_post(rule, now).due - now for rule in await daily_rules(connection)]
        return min([LONGEST_SLEEP, *upcoming])
