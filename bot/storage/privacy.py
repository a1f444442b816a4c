"""What is kept of one person or of one server, across all tables: counted, copied, and deleted."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, FromClause, Select, delete, func, literal, null, or_, select, union, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms
from bot.domain.privacy import Entry, Fate, Forgotten, Held, Kind
from bot.domain.questions import Notify, QuestionState
from bot.storage.guilds import count_up_answers_revision, count_up_questions_revision
from bot.storage.questions import count_anew, root_of
from bot.storage.tables import (
    answer_versions,
    answers,
    blocked_members,
    drafts,
    favourites,
    interviews,
    me_toos,
    notices,
    question_events,
    questions,
    taught_aliases,
)

NOBODY = 0
NO_ASKER = {"member_id": None, "member_name": None, "notify": Notify.NO, "channel_id": None}

Source = tuple[FromClause, Column[int], Column[int] | None]

_VERSIONS = answer_versions.join(answers, answers.c.id == answer_versions.c.answer_id).join(
    questions, questions.c.id == answers.c.question_id
)

# For each kind, where it lies, whose it is, and in which server.
_SOURCES: dict[Kind, tuple[Source, ...]] = {
    Kind.QUESTIONS: ((questions, questions.c.member_id, questions.c.guild_id),),
    Kind.ME_TOOS: ((me_toos.join(questions), me_toos.c.member_id, questions.c.guild_id),),
    Kind.FAVOURITES: ((favourites, favourites.c.member_id, None),),
    Kind.DRAFTS: ((drafts, drafts.c.member_id, drafts.c.guild_id),),
    Kind.NOTICES: ((notices.join(answers).join(questions), notices.c.member_id, questions.c.guild_id),),
    Kind.TAUGHT: ((taught_aliases, taught_aliases.c.taught_by, taught_aliases.c.guild_id),),
    Kind.DECISIONS: (
        (question_events.join(questions), question_events.c.actor_id, questions.c.guild_id),
        (_VERSIONS, answer_versions.c.actor_id, questions.c.guild_id),
        (blocked_members, blocked_members.c.blocked_by, blocked_members.c.guild_id),
    ),
    Kind.BLOCKS: ((blocked_members, blocked_members.c.member_id, blocked_members.c.guild_id),),
}


async def holdings_of(connection: AsyncConnection, member_id: int, guild_id: int | None) -> dict[Kind, Held]:
    """Return how much of each kind is kept of a person, in a server if any and everywhere."""
    held = {}
    for kind, sources in _SOURCES.items():
        here = everywhere = 0
        for source, owner, guild in sources:
            in_guild = func.count().filter(guild == guild_id) if guild is not None else literal(0)
            query = select(func.count(), in_guild).select_from(source).where(owner == member_id)
            more, more_here = (await connection.execute(query)).one()
            everywhere, here = everywhere + more, here + more_here
        held[kind] = Held(here, everywhere)
    return held


# The file ----------------------------------------------------------------------------------------------------


async def entries_of_member(connection: AsyncConnection, member_id: int) -> Mapping[Kind, Sequence[Entry]]:
    """Return all that is kept of a person, as the keys in `KEYS` say; nobody else is named in it."""
    found = {
        kind: [_entry(row) for row in (await connection.execute(query)).mappings()]
        for kind, query in _queries(member_id)
    }
    history = defaultdict(list)
    events = question_events.c
    mine = select(questions.c.id).where(questions.c.member_id == member_id)
    query = select(events.question_id, events.at, events.kind, events.detail)
    for row in await connection.execute(query.where(events.question_id.in_(mine)).order_by(events.id)):
        history[str(row.question_id)].append(_entry({"at": row.at, "kind": row.kind, "detail": row.detail}))
    found[Kind.QUESTIONS] = [each | {"history": history[each["question_id"]]} for each in found[Kind.QUESTIONS]]
    return found


def _entry(row: Any) -> dict[str, Any]:
    return {key: _plain(key, value) for key, value in row.items()}


def _plain(key: str, value: Any) -> Any:
    if value is None:
        return None
    if key.endswith("_id"):
        return str(value)
    if key == "at" or key.endswith("_at"):
        return from_epoch_ms(value).isoformat()
    return value


def _queries(member_id: int) -> Iterator[tuple[Kind, Any]]:
    asked, event, version, blocked = questions.c, question_events.c, answer_versions.c, blocked_members.c
    number, server = asked.id.label("question_id"), asked.guild_id.label("server_id")
    shown = (answers.c.question_id == asked.id) & answers.c.retracted_at.is_(None)
    yield (
        Kind.QUESTIONS,
        select(
            number,
            server,
            asked.text,
            asked.original,
            asked.state,
            asked.member_name.label("shown_name"),
            interviews.c.key.label("interview"),
            asked.recipient,
            asked.asked_at,
            asked.reason,
            asked.merged_into.label("merged_into_id"),
            asked.wanted_by,
            asked.notify,
            asked.channel_id,
            asked.about,
            asked.quoted,
            answers.c.text.label("answer"),
        )
        .select_from(questions.outerjoin(interviews, interviews.c.id == asked.interview_id).outerjoin(answers, shown))
        .where(asked.member_id == member_id)
        .order_by(asked.id),
    )
    wish = me_toos.c
    yield (
        Kind.ME_TOOS,
        select(number, server, asked.text, wish.notify, wish.channel_id, wish.created_at.label("wanted_at"))
        .select_from(me_toos.join(questions))
        .where(wish.member_id == member_id)
        .order_by(wish.id),
    )
    kept = favourites.c
    yield (
        Kind.FAVOURITES,
        select(
            kept.quote,
            kept.interview_key.label("interview"),
            kept.turn_key.label("turn"),
            kept.created_at.label("kept_at"),
        )
        .where(kept.member_id == member_id)
        .order_by(kept.id),
    )
    draft = drafts.c
    yield (
        Kind.DRAFTS,
        select(draft.form, draft.guild_id.label("server_id"), draft.content, draft.updated_at.label("written_at"))
        .where(draft.member_id == member_id)
        .order_by(draft.id),
    )
    notice = notices.c
    yield (
        Kind.NOTICES,
        select(number, server, notice.notify, notice.channel_id, notice.state, notice.claimed_at.label("tried_at"))
        .select_from(notices.join(answers).join(questions))
        .where(notice.member_id == member_id)
        .order_by(notice.id),
    )
    taught = taught_aliases.c
    yield (
        Kind.TAUGHT,
        select(
            taught.guild_id.label("server_id"),
            taught.text,
            taught.interview_key.label("interview"),
            taught.exchange_key.label("exchange"),
            taught.taught_at,
        )
        .where(taught.taught_by == member_id)
        .order_by(taught.id),
    )
    yield (
        Kind.DECISIONS,
        union_all(
            select(server, number, event.kind, event.detail, event.at.label("decided_at"))
            .select_from(question_events.join(questions))
            .where(event.actor_id == member_id),
            select(server, number, version.kind, version.text, version.at)
            .select_from(_VERSIONS)
            .where(version.actor_id == member_id),
            select(blocked.guild_id, null(), literal("blocked"), null(), blocked.blocked_at).where(
                blocked.blocked_by == member_id
            ),
        ).order_by("decided_at"),
    )
    yield (
        Kind.BLOCKS,
        select(blocked.guild_id.label("server_id"), blocked.blocked_at)
        .where(blocked.member_id == member_id)
        .order_by(blocked.id),
    )


# A person is forgotten ---------------------------------------------------------------------------------------


async def fates_of(connection: AsyncConnection, member_id: int) -> dict[int, Fate]:
    """Return what becomes of each of a person's questions, by number, if they want them deleted.

    One stays while somebody else wants it, or a question that was merged into it; and for good once it is answered.
    """
    answered = select(answers.c.id).where(answers.c.question_id == questions.c.id).exists()
    alone = (questions.c.state == QuestionState.ANSWERED) & questions.c.merged_into.is_(None)
    query = select(questions.c.id, or_(answered, alone).label("answered")).where(questions.c.member_id == member_id)
    rows = (await connection.execute(query.order_by(questions.c.id))).all()
    wanted = set(await connection.scalars(_wanted_by_others(member_id)))
    return {
        row.id: Fate.ANSWERED if row.answered else Fate.WANTED if row.id in wanted else Fate.DELETED for row in rows
    }


def _wanted_by_others(member_id: int) -> Any:
    """Return the query for those of a person's questions that others want, with all that was merged into them."""
    own = questions.c.member_id == member_id
    family = select(questions.c.id.label("top"), questions.c.id).where(own).cte("family", recursive=True)
    merged = select(family.c.top, questions.c.id).join(family, questions.c.merged_into == family.c.id)
    family = family.union(merged)
    asked = select(family.c.top).join(questions, questions.c.id == family.c.id)
    other = (questions.c.member_id != member_id) & (questions.c.state != QuestionState.WITHDRAWN)
    # Joined, SQLite would read all of them to know which questions have any.
    joins = select(me_toos.c.id).where(me_toos.c.question_id == family.c.id, me_toos.c.member_id != member_id)
    return union(asked.where(or_(other, questions.c.origin.is_not(None))), select(family.c.top).where(joins.exists()))


