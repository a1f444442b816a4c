"""Word of the author's answers: a post in the server, and a message to each who wants one, effectively once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.publications import LEASE, MOST_ATTEMPTS, Channel, Letter, NoticeState, PostedAt, pause_after
from bot.domain.shards import ALL, Shards
from bot.services.dispatcher import Pace, PostFailedError, PostRefusedError
from bot.services.rounds import Rounds, log_failure
from bot.storage.database import Database
from bot.storage.notices import claim_letters, next_due, release_stale, settle

# A fifth of what Discord lets a bot ask for, in all processes, so that answers to people never wait for it.
LETTERS_A_SECOND = 10
SHORTEST_SLEEP = timedelta(seconds=1)
# The longest sleep: the wall clock may be set, and another process may publish something.
LONGEST_SLEEP = timedelta(minutes=1)
# Few enough that all of them are sent long before their lease is over.
BATCH = 50
# How long to wait where something may have arrived or not.
DOUBT = timedelta(seconds=15)

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Whatever brings word of an answer to people."""

    async def send(self, letter: Letter) -> PostedAt | None:
        """Send a letter, and return where a post is by now; raises PostRefusedError or PostFailedError."""
        ...


class Notices:
    """Sends what is due: each notice at most once, whatever fails in between."""

    def __init__(self, database: Database, clock: Callable[[], datetime], shards: Shards = ALL) -> None:
        """Take the database and the clock (UTC), and the shards whose servers are told."""
        self._database = database
        self._clock = clock
        self._shards = shards
        self._pace = Pace(LETTERS_A_SECOND * shards.share)
        self.rounds = Rounds("Word of answers", LONGEST_SLEEP)

    @property
    def batch(self) -> int:
        """How many are claimed at once: no more than are sent long before their lease is over."""
        return self._pace.within(LEASE / 4, BATCH)

    async def run(self, sender: Sender) -> None:
        """Send what is due until the rounds are stopped; whatever fails is logged and tried again."""
        await self.rounds.run(lambda: self.send_due(sender))

    async def send_due(self, sender: Sender) -> timedelta:
        """Send everything that is due now; return how long nothing will be due. One server's fault stops no other."""
        while not self.rounds.stopping:
            async with self._database.read() as connection:
                due = await next_due(connection, self._shards)
            now = self._clock()
            if due is None or due > now:
                return LONGEST_SLEEP if due is None else max(SHORTEST_SLEEP, min(LONGEST_SLEEP, due - now))
            # What one process claims, another leaves alone: they need not wait for each other.
            async with self._database.write([]) as connection:
                lost = await release_stale(connection, now, self._shards)
                letters = await claim_letters(connection, now, self.batch, self._shards)
            if lost:
                log.warning("Of %d messages about answers nobody knows whether they arrived", lost)
            if not letters:
                return SHORTEST_SLEEP
            if not await self._send_all(letters, sender):
                return DOUBT
        return SHORTEST_SLEEP

    async def _send_all(self, letters: Sequence[Letter], sender: Sender) -> bool:
        """Send claimed letters, each in its turn; return whether all are settled."""
        sending = []
        for letter in letters:
            # Not within the task: what waits for tasks is not seen to sleep in the simulated Discord.
            await self._pace.turn_in(self.rounds)
            sending.append(asyncio.create_task(self._send(letter, sender)))
        return all(await asyncio.gather(*sending))

    async def _send(self, letter: Letter, sender: Sender) -> bool:
        """Send a claimed letter and settle it; return False where it stays claimed, to be taken back later."""
        try:
            return await self._try(letter, sender)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged there
            log_failure(log, error, "Word of answer %d could not be settled", letter.number)
            return False

    async def _try(self, letter: Letter, sender: Sender) -> bool:
        now = self._clock()
        if letter.fresh and (self.rounds.stopping or not letter.may_be_sent(now)):
            # Not begun: it is left to the next start; or whoever stalled so long begins anew, if still the owner.
            return await self._settle(letter, letter.waiting, retry_at=now)
        if not letter.may_be_sent(now):
            return await self._settle(letter, NoticeState.UNKNOWN)
        try:
            post = await sender.send(letter)
        except PostRefusedError as error:
            log.info("Word of answer %d was refused: %s", letter.number, error)
            # A post that can't be changed now is still there, and a later change is tried again.
            refused = NoticeState.SENT if letter.kind is Channel.MEND else NoticeState.REFUSED
            return await self._settle(letter, refused)
        except PostFailedError as error:
            log.warning("Word of answer %d could not be sent: %s", letter.number, error)
            return await self._again(letter, in_doubt=error.in_doubt)
        return await self._settle(letter, NoticeState.SENT, post=post)

    async def _again(self, letter: Letter, *, in_doubt: bool) -> bool:
        """Let a letter be tried again, later with each attempt, for a day; to change a post twice does no harm."""
        mend = letter.kind is Channel.MEND
        if in_doubt and not mend:
            # It stays claimed: while its nonce guards it, it is sent again after the lease; then nobody knows.
            return False
        if letter.attempts >= MOST_ATTEMPTS and not mend:
            return await self._settle(letter, NoticeState.REFUSED)
        return await self._settle(letter, letter.waiting, retry_at=self._clock() + pause_after(letter.attempts))

    async def _settle(
        self,
        letter: Letter,
        state: NoticeState,
        *,
        retry_at: datetime | None = None,
        post: PostedAt | None = None,
    ) -> bool:
        async with self._database.write([letter.publication.question.guild_id]) as connection:
            await settle(connection, letter, state, retry_at=retry_at, post=post)
        return True
