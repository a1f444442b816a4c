"""The daily quote: what a server chose, and what becomes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.calendar import (
    EVERY_DAY,
    ClockChange,
    DailyRule,
    LocalPost,
    clock_changes,
    next_post,
    parse_time,
    parse_weekdays,
    posts_between,
)
from bot.domain.deliveries import Delivery, DeliveryState, PostOptions
from bot.domain.marks import changed_meanwhile, check_seen, mark_of
from bot.domain.quotes import Quote
from bot.domain.shards import ALL, Shards
from bot.domain.zones import parse_zone
from bot.errors import InvalidInputError, NotFoundError
from bot.services.dispatcher import Dispatcher, Poster, choose_quote, quotes_for
from bot.services.interviews import Interviews, Library
from bot.services.quotes import SourcedQuote
from bot.storage.database import Database
from bot.storage.deliveries import (
    coming_skip,
    find_delivery,
    last_delivery,
    ledger,
    record_days,
    settled_dates,
    undo_skip,
)
from bot.storage.favourites import count_favourites
from bot.storage.guilds import (
    clear_daily_rule,
    daily_rules,
    next_quote,
    pause_daily,
    post_options,
    resume_daily,
    rotation_of,
    set_daily_rule,
    set_next_quote,
    set_post_options,
)
from bot.storage.turns import look_by

POSTS_SHOWN = 5
HISTORY_PAGE = 10
REHEARSED_DAYS = 365
CHANGED = changed_meanwhile("this", "/setup shows what holds.")
NO_RULE = "There is no daily quote here. Start one with /daily set."


@dataclass(frozen=True, slots=True)
class DailyStatus:
    """A server's rule, its next posts, what became of the last one, and the one that will be skipped, if any."""

    rule: DailyRule
    posts: tuple[LocalPost, ...]
    last: Delivery | None
    skipped: Delivery | None = None

    @property
    def upcoming(self) -> LocalPost:
        """The next post."""
        return self.posts[0]


@dataclass(frozen=True, slots=True)
class Resumed:
    """A server's state in force, whether a pause was ended, and whether a skip was taken back."""

    status: DailyStatus
    was_paused: bool
    was_skipped: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of a server's ledger, newest first; its number counts from 0."""

    entries: tuple[Delivery, ...]
    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A year of a server's posts, what the clocks do in it, and among how many quotes they choose."""

    rule: DailyRule
    posts: tuple[LocalPost, ...]
    changes: tuple[ClockChange, ...]
    quotes: int


@dataclass(frozen=True, slots=True)
class Today:
    """A server's quote of today: its date, the state if there is a rule, the post, and once that is out, its quote."""

    date: date
    status: DailyStatus | None
    post: Delivery | None = None
    quote: SourcedQuote | None = None


def mark_of_rule(rule: DailyRule | None) -> str:
    """Return what stands for where and when a server has its quote."""
    return mark_of(rule and (rule.channel_id, rule.at, rule.zone.key, sorted(rule.weekdays)))


