"""The author's answers: published, changed and taken back, each in one transaction with all that follows from it."""

import asyncio
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.marks import changed_meanwhile, check_seen, mark_of
from bot.domain.pack_reading import PackAnswer, read_pack
from bot.domain.publications import (
    Answer,
    AnswerVersion,
    Applied,
    ImportPlan,
    Outcome,
    PlannedAnswer,
    Publication,
    clean_answer,
    obstacle,
)
from bot.domain.questions import Question, QuestionFilter, QuestionState
from bot.domain.shards import ALL, Shards
from bot.errors import InvalidInputError, NotFoundError
from bot.services.notices import Notices, Sender
from bot.storage.database import Database
from bot.storage.publications import all_texts, find_answer, published_in, versions_of
from bot.storage.publishing import publish_answer, take_back_answer
from bot.storage.questions import find_question, list_questions, root_of

GONE = "That question is no longer here."
NOT_ANSWERED = "That question has no published answer. /answer publish gives it one."
CHANGED = changed_meanwhile("this answer", "/answer history shows what holds.")


def mark_of_answer(answer: Answer | None) -> str:
    """Return what stands for an answer as somebody sees it, by which it is noticed when somebody has changed it."""
    return mark_of(answer and (answer.text, answer.quotable, answer.is_published))


class Publications:
    """Publishes the author's answers to readers' questions, and lets who wants it know."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        changed: Callable[[int, int], None] = lambda _guild_id, _question_id: None,
        shards: Shards = ALL,
    ) -> None:
        """Take the database and the clock (UTC), what is told of each question that has changed, and the own shards."""
        self._database = database
        self._clock = clock
        self._changed = changed
        self._notices = Notices(database, clock, shards)

    def _tell(self, guild_id: int, *question_ids: int) -> None:
        """Let word be sent of what was published or taken back, and those know who show the questions."""
        self._notices.rounds.wake()
        for number in question_ids:
            self._changed(guild_id, number)

    # One answer --------------------------------------------------------------------------------------------

    async def publish(
        self,
        guild_id: int,
        question_id: int,
        text: str,
        quotable: bool,
        actor_id: int | None,
        *,
        seen: str | None = None,
    ) -> Answer:
        """Publish the answer to a question and return it; what was published is changed, the same is left as it is.

        A question that nobody has reviewed is approved by it. With the mark of the answer that somebody has seen,
        nothing is changed where another one holds by now.

        Raises:
            InvalidInputError: The text is empty or too long, the question can't be answered, or somebody was faster.
            NotFoundError: There is no such question.
        """
        text = clean_answer(text)
        async with self._database.write([guild_id]) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            if reason := obstacle(question):
                raise InvalidInputError(reason)
            check_seen(seen, mark_of_answer(await find_answer(connection, question_id)), CHANGED)
            answer = await publish_answer(
                connection, question, text, quotable=quotable, actor_id=actor_id, now=self._clock()
            )
        self._tell(guild_id, question_id)
        return answer

    async def edit(
        self,
        guild_id: int,
        question_id: int,
        text: str,
        quotable: bool,
        actor_id: int | None,
        *,
        seen: str | None = None,
    ) -> Answer:
        """Change a published answer and return it; its post is changed too.

        Raises:
            InvalidInputError: The text is empty or too long, or somebody was faster.
            NotFoundError: There is no such question, or no published answer to it.
        """
        text = clean_answer(text)
        async with self._database.write([guild_id]) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            before = _published(await find_answer(connection, question_id))
            check_seen(seen, mark_of_answer(before), CHANGED)
            answer = await publish_answer(
                connection, question, text, quotable=quotable, actor_id=actor_id, now=self._clock()
            )
        self._tell(guild_id, question_id)
        return answer

    async def retract(
        self, guild_id: int, question_id: int, actor_id: int | None, *, seen: str | None = None
    ) -> Question:
        """Show an answer nowhere from now on, and return its question, which waits for one again.

        The answer is kept with its history; publishing it again restores it.

        Raises:
            InvalidInputError: Somebody was faster.
            NotFoundError: There is no such question, or no published answer to it.
        """
        async with self._database.write([guild_id]) as connection:
            question = _there(await find_question(connection, guild_id, question_id))
            answer = _published(await find_answer(connection, question_id))
            check_seen(seen, mark_of_answer(answer), CHANGED)
            await take_back_answer(connection, question, answer, actor_id=actor_id, now=self._clock())
        self._tell(guild_id, question_id)
        return replace(question, state=QuestionState.APPROVED)

    async def find(self, guild_id: int, question_id: int) -> Answer | None:
        """Return the answer to a question, a retracted one too; None where it never had one.

        Raises:
            NotFoundError: There is no such question.
        """
        async with self._database.read() as connection:
            _there(await find_question(connection, guild_id, question_id))
            return await find_answer(connection, question_id)

    async def history(self, guild_id: int, question_id: int) -> list[AnswerVersion]:
        """Return every version of the answer to a question, oldest first.

        Raises:
            NotFoundError: There is no such question.
        """
        async with self._database.read() as connection:
            _there(await find_question(connection, guild_id, question_id))
            answer = await find_answer(connection, question_id)
            return await versions_of(connection, answer) if answer is not None else []

    async def choices(self, guild_id: int, typed: str, states: frozenset[QuestionState], most: int) -> list[Question]:
        """Return the questions in some states that contain what was typed or have it as their number, at most so many.

        The most wanted come first.
        """
        async with self._database.read() as connection:
            found = await list_questions(connection, guild_id, QuestionFilter(states, words=typed), most)
            number = int(typed) if typed.isdecimal() and len(typed) < len(str(2**63)) else 0
            meant = await find_question(connection, guild_id, number)
        numbered = [meant] if meant is not None and meant.merged_into is None and meant.state in states else []
        return list(dict.fromkeys([*numbered, *found]))[:most]

    async def published(self, guild_id: int) -> list[Publication]:
        """Return what is published in a server, in the order in which it first was."""
        async with self._database.read() as connection:
            return await published_in(connection, guild_id)

    # A file of them ----------------------------------------------------------------------------------------

    async def plan(self, guild_id: int, content: bytes) -> ImportPlan:
        """Return what a file that came back from an author would do, without doing any of it.

        Raises:
            InvalidInputError: The file can't be read.
        """
        async with self._database.read() as connection:
            texts = await all_texts(connection, guild_id)
        # Thousands of lines take a moment, in which others are answered.
        file = await asyncio.to_thread(read_pack, content, texts)
        async with self._database.read() as connection:
            targets = {each.number: await root_of(connection, each.number) for each in file.answers}
            planned: dict[int, PlannedAnswer] = {}
            taken: set[int] = set()
            # Of two answers to one question, the one that names it comes before what was merged into it.
            for place in sorted(range(len(file.answers)), key=lambda place: _is_merged(file.answers[place], targets)):
                each, target = file.answers[place], targets[file.answers[place].number]
                question = await find_question(connection, guild_id, target)
                planned[place] = _planned(each, question, await find_answer(connection, target), target, taken)
                if planned[place].outcome is not Outcome.REFUSED:
                    taken.add(target)
        return ImportPlan(tuple(planned[place] for place in sorted(planned)), file.unplaced)

    async def apply(self, guild_id: int, plan: ImportPlan, actor_id: int | None) -> Applied:
        """Do what a plan says, all in one transaction; what has changed since is refused and said.

        Doing it again changes nothing.
        """
        done = []
        async with self._database.write([guild_id]) as connection:
            for each in plan.answers:
                if each.outcome is Outcome.REFUSED:
                    done.append(each)
                    continue
                question = await find_question(connection, guild_id, each.question_id)
                before = await find_answer(connection, each.question_id)
                outcome = _checked_again(each, question, before)
                if question is not None and outcome.outcome in {Outcome.NEW, Outcome.CHANGED}:
                    await publish_answer(
                        connection,
                        question,
                        each.text,
                        quotable=each.quotable,
                        actor_id=actor_id,
                        now=self._clock(),
                    )
                done.append(outcome)
        self._tell(guild_id, *(each.question_id for each in done))
        return Applied(tuple(done))

    # Word of them ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Let `run` end as soon as what it may be sending is settled."""
        self._notices.rounds.stop()

    async def run(self, sender: Sender) -> None:
        """Send word of answers until `stop` is called; whatever fails is logged and tried again."""
        await self._notices.run(sender)

    async def send_due(self, sender: Sender) -> timedelta:
        """Send all word of answers that is due; return how long nothing will be due."""
        return await self._notices.send_due(sender)


