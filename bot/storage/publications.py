"""The author's answers as rows, with every version of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.publications import Answer, AnswerVersion, Change, PostedAt, Publication
from bot.domain.questions import QuestionFilter, QuestionState
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.questions import list_questions
from bot.storage.tables import answer_versions, answers, facts, guilds, questions

# More than any server has.
ALL = 1_000_000
CHUNK = 500

_LIBRARY_REVISIONS = select(
    select(facts.c.value).where(facts.c.name == Fact.LIBRARY_REVISION).scalar_subquery().label("library"),
    select(guilds.c.answers_revision).where(guilds.c.id == bindparam("guild_id")).scalar_subquery().label("answers"),
)


async def library_revisions(database: Database, guild_id: int) -> tuple[int, int]:
    """Return in one look which state of the interviews is stored, and which of a server's answers."""
    library, answered = await database.first(_LIBRARY_REVISIONS, guild_id=guild_id) or (None, None)
    return int(library or 0), answered or 0


async def find_answer(connection: AsyncConnection, question_id: int) -> Answer | None:
    """Return the answer to a question, if it ever had one; a retracted one too."""
    return (await _answers(connection, [question_id])).get(question_id)


async def put_answer(
    connection: AsyncConnection, question_id: int, text: str, *, quotable: bool, now: datetime
) -> Answer:
    """Store what is answered to a question from now on, in place of what was there; it is published."""
    before = await find_answer(connection, question_id)
    values: dict[str, Any] = {"text": text, "quotable": quotable, "retracted_at": None}
    if before is None:
        values |= {"question_id": question_id, "published_at": to_epoch_ms(now)}
        await connection.execute(insert(answers).values(**values))
    else:
        if (before.text, before.quotable) != (text, quotable):
            values["edited_at"] = to_epoch_ms(now)
        await connection.execute(update(answers).where(answers.c.id == before.id).values(**values))
    stored = await find_answer(connection, question_id)
    assert stored is not None  # noqa: S101 - it was stored just now
    return stored


async def retract_answer(connection: AsyncConnection, answer: Answer, now: datetime) -> None:
    """Let an answer be shown nowhere."""
    await connection.execute(update(answers).where(answers.c.id == answer.id).values(retracted_at=to_epoch_ms(now)))


async def add_version(
    connection: AsyncConnection, answer: Answer, kind: Change, actor_id: int | None, now: datetime
) -> None:
    """Add to an answer's history what it is from now on."""
    values = {"kind": kind, "actor_id": actor_id, "text": answer.text, "quotable": answer.quotable}
    await connection.execute(insert(answer_versions).values(answer_id=answer.id, at=to_epoch_ms(now), **values))


async def versions_of(connection: AsyncConnection, answer: Answer) -> list[AnswerVersion]:
    """Return every version of an answer, oldest first."""
    query = select(answer_versions).where(answer_versions.c.answer_id == answer.id).order_by(answer_versions.c.id)
    return [
        AnswerVersion(from_epoch_ms(row["at"]), row["actor_id"], Change(row["kind"]), row["text"], row["quotable"])
        for row in (await connection.execute(query)).mappings()
    ]


async def published_in(connection: AsyncConnection, guild_id: int) -> list[Publication]:
    """Return the answers that are shown in a server, in the order in which they were first published."""
    answered = QuestionFilter(states=frozenset({QuestionState.ANSWERED}))
    found = await list_questions(connection, guild_id, answered, ALL)
    texts = await _answers(connection, [question.id for question in found])
    others = await _merged_texts(connection, guild_id)
    publications = [
        Publication(question, texts[question.id], tuple(others[question.id]))
        for question in found
        if question.id in texts and texts[question.id].is_published
    ]
    return sorted(publications, key=lambda publication: publication.answer.id)


async def all_texts(connection: AsyncConnection, guild_id: int) -> dict[int, str]:
    """Return the texts of all questions of a server, by id."""
    rows = await connection.execute(select(questions.c.id, questions.c.text).where(questions.c.guild_id == guild_id))
    return {row.id: row.text for row in rows}


async def set_post(connection: AsyncConnection, answer_id: int, post: PostedAt) -> None:
    """Store where an answer was posted."""
    values = {"channel_id": post.channel_id, "message_id": post.message_id}
    await connection.execute(update(answers).where(answers.c.id == answer_id).values(**values))


async def _answers(connection: AsyncConnection, question_ids: Sequence[int]) -> dict[int, Answer]:
    found = {}
    for start in range(0, len(question_ids), CHUNK):
        query = select(answers).where(answers.c.question_id.in_(question_ids[start : start + CHUNK]))
        for row in (await connection.execute(query)).mappings():
            found[row["question_id"]] = _answer(row)
    return found


async def _merged_texts(connection: AsyncConnection, guild_id: int) -> dict[int, list[str]]:
    """Return the texts of what was merged into each question, near or far, by the question that stands for them."""
    query = select(questions.c.id, questions.c.merged_into, questions.c.text).where(
        questions.c.guild_id == guild_id, questions.c.merged_into.is_not(None)
    )
    merged = {row.id: (row.merged_into, row.text) for row in await connection.execute(query.order_by(questions.c.id))}
    texts = defaultdict(list)
    for root, text in merged.values():
        into = root
        while into in merged:
            into = merged[into][0]
        texts[into].append(text)
    return texts


def _answer(row: RowMapping) -> Answer:
    def instant(name: str) -> datetime | None:
        return None if row[name] is None else from_epoch_ms(row[name])

    return Answer(
        id=row["id"],
        question_id=row["question_id"],
        text=row["text"],
        quotable=row["quotable"],
        published_at=from_epoch_ms(row["published_at"]),
        edited_at=instant("edited_at"),
        retracted_at=instant("retracted_at"),
        post=None if row["message_id"] is None else PostedAt(row["channel_id"], row["message_id"]),
    )
