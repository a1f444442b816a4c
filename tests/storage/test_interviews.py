import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import HttpUrl
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.interviews import ChosenQuotes, Comment, Exchange, Interview, Introduction, Person, Reply, Role
from bot.domain.questions import Asker, NewQuestion
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.interviews import (
    Stored,
    interview_id,
    library_revision,
    load_interview,
    load_library,
    store_interview,
)
from bot.storage.questions import add_question, questions_of_member
from tests.conftest import StandingClock
from tests.databases import Databases, lent
from tests.samples import GUEST, HOST, TEA, bundled, interview, turn

KEYED = (tables.people, tables.turns, tables.exchanges, tables.comments, tables.aliases)
Ids = dict[tuple[str, str], int]

RICH = interview().model_copy(
    update={
        "published": date(2020, 2, 29),
        "source": HttpUrl("https://example.org/tea"),
        "language": "de-AT",
        "colour": "#00ff7F",
        "introduction": Introduction(text="On tea.\n\nAnd boats.", topics=("tea", "boats")),
        "exchanges": (
            Exchange(
                id="e1",
                question="What is question 1 about tea?",
                asked_in="q1",
                answered_in=("a2", "a1"),
                aliases=("why boil", "how long"),
            ),
        ),
        "quotes": ChosenQuotes(
            named=("Water […] makes the greenest tea taste of nothing at all.",), vetoed=("boils too long",)
        ),
        "comments": (
            Comment(id="c1", author="Ana", text="Lovely.", replies=(Reply(id="c2", author="Ben", text="Indeed 🫖."),)),
            Comment(id="c3", author="Cem", text="Hm."),
        ),
    }
)


async def store(database: Database, version: Interview) -> Stored:
    async with database.write() as connection:
        return await store_interview(connection, version)


async def load(database: Database, key: str = "tea") -> Interview | None:
    async with database.read() as connection:
        return await load_interview(connection, key)


async def revision(database: Database) -> int:
    async with database.read() as connection:
        return await library_revision(connection)


async def ids_of(connection: AsyncConnection, table: Table) -> Ids:
    rows = await connection.execute(select(table.c.key, table.c.id))
    return {(table.name, row.key): row.id for row in rows}


async def all_ids(database: Database) -> Ids:
    async with database.read() as connection:
        return {name: number for table in KEYED for name, number in (await ids_of(connection, table)).items()}


class TestStoreAndLoad:
    @pytest.mark.parametrize("version", [bundled(), RICH, interview()], ids=["bundled", "rich", "plain"])
    async def test_gives_back_what_the_file_had(self, database: Database, version: Interview) -> None:
        assert await store(database, version) is Stored.NEW
        assert await load(database, version.id) == version
        assert await revision(database) == 1

    @pytest.mark.parametrize("version", [bundled(), RICH], ids=["bundled", "rich"])
    async def test_again_changes_nothing(self, database: Database, version: Interview) -> None:
        await store(database, version)
        before = await all_ids(database)
        assert await store(database, version) is Stored.UNCHANGED
        assert await revision(database) == 1
        assert await all_ids(database) == before

    async def test_what_is_not_kept_is_no_change(self, database: Database) -> None:
        twice = RICH.exchanges[0].model_copy(update={"aliases": ("why boil", "how long", "why boil")})
        elsewhere = RICH.model_copy(update={"schema_file": "./here.json", "exchanges": (twice,)})
        assert await store(database, elsewhere) is Stored.NEW
        assert await load(database) == RICH
        assert await store(database, elsewhere) is Stored.UNCHANGED
        assert await revision(database) == 1

    async def test_nothing_is_there_before(self, database: Database) -> None:
        assert await load(database) is None
        assert await revision(database) == 0
        async with database.read() as connection:
            assert await interview_id(connection, "tea") is None
            assert await load_library(connection) == ()

    async def test_library_keeps_the_order_of_arrival(self, database: Database) -> None:
        first, second = interview("zebra"), interview("ant")
        await store(database, first)
        await store(database, second)
        edited = first.model_copy(update={"title": "Other"})
        await store(database, edited)
        async with database.read() as connection:
            assert await load_library(connection) == (edited, second)

    async def test_interviews_do_not_touch_each_other(self, database: Database) -> None:
        other = RICH.model_copy(update={"id": "coffee"})
        await store(database, RICH)
        await store(database, other)
        await store(database, interview())
        assert await load(database, "coffee") == other