def _there(question: Question | None) -> Question:
    if question is None:
        raise NotFoundError(GONE)
    return question


def _published(answer: Answer | None) -> Answer:
    if answer is None or not answer.is_published:
        raise NotFoundError(NOT_ANSWERED)
    return answer


def _is_merged(each: PackAnswer, targets: Mapping[int, int]) -> bool:
    return targets[each.number] != each.number


def _planned(
    each: PackAnswer, question: Question | None, before: Answer | None, target: int, taken: Container[int]
) -> PlannedAnswer:
    """Return what an answer in a file would do to a question, which may stand for the one that the file names."""
    shown = before if before is not None and before.is_published else None
    planned = PlannedAnswer(each.number, target, each.text.strip(), each.quotable, each.line, Outcome.NEW)
    if target in taken:
        return _refused(planned, f"The file has another answer to question {target}.")
    if reason := _obstacle(planned, question):
        return _refused(planned, reason)
    if shown is None:
        return planned
    if shown.says(planned.text, quotable=planned.quotable):
        return replace(planned, outcome=Outcome.SAME)
    if target != each.number:
        return _refused(planned, f"It was merged into question {target}, which has an answer.")
    return replace(planned, outcome=Outcome.CHANGED, before=shown.text)


def _obstacle(planned: PlannedAnswer, question: Question | None) -> str:
    """Return why a question can't have an answer that a file has for it, in a sentence, or ""."""
    if question is None:
        return GONE
    try:
        clean_answer(planned.text)
    except InvalidInputError as error:
        return str(error)
    return obstacle(question)


def _checked_again(planned: PlannedAnswer, question: Question | None, before: Answer | None) -> PlannedAnswer:
    """Return what a planned answer does to a question as it is by now."""
    if reason := _obstacle(planned, question):
        return _refused(planned, reason)
    shown = before if before is not None and before.is_published else None
    if shown is not None and shown.says(planned.text, quotable=planned.quotable):
        return replace(planned, outcome=Outcome.SAME)
    if (shown.text if shown is not None else None) != planned.before:
        return _refused(planned, CHANGED)
    return planned


def _refused(planned: PlannedAnswer, why: str) -> PlannedAnswer:
    return replace(planned, outcome=Outcome.REFUSED, why=why)
