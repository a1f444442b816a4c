"""What is still to be sent because of an answer: its post, and word to those who want it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import from_epoch_ms, to_epoch_ms
from bot.domain.nonces import NONCE_FRESH
from bot.domain.publications import (
    LEASE,
    POST_ATTEMPTS,
    Answer,
    Channel,
    Letter,
    NoticeState,
    PostedAt,
    Publication,
)
from bot.domain.questions import Notify, Wish
from bot.domain.shards import ALL, Shards
from bot.storage.publications import find_answer, set_post
from bot.storage.questions import find_question, group_of
from bot.storage.shards import belongs_to
from bot.storage.tables import answers, notices, questions

# The post in the server's channel for answers has this in place of a member.
EVERYBODY = 0
# A message may mention a hundred members, and its text holds fewer.
MENTIONED_AT_ONCE = 50


async def add_notices(
    connection: AsyncConnection, answer: Answer, wishes: Mapping[int, Wish], post_in: int | None
) -> None:
    """Enter who is to be told of an answer, and where it is to be posted; who was entered before is told once.

    A post that was refused is entered anew: what it lacked may be there by now.
    """
    wanted = {member: wish for member, wish in wishes.items() if wish.notify is not Notify.NO}
    if post_in is not None:
        post = (notices.c.answer_id == answer.id) & (notices.c.member_id == EVERYBODY)
        await connection.execute(delete(notices).where(post, notices.c.state == NoticeState.REFUSED))
        wanted[EVERYBODY] = Wish(Notify.CHANNEL, post_in)
    there = set(await connection.scalars(select(notices.c.member_id).where(notices.c.answer_id == answer.id)))
    rows = [
        {"answer_id": answer.id, "member_id": member, "notify": wish.notify, "channel_id": wish.channel_id}
        for member, wish in wanted.items()
        if member not in there
    ]
    if rows:
        await connection.execute(insert(notices), [row | {"state": NoticeState.PENDING} for row in rows])


async def anonymous_in(connection: AsyncConnection, group: Sequence[int]) -> set[int]:
    """Return who asked one of some merged questions without giving a name."""
    query = select(questions.c.member_id).where(
        questions.c.id.in_(group), questions.c.member_id.is_not(None), questions.c.member_name.is_(None)
    )
    return set(await connection.scalars(query))


async def outdate_post(connection: AsyncConnection, answer: Answer) -> None:
    """Let the post of an answer that was sent be changed to what holds now."""
    there = notices.c.state.in_([NoticeState.SENT, NoticeState.MENDING])
    await connection.execute(
        update(notices)
        .where(notices.c.answer_id == answer.id, notices.c.member_id == EVERYBODY, there)
        .values(state=NoticeState.STALE, claimed_at=None)
    )


def _own(shards: Shards) -> ColumnElement[bool]:
    """Whether a notice is about an answer in one of a process's own servers."""
    if shards.are_all:
        return true()
    own = select(answers.c.id).join(questions).where(belongs_to(shards, questions.c.guild_id))
    return notices.c.answer_id.in_(own)


async def release_stale(connection: AsyncConnection, now: datetime, shards: Shards = ALL) -> int:
    """Settle claims of own servers that were cut off so long ago that no nonce guards them; return how many there were.

    A post that was being changed is simply changed again.
    """
    lost = await connection.execute(
        update(notices)
        .where(
            notices.c.state == NoticeState.CLAIMED,
            _own(shards),
            # A clock that was set back makes the claim lie in the future: how old it is, nobody knows then.
            or_(notices.c.claimed_at <= to_epoch_ms(now - NONCE_FRESH), notices.c.claimed_at > to_epoch_ms(now)),
        )
        .values(state=NoticeState.UNKNOWN)
    )
    await connection.execute(
        update(notices)
        .where(notices.c.state == NoticeState.MENDING, _own(shards), notices.c.claimed_at <= to_epoch_ms(now - LEASE))
        .values(state=NoticeState.STALE, claimed_at=None)
    )
    return lost.rowcount


async def next_due(connection: AsyncConnection, shards: Shards = ALL) -> datetime | None:
    """Return when a notice of own servers may be sent, tried again or given up; None for never.

    It is in the past where one may be now.
    """
    waiting = select(func.min(func.coalesce(notices.c.claimed_at, 0))).join(answers)
    waiting = waiting.where(_is_waiting(), _own(shards))
    held = select(func.min(notices.c.claimed_at) + round(LEASE.total_seconds() * 1000)).where(
        notices.c.state.in_([NoticeState.CLAIMED, NoticeState.MENDING]), _own(shards)
    )
    found = [each for query in (waiting, held) if (each := await connection.scalar(query)) is not None]
    return from_epoch_ms(min(found)) if found else None


def _is_waiting() -> ColumnElement[bool]:
    """Whether a notice waits to be sent: of an answer that is shown, and after the post that it leads to."""
    post = notices.alias("post")
    held_up = exists().where(
        post.c.answer_id == notices.c.answer_id,
        post.c.member_id == EVERYBODY,
        post.c.state.in_([NoticeState.PENDING, NoticeState.CLAIMED]),
        post.c.attempts < POST_ATTEMPTS,
    )
    pending = (
        (notices.c.state == NoticeState.PENDING)
        & answers.c.retracted_at.is_(None)
        & ((notices.c.member_id == EVERYBODY) | ~held_up)
    )
    return pending | (notices.c.state == NoticeState.STALE)