class TestEdited:
    async def edit(self, database: Database, change: Callable[[Interview], Interview]) -> tuple[Ids, Ids]:
        """Store the rich interview, then a changed one; return the ids before and after."""
        await store(database, RICH)
        before = await all_ids(database)
        edited = Interview.model_validate(change(RICH).model_dump())
        assert await store(database, edited) is Stored.CHANGED
        assert await load(database) == edited
        assert await revision(database) == 2
        after = await all_ids(database)
        assert {name: before[name] for name in before.keys() & after.keys()}.items() <= after.items()
        return before, after

    async def test_words(self, database: Database) -> None:
        reworded = turn("a3", "guest", "Five minutes, in fact.")
        before, after = await self.edit(
            database, lambda old: old.model_copy(update={"title": "New", "turns": (*old.turns[:-1], reworded)})
        )
        assert before == after

    async def test_a_turn_is_put_in_between(self, database: Database) -> None:
        inserted = turn("a1b", "guest", "And another thing.")
        before, after = await self.edit(
            database, lambda old: old.model_copy(update={"turns": (*old.turns[:2], inserted, *old.turns[2:])})
        )
        assert after.keys() - before.keys() == {("turns", "a1b")}

    async def test_all_is_turned_round(self, database: Database) -> None:
        def turn_round(old: Interview) -> Interview:
            reversed_aliases = old.exchanges[0].model_copy(
                update={"aliases": old.exchanges[0].aliases[::-1], "answered_in": ("a1", "a2")}
            )
            return old.model_copy(
                update={
                    "people": old.people[::-1],
                    "turns": old.turns[::-1],
                    "exchanges": (reversed_aliases,),
                    "comments": old.comments[::-1],
                }
            )

        before, after = await self.edit(database, turn_round)
        assert before == after

    async def test_what_is_gone_is_gone(self, database: Database) -> None:
        def drop(old: Interview) -> Interview:
            last_alias = old.exchanges[0].model_copy(update={"aliases": ("how long",), "answered_in": ("a1",)})
            return old.model_copy(
                update={"turns": old.turns[:2], "exchanges": (last_alias,), "comments": old.comments[1:]}
            )

        before, after = await self.edit(database, drop)
        gone = {("turns", "q2"), ("turns", "a2"), ("turns", "q3"), ("turns", "a3"), ("aliases", "why boil")}
        assert before.keys() - after.keys() == gone | {("comments", "c1"), ("comments", "c2")}

    async def test_quotes_are_chosen(self, database: Database) -> None:
        chosen = ChosenQuotes(named=(TEA[1],), vetoed=("Every cup", "Water"))
        before, after = await self.edit(database, lambda old: old.model_copy(update={"quotes": chosen}))
        assert before == after

    async def test_a_person_is_replaced(self, database: Database) -> None:
        heir = Person(id="heir", name="Hedi Heir", role=Role.GUEST)

        def replace(old: Interview) -> Interview:
            turns = (turn(each.id, "host" if each.speaker == "host" else "heir", each.text) for each in old.turns)
            return old.model_copy(update={"people": (HOST, heir), "turns": tuple(turns)})

        before, after = await self.edit(database, replace)
        assert before.keys() - after.keys() == {("people", "guest")}

    async def test_a_reply_becomes_a_comment_and_the_comment_its_reply(self, database: Database) -> None:
        swapped = (
            Comment(id="c2", author="Ben", text="Indeed.", replies=(Reply(id="c1", author="Ana", text="Lovely."),)),
        )
        before, after = await self.edit(database, lambda old: old.model_copy(update={"comments": swapped}))
        assert before.keys() - after.keys() == {("comments", "c3")}

    async def test_a_reply_moves_away_from_a_comment_that_goes(self, database: Database) -> None:
        moved = (Comment(id="c3", author="Cem", text="Hm.", replies=(Reply(id="c2", author="Ben", text="Indeed."),)),)
        before, after = await self.edit(database, lambda old: old.model_copy(update={"comments": moved}))
        assert before.keys() - after.keys() == {("comments", "c1")}

    async def test_readers_questions_stay(self, database: Database, clock: StandingClock) -> None:
        await store(database, RICH)
        async with database.write() as connection:
            number = await interview_id(connection, "tea")
            await add_question(connection, Asker(1, 2, "Mira"), NewQuestion("What about milk?"), number, clock.now)
        await store(database, interview(answers=TEA[:1]))
        async with database.read() as connection:
            (question,) = await questions_of_member(connection, 1, 2, 10)
        assert question.text == "What about milk?"
        assert question.interview == "tea"