async def forget_member(connection: AsyncConnection, member_id: int, *, with_questions: bool) -> Forgotten:
    """Forget a person in all servers and return what became of it; nothing of others changes but what they count.

    Args:
        connection: A transaction to write in.
        member_id: Who it is.
        with_questions: Whether questions that nobody else wants, and that are not answered, are to be deleted too;
            all others stay without their asker.
    """
    fates = await fates_of(connection, member_id)
    going = {number for number, fate in fates.items() if with_questions and fate is Fate.DELETED}
    joined = await connection.scalars(select(me_toos.c.question_id).where(me_toos.c.member_id == member_id))
    touched = {*fates, *joined}
    touched |= {await root_of(connection, number) for number in touched}

    gone = await _forget_ids(connection, member_id)
    for kind, table in (
        (Kind.ME_TOOS, me_toos),
        (Kind.FAVOURITES, favourites),
        (Kind.DRAFTS, drafts),
        (Kind.NOTICES, notices),
    ):
        gone[kind] = (await connection.execute(delete(table).where(table.c.member_id == member_id))).rowcount
    own = questions.c.member_id == member_id
    guild_ids = list(await connection.scalars(select(questions.c.guild_id).where(own).distinct()))
    touched |= await _delete_questions(connection, going)
    await connection.execute(update(questions).where(own).values(NO_ASKER))
    for guild_id in guild_ids:
        await count_up_questions_revision(connection, guild_id)
        # An answer that is in force names who asked.
        await count_up_answers_revision(connection, guild_id)
    await count_all_anew(connection, touched - going)

    gone[Kind.QUESTIONS] = len(going)
    blocks = select(func.count()).select_from(blocked_members).where(blocked_members.c.member_id == member_id)
    why = Counter(fates.values()) if with_questions else Counter[Fate]()
    return Forgotten(
        gone,
        wanted=why[Fate.WANTED],
        answered=why[Fate.ANSWERED],
        unnamed=0 if with_questions else len(fates),
        blocks=(await connection.execute(blocks)).scalar_one(),
    )