class Deliveries:
    """Keeps the servers' rules, and lets the dispatcher post what is due."""

    def __init__(
        self, database: Database, interviews: Interviews, clock: Callable[[], datetime], shards: Shards = ALL
    ) -> None:
        """Take the database, the library, the clock (UTC), and which servers are this process's own."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._dispatcher = Dispatcher(database, interviews, clock, shards)

    async def set_daily(
        self,
        guild_id: int,
        channel_id: int,
        typed_time: str,
        typed_zone: str,
        typed_weekdays: str | None = None,
        seen: str | None = None,
    ) -> DailyStatus:
        """Store where and when a server wants its quote, and return the state in force; a pause ends.

        Weekdays that are not given stay as they are. With the mark of the rule that somebody has seen, nothing is
        stored where another one holds by now.

        Raises:
            InvalidInputError: The time, the zone or the weekdays can't be understood, or somebody else was faster.
        """
        weekdays = parse_weekdays(typed_weekdays) if typed_weekdays is not None else None
        rule = DailyRule(guild_id, channel_id, parse_time(typed_time), parse_zone(typed_zone), self._clock())
        async with self._database.write([guild_id]) as connection:
            before = await daily_rules(connection, guild_id)
            check_seen(seen, mark_of_rule(before[0] if before else None), CHANGED)
            kept = before[0].weekdays if before else EVERY_DAY
            rule = replace(rule, weekdays=weekdays or kept)
            await set_daily_rule(connection, rule)
        self._dispatcher.rounds.wake()
        return await self._status(rule)

    async def options(self, guild_id: int) -> PostOptions:
        """Return what a server wants of its quotes, whether or not it has any now."""
        async with self._database.read() as connection:
            return await post_options(connection, guild_id)

    async def set_options(self, guild_id: int, options: PostOptions, seen: str | None = None) -> DailyStatus:
        """Store what a server wants of its quotes, and return the state in force.

        With the mark of the options that somebody has seen, nothing is stored where others hold by now.

        Raises:
            NotFoundError: There is no daily quote.
            InvalidInputError: Somebody else was faster.
        """
        await self._in_force(guild_id)
        async with self._database.write([guild_id]) as connection:
            check_seen(seen, mark_of(await post_options(connection, guild_id)), CHANGED)
            await set_post_options(connection, guild_id, options)
        return await self._in_force(guild_id)

    async def stop_daily(self, guild_id: int) -> bool:
        """Stop a server's daily quote; return whether there was one."""
        async with self._database.write([guild_id]) as connection:
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
        library = await self._interviews.library(guild_id)
        today = self._clock().astimezone(status.rule.zone if status is not None else UTC).date()
        async with self._database.read() as connection:
            post = await find_delivery(connection, guild_id, today)
            if post is None or post.quote is None or post.state is not DeliveryState.SENT:
                return Today(today, status, post)
            favourites = await count_favourites(connection, post.quote.key)
        quote = SourcedQuote(post.quote, library.interview(post.quote.interview), favourites)
        return Today(today, status, post, quote)

    async def _status(self, rule: DailyRule) -> DailyStatus:
        upcoming = next_post(rule, self._clock())
        posts: list[LocalPost] = []
        async with self._database.read() as connection:
            last = await last_delivery(connection, rule.guild_id)
            skipped = await coming_skip(connection, rule.guild_id, self._clock())
            # A date has one post: a rule set to a later hour of a day that had its quote begins the day after.
            settled = await settled_dates(connection, rule.guild_id, upcoming.local_date)
        while len(posts) < POSTS_SHOWN:
            if upcoming.local_date not in settled:
                posts.append(upcoming)
            upcoming = next_post(rule, upcoming.due)
        return DailyStatus(rule, tuple(posts), last, skipped)

    async def _in_force(self, guild_id: int) -> DailyStatus:
        status = await self.status(guild_id)
        if status is None:
            raise NotFoundError(NO_RULE)
        return status

    async def pause(self, guild_id: int) -> DailyStatus:
        """Let a server's quote rest until it is resumed; return the state in force.

        Raises:
            NotFoundError: There is no daily quote.
        """
        async with self._database.write([guild_id]) as connection:
            await pause_daily(connection, guild_id, self._clock())
        return await self._in_force(guild_id)

    async def resume(self, guild_id: int) -> Resumed:
        """End a server's pause and take back a skip that is still to come; what the pause left out stays out.

        Raises:
            NotFoundError: There is no daily quote.
        """
        async with self._database.write([guild_id]) as connection:
            was_paused = await resume_daily(connection, guild_id, self._clock())
            was_skipped = await undo_skip(connection, guild_id, self._clock())
            await look_by(connection, [guild_id], self._clock())
        self._dispatcher.rounds.wake()
        return Resumed(await self._in_force(guild_id), was_paused, was_skipped)

    async def skip(self, guild_id: int) -> tuple[DailyStatus, bool]:
        """Leave out a server's next post; return the state in force, and False where one was skipped already.

        Who asks twice, or two who ask for the same, skip one post.

        Raises:
            NotFoundError: There is no daily quote.
            InvalidInputError: It is paused.
        """
        status = await self._in_force(guild_id)
        if status.rule.paused is not None:
            raise InvalidInputError("The daily quote is paused, so there is nothing to skip. See /daily resume.")
        now = self._clock()
        async with self._database.write([guild_id]) as connection:
            new = await coming_skip(connection, guild_id, now) is None
            if new:
                await record_days(connection, [(status.rule, status.upcoming)], DeliveryState.SKIPPED, now)
        return await self._in_force(guild_id), new

    async def undo_skip(self, guild_id: int) -> tuple[DailyStatus, bool]:
        """Take back a skip whose time is still to come; return the state in force, and whether there was one.

        Raises:
            NotFoundError: There is no daily quote.
        """
        async with self._database.write([guild_id]) as connection:
            undone = await undo_skip(connection, guild_id, self._clock())
            await look_by(connection, [guild_id], self._clock())
        return await self._in_force(guild_id), undone

    async def find_quotes(self, guild_id: int, typed: str, limit: int) -> list[tuple[str, Quote]]:
        """Return a server's quotes that contain what was typed, with the keys by which they are picked."""
        wanted = typed.strip().casefold()
        quotes = (await self._interviews.library(guild_id)).quotes
        found = [quote for quote in quotes if wanted in quote.text.casefold()]
        return [(quote.key, quote) for quote in found[:limit]]

    async def pick(self, guild_id: int, typed: str) -> tuple[DailyStatus, SourcedQuote]:
        """Let a quote come next in a server: one of that key, or the only one that contains what was typed.

        Raises:
            NotFoundError: There is no daily quote.
            InvalidInputError: No quote is meant, or several are.
        """
        status = await self._in_force(guild_id)
        library = await self._interviews.library(guild_id)
        meant = [quote for quote in library.quotes if quote.key == typed]
        meant = meant or [quote for _, quote in await self.find_quotes(guild_id, typed, 2)]
        if len(meant) != 1:
            raise InvalidInputError("That is not one of the quotes. Type a few of its words and pick it from the list.")
        async with self._database.write([guild_id]) as connection:
            await set_next_quote(connection, guild_id, meant[0].key)
        return status, SourcedQuote(meant[0], library.interview(meant[0].interview))

    async def unpick(self, guild_id: int) -> SourcedQuote:
        """Let the quote come next in a server whose turn it is, and return it.

        Raises:
            NotFoundError: There is no daily quote, or nothing to quote.
        """
        async with self._database.write([guild_id]) as connection:
            await set_next_quote(connection, guild_id, None)
        return (await self.preview(guild_id))[1]

    async def preview(self, guild_id: int) -> tuple[DailyStatus, SourcedQuote]:
        """Return a server's state in force, and the quote that comes next.

        Raises:
            NotFoundError: There is no daily quote, or nothing to quote.
        """
        status = await self._in_force(guild_id)
        library = await self._interviews.library(guild_id)
        return status, await self._next(library, status.rule)

    async def _next(self, library: Library, rule: DailyRule) -> SourcedQuote:
        async with self._database.read() as connection:
            wanted, rotation = await next_quote(connection, rule.guild_id), await rotation_of(connection, rule.guild_id)
        quote, _ = choose_quote(library, rule, rotation, wanted)
        return SourcedQuote(quote, library.interview(quote.interview))

    async def history(self, guild_id: int, number: int) -> HistoryPage:
        """Return a page of a server's ledger, newest first; its number counts from 0."""
        async with self._database.read() as connection:
            found: Sequence[Delivery] = await ledger(connection, guild_id, number * HISTORY_PAGE, HISTORY_PAGE + 1)
        return HistoryPage(tuple(found[:HISTORY_PAGE]), number, len(found) > HISTORY_PAGE)

    async def rehearse(self, guild_id: int) -> Rehearsal:
        """Return the year ahead of a server's quote.

        Raises:
            NotFoundError: There is no daily quote.
        """
        status = await self._in_force(guild_id)
        rule, first = replace(status.rule, since=self._clock()), status.upcoming.local_date
        end = first + timedelta(days=REHEARSED_DAYS)
        posts = [status.upcoming, *posts_between(rule, first, end)]
        changes = clock_changes(rule, first, REHEARSED_DAYS)
        quotes = quotes_for(await self._interviews.library(guild_id), rule)
        return Rehearsal(rule, tuple(posts), tuple(changes), len(quotes))

    def stop(self) -> None:
        """Let `run` end as soon as the posts that it may be sending are settled."""
        self._dispatcher.rounds.stop()

    async def run(self, poster: Poster) -> None:
        """Post what is due until `stop` is called; whatever fails is logged and tried again."""
        await self._dispatcher.run(poster)

    async def post_due(self, poster: Poster) -> timedelta:
        """Post every quote that is due now and not yet settled; return how long nothing will be due."""
        return await self._dispatcher.post_due(poster)
