"""The dispatcher of daily quotes: claims what is due, sends it once, and settles what became of it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.calendar import CROWD, ONE_DAY, DailyRule, LocalPost, jitter, latest_post, next_post, posts_between
from bot.domain.deliveries import GRACE, LEASE, MISSED_DAYS, Delivery, DeliveryState, pause_after
from bot.domain.privacy import tag_of
from bot.domain.publications import is_of_readers
from bot.domain.quotes import Quote
from bot.domain.rotation import Rotation, following
from bot.errors import NotFoundError
from bot.services.interviews import Interviews, Library
from bot.services.quotes import SourcedQuote
from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.deliveries import (
    OUTAGE,
    claim,
    claim_again,
    claim_late,
    entries_of,
    give_up_late,
    last_dates,
    record_days,
    refused_in_a_row,
    release_stale,
    settle,
)
from bot.storage.favourites import count_favourites
from bot.storage.guilds import (
    daily_rules,
    next_quote,
    pause_daily,
    rotation_of,
    running_rules,
    set_next_quote,
    set_rotation,
)

# The shortest sleep: a crowd that is spread comes due one by one, and is served a handful at a time.
SHORTEST_SLEEP = timedelta(seconds=1)
# The longest sleep: the wall clock may be set, and another process may store a rule.
LONGEST_SLEEP = timedelta(minutes=1)
# Half of what Discord lets a bot ask for, so that answers to people never wait for quotes; 23 evenly spaced are never
# more than 25 in any second, even where one is held up for a tenth of it on its way.
POSTS_A_SECOND = 23
# Looking after this many rules takes a few milliseconds, in which nobody else is answered.
PAGE = 100
# After so many posts, what has become due meanwhile is looked for again.
ROUND = 500
BATCH = 25
# How many posts may wait for Discord at once.
AT_ONCE = 100
OWN_FAULT = "an error of the bot's own, which is in its log"

log = logging.getLogger(__name__)


class PostRefusedError(Exception):
    """Discord will never take this post: the channel is gone, or the bot may not write there."""


class PostFailedError(Exception):
    """Discord could not take this post now; it may later. In doubt, it may have taken it all the same."""

    def __init__(self, problem: str, *, in_doubt: bool = True) -> None:
        """Take what went wrong, and whether the post may be in the channel."""
        super().__init__(problem)
        self.in_doubt = in_doubt


class HistoryClosedError(Exception):
    """Whether a post is in its channel can't be looked up."""


class Poster(Protocol):
    """Whatever brings a quote into a channel."""

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id; raises PostRefusedError or PostFailedError."""
        ...

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        """Return the message's id if the post has been in its channel since it was first in doubt.

        Raises HistoryClosedError or PostFailedError.
        """
        ...

    async def finish(self, delivery: Delivery, message_id: int) -> str | None:
        """Do what the server wants around its post, again without harm; return what could not be done, or None."""
        ...

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell admins of the server that its quote is paused, and why; raises nothing that is Discord's."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A post that is owed, and when it is to be tried."""

    rule: DailyRule
    post: LocalPost
    at: datetime


@dataclass(slots=True)
class Plan:
    """What there is to do: posts to try, days that were missed, and when the next rule is due."""

    due: list[Due] = field(default_factory=list)
    missed: list[tuple[DailyRule, list[LocalPost]]] = field(default_factory=list)
    soonest: datetime | None = None
    crowds: Counter[datetime] = field(default_factory=Counter)

    def wake_at(self, instant: datetime) -> None:
        """Remember that there will be something to do then."""
        self.soonest = instant if self.soonest is None else min(self.soonest, instant)


class Pace:
    """Lets one pass at a time, and no more than some a second."""

    def __init__(self, a_second: float) -> None:
        """Take how many may pass in a second."""
        self._gap = 1 / a_second
        self._free_at = 0.0
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Wait for one's turn; who asks first comes first."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            await asyncio.sleep(self._free_at - loop.time())
            # Counted from when it passes: who was held up does not pass together with the next.
            self._free_at = loop.time() + self._gap


def quotes_for(library: Library, rule: DailyRule) -> Sequence[Quote]:
    """Return the quotes among which a server's next one is."""
    chosen = [quote for quote in library.quotes if quote.interview in rule.options.interviews]
    # A server whose interviews were all removed wants a quote all the same.
    return chosen or library.quotes