async def _forget_ids(connection: AsyncConnection, member_id: int) -> dict[Kind, int]:
    """Forget who a moderator or teacher was; what they did stays. Return how often they were named."""
    decided = 0
    for column in (question_events.c.actor_id, answer_versions.c.actor_id, blocked_members.c.blocked_by):
        query = update(column.table).where(column == member_id).values({column.name: None})
        decided += (await connection.execute(query)).rowcount
    reviewed = update(questions).where(questions.c.reviewed_by == member_id).values(reviewed_by=None)
    await connection.execute(reviewed)
    taught = update(taught_aliases).where(taught_aliases.c.taught_by == member_id).values(taught_by=NOBODY)
    return {Kind.DECISIONS: decided, Kind.TAUGHT: (await connection.execute(taught)).rowcount}


async def _delete_questions(connection: AsyncConnection, going: Collection[int]) -> set[int]:
    """Delete some questions; what was merged into them goes to what they were merged into, or stands for itself again.

    Returns:
        The questions that were merged into them and are still there.
    """
    if not going:
        return set()
    into = {row.id: row.merged_into for row in await connection.execute(_merges(questions.c.id.in_(going)))}
    heirs = {
        row.id: row.merged_into
        for row in await connection.execute(_merges(questions.c.merged_into.in_(going)))
        if row.id not in into
    }
    for number, target in heirs.items():
        root = target
        while root in into:
            root = into[root]
        await connection.execute(update(questions).where(questions.c.id == number).values(merged_into=root))
    await connection.execute(delete(questions).where(questions.c.id.in_(going)))
    return set(heirs)


def _merges(which: Any) -> Select[Any]:
    return select(questions.c.id, questions.c.merged_into).where(which)


async def count_all_anew(connection: AsyncConnection, numbers: Collection[int]) -> None:
    """Count anew who wants some questions; a count only falls here, so one that is 1 already need not be."""
    query = select(questions.c.id).where(questions.c.id.in_(numbers), questions.c.wanted_by > 1)
    for number in list(await connection.scalars(query)):
        await count_anew(connection, number)
