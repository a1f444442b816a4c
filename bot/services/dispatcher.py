"""The dispatcher of daily quotes: claims what is due, sends it once, and settles what became of it."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.calendar import CROWD, SPREAD, DailyRule, jitter
from bot.domain.deliveries import GRACE, LEASE, Delivery, DeliveryState, pause_after
from bot.domain.planning import Plan, Step
from bot.domain.privacy import tag_of
from bot.domain.publications import is_of_readers
from bot.domain.quotes import Quote
from bot.domain.rotation import Rotation, following
from bot.domain.shards import ALL, Shards
from bot.errors import NotFoundError
from bot.services.interviews import Interviews, Library
from bot.services.quotes import SourcedQuote
from bot.services.rounds import Rounds, log_failure
from bot.storage.database import Database
from bot.storage.deliveries import (
    OUTAGE,
    claim_late,
    give_up,
    neglected,
    refused_in_a_row,
    release,
    settle,
)
from bot.storage.favourites import count_favourites
from bot.storage.guilds import (
    daily_rules,
    pause_daily,
)
from bot.storage.turns import (
    crowded_instants,
    guilds_at,
    look_at_all,
    look_by,
    looks_ahead,
    plans_at,
    put_off,
    spread,
    take,
)

# The shortest sleep: a crowd that is spread comes due one by one, and is served a handful at a time.
SHORTEST_SLEEP = timedelta(seconds=1)
# The longest sleep: the wall clock may be set, and another process may store a rule.
LONGEST_SLEEP = timedelta(minutes=1)
# How long to wait after a round that failed.
RETRY = timedelta(seconds=10)
# No post is further ahead: a rule has a weekday at least.
FARTHEST = timedelta(days=8)
# How long a server is left alone that can't be seen to.
PUT_OFF = timedelta(hours=1)
# Half of what Discord lets a bot ask for, so that answers to people never wait for quotes; 23 evenly spaced are never
# more than 25 in any second, even where one is held up for a tenth of it on its way.
POSTS_A_SECOND = 23
# Fewer than these are no crowd, whatever their process's share is.
FEWEST = 20
# Planning for this many servers takes some milliseconds, in which nobody else is answered.
PAGE = 200
# After so many posts, what nobody works on any more is looked for again.
ROUND = 500
BATCH = 50
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

    async def turn_in(self, rounds: Rounds) -> None:
        """Wait for one's turn in some rounds; once they are told to stop, nothing is begun, and nobody has to wait."""
        if not rounds.stopping:
            await self.take()

    def within(self, time: timedelta, most: int) -> int:
        """Return how many may pass within a time: at least one, and no more than the most."""
        return max(1, min(most, int(time.total_seconds() / self._gap)))


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


def _step(plan: Plan, library: Library) -> Step:
    """Return a plan with the quote that it needs."""
    after = replace(plan.turn, look_at=plan.look_at)
    if plan.post is None or plan.again:
        return Step(plan, after)
    quote, rotation = choose_quote(library, plan.turn.rule, plan.turn.rotation, plan.turn.wanted)
    return Step(plan, replace(after, rotation=rotation, wanted=None), quote)


