"""Interviews as rows: one written by its file, keeping the ids of what is still there, and all of them read back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import HttpUrl
from sqlalchemy import Column, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.interviews import (
    SCHEMA_FILE,
    ChosenQuotes,
    Comment,
    Exchange,
    Interview,
    Introduction,
    Person,
    Reply,
    Role,
    Turn,
)
from bot.storage.facts import Fact, count_up_fact, read_fact
from bot.storage.tables import aliases, comments, exchange_answers, exchanges, interviews, people, turns


class Stored(StrEnum):
    """What storing an interview did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table that belong together, by the key that names them within it."""

    table: Table
    scope: Mapping[str, int]

    def _where(self) -> list[Any]:
        return [self.table.c[column] == value for column, value in self.scope.items()]

    async def put(self, connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
        """Insert new rows, update those that are there, leave the others; return the ids by key."""
        there = await self.ids(connection)
        new = []
        for position, row in enumerate(rows):
            values = row | {"position": position}
            if row["key"] in there:
                of_key = self.table.c.id == there[row["key"]]
                await connection.execute(update(self.table).where(of_key).values(**values))
            else:
                new.append(values | dict(self.scope))
        if new:
            await connection.execute(insert(self.table), new)
        return await self.ids(connection)

    async def ids(self, connection: AsyncConnection) -> dict[str, int]:
        rows = await connection.execute(select(self.table.c.key, self.table.c.id).where(*self._where()))
        return {row.key: row.id for row in rows}

    async def keep_only(self, connection: AsyncConnection, keys: Sequence[str]) -> None:
        """Delete the rows whose key the file no longer has."""
        kept = set(keys)
        for key, row_id in (await self.ids(connection)).items():
            if key not in kept:
                await connection.execute(delete(self.table).where(self.table.c.id == row_id))


async def store_interview(connection: AsyncConnection, interview: Interview) -> Stored:
    """Write an interview and say what that did; rows that are still in the file keep their ids."""
    known = await load_interview(connection, interview.id)
    if known == _as_kept(interview):
        return Stored.UNCHANGED
    interview_id = await _put_interview(connection, interview)
    scope = {"interview_id": interview_id}
    tables = {table.name: _Rows(table, scope) for table in (people, turns, exchanges, comments)}

    person_ids = await tables["people"].put(
        connection, [{"key": person.id, "name": person.name, "role": person.role.value} for person in interview.people]
    )
    turn_ids = await tables["turns"].put(
        connection,
        [
            {"key": turn.id, "person_id": person_ids[turn.speaker], "text": turn.text, "sha256": turn.sha256}
            for turn in interview.turns
        ],
    )
    exchange_ids = await tables["exchanges"].put(
        connection,
        [
            {"key": exchange.id, "question": exchange.question, "asked_in": turn_ids[exchange.asked_in]}
            for exchange in interview.exchanges
        ],
    )
    for exchange in interview.exchanges:
        await _put_answers_and_aliases(connection, exchange, exchange_ids[exchange.id], turn_ids)
    await _put_comments(connection, interview, tables["comments"])

    # What others refer to goes last.
    await tables["exchanges"].keep_only(connection, [exchange.id for exchange in interview.exchanges])
    await tables["turns"].keep_only(connection, [turn.id for turn in interview.turns])
    await tables["people"].keep_only(connection, [person.id for person in interview.people])
    await count_up_library_revision(connection)
    return Stored.CHANGED if known else Stored.NEW


def _as_kept(interview: Interview) -> Interview:
    """Return the interview as it is read back: where its schema lies is not kept, and an alias is kept once."""
    exchanges = (
        exchange.model_copy(update={"aliases": tuple(dict.fromkeys(exchange.aliases))})
        for exchange in interview.exchanges
    )
    return interview.model_copy(update={"schema_file": SCHEMA_FILE, "exchanges": tuple(exchanges)})


async def _put_interview(connection: AsyncConnection, interview: Interview) -> int:
    values = {
        "title": interview.title,
        "publisher": interview.publisher,
        "published": interview.published.isoformat() if interview.published else None,
        "source": str(interview.source) if interview.source else None,
        "language": interview.language,
        "colour": interview.colour,
        "introduction": interview.introduction.text,
        "topics": list(interview.introduction.topics),
        "quotes": interview.quotes.model_dump(mode="json"),
    }
    of_key = interviews.c.key == interview.id
    if await connection.scalar(select(interviews.c.id).where(of_key)):
        await connection.execute(update(interviews).where(of_key).values(**values))
    else:
        await connection.execute(insert(interviews).values(key=interview.id, **values))
    interview_id: int = (await connection.execute(select(interviews.c.id).where(of_key))).scalar_one()
    return interview_id


async def _put_answers_and_aliases(
    connection: AsyncConnection, exchange: Exchange, exchange_id: int, turn_ids: Mapping[str, int]
) -> None:
    await connection.execute(delete(exchange_answers).where(exchange_answers.c.exchange_id == exchange_id))
    await connection.execute(
        insert(exchange_answers),
        [
            {"exchange_id": exchange_id, "position": position, "turn_id": turn_ids[turn]}
            for position, turn in enumerate(exchange.answered_in)
        ],
    )
    rows = _Rows(aliases, {"exchange_id": exchange_id})
    await rows.put(connection, [{"key": alias} for alias in dict.fromkeys(exchange.aliases)])
    await rows.keep_only(connection, exchange.aliases)


async def _put_comments(connection: AsyncConnection, interview: Interview, rows: _Rows) -> None:
    parents = [_comment_row(comment, None) for comment in interview.comments]
    ids = await rows.put(connection, parents)
    everything = [
        row
        for comment in interview.comments
        for row in (_comment_row(comment, None), *(_comment_row(reply, ids[comment.id]) for reply in comment.replies))
    ]
    await rows.put(connection, everything)
    await rows.keep_only(connection, [row["key"] for row in everything])


def _comment_row(comment: Comment | Reply, parent_id: int | None) -> dict[str, Any]:
    return {"key": comment.id, "parent_id": parent_id, "author": comment.author, "text": comment.text}


async def count_up_library_revision(connection: AsyncConnection) -> None:
    """Let every process see that the library is not what it was."""
    await count_up_fact(connection, Fact.LIBRARY_REVISION)


async def library_revision(connection: AsyncConnection) -> int:
    """Return a number that grows whenever the library changes; 0 for an empty one."""
    return int(await read_fact(connection, Fact.LIBRARY_REVISION) or 0)


async def interview_id(connection: AsyncConnection, key: str) -> int | None:
    """Return the id of the interview with that key, or None."""
    found: int | None = await connection.scalar(select(interviews.c.id).where(interviews.c.key == key))
    return found


async def load_interview(connection: AsyncConnection, key: str) -> Interview | None:
    """Return the interview with that key as its file had it, or None."""
    row = (await connection.execute(select(interviews).where(interviews.c.key == key))).mappings().one_or_none()
    if row is None:
        return None
    scope = row["id"]
    return Interview(
        id=row["key"],
        title=row["title"],
        publisher=row["publisher"],
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        source=HttpUrl(row["source"]) if row["source"] else None,
        language=row["language"],
        colour=row["colour"],
        introduction=Introduction(text=row["introduction"], topics=tuple(row["topics"])),
        people=await _load_people(connection, scope),
        turns=await _load_turns(connection, scope),
        exchanges=await _load_exchanges(connection, scope),
        quotes=ChosenQuotes.model_validate(row["quotes"]),
        comments=await _load_comments(connection, scope),
    )


async def load_library(connection: AsyncConnection) -> tuple[Interview, ...]:
    """Return every interview, in the order in which they were first stored."""
    keys = (await connection.scalars(select(interviews.c.key).order_by(interviews.c.id))).all()
    found = [await load_interview(connection, key) for key in keys]
    return tuple(interview for interview in found if interview is not None)


async def _load_people(connection: AsyncConnection, scope: int) -> tuple[Person, ...]:
    query = select(people).where(people.c.interview_id == scope).order_by(people.c.position)
    rows = (await connection.execute(query)).mappings()
    return tuple(Person(id=row["key"], name=row["name"], role=Role(row["role"])) for row in rows)


async def _load_turns(connection: AsyncConnection, scope: int) -> tuple[Turn, ...]:
    query = (
        select(turns.c.key, people.c.key.label("speaker"), turns.c.text, turns.c.sha256)
        .join(people, people.c.id == turns.c.person_id)
        .where(turns.c.interview_id == scope)
        .order_by(turns.c.position)
    )
    rows = (await connection.execute(query)).mappings()
    return tuple(Turn(id=row["key"], speaker=row["speaker"], text=row["text"], sha256=row["sha256"]) for row in rows)


async def _load_exchanges(connection: AsyncConnection, scope: int) -> tuple[Exchange, ...]:
    answered_in = await _keys_by_exchange(
        connection, scope, exchange_answers, turns.c.key, join=turns.c.id == exchange_answers.c.turn_id
    )
    other_words = await _keys_by_exchange(connection, scope, aliases, aliases.c.key)
    query = (
        select(exchanges.c.id, exchanges.c.key, exchanges.c.question, turns.c.key.label("asked_in"))
        .join(turns, turns.c.id == exchanges.c.asked_in)
        .where(exchanges.c.interview_id == scope)
        .order_by(exchanges.c.position)
    )
    rows = (await connection.execute(query)).mappings()
    return tuple(
        Exchange(
            id=row["key"],
            question=row["question"],
            asked_in=row["asked_in"],
            answered_in=tuple(answered_in[row["id"]]),
            aliases=tuple(other_words[row["id"]]),
        )
        for row in rows
    )


async def _keys_by_exchange(
    connection: AsyncConnection, scope: int, table: Table, key: Column[Any], join: Any = None
) -> dict[int, list[str]]:
    query = select(table.c.exchange_id, key).join(exchanges, exchanges.c.id == table.c.exchange_id)
    if join is not None:
        query = query.join(key.table, join)
    query = query.where(exchanges.c.interview_id == scope).order_by(table.c.position)
    result: dict[int, list[str]] = defaultdict(list)
    for exchange, value in await connection.execute(query):
        result[exchange].append(value)
    return result


async def _load_comments(connection: AsyncConnection, scope: int) -> tuple[Comment, ...]:
    query = select(comments).where(comments.c.interview_id == scope).order_by(comments.c.position)
    rows = (await connection.execute(query)).mappings().all()
    replies: dict[int, list[Reply]] = defaultdict(list)
    for row in rows:
        if row["parent_id"] is not None:
            replies[row["parent_id"]].append(Reply(id=row["key"], author=row["author"], text=row["text"]))
    return tuple(
        Comment(id=row["key"], author=row["author"], text=row["text"], replies=tuple(replies[row["id"]]))
        for row in rows
        if row["parent_id"] is None
    )
