"""The daily quote: what a server chose, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.calendar import DailyRule, LocalPost, next_post, parse_time, parse_zone
from bot.domain.deliveries import Delivery
from bot.services.dispatcher import Dispatcher, Poster
from bot.services.interviews import Interviews
from bot.storage.database import Database
from bot.storage.deliveries import last_delivery, settled_dates
from bot.storage.guilds import clear_daily_rule, daily_rules, set_daily_rule

POSTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DailyStatus:
    """A server's rule, its next posts, and what became of the last one."""

    rule: DailyRule
    posts: tuple[LocalPost, ...]
    last: Delivery | None

    @property
    def upcoming(self) -> LocalPost:
        """The next post."""
        return self.posts[0]


class Deliveries:
    """Keeps the servers' rules, and lets the dispatcher post what is due."""

    def __init__(self, database: Database, interviews: Interviews, clock: Callable[[], datetime]) -> None:
        """Take the database, the library and the clock (UTC)."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._dispatcher = Dispatcher(database, interviews, clock)

    async def set_daily(self, guild_id: int, channel_id: int, typed_time: str, typed_zone: str) -> DailyStatus:
        """Store where and when a server wants its quote, and return the state in force.

        Raises:
            InvalidInputError: The time or the zone can't be understood.
        """
        rule = DailyRule(guild_id, channel_id, parse_time(typed_time), parse_zone(typed_zone), self._clock())
        async with self._database.write() as connection:
            await set_daily_rule(connection, rule)
        self._dispatcher.rounds.wake()
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

    async def _status(self, rule: DailyRule) -> DailyStatus:
        upcoming = next_post(rule, self._clock())
        posts: list[LocalPost] = []
        async with self._database.read() as connection:
            last = await last_delivery(connection, rule.guild_id)
            # A date has one post: a rule set to a later hour of a day that had its quote begins the day after.
            settled = await settled_dates(connection, rule.guild_id, upcoming.local_date)
        while len(posts) < POSTS_SHOWN:
            if upcoming.local_date not in settled:
                posts.append(upcoming)
            upcoming = next_post(rule, upcoming.due)
        return DailyStatus(rule, tuple(posts), last)

    def stop(self) -> None:
        """Let `run` end as soon as the posts that it may be sending are settled."""
        self._dispatcher.rounds.stop()

    async def run(self, poster: Poster) -> None:
        """Post what is due until `stop` is called; whatever fails is logged and tried again."""
        await self._dispatcher.run(poster)

    async def post_due(self, poster: Poster) -> timedelta:
        """Post every quote that is due now and not yet settled; return how long nothing will be due."""
        return await self._dispatcher.post_due(poster)
