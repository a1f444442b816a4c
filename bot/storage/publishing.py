"""What belongs to publishing an answer and to taking it back: all of it is written, or none."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import to_epoch_ms
from bot.domain.publications import Answer, Change
from bot.domain.questions import Event, Notify, Question, QuestionState, Wish
from bot.storage.guilds import count_up_answers_revision
from bot.storage.notices import add_notices, anonymous_in, outdate_post
from bot.storage.publications import add_version, find_answer, put_answer, retract_answer
from bot.storage.question_rules import rules_of
from bot.storage.questions import change_question, group_of, record, wishes_of


async def publish_answer(
    connection: AsyncConnection, question: Question, text: str, *, quotable: bool, actor_id: int | None, now: datetime
) -> Answer:
    """Store what is answered to a question, and all that follows; the same as before changes nothing."""
    before = await find_answer(connection, question.id)
    if before is not None and before.says(text, quotable=quotable):
        return before
    if question.state is not QuestionState.ANSWERED:
        await _set_answered(connection, question, actor_id, now)
    answer = await put_answer(connection, question.id, text, quotable=quotable, now=now)
    await add_version(connection, answer, _change(before), actor_id, now)
    await _enter_notices(connection, question, answer, tell=before is None or not before.is_published)
    await outdate_post(connection, answer)
    await count_up_answers_revision(connection, question.guild_id)
    return answer


def _change(before: Answer | None) -> Change:
    if before is None:
        return Change.PUBLISHED
    return Change.EDITED if before.is_published else Change.RESTORED


async def _set_answered(connection: AsyncConnection, question: Question, actor_id: int | None, now: datetime) -> None:
    reviewed = {}
    if question.state is QuestionState.OPEN:
        reviewed = {"reviewed_by": actor_id, "reviewed_at": to_epoch_ms(now)}
        await record(connection, question.id, Event.APPROVED, now, actor_id)
    await change_question(connection, question, state=QuestionState.ANSWERED, **reviewed)
    await record(connection, question.id, Event.ANSWERED, now, actor_id)


async def _enter_notices(connection: AsyncConnection, question: Question, answer: Answer, *, tell: bool) -> None:
    group = await group_of(connection, question.id)
    # Of a change nobody is told, and who was told of the answer long ago is not known any more.
    wishes = await wishes_of(connection, group) if tell else {}
    for member in await anonymous_in(connection, group):
        # A mention would tell everybody who has asked.
        if wishes.get(member, Wish()).notify is Notify.CHANNEL:
            wishes[member] = Wish(Notify.DM)
    rules = await rules_of(connection, question.guild_id)
    await add_notices(connection, answer, wishes, rules.answer_channel_id)


async def take_back_answer(
    connection: AsyncConnection, question: Question, answer: Answer, *, actor_id: int | None, now: datetime
) -> None:
    """Let an answer be shown nowhere, so that its question waits for one again; the answer is kept."""
    await change_question(connection, question, state=QuestionState.APPROVED)
    await record(connection, question.id, Event.RETRACTED, now, actor_id)
    await retract_answer(connection, answer, now)
    await add_version(connection, answer, Change.RETRACTED, actor_id, now)
    await outdate_post(connection, answer)
    await count_up_answers_revision(connection, question.guild_id)