class Dispatcher:
    """Posts what is due: at most once a server and local date, whatever fails in between."""

    def __init__(
        self, database: Database, interviews: Interviews, clock: Callable[[], datetime], shards: Shards = ALL
    ) -> None:
        """Take the database, the library, the clock (UTC), and which servers are this process's own."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._shards = shards
        # Other processes post too, each at the rate of its servers.
        self._pace = Pace(POSTS_A_SECOND * shards.share)
        self._has_begun = False
        self.rounds = Rounds("The daily quotes", RETRY)

    async def run(self, poster: Poster) -> None:
        """Post what is due until the rounds are stopped; whatever fails is logged and tried again."""
        await self.rounds.run(lambda: self.post_due(poster))

    async def post_due(self, poster: Poster) -> timedelta:
        """Post every quote that is due now and not yet settled; return how long nothing will be due.

        One server's fault stops no other.
        """
        if not self._has_begun:
            # What is known of time zones may have changed since it was worked out when to look.
            await self._look_at_all(later_than=self._clock())
            self._has_begun = True
        await self._tidy(poster)
        if not (await self._interviews.library()).quotes:
            return LONGEST_SLEEP
        if await self._post_all(poster):
            return timedelta()
        async with self._database.read() as connection:
            ahead = await looks_ahead(connection, self._shards)
        now = self._clock()
        if ahead is not None and ahead[1] > now + FARTHEST:  # the clock was far ahead for a while
            await self._look_at_all(later_than=now + FARTHEST)
            return timedelta()
        pause = LONGEST_SLEEP if ahead is None else ahead[0] - now
        return max(SHORTEST_SLEEP, min(LONGEST_SLEEP, pause))

    async def _look_at_all(self, later_than: datetime) -> None:
        """Let all servers be looked at now that were to be looked at later than an instant."""
        async with self._database.write(()) as connection:
            await look_at_all(connection, self._shards, later_than)

    async def _tidy(self, poster: Poster) -> None:
        """Let go of what a process that ended had claimed, and give up what is too late; look for what is in doubt."""
        now = self._clock()
        async with self._database.read() as connection:
            found = await neglected(connection, self._shards, now, AT_ONCE)
        if not found.guild_ids:
            return
        async with self._database.write(found.guild_ids) as connection:
            released = await release(connection, found.cut_off, now)
            await look_by(connection, released, now)
            late = await give_up(connection, found.missed, now)
            doubted = await claim_late(connection, found.doubted, now)
        if released:
            log.warning("Took back %d posts whose sending was cut off", len(released))
        if late:
            log.warning("Gave up %d posts that could not be sent in time", late)
        library = await self._interviews.library()
        async with asyncio.TaskGroup() as looking:
            for delivery in doubted:
                await self._pace.turn_in(self.rounds)
                looking.create_task(self._send(delivery, library, poster))

    async def _spread_crowds(self) -> None:
        """Where a crowd is due at one instant, let each of them have its own a little later."""
        now = self._clock()
        async with self._database.read() as connection:
            crowded = await crowded_instants(connection, self._shards, now - SPREAD, now, self._crowd)
            crowds = {instant: await guilds_at(connection, self._shards, instant) for instant in crowded}
        for instant, guild_ids in crowds.items():
            for start in range(0, len(guild_ids), PAGE):
                later = {guild_id: instant + jitter(guild_id) for guild_id in guild_ids[start : start + PAGE]}
                async with self._database.write(()) as connection:
                    await spread(connection, instant, later)

    @property
    def _crowd(self) -> int:
        """How many of this process's own servers are a crowd, if the others have as many."""
        return max(FEWEST, round(CROWD * self._shards.share))

    @property
    def _batch(self) -> int:
        """How many posts are claimed at once: no more than are sent long before their lease is over."""
        return self._pace.within(LEASE / 4, BATCH)

    async def _post_all(self, poster: Poster) -> bool:
        """Claim and send what is due, a batch at a time; return whether there may be more."""
        sending: set[asyncio.Task[None]] = set()
        count, limit = 0, self._batch
        try:
            while count < ROUND and not self.rounds.stopping:
                await self._spread_crowds()
                claimed = await self._claim_due(limit)
                if claimed is None:
                    return False
                await self._begin(claimed, poster, sending)
                # Those without a post count too: what is looked at in vain must not hold up all else for ever.
                count += max(1, len(claimed))
                limit = self._batch if claimed else PAGE
        except asyncio.CancelledError:
            for task in sending:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*sending)
        return True

    async def _begin(
        self, claimed: Iterable[tuple[Delivery, Library]], poster: Poster, sending: set[asyncio.Task[None]]
    ) -> None:
        """Begin to send claimed posts, each in its turn."""
        for delivery, library in claimed:
            while len(sending) >= AT_ONCE:
                await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
            await self._pace.turn_in(self.rounds)
            task = asyncio.create_task(self._send(delivery, library, poster))
            sending.add(task)
            task.add_done_callback(sending.discard)

    async def _claim_due(self, limit: int) -> list[tuple[Delivery, Library]] | None:
        """See to so many servers that are to be looked at now; return what was claimed, or None if there are none."""
        now = self._clock()
        async with self._database.read() as connection:
            plans, unknown = await plans_at(connection, self._shards, now, limit)
        if not plans and not unknown:
            return None
        posts = [plan for plan in plans if plan.post is not None]
        plans = [plan for plan in plans if plan.post is None] + posts[: self._batch]
        guild_ids = {plan.turn.guild_id for plan in plans}
        libraries = await self._interviews.libraries(guild_ids)
        steps = [_step(plan, libraries[plan.turn.guild_id]) for plan in plans]
        async with self._database.write(guild_ids | unknown) as connection:
            claimed = await take(connection, steps, self._clock())
            await put_off(connection, unknown, now + PUT_OFF)
        missed = [len(plan.missed) for plan in plans if plan.missed]
        if missed:
            log.warning("%d servers missed %d daily quotes while nobody was there", len(missed), sum(missed))
        return [(delivery, libraries[delivery.guild_id]) for delivery in claimed]

    async def _send(self, delivery: Delivery, library: Library, poster: Poster) -> None:
        """Send a claimed post and settle it; an error of the database leaves it to be taken back later."""
        try:
            outcome = await self._outcome(delivery, library, poster)
            await self._settle(outcome, poster)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged there
            log_failure(log, error, "The daily quote of server %s could not be settled", tag_of(delivery.guild_id))

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
        log_failure(log, error, "The daily quote of server %s failed", tag_of(delivery.guild_id))
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
        async with self._database.write([outcome.guild_id]) as connection:
            ours = await settle(connection, outcome)
            if ours and outcome.state is DeliveryState.WAITING and outcome.retry_at is not None:
                await look_by(connection, [outcome.guild_id], outcome.retry_at)
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