async def test_one_that_fails_leaves_all_as_it_was(database: Database) -> None:
    await store(database, RICH)
    before = await all_ids(database)
    # No file gets past its checks like this.
    nobodys = interview("coffee").model_copy(update={"publisher": None})

    async def store_both() -> None:
        async with database.write() as connection:
            await store_interview(connection, interview())
            await store_interview(connection, nobodys)

    with pytest.raises(IntegrityError):
        await store_both()
    assert await load(database) == RICH
    assert await load(database, "coffee") is None
    assert await revision(database) == 1
    assert await all_ids(database) == before


characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
lines = st.from_regex(r"\A[A-Za-zäéß](?:[ a-z'?]{0,12}[a-z?])?\Z")


@st.composite
def versions(draw: st.DrawFn) -> Interview:
    """Draw a state of one interview as its editors might leave it."""
    turns = [
        turn(key, draw(st.sampled_from(["host", "guest"])), draw(texts))
        for key in draw(st.permutations(["t1", "t2", "t3", "t4", "t5"]))[: draw(st.integers(1, 5))]
    ]
    answers = [each.id for each in turns if each.speaker == "guest"]
    exchanges = []
    for key in draw(st.permutations(["e1", "e2", "e3"]))[: draw(st.integers(0, 3))] if answers else []:
        asked = draw(st.sampled_from(turns))
        exchanges.append(
            Exchange(
                id=key,
                question=asked.text,
                asked_in=asked.id,
                answered_in=tuple(draw(st.lists(st.sampled_from(answers), min_size=1, max_size=3))),
                aliases=tuple(draw(st.lists(lines, max_size=3, unique=True))),
            )
        )
    comments: list[Comment] = []
    for key in draw(st.permutations(["c1", "c2", "c3", "c4"]))[: draw(st.integers(0, 4))]:
        is_reply: bool = draw(st.booleans())
        if comments and is_reply:
            reply = Reply(id=key, author=draw(lines), text=draw(texts))
            comments[-1] = comments[-1].model_copy(update={"replies": (*comments[-1].replies, reply)})
        else:
            comments.append(Comment(id=key, author=draw(lines), text=draw(texts)))
    return Interview(
        id="tea",
        title=draw(lines),
        publisher=draw(lines),
        published=draw(st.none() | st.dates()),
        people=tuple(draw(st.permutations([HOST, GUEST]))),
        introduction=Introduction(
            text=draw(st.text(characters, max_size=5)), topics=tuple(draw(st.lists(lines, max_size=2)))
        ),
        turns=tuple(turns),
        exchanges=tuple(exchanges),
        comments=tuple(comments),
    )


@settings(max_examples=20)
@given(history=st.lists(versions(), min_size=1, max_size=4))
def test_whatever_is_edited_the_last_version_is_what_is_there(
    databases: Databases, empty_database: str, history: list[Interview]
) -> None:
    async def live(url: str) -> None:
        database = await Database.open(url)
        previous, ids = None, Ids()
        for number, version in enumerate(history):
            expected = Stored.NEW if number == 0 else Stored.UNCHANGED if version == previous else Stored.CHANGED
            assert await store(database, version) is expected
            assert await load(database) == version
            kept, ids = ids, await all_ids(database)
            # Two exchanges may have an alias in common, so here it names no row.
            assert all(kept[name] == ids[name] for name in kept.keys() & ids.keys() if name[0] != "aliases")
            previous = version
        await database.close()

    with lent(databases, empty_database) as url:
        asyncio.run(live(url))
