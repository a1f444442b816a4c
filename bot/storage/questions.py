"""Readers' questions as rows: what was asked, who else wants to know, and what became of it."""

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, RowMapping, Select, delete, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.questions import (
    LIVING,
    AskedLately,
    Asker,
    Event,
    NewQuestion,
    Notify,
    Question,
    QuestionEvent,
    QuestionFilter,
    QuestionState,
    Recipient,
    Wish,
)
from bot.domain.shards import ALL, Shards
from bot.domain.text import fold
from bot.storage.guilds import count_up_questions_revision
from bot.storage.shards import belongs_to
from bot.storage.tables import FLAGGED, WITHOUT_CARD, interviews, me_toos, question_events, question_rules, questions

# What decides whether, and with which words, a question is found by those that ask the same.
SEARCHED = frozenset({"text", "state", "merged_into"})

Kind = TypeVar("Kind", bound=StrEnum)


async def add_question(
    connection: AsyncConnection, asker: Asker, new: NewQuestion, interview_id: int | None, now: datetime
) -> int:
    """Store a question and return its id."""
    values = {
        "guild_id": asker.guild_id,
        "member_id": asker.member_id,
        "member_name": None if new.anonymous else asker.member_name,
        "interview_id": interview_id,
        "recipient": new.recipient,
        "notify": new.wish.notify,
        "channel_id": new.wish.channel_id,
        "about": new.about,
        "quoted": new.quoted,
    }
    return await _insert(connection, values, new.text, now)


async def add_comment(
    connection: AsyncConnection,
    guild_id: int,
    interview_id: int,
    comment_key: str,
    author: str,
    text: str,
    now: datetime,
) -> int | None:
    """Store a comment beneath an interview as a question and return its id; None where it was stored before."""
    there = select(questions.c.id).where(
        questions.c.guild_id == guild_id,
        questions.c.interview_id == interview_id,
        questions.c.comment_key == comment_key,
    )
    if await connection.scalar(there) is not None:
        return None
    values = {"guild_id": guild_id, "interview_id": interview_id, "comment_key": comment_key, "origin": author}
    return await _insert(connection, values, text, now)


async def _insert(connection: AsyncConnection, values: dict[str, Any], text: str, now: datetime) -> int:
    more = {"text": text, "folded": fold(text), "state": QuestionState.OPEN, "asked_at": to_epoch_ms(now)}
    result = await connection.execute(insert(questions).values(**values, **more).returning(questions.c.id))
    await count_up_questions_revision(connection, values["guild_id"])
    return int(result.scalar_one())