@dataclass(frozen=True, slots=True)
class _Notice:
    """A row; `claimed_at` is in milliseconds, and of one that waits until when it does."""

    id: int
    answer_id: int
    member_id: int
    notify: str
    channel_id: int | None
    state: str
    claimed_at: int | None
    attempts: int

    @property
    def kind(self) -> Channel:
        if self.member_id == EVERYBODY:
            return Channel.MEND if self.state == NoticeState.STALE else Channel.POST
        # Who wants to be told in a channel that nobody knows is told all the same.
        mentioned = self.notify == Notify.CHANNEL and self.channel_id is not None
        return Channel.MENTION if mentioned else Channel.DM


async def claim_letters(connection: AsyncConnection, now: datetime, limit: int, shards: Shards = ALL) -> list[Letter]:
    """Claim at most so many notices of own servers that may be sent now, and return them; others leave these alone."""
    at = to_epoch_ms(now)
    due = _is_waiting() & (func.coalesce(notices.c.claimed_at, 0) <= at)
    cut_off = (
        (notices.c.state == NoticeState.CLAIMED)
        & (notices.c.claimed_at <= to_epoch_ms(now - LEASE))
        & answers.c.retracted_at.is_(None)
    )
    query = select(notices).join(answers).where(due | cut_off, _own(shards)).order_by(notices.c.id).limit(limit)
    rows = (await connection.execute(query)).mappings().all()
    found = [notice for row in rows if await _claim(connection, notice := _Notice(**row), at)]
    publications = {each: await _publication(connection, each) for each in {notice.answer_id for notice in found}}
    return [await _letter(connection, publications[group[0].answer_id], group, now) for group in _sent_together(found)]


async def _claim(connection: AsyncConnection, notice: _Notice, at: int) -> bool:
    """Claim a notice unless somebody else was faster; one that was cut off keeps when it was first claimed."""
    ours = (notices.c.id == notice.id) & (notices.c.state == notice.state) & (notices.c.attempts == notice.attempts)
    state = NoticeState.MENDING if notice.kind is Channel.MEND else NoticeState.CLAIMED
    since = notice.claimed_at if notice.state == NoticeState.CLAIMED else at
    values = {"state": state, "claimed_at": since, "attempts": notice.attempts + 1}
    return (await connection.execute(update(notices).where(ours).values(**values))).rowcount > 0


def _sent_together(found: Sequence[_Notice]) -> Iterator[list[_Notice]]:
    """Yield what one message settles: members who are mentioned in one channel share theirs, all else is alone."""
    mentions: dict[object, list[_Notice]] = defaultdict(list)
    for notice in found:
        if notice.kind is not Channel.MENTION:
            yield [notice]
            continue
        cut_off = notice.claimed_at if notice.state == NoticeState.CLAIMED else None
        mentions[notice.answer_id, notice.channel_id, notice.attempts, cut_off].append(notice)
    for group in mentions.values():
        for start in range(0, len(group), MENTIONED_AT_ONCE):
            yield group[start : start + MENTIONED_AT_ONCE]


async def _letter(
    connection: AsyncConnection, publication: Publication, group: Sequence[_Notice], now: datetime
) -> Letter:
    first = group[0]
    since = first.claimed_at if first.state == NoticeState.CLAIMED else None
    return Letter(
        kind=first.kind,
        publication=publication,
        notices=tuple(notice.id for notice in group),
        claimed_at=from_epoch_ms(to_epoch_ms(now) if since is None else since),
        fresh=since is None,
        attempts=first.attempts + 1,
        members=tuple(notice.member_id for notice in group if notice.member_id != EVERYBODY),
        channel_id=first.channel_id,
        asked=await _asked(connection, publication, first.member_id) if first.kind is Channel.DM else None,
    )


async def _publication(connection: AsyncConnection, answer_id: int) -> Publication:
    query = select(questions.c.guild_id, questions.c.id).join(answers).where(answers.c.id == answer_id)
    guild_id, question_id = (await connection.execute(query)).one()
    question = await find_question(connection, guild_id, question_id)
    answer = await find_answer(connection, question_id)
    assert question is not None and answer is not None  # noqa: S101, PT018 - a notice has both
    return Publication(question, answer)


async def _asked(connection: AsyncConnection, publication: Publication, member_id: int) -> str | None:
    """Return what a member asked, if the answer is to a question of theirs or to one that it was merged into."""
    group = await group_of(connection, publication.question.id)
    query = select(questions.c.text).where(questions.c.id.in_(group), questions.c.member_id == member_id)
    text: str | None = await connection.scalar(query.order_by(questions.c.id).limit(1))
    return text


async def settle(
    connection: AsyncConnection,
    letter: Letter,
    state: NoticeState,
    *,
    retry_at: datetime | None = None,
    post: PostedAt | None = None,
) -> bool:
    """Record what became of a claimed letter; return False where somebody else owns it by now.

    A post whose answer was changed while it was sent is to be changed too.
    """
    held = NoticeState.MENDING if letter.kind is Channel.MEND else NoticeState.CLAIMED
    # What is done keeps when it was, so that it is forgotten in time; what waits, until when it does.
    at = retry_at if state is letter.waiting else letter.claimed_at
    values = {"state": state, "claimed_at": None if at is None else to_epoch_ms(at)}
    settled = await connection.execute(
        update(notices)
        .where(notices.c.id.in_(letter.notices), notices.c.state == held, notices.c.attempts == letter.attempts)
        .values(**values)
    )
    if post is not None:
        await set_post(connection, letter.publication.answer.id, post)
        answer = await find_answer(connection, letter.publication.question.id)
        sent = letter.publication.answer
        if answer is not None and (answer.text, answer.retracted_at) != (sent.text, sent.retracted_at):
            await outdate_post(connection, answer)
    return settled.rowcount > 0