def choose_quote(library: Library, rule: DailyRule, rotation: Rotation, wanted: str | None) -> tuple[Quote, Rotation]:
    """Return a server's next quote and how far its quotes have come with it; a wanted one takes nobody's turn.

    Raises:
        NotFoundError: There is nothing to quote.
    """
    for quote in library.quotes if wanted is not None else ():
        if quote.key == wanted:
            return quote, rotation
    found = following(rotation, rule.guild_id, quotes_for(library, rule))
    if found is None:
        raise NotFoundError("There is nothing to quote yet.")
    return found


class Dispatcher:
    """Posts what is due: at most once a server and local date, whatever fails in between."""

    def __init__(self, database: Database, interviews: Interviews, clock: Callable[[], datetime]) -> None:
        """Take the database, the library and the clock (UTC)."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._pace = Pace(POSTS_A_SECOND)
        # The last date of each server that is known to need nothing more: it spares looking it up every minute.
        self._settled: dict[int, date] = {}
        self.rounds = Rounds("The daily quotes", LONGEST_SLEEP)

    async def run(self, poster: Poster) -> None:
        """Post what is due until the rounds are stopped; whatever fails is logged and tried again."""
        await self.rounds.run(lambda: self.post_due(poster))

    async def post_due(self, poster: Poster) -> timedelta:
        """Post every quote that is due now and not yet settled; return how long nothing will be due.

        One server's fault stops no other.
        """
        now = self._clock()
        await self._look_for(await self._tidy(now), poster)
        plan = await self._plan(now)
        await self._record_missed(plan, now)
        due = sorted((each for each in plan.due if each.at <= now), key=lambda each: (each.at, each.rule.guild_id))
        later = [each.at for each in plan.due if each.at > now]
        if due and (await self._interviews.library()).quotes:
            retries = await self._send_all(due[:ROUND], poster)
            if len(due) > ROUND:
                return timedelta()
            later += retries
        soonest = min([*later, *([plan.soonest] if plan.soonest else [])], default=None)
        pause = LONGEST_SLEEP if soonest is None else soonest - self._clock()
        return max(SHORTEST_SLEEP, min(LONGEST_SLEEP, pause))

    async def _tidy(self, now: datetime) -> list[Delivery]:
        """Let go of what a process that ended had claimed, and give up what is too late; claim what is in doubt."""
        async with self._database.write() as connection:
            stale = await release_stale(connection, now)
            late = await give_up_late(connection, now)
            doubted = await claim_late(connection, now, AT_ONCE)
        if stale:
            log.warning("Took back %d posts whose sending was cut off", stale)
        if late:
            log.warning("Gave up %d posts that could not be sent in time", late)
        return doubted

    async def _look_for(self, doubted: Sequence[Delivery], poster: Poster) -> None:
        """Look whether posts arrived that it is too late to send."""
        if not doubted:
            return
        library = await self._interviews.library()
        async with asyncio.TaskGroup() as looking:
            for delivery in doubted:
                await self._pace.take()
                looking.create_task(self._send(delivery, library, poster, []))

    async def _plan(self, now: datetime) -> Plan:
        """Return what is to be done, read a page of rules at a time, so that others get their turn."""
        plan = Plan()
        at: int | None = -1
        while at is not None:
            async with self._database.read() as connection:
                rules, at = await running_rules(connection, at, PAGE)
                open_posts = self._open_posts(rules, now, plan)
                guild_ids = [rule.guild_id for rule, _ in open_posts]
                entries = await entries_of(connection, guild_ids, {post.local_date for _, post in open_posts})
                last = await last_dates(connection, guild_ids, now)
            for rule, post in open_posts:
                entry = entries.get((rule.guild_id, post.local_date))
                if entry is None:
                    self._plan_new(plan, rule, post, last.get(rule.guild_id), now)
                elif entry[0] is DeliveryState.WAITING and now - post.due <= GRACE:
                    plan.due.append(Due(rule, post, entry[1] or post.due))
                elif entry[0] is not DeliveryState.CLAIMED:
                    self._settled[rule.guild_id] = post.local_date
        for start in range(0, len(plan.due), PAGE):
            await asyncio.sleep(0)
            page = slice(start, start + PAGE)
            plan.due[page] = [self._spread(each, plan.crowds) for each in plan.due[page]]
        await asyncio.sleep(0)
        return plan

    def _open_posts(self, rules: Sequence[DailyRule], now: datetime, plan: Plan) -> list[tuple[DailyRule, LocalPost]]:
        """Return the latest post of each rule, where it is not known to be settled; count those due at one instant."""
        found = []
        for rule in rules:
            plan.wake_at(next_post(rule, now).due)
            post = latest_post(rule, now)
            if post is not None and now - post.due <= GRACE:
                plan.crowds[post.due] += 1
            if post is not None and self._settled.get(rule.guild_id) != post.local_date:
                found.append((rule, post))
        return found

    def _plan_new(self, plan: Plan, rule: DailyRule, post: LocalPost, last: date | None, now: datetime) -> None:
        """Plan a post that has no entry, and enter the days before it that have none either as missed."""
        earliest = post.local_date - MISSED_DAYS * ONE_DAY
        missed = posts_between(rule, max(last or earliest, earliest), post.local_date)
        if now - post.due <= GRACE:
            plan.due.append(Due(rule, post, post.due))
        elif last is None or last < post.local_date:  # else it is the clock that went back
            missed.append(post)
        if missed:
            plan.missed.append((rule, missed))

    @staticmethod
    def _spread(due: Due, crowds: Counter[datetime]) -> Due:
        if crowds[due.post.due] < CROWD:
            return due
        return replace(due, at=max(due.at, due.post.due + jitter(due.rule.guild_id)))

    async def _record_missed(self, plan: Plan, now: datetime) -> None:
        for start in range(0, len(plan.missed), PAGE):
            async with self._database.write() as connection:
                for rule, posts in plan.missed[start : start + PAGE]:
                    await record_days(connection, rule, posts, DeliveryState.MISSED, now)
        if plan.missed:
            days = sum(len(posts) for _, posts in plan.missed)
            log.warning("%d servers missed %d daily quotes while nobody was there", len(plan.missed), days)

    async def _send_all(self, due: Sequence[Due], poster: Poster) -> list[datetime]:
        """Claim and send some posts, a batch at a time; return when those that failed are to be tried again."""
        sending: set[asyncio.Task[None]] = set()
        retries: list[datetime] = []
        try:
            for start in range(0, len(due), BATCH):
                if self.rounds.stopping:
                    break
                batch = due[start : start + BATCH]
                libraries = await self._interviews.libraries({each.rule.guild_id for each in batch})
                for delivery in await self._claim(batch, libraries):
                    while len(sending) >= AT_ONCE:
                        await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
                    await self._pace.take()
                    task = asyncio.create_task(self._send(delivery, libraries[delivery.guild_id], poster, retries))
                    sending.add(task)
                    task.add_done_callback(sending.discard)
            await asyncio.gather(*sending)
        finally:
            for task in sending:
                task.cancel()
        return retries

    async def _claim(self, due: Sequence[Due], libraries: Mapping[int, Library]) -> list[Delivery]:
        """Claim a batch of posts in one transaction; those that others have are left out."""
        now, claimed = self._clock(), []
        async with self._database.write() as connection:
            for each in due:
                rule, post = each.rule, each.post
                delivery = await claim_again(connection, rule, post.local_date, now)
                if delivery is None:
                    wanted = await next_quote(connection, rule.guild_id)
                    rotation = await rotation_of(connection, rule.guild_id)
                    quote, turned = choose_quote(libraries[rule.guild_id], rule, rotation, wanted)
                    delivery = await claim(connection, rule, post, quote, now)
                    if delivery is not None and turned != rotation:
                        await set_rotation(connection, rule.guild_id, turned)
                    if delivery is not None and wanted is not None:
                        await set_next_quote(connection, rule.guild_id, None)
                if delivery is not None:
                    claimed.append(delivery)
        return claimed

    async def _send(self, delivery: Delivery, library: Library, poster: Poster, retries: list[datetime]) -> None:
        """Send a claimed post and settle it; an error of the database leaves it to be taken back later."""
        try:
            outcome = await self._outcome(delivery, library, poster)
            if outcome.retry_at is not None:
                retries.append(outcome.retry_at)
            await self._settle(outcome, poster)
        except Exception:
            log.exception("The daily quote of server %s could not be settled", tag_of(delivery.guild_id))

    async def _outcome(self, delivery: Delivery, library: Library, poster: Poster) -> Delivery:
        """Return a claimed post with what became of it."""
        if self.rounds.stopping or abs(self._clock() - delivery.claimed_at) > LEASE / 2:
            # Not begun: it is left to the next start; or whoever stalled so long may not own it any more.
            return self._again(delivery, "it was not begun in time", in_doubt=False)
        try:
            message_id = await self._deliver(delivery, library, poster)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told apart there
            return self._failed(delivery, error)
        if message_id is None:
            return replace(delivery, state=DeliveryState.MISSED, problem=delivery.problem or OUTAGE)
        problem = await self._finish(delivery, message_id, poster)
        return replace(delivery, state=DeliveryState.SENT, message_id=message_id, problem=problem)

    def _failed(self, delivery: Delivery, error: Exception) -> Delivery:
        """Return what an error has made of a claimed post."""
        match error:
            case PostRefusedError():
                return replace(delivery, state=DeliveryState.FAILED, problem=str(error))
            case HistoryClosedError():
                return replace(delivery, state=DeliveryState.UNKNOWN, problem=str(error))
            case PostFailedError():
                return self._again(delivery, str(error), in_doubt=error.in_doubt)
        log.error("The daily quote of server %s failed", tag_of(delivery.guild_id), exc_info=error)
        if self._clock() - delivery.due > GRACE:
            # Too late to be sent, it would be looked for in vain for ever: its interview may be gone.
            return replace(delivery, state=DeliveryState.UNKNOWN, problem=OWN_FAULT)
        return self._again(delivery, OWN_FAULT, in_doubt=True)

    async def _deliver(self, delivery: Delivery, library: Library, poster: Poster) -> int | None:
        """Return the id of the message that was found or posted, or None where it is too late to post it."""
        assert delivery.quote is not None  # noqa: S101 - what was claimed has one
        async with self._database.read() as connection:
            favourites = await count_favourites(connection, delivery.quote.key)
        quote = SourcedQuote(delivery.quote, library.interview(delivery.quote.interview), favourites)
        now = self._clock()
        late = now - delivery.due > GRACE
        if late or not delivery.nonce_guards(now):
            found = await poster.find(delivery, quote)
            if found is not None:
                return found
        if quote.turn is None and is_of_readers(delivery.quote.turn):
            raise PostRefusedError("the answer that it quotes was taken back")
        return None if late else await poster.post(delivery, quote)

    @staticmethod
    async def _finish(delivery: Delivery, message_id: int, poster: Poster) -> str | None:
        """Return what could not be done around a post, which is in its channel whatever fails here."""
        try:
            return await poster.finish(delivery, message_id)
        except Exception:
            log.exception("What goes with the daily quote of server %s failed", tag_of(delivery.guild_id))
            return OWN_FAULT

    def _again(self, delivery: Delivery, problem: str, *, in_doubt: bool) -> Delivery:
        """Return a post that is to be tried again, later with each attempt."""
        doubted_at = delivery.doubted_at or (delivery.claimed_at if in_doubt else None)
        retry_at = self._clock() + pause_after(delivery.attempts)
        return replace(delivery, state=DeliveryState.WAITING, problem=problem, retry_at=retry_at, doubted_at=doubted_at)

    async def _settle(self, outcome: Delivery, poster: Poster) -> None:
        """Record what became of a post; after the third refused day in a row, pause the quote and say so once."""
        paused = False
        async with self._database.write() as connection:
            ours = await settle(connection, outcome)
            if ours and outcome.state is DeliveryState.FAILED:
                rules = await daily_rules(connection, outcome.guild_id)
                if rules and await refused_in_a_row(connection, outcome.guild_id, rules[0].since):
                    paused = await pause_daily(connection, outcome.guild_id, self._clock(), outcome.problem)
        sent = outcome.state is DeliveryState.SENT
        tag = tag_of(outcome.guild_id)
        log.debug("Server %s is %d", tag, outcome.guild_id)
        log.log(
            logging.INFO if sent else logging.WARNING,
            "Daily quote of server %s for %s: %s %s",
            tag,
            outcome.local_date,
            outcome.state if ours else "taken by another process",
            outcome.problem or "",
        )
        if paused:
            log.warning("The daily quote of server %s is paused: %s", tag_of(outcome.guild_id), outcome.problem)
            await poster.tell_paused(outcome)
