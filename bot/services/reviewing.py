"""What moderators see of readers' questions: a card for each in a channel of theirs, and the inbox."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.privacy import tag_of
from bot.domain.questions import Question, QuestionState
from bot.domain.shards import ALL, Shards
from bot.errors import DatabaseError
from bot.services.dispatcher import PostFailedError
from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.question_rules import rules_of
from bot.storage.questions import (
    card_of,
    count_states,
    find_question,
    root_of,
    set_card,
    without_card,
)

# How long a question can be without its card after a restart, an error of Discord's or a missing permission.
LOOK_EVERY = timedelta(minutes=10)
# How long after Discord could not take a card, or the database was away; twice as long each time. While the tries are
# young, the name that each goes by keeps what had arrived all the same from coming twice.
FIRST_PAUSE = timedelta(seconds=5)
# After so many cards of a server, the others get their turn.
BATCH = 5
# How many servers are served at once.
AT_ONCE = 10

log = logging.getLogger(__name__)


class CardRefusedError(Exception):
    """The bot may not post or change cards in a channel, or it is gone; the message says why."""


class Board(Protocol):
    """Where cards are shown to moderators."""

    async def post(self, channel_id: int, question: Question) -> int:
        """Post a question's card and return the message's id; posting it twice within minutes posts it once.

        Raises:
            CardRefusedError: The channel is gone, or the bot may not post there.
            PostFailedError: Discord could not take it now.
        """
        ...

    async def redraw(self, channel_id: int, message_id: int, question: Question) -> None:
        """Let a card show a question as it is now; a card that is gone is no error.

        Raises:
            CardRefusedError: The bot may not see the channel any more.
            PostFailedError: Discord could not take it now.
        """
        ...

    async def remove(self, channel_id: int, message_id: int) -> None:
        """Delete the card of a question that is deleted; one that is gone is no error; raises as `redraw` does."""
        ...


@dataclass(frozen=True, slots=True)
class Card:
    """The message that shows a question to moderators; one that is not stored yet, with the question as it is there."""

    guild_id: int
    question_id: int
    channel_id: int
    message_id: int
    shown: Question | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A question with its card, if it has one, and the channel for one, if it is to have one."""

    question: Question
    card: tuple[int, int] | None
    channel_id: int | None