async def find_question(connection: AsyncConnection, guild_id: int, question_id: int) -> Question | None:
    """Return a question of a server."""
    query = _query().where(questions.c.guild_id == guild_id, questions.c.id == question_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _question(row) if row else None


async def change_question(connection: AsyncConnection, question: Question, **values: Any) -> None:
    """Set some columns of a question."""
    if "text" in values:
        values["folded"] = fold(values["text"])
    await connection.execute(update(questions).where(questions.c.id == question.id).values(**values))
    if SEARCHED & values.keys():
        await count_up_questions_revision(connection, question.guild_id)


async def delete_question(connection: AsyncConnection, question: Question) -> None:
    """Delete a question with its history; what was merged into it stands for itself again."""
    await connection.execute(delete(questions).where(questions.c.id == question.id))
    await count_up_questions_revision(connection, question.guild_id)


async def questions_of_member(
    connection: AsyncConnection, guild_id: int, member_id: int, limit: int, skipped: int = 0
) -> list[Question]:
    """Return a member's questions in a server, newest first: at most so many, after so many that are skipped."""
    query = _query().where(questions.c.guild_id == guild_id, questions.c.member_id == member_id)
    rows = await connection.execute(query.order_by(questions.c.id.desc()).limit(limit).offset(skipped))
    return [_question(row) for row in rows.mappings()]


async def list_questions(
    connection: AsyncConnection, guild_id: int, wanted: QuestionFilter, limit: int, skipped: int = 0
) -> list[Question]:
    """Return a server's questions that a filter lets pass, most wanted first."""
    order = questions.c.wanted_by.desc(), questions.c.id
    # The ids and their order are in an index: the rows before the page need not be read.
    ids = _filtered(select(questions.c.id), guild_id, wanted).order_by(*order).limit(limit).offset(skipped).subquery()
    query = _query().where(questions.c.id.in_(select(ids.c.id))).order_by(*order)
    return [_question(row) for row in (await connection.execute(query)).mappings()]


async def count_questions(connection: AsyncConnection, guild_id: int, wanted: QuestionFilter) -> int:
    """Return how many of a server's questions a filter lets pass."""
    query = _filtered(select(func.count()).select_from(questions), guild_id, wanted)
    return int((await connection.execute(query)).scalar_one())


async def stream_questions(
    connection: AsyncConnection, guild_id: int, wanted: QuestionFilter
) -> AsyncGenerator[Question, None]:
    """Yield a server's questions that a filter lets pass, oldest first, without holding them all."""
    # SQLite would sort whole rows before the first; the ids alone it sorts at once.
    ids = _filtered(select(questions.c.id), guild_id, wanted)
    query = _query().where(questions.c.id.in_(ids)).order_by(questions.c.id)
    result = await connection.stream(query.execution_options(yield_per=500))
    # A row at a time, each would cost a switch of context.
    async for rows in result.mappings().partitions():
        for row in rows:
            yield _question(row)


async def waiting_texts(connection: AsyncConnection, guild_id: int) -> dict[int, str]:
    """Return the texts of a server's questions that stand for themselves and may still be answered, by id."""
    query = select(questions.c.id, questions.c.text).where(
        questions.c.guild_id == guild_id, questions.c.state.in_(sorted(LIVING)), questions.c.merged_into.is_(None)
    )
    return {row.id: row.text for row in await connection.execute(query)}


def _filtered(query: Select[Any], guild_id: int, wanted: QuestionFilter) -> Select[Any]:
    query = query.where(questions.c.guild_id == guild_id)
    if wanted.at_least > 1:
        query = query.where(questions.c.wanted_by >= wanted.at_least)
    if wanted.states is not None:
        query = query.where(questions.c.state.in_(sorted(wanted.states)))
    if wanted.interview is not None:
        of_key = select(interviews.c.id).where(interviews.c.key == wanted.interview)
        query = query.where(questions.c.interview_id == of_key.scalar_subquery())
    if wanted.since is not None:
        query = query.where(questions.c.asked_at >= to_epoch_ms(wanted.since))
    if wanted.flagged:
        query = query.where(FLAGGED)
    if wanted.recipient is not None:
        query = query.where(questions.c.recipient == wanted.recipient)
    if not wanted.merged:
        query = query.where(questions.c.merged_into.is_(None))
    for word in fold(wanted.words).split():
        query = query.where(questions.c.folded.contains(word, autoescape=True))
    return query


def _joined() -> Any:
    return questions.outerjoin(interviews, interviews.c.id == questions.c.interview_id)


def _query() -> Select[Any]:
    return select(questions, interviews.c.key.label("interview")).select_from(_joined())


def _question(row: RowMapping) -> Question:
    reviewed_at = row["reviewed_at"]
    return Question(
        id=row["id"],
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        member_name=row["member_name"],
        interview=row["interview"],
        text=row["text"],
        state=QuestionState(row["state"]),
        asked_at=from_epoch_ms(row["asked_at"]),
        recipient=Recipient(row["recipient"]),
        original=row["original"],
        flagged=row["flagged"],
        reason=row["reason"],
        merged_into=row["merged_into"],
        wish=Wish(Notify(row["notify"]), row["channel_id"]),
        about=row["about"],
        quoted=row["quoted"],
        origin=row["origin"],
        wanted_by=row["wanted_by"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=None if reviewed_at is None else from_epoch_ms(reviewed_at),
    )


async def asked_lately(connection: AsyncConnection, asker: Asker, since: datetime) -> AskedLately:
    """Return how many questions a member, and their whole server, asked since an instant."""
    lately = (questions.c.guild_id == asker.guild_id) & (questions.c.asked_at >= to_epoch_ms(since))
    counts = select(
        func.count().filter(questions.c.member_id == asker.member_id), func.count().filter(questions.c.origin.is_(None))
    ).where(lately)
    by_member, in_server = (await connection.execute(counts)).one()
    return AskedLately(by_member, in_server)


async def add_me_too(connection: AsyncConnection, question_id: int, member_id: int, wish: Wish, now: datetime) -> bool:
    """Store that a member wants a question answered and how they want to hear of it; False where they did before."""
    mine = (me_toos.c.question_id == question_id) & (me_toos.c.member_id == member_id)
    values = {"notify": wish.notify, "channel_id": wish.channel_id}
    if (await connection.execute(update(me_toos).where(mine).values(**values))).rowcount:
        return False
    more = {"question_id": question_id, "member_id": member_id, "created_at": to_epoch_ms(now)}
    await connection.execute(insert(me_toos).values(**values, **more))
    return True


async def remove_me_too(connection: AsyncConnection, question_ids: Sequence[int], member_id: int) -> bool:
    """Take back that a member wants some questions answered; return whether they did."""
    mine = me_toos.c.question_id.in_(question_ids) & (me_toos.c.member_id == member_id)
    return (await connection.execute(delete(me_toos).where(mine))).rowcount > 0


async def group_of(connection: AsyncConnection, question_id: int) -> list[int]:
    """Return the ids of a question and of all that were merged into it, near or far."""
    return await with_merged(connection, [question_id])


async def with_merged(connection: AsyncConnection, question_ids: Iterable[int]) -> list[int]:
    """Return the ids of some questions and of all that were merged into them, near or far."""
    # A step at a time: how many come of a step, PostgreSQL can't guess, and would rather read all questions.
    family = found = set(question_ids)
    while found:
        merged = select(questions.c.id).where(questions.c.merged_into.in_(sorted(found)))
        found = set(await connection.scalars(merged)) - family
        family = family | found
    return sorted(family)


async def root_of(connection: AsyncConnection, question_id: int) -> int:
    """Return the id of the question that stands for another one: itself, or what it was merged into at last."""
    while (
        into := await connection.scalar(select(questions.c.merged_into).where(questions.c.id == question_id))
    ) is not None:
        question_id = into
    return question_id


async def wishes_of(connection: AsyncConnection, group: Sequence[int]) -> dict[int, Wish]:
    """Return who wants some merged questions answered, by member, and how they want to hear of it."""
    columns = [(table.c.member_id, table.c.notify, table.c.channel_id) for table in (questions, me_toos)]
    found: dict[int, Wish] = {}
    rows = (await connection.execute(union(*_wishes(group, *columns)))).all()
    # Each database has an order of its own.
    for member_id, notify, channel_id in sorted(rows, key=lambda row: (row[0], row[1], row[2] or 0)):
        wish = Wish(Notify(notify), channel_id)
        # Who said it twice is told once, and told if they said so anywhere.
        if found.get(member_id, Wish()).notify is Notify.NO:
            found[member_id] = wish
    return found


def _wishes(group: Sequence[int], asked: Iterable[Any], joined: Iterable[Any]) -> tuple[Select[Any], Select[Any]]:
    """Return queries for who asked some merged questions, and for who said that they want to know it too."""
    return (
        select(*asked).where(
            questions.c.id.in_(group), questions.c.member_id.is_not(None), questions.c.state != QuestionState.WITHDRAWN
        ),
        select(*joined).where(me_toos.c.question_id.in_(group)),
    )


async def count_anew(connection: AsyncConnection, question_id: int) -> int:
    """Count who wants a question answered, with all that was merged into it; store and return that."""
    group = await group_of(connection, question_id)
    comments = select(func.count()).where(questions.c.id.in_(group), questions.c.origin.is_not(None))
    by_members = union(*_wishes(group, [questions.c.member_id], [me_toos.c.member_id])).subquery()
    members = select(func.count()).select_from(by_members)
    people = sum([(await connection.execute(query)).scalar_one() for query in (members, comments)])
    # Of a question whose asker is forgotten, somebody wanted to know it all the same.
    count = max(people, 1)
    await connection.execute(update(questions).where(questions.c.id == question_id).values(wanted_by=count))
    return count


async def wanted_by_member(connection: AsyncConnection, question_ids: Sequence[int], member_id: int) -> set[int]:
    """Return which of some questions a member wants answered, as their asker or with a press."""
    asked = select(questions.c.id).where(questions.c.id.in_(question_ids), questions.c.member_id == member_id)
    joined = select(me_toos.c.question_id).where(
        me_toos.c.question_id.in_(question_ids), me_toos.c.member_id == member_id
    )
    return set(await connection.scalars(union(asked, joined)))


async def record(
    connection: AsyncConnection,
    question_id: int,
    kind: Event,
    at: datetime,
    actor_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Add to a question's history; who asked it is not named there."""
    values = {"question_id": question_id, "kind": kind, "at": to_epoch_ms(at), "actor_id": actor_id, "detail": detail}
    await connection.execute(insert(question_events).values(**values))


async def events_of(connection: AsyncConnection, question_id: int) -> list[QuestionEvent]:
    """Return a question's history, oldest first."""
    query = select(question_events).where(question_events.c.question_id == question_id).order_by(question_events.c.id)
    return [
        QuestionEvent(from_epoch_ms(row["at"]), Event(row["kind"]), row["actor_id"], row["detail"])
        for row in (await connection.execute(query)).mappings()
    ]


async def card_of(connection: AsyncConnection, question_id: int) -> tuple[int, int] | None:
    """Return channel and message of the card that shows a question to the moderators, if there is one."""
    query = select(questions.c.card_channel_id, questions.c.card_message_id).where(questions.c.id == question_id)
    row = (await connection.execute(query)).one_or_none()
    return (row[0], row[1]) if row is not None and row[1] is not None else None


async def set_card(connection: AsyncConnection, question_id: int, channel_id: int, message_id: int) -> None:
    """Store which message shows a question to the moderators."""
    values = {"card_channel_id": channel_id, "card_message_id": message_id}
    await connection.execute(update(questions).where(questions.c.id == question_id).values(**values))


async def cards_of_member(connection: AsyncConnection, member_id: int) -> list[tuple[int, int, int, int]]:
    """Return server, question, channel and message of each card that shows what a person asked."""
    return await _cards(connection, questions.c.member_id == member_id)


async def cards_of(connection: AsyncConnection, numbers: Collection[int]) -> list[tuple[int, int, int, int]]:
    """Return server, question, channel and message of each card that shows one of some questions."""
    return await _cards(connection, questions.c.id.in_(numbers))


async def _cards(connection: AsyncConnection, which: ColumnElement[bool]) -> list[tuple[int, int, int, int]]:
    card = (questions.c.guild_id, questions.c.id, questions.c.card_channel_id, questions.c.card_message_id)
    query = select(*card).where(which, questions.c.card_message_id.is_not(None))
    return [(row[0], row[1], row[2], row[3]) for row in await connection.execute(query.order_by(questions.c.id))]


async def without_card(connection: AsyncConnection, shards: Shards = ALL) -> list[tuple[int, int]]:
    """Return own server and id of each open question that has no card, where the server has a channel for cards."""
    query = (
        select(questions.c.guild_id, questions.c.id)
        .join(question_rules, question_rules.c.guild_id == questions.c.guild_id)
        .where(
            question_rules.c.review_channel_id.is_not(None),
            WITHOUT_CARD,
            belongs_to(shards, questions.c.guild_id),
        )
        .order_by(questions.c.id)
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def count_states(connection: AsyncConnection, guild_id: int) -> dict[QuestionState, int]:
    """Return how many of a server's questions are in each state, without those that were merged into others."""
    standing = (questions.c.guild_id == guild_id) & questions.c.merged_into.is_(None)
    counts = await count_each(connection, questions.c.state, QuestionState, standing)
    return {state: count for state, count in counts.items() if count}


async def count_each(
    connection: AsyncConnection, column: Column[str], kinds: type[Kind], which: ColumnElement[bool]
) -> dict[Kind, int]:
    """Return how many rows have each of a few values, 0 included: in one pass, without a table to group them in."""
    counts = [func.count().filter(column == kind) for kind in kinds]
    row = (await connection.execute(select(*counts).select_from(column.table).where(which))).one()
    return dict(zip(kinds, row, strict=True))
