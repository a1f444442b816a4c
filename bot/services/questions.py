"""Readers' questions: asked, wanted by others too, reviewed; each change checks what holds, and keeps who did it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.drafts import DraftKey
from bot.domain.marks import changed_meanwhile, check_seen, mark_of
from bot.domain.questions import (
    LONGEST_REASON,
    ONE_DAY,
    Asker,
    Event,
    NewQuestion,
    Question,
    QuestionEvent,
    QuestionFilter,
    QuestionRules,
    QuestionState,
    Wish,
    check_rules,
    check_wish,
    clean_question,
)
from bot.errors import InvalidInputError, NotAllowedError, NotFoundError
from bot.services.drafts import GONE as USED
from bot.services.interviews import Interviews
from bot.storage.database import Database
from bot.storage.drafts import drop_draft
from bot.storage.guilds import Revision, questions_revision
from bot.storage.interviews import interview_id
from bot.storage.question_rules import block, blocked_in, is_blocked, rules_of, set_rules, unblock
from bot.storage.questions import (
    add_me_too,
    add_question,
    asked_lately,
    change_question,
    count_anew,
    count_questions,
    events_of,
    find_question,
    group_of,
    list_questions,
    questions_of_member,
    record,
    remove_me_too,
    root_of,
    wanted_by_member,
)

PAGE_SIZE = 5
# What is remembered between calls is thrown away when it grows beyond this.
MOST_COUNTS_REMEMBERED = 1_000
GONE = "That question is no longer here."
CHANGED = changed_meanwhile("this", "Open it again to see what holds.")
REVIEWED = "It is reviewed already, so it stays as it is."


@dataclass(frozen=True, slots=True)
class Page:
    """A page of questions; its number counts from 0, and `wanted` are those that who looks wants answered."""

    questions: tuple[Question, ...]
    number: int
    count: int
    wanted: frozenset[int] = frozenset()

    @property
    def pages(self) -> int:
        """How many pages there are: at least one."""
        return max(1, -(-self.count // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Review:
    """A question after somebody wanted to change it, and whether they did: else somebody else was faster."""

    question: Question
    done: bool


class Questions:
    """Takes readers' questions, and follows each until the author answers it."""

    def __init__(
        self,
        database: Database,
        interviews: Interviews,
        clock: Callable[[], datetime],
        changed: Callable[[int, int], None] = lambda _guild_id, _question_id: None,
    ) -> None:
        """Take the database, the library and the clock (UTC), and what is told of each question that has changed."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._changed = changed
        # How many questions of a server a filter lets pass, as of a revision of the server's questions.
        self._counts: dict[tuple[int, QuestionFilter], tuple[Revision, int]] = {}

    # Asking ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changing(self, guild_id: int, question_id: int) -> AsyncIterator[Any]:
        """Lend a connection to change a question with; who shows it is told once that is stored."""
        async with self._database.write([guild_id]) as connection:
            yield connection
        self._changed(guild_id, question_id)

    async def submit(self, asker: Asker, new: NewQuestion, draft: DraftKey | None = None) -> Question:
        """Store a question for the author and return it; when this returns, it is safe.

        With the draft that it was kept as, that is used up in the same transaction, so that nothing is stored twice.

        Raises:
            InvalidInputError: It's too short or too long, or shows who asks without a name.
            NotFoundError: The draft was used before.
            NotAllowedError: The server's rules do not allow it now.
            DatabaseError: It could not be stored.
        """
        new = replace(new, text=clean_question(new.text))
        check_wish(new)
        now = self._clock()
        library = await self._interviews.library()
        keys = [known.id for known in library.interviews]
        key = new.interview if new.interview in keys else next(iter(keys), "")
        async with self._database.write([asker.guild_id, asker.member_id]) as connection:
            if draft is not None and not await drop_draft(connection, draft):
                raise NotFoundError(USED)
            rules = await rules_of(connection, asker.guild_id)
            if await is_blocked(connection, asker.guild_id, asker.member_id):
                raise NotAllowedError("The moderators of this server take no questions from you.")
            lately = await asked_lately(connection, asker, now - ONE_DAY)
            check_rules(rules, asker, new.recipient, lately, now)
            number = await add_question(connection, asker, new, await interview_id(connection, key), now)
            await record(connection, number, Event.ASKED, now)
            question = await find_question(connection, asker.guild_id, number)
        assert question is not None  # noqa: S101 - it was stored just now
        self._changed(asker.guild_id, question.id)
        return question

    async def edit(self, asker: Asker, question_id: int, typed: str) -> Question:
        """Change the words of one's own question, as long as nobody has reviewed it or wants it too.

        Raises:
            InvalidInputError: It's too short or too long, or is no longer one's own alone.
            NotFoundError: There is no such question of theirs.
        """
        text = clean_question(typed)
        async with self._changing(asker.guild_id, question_id) as connection:
            question = _own(await find_question(connection, asker.guild_id, question_id), asker.member_id)
            if question.state is not QuestionState.OPEN or question.merged_into is not None:
                raise InvalidInputError(REVIEWED)
            if question.wanted_by > 1:
                raise InvalidInputError("Others want this one answered as it is. Ask another one.")
            # What a moderator mended before are other words than these.
            await change_question(connection, question, text=text, original=None)
            await record(connection, question_id, Event.EDITED, self._clock(), detail=question.text)
        return replace(question, text=text, original=None)

    async def withdraw(self, guild_id: int, member_id: int, question_id: int) -> None:
        """Take one's own question back before it is reviewed; one that others want too stays, without its asker.

        Raises:
            InvalidInputError: It is reviewed already.
            NotFoundError: There is no such question of theirs.
        """
        async with self._changing(guild_id, question_id) as connection:
            question = _own(await find_question(connection, guild_id, question_id), member_id)
            if question.state is QuestionState.WITHDRAWN:
                return
            if question.state is not QuestionState.OPEN or question.merged_into is not None:
                raise InvalidInputError(REVIEWED)
            if question.wanted_by > 1:
                await change_question(connection, question, member_id=None, member_name=None, notify="no")
            else:
                await change_question(connection, question, state=QuestionState.WITHDRAWN)
            await record(connection, question_id, Event.WITHDRAWN, self._clock())
            await count_anew(connection, question_id)

    async def mine(self, guild_id: int, member_id: int, number: int = 0) -> Page:
        """Return a page of a member's questions in a server, newest first."""
        async with self._database.read() as connection:
            found = await questions_of_member(connection, guild_id, member_id, PAGE_SIZE + 1, number * PAGE_SIZE)
        # One more than a page says whether there is another one; how many there are in all, nobody needs to know.
        return Page(tuple(found[:PAGE_SIZE]), number, number * PAGE_SIZE + len(found))

    async def find(self, guild_id: int, question_id: int) -> Question:
        """Return a question of a server.

        Raises:
            NotFoundError: There is none of that number.
        """
        async with self._database.read() as connection:
            return _there(await find_question(connection, guild_id, question_id))

    async def own(self, guild_id: int, member_id: int, question_id: int) -> Question:
        """Return a member's own question.

        Raises:
            NotFoundError: There is no such question of theirs.
        """
        return _own(await self.find(guild_id, question_id), member_id)

    # Others want it too ------------------------------------------------------------------------------------

    async def want(self, guild_id: int, member_id: int, question_id: int, wish: Wish | None = None) -> Question:
        """Let a member want a question answered too, once, and return the one that stands for it.

        Raises:
            NotFoundError: There is no such question.
            InvalidInputError: It waits for no answer any more.
            NotAllowedError: They may not ask here.
        """
        async with self._changing(guild_id, question_id) as connection:
            if await is_blocked(connection, guild_id, member_id):
                raise NotAllowedError("The moderators of this server take no questions from you.")
            root = await root_of(connection, question_id)
            question = _there(await find_question(connection, guild_id, root))
            if not question.is_waiting:
                raise InvalidInputError("That question waits for no answer any more.")
            if question.member_id == member_id:
                if wish is not None:
                    await change_question(connection, question, notify=wish.notify, channel_id=wish.channel_id)
            else:
                await add_me_too(connection, root, member_id, wish or Wish(), self._clock())
            return replace(question, wanted_by=await count_anew(connection, root))

    async def unwant(self, guild_id: int, member_id: int, question_id: int) -> Question:
        """Take back that a member wants a question answered too, and return the one that stands for it.

        Raises:
            NotFoundError: There is no such question.
        """
        async with self._changing(guild_id, question_id) as connection:
            root = await root_of(connection, question_id)
            question = _there(await find_question(connection, guild_id, root))
            await remove_me_too(connection, await group_of(connection, root), member_id)
            return replace(question, wanted_by=await count_anew(connection, root))

    async def listed(
        self, guild_id: int, wanted: QuestionFilter, number: int = 0, member_id: int | None = None
    ) -> Page:
        """Return a page of a server's questions that a filter lets pass, most wanted first; beyond the last, the last.

        With a member, it says which of them that member wants answered.
        """
        async with self._database.read() as connection:
            count = await self._count(connection, guild_id, wanted)
            number = min(max(number, 0), max(0, count - 1) // PAGE_SIZE)
            found = await list_questions(connection, guild_id, wanted, PAGE_SIZE, number * PAGE_SIZE)
            ids = [question.id for question in found]
            theirs = await wanted_by_member(connection, ids, member_id) if member_id is not None else set()
        return Page(tuple(found), number, count, frozenset(theirs))

    async def _count(self, connection: Any, guild_id: int, wanted: QuestionFilter) -> int:
        """Return how many questions a filter lets pass; they are not counted again until one comes, goes or changes."""
        if wanted.flagged or wanted.at_least > 1:  # the revision says nothing of these, and they are few
            return await count_questions(connection, guild_id, wanted)
        revision = await questions_revision(connection, guild_id)
        known = self._counts.get((guild_id, wanted))
        if known is not None and known[0] == revision:
            return known[1]
        if len(self._counts) >= MOST_COUNTS_REMEMBERED:
            self._counts.clear()
        count = await count_questions(connection, guild_id, wanted)
        self._counts[guild_id, wanted] = revision, count
        return count

    # Review ------------------------------------------------------------------------------------------------

    async def approve(
        self,
        guild_id: int,
        question_id: int,
        actor_id: int,
        seen: QuestionState | None = None,
        words: str | None = None,
    ) -> Review:
        """Let a question go to the author.

        With the state and the mark of the text that somebody has seen, only if both still hold.

        Raises:
            NotFoundError: There is no such question.
        """
        return await self._decide(guild_id, question_id, actor_id, QuestionState.APPROVED, seen=seen, words=words)

    async def reject(
        self, guild_id: int, question_id: int, actor_id: int, reason: str, seen: QuestionState | None = None
    ) -> Review:
        """Keep a question from the author, for a reason that its asker reads.

        With the state that somebody has seen, it is left as it is where it has come into another one meanwhile.

        Raises:
            NotFoundError: There is no such question.
            InvalidInputError: The reason is missing or too long.
        """
        reason = reason.strip()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise InvalidInputError(f"Give a reason of at most {LONGEST_REASON} characters: the asker reads it.")
        return await self._decide(guild_id, question_id, actor_id, QuestionState.REJECTED, reason, seen)

    async def reopen(self, guild_id: int, question_id: int, actor_id: int) -> Review:
        """Undo that a question was approved or rejected.

        Raises:
            NotFoundError: There is no such question.
        """
        return await self._decide(guild_id, question_id, actor_id, QuestionState.OPEN)

    async def _decide(
        self,
        guild_id: int,
        question_id: int,
        actor_id: int,
        state: QuestionState,
        reason: str | None = None,
        seen: QuestionState | None = None,
        words: str | None = None,
    ) -> Review:
        """Move a question into another state, out of those from which it may come there; else leave it as it is."""
        now = self._clock()
        sources = COMES_FROM[state] if seen is None else COMES_FROM[state] & {seen}
        async with self._changing(guild_id, question_id) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if question.merged_into is not None or question.state not in sources:
                return Review(question, done=False)
            if words is not None and words != mark_of(question.text):
                return Review(question, done=False)
            reviewer = None if state is QuestionState.OPEN else actor_id
            await change_question(
                connection,
                question,
                state=state,
                reason=reason,
                reviewed_by=reviewer,
                reviewed_at=None if reviewer is None else round(now.timestamp() * 1000),
            )
            await record(connection, question_id, EVENTS[state], now, actor_id, reason)
            changed = await find_question(connection, guild_id, question_id)
        return Review(_there(changed), done=True)

    async def merge(self, guild_id: int, question_id: int, into: int, actor_id: int) -> Review:
        """Let another question stand for one, with all who want it; return the one that was merged.

        Raises:
            NotFoundError: There is no such question.
            InvalidInputError: The other one can't stand for it.
        """
        async with self._changing(guild_id, question_id) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if not question.is_waiting:
                return Review(question, done=False)
            root = await root_of(connection, into)
            target = _there(await find_question(connection, guild_id, root))
            if root == question_id:
                raise InvalidInputError("These two are one question already.")
            if not target.is_waiting:
                raise InvalidInputError("The other question waits for no answer any more.")
            await change_question(connection, question, merged_into=root)
            await record(connection, question_id, Event.MERGED, self._clock(), actor_id, str(root))
            await count_anew(connection, root)
            return Review(replace(question, merged_into=root), done=True)

    async def unmerge(self, guild_id: int, question_id: int, actor_id: int) -> Review:
        """Let a question that was merged stand for itself again, with those who wanted it.

        Raises:
            NotFoundError: There is no such question.
            InvalidInputError: The question that stands for it is answered.
        """
        async with self._changing(guild_id, question_id) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if question.merged_into is None:
                return Review(question, done=False)
            root = await root_of(connection, question_id)
            if _there(await find_question(connection, guild_id, root)).state is QuestionState.ANSWERED:
                raise InvalidInputError("It was answered together with the other question.")
            await change_question(connection, question, merged_into=None)
            await record(connection, question_id, Event.UNMERGED, self._clock(), actor_id, str(question.merged_into))
            await count_anew(connection, root)
            count = await count_anew(connection, question_id)
        self._changed(guild_id, root)
        return Review(replace(question, merged_into=None, wanted_by=count), done=True)

    async def mend(self, guild_id: int, question_id: int, actor_id: int, typed: str, seen: str | None = None) -> Review:
        """Change the spelling of a question for the author; what was asked is kept beside it.

        With the mark of the text that somebody has seen, nothing is stored where it reads otherwise by now.

        Raises:
            NotFoundError: There is no such question.
            InvalidInputError: It's too short or too long, or somebody else was faster.
        """
        text = clean_question(typed)
        async with self._changing(guild_id, question_id) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if question.state in MAY_BE_MENDED:
                check_seen(seen, mark_of(question.text), CHANGED)
            if question.state not in MAY_BE_MENDED or text == question.text:
                return Review(question, done=False)
            original = question.original or question.text
            mended = None if original == text else original
            await change_question(connection, question, text=text, original=mended)
            await record(connection, question_id, Event.MENDED, self._clock(), actor_id, question.text)
            return Review(replace(question, text=text, original=mended), done=True)

    async def flag(self, guild_id: int, question_id: int, actor_id: int, *, flagged: bool) -> Review:
        """Mark a question for the other moderators, or take the mark away.

        Raises:
            NotFoundError: There is no such question.
        """
        async with self._changing(guild_id, question_id) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if question.flagged is flagged:
                return Review(question, done=False)
            await change_question(connection, question, flagged=flagged)
            kind = Event.FLAGGED if flagged else Event.UNFLAGGED
            await record(connection, question_id, kind, self._clock(), actor_id)
            return Review(replace(question, flagged=flagged), done=True)

    async def history(self, guild_id: int, question_id: int) -> list[QuestionEvent]:
        """Return what happened to a question, oldest first.

        Raises:
            NotFoundError: There is no such question.
        """
        async with self._database.read() as connection:
            _there(await find_question(connection, guild_id, question_id))
            return await events_of(connection, question_id)

    # Rules -------------------------------------------------------------------------------------------------

    async def rules(self, guild_id: int) -> QuestionRules:
        """Return what a server allows who asks."""
        async with self._database.read() as connection:
            return await rules_of(connection, guild_id)

    async def set_rules(self, guild_id: int, rules: QuestionRules, seen: str | None = None) -> None:
        """Store what a server allows who asks.

        With the mark of the rules that somebody has seen, nothing is stored where others hold by now.

        Raises:
            InvalidInputError: Nobody would take questions, they would end before they begin, a number is below 0, or
                somebody else was faster.
        """
        if not rules.recipients:
            raise InvalidInputError("Somebody has to take the questions: choose the interviewee, the host or both.")
        if rules.opens_at is not None and rules.closes_at is not None and rules.opens_at >= rules.closes_at:
            raise InvalidInputError("Questions can't be closed before they are opened.")
        if min(rules.a_member, rules.a_day, rules.account_days) < 0:
            raise InvalidInputError("Use numbers from 0 on; 0 means no limit.")
        async with self._database.write([guild_id]) as connection:
            check_seen(seen, mark_of(await rules_of(connection, guild_id)), CHANGED)
            await set_rules(connection, guild_id, rules)

    async def block(self, guild_id: int, member_id: int, actor_id: int) -> bool:
        """Let a member ask no more in a server; return False where that was so before."""
        async with self._database.write([guild_id]) as connection:
            return await block(connection, guild_id, member_id, actor_id, self._clock())

    async def unblock(self, guild_id: int, member_id: int) -> bool:
        """Let a member ask again in a server; return whether they might not."""
        async with self._database.write([guild_id]) as connection:
            return await unblock(connection, guild_id, member_id)

    async def blocked(self, guild_id: int) -> Sequence[int]:
        """Return the ids of those who may not ask in a server, the latest first."""
        async with self._database.read() as connection:
            return await blocked_in(connection, guild_id)


# From which states a moderator may bring a question into another one.
COMES_FROM = {
    QuestionState.APPROVED: frozenset({QuestionState.OPEN, QuestionState.REJECTED}),
    QuestionState.REJECTED: frozenset({QuestionState.OPEN, QuestionState.APPROVED}),
    QuestionState.OPEN: frozenset({QuestionState.APPROVED, QuestionState.REJECTED}),
}
EVENTS = {
    QuestionState.APPROVED: Event.APPROVED,
    QuestionState.REJECTED: Event.REJECTED,
    QuestionState.OPEN: Event.REOPENED,
}
MAY_BE_MENDED = frozenset({QuestionState.OPEN, QuestionState.APPROVED})


def _there(question: Question | None) -> Question:
    if question is None:
        raise NotFoundError(GONE)
    return question


def _own(question: Question | None, member_id: int) -> Question:
    if question is None or question.member_id != member_id:
        raise NotFoundError("You have no question of that number here. /question mine lists yours.")
    return question