class Reviewing:
    """Keeps the cards in step with the questions, in the background: no question and no press waits for a card."""

    def __init__(self, database: Database, clock: Callable[[], datetime], shards: Shards = ALL) -> None:
        """Take the database and the clock (UTC), and the shards in whose servers it looks for what has no card."""
        self._database = database
        self._clock = clock
        self._shards = shards
        self._rounds = Rounds("The cards for moderators", FIRST_PAUSE)
        # The questions whose cards are to be posted or redrawn, by server, in the order in which they changed; of one
        # that may be deleted by then, the card it had.
        self._waiting: defaultdict[int, dict[int, Card | None]] = defaultdict(dict)
        # Those for which that failed, until the next look.
        self._failed: dict[tuple[int, int], Card | None] = {}
        self._look_at: datetime | None = None
        self._pause = FIRST_PAUSE

    def show(self, guild_id: int, question_id: int) -> None:
        """Let a question's card, or a new one, show it soon as it is then; this neither waits nor fails."""
        self._waiting[guild_id].setdefault(question_id)
        self._rounds.wake()

    def refresh(self, cards: Iterable[Card]) -> None:
        """Let some cards show their questions soon as they are then, or go with those that are deleted."""
        for card in cards:
            self._waiting[card.guild_id][card.question_id] = card
        self._rounds.wake()

    def look_again(self) -> None:
        """Look now for questions that have no card yet, since there may be a new place for them."""
        self._look_at = None
        self._rounds.wake()

    async def run(self, board: Board) -> None:
        """Post and redraw cards until `stop` is called; whatever fails is logged and tried again."""
        await self._rounds.run(lambda: self.work(board))

    def stop(self) -> None:
        """Let `run` end as soon as the cards that it may be posting are posted."""
        self._rounds.stop()

    async def work(self, board: Board) -> timedelta:
        """Post or redraw a few cards of each server; return how long nothing will be to do."""
        now = self._clock()
        look_at = self._look_at
        if look_at is None or not timedelta() < look_at - now <= LOOK_EVERY:
            self._look_at = look_at = now + LOOK_EVERY
            try:
                await self._look()
            except DatabaseError:
                self._look_at = None  # so the next round looks
                raise
        turn = asyncio.Semaphore(AT_ONCE)
        batches = [(guild_id, self._next_of(guild_id)) for guild_id in list(self._waiting)]
        all_taken = await asyncio.gather(*(self._serve(board, turn, guild_id, batch) for guild_id, batch in batches))
        if not all(all_taken):
            self._look_at = look_at = min(look_at, now + self._pause)
            self._pause = min(2 * self._pause, LOOK_EVERY)
        elif batches:
            self._pause = FIRST_PAUSE
        return timedelta() if self._waiting else look_at - now

    async def _look(self) -> None:
        """Let all that have no card yet wait for one, and what failed be tried again."""
        async with self._database.read() as connection:
            missing = await without_card(connection, self._shards)
        failed, self._failed = self._failed, {}
        for (guild_id, question_id), card in [*((each, None) for each in missing), *failed.items()]:
            if card is None:
                self._waiting[guild_id].setdefault(question_id)
            else:
                self._waiting[guild_id][question_id] = card

    def _next_of(self, guild_id: int) -> list[tuple[int, Card | None]]:
        """Take the next few questions of a server out of those that wait."""
        waiting = self._waiting[guild_id]
        batch = list(waiting.items())[:BATCH]
        for question_id, _ in batch:
            del waiting[question_id]
        if not waiting:
            del self._waiting[guild_id]
        return batch

    async def _serve(
        self, board: Board, turn: asyncio.Semaphore, guild_id: int, batch: Sequence[tuple[int, Card | None]]
    ) -> bool:
        """Show some cards of a server; return False where Discord or the database could not take one now."""
        all_taken = True
        async with turn:
            for place, (number, card) in enumerate(batch, start=1):
                if self._rounds.stopping:
                    break
                card = card or self._failed.pop((guild_id, number), None)  # noqa: PLW2901 - as is known by now
                try:
                    posted = await self._show(board, guild_id, number, card)
                    if posted is not None:
                        card = posted  # noqa: PLW2901 - whatever fails from now on, it is not posted again
                        await self._keep(board, posted)
                except CardRefusedError as error:
                    log.warning("No cards for moderators in server %s: %s", tag_of(guild_id), error)
                    if card is not None:
                        self._failed[guild_id, number] = card
                    self._put_off(guild_id, batch[place:])
                    break
                except (PostFailedError, DatabaseError) as error:
                    log.warning("The card of question %d could not be shown now: %s", number, error)
                    self._failed[guild_id, number] = card
                    all_taken = False
                except Exception:
                    log.exception("The card of question %d could not be shown", number)
                    self._failed[guild_id, number] = card
        return all_taken

    def _put_off(self, guild_id: int, rest: Iterable[tuple[int, Card | None]]) -> None:
        """Leave a server that refuses cards alone, but for what is to go since somebody deleted it."""
        # The others would fare no better; the next look finds those that have no card yet.
        waiting = [*self._waiting.pop(guild_id, {}).items(), *rest]
        for number, card in waiting:
            if card is not None:
                self._waiting[guild_id][number] = card

    async def _show(self, board: Board, guild_id: int, question_id: int, card: Card | None) -> Card | None:
        """Show a question as it is now; return its card where that is posted and not stored yet."""
        shown = await self._found(guild_id, question_id)
        if shown is None:
            if card is not None:
                await board.remove(card.channel_id, card.message_id)
        elif shown.card is not None:
            await board.redraw(*shown.card, shown.question)
        elif card is not None:
            return card
        elif shown.channel_id is not None:
            message_id = await board.post(shown.channel_id, shown.question)
            return Card(guild_id, question_id, shown.channel_id, message_id, shown=shown.question)
        return None

    async def _keep(self, board: Board, card: Card) -> None:
        """Store a card that was posted; it goes where its question was deleted meanwhile."""
        async with self._database.write([card.guild_id]) as connection:
            await set_card(connection, card.question_id, card.channel_id, card.message_id)
            now_is = await find_question(connection, card.guild_id, card.question_id)
        if now_is is None:
            await board.remove(card.channel_id, card.message_id)
        elif now_is != card.shown:
            self.show(card.guild_id, card.question_id)

    async def _found(self, guild_id: int, question_id: int) -> _Shown | None:
        async with self._database.read() as connection:
            question = await find_question(connection, guild_id, question_id)
            if question is None:
                return None
            card = await card_of(connection, question_id)
            needs_one = question.state is QuestionState.OPEN and question.merged_into is None
            channel_id = (await rules_of(connection, guild_id)).review_channel_id if needs_one else None
            root = await root_of(connection, question_id)
        if root != question_id:  # who wants the merged one is counted there
            self.show(guild_id, root)
        return _Shown(question, card, channel_id)

    async def counts(self, guild_id: int) -> Mapping[QuestionState, int]:
        """Return how many of a server's questions are in each state, without those that were merged into others."""
        async with self._database.read() as connection:
            return await count_states(connection, guild_id)
