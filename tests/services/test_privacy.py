"""Whoever is forgotten is forgotten everywhere, and nobody else is touched."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, insert, select

from bot.domain.privacy import KEYS, Fate, Kind
from bot.domain.questions import Asker, NewQuestion, Notify, QuestionState, Wish
from bot.services import Services
from bot.services.privacy import Privacy
from bot.storage.database import Database
from bot.storage.questions import count_anew
from bot.storage.tables import (
    answer_versions,
    answers,
    blocked_members,
    drafts,
    favourites,
    me_toos,
    metadata,
    notices,
    question_events,
    questions,
    taught_aliases,
)
from tests.conftest import StandingClock
from tests.databases import Databases, lent

ME, OTHERS = 810_000_000_000_000_001, (810_000_000_000_000_002, 810_000_000_000_000_003)
NAME = "Mira who is to be forgotten"
GUILDS = (710_000_000_000_000_001, 710_000_000_000_000_002)
SIZE = 9

Dump = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Asked:
    """A question in a world: who asked it, in which server and state, what stands for it, who else wants it."""

    member: int | None
    guild: int
    state: QuestionState
    into: int | None
    joined: frozenset[int]
    reviewer: int
    answered: bool
    comment: bool

    @property
    def row(self) -> dict[str, Any]:
        name = {ME: NAME, None: None}.get(self.member, "Tom")
        return {
            "guild_id": self.guild,
            "member_id": None if self.comment else self.member,
            "member_name": None if self.comment else name,
            "origin": "a reader" if self.comment else None,
            "text": "What about milk in the tea?",
            "state": QuestionState.ANSWERED if self.answered else self.state,
            "asked_at": 1,
            "notify": Notify.DM,
            "channel_id": 5,
            "reviewed_by": self.reviewer,
        }


@st.composite
def worlds(draw: st.DrawFn) -> list[Asked]:
    """Draw questions; each may be merged into an earlier one of its server."""
    people = st.sampled_from([ME, *OTHERS])
    found: list[Asked] = []
    for _ in range(draw(st.integers(0, SIZE))):
        guild = draw(st.sampled_from(GUILDS))
        earlier = [number for number, other in enumerate(found) if other.guild == guild]
        found.append(
            Asked(
                draw(st.sampled_from([ME, ME, *OTHERS, None])),
                guild,
                draw(st.sampled_from([each for each in QuestionState if each is not QuestionState.ANSWERED])),
                draw(st.sampled_from([None, *earlier])),
                draw(st.frozensets(people, max_size=2)),
                draw(people),
                draw(st.integers(0, 5)) == 0,
                draw(st.integers(0, 5)) == 0,
            )
        )
    return found


async def put(database: Database, world: list[Asked]) -> None:
    """Store a world, and of everybody in it something in every other table; numbers are places in the list plus 1."""
    async with database.write() as connection:

        async def add(table: Any, **values: Any) -> None:
            await connection.execute(insert(table).values(**values))

        for number, asked in enumerate(world, start=1):
            await add(questions, id=number, merged_into=None if asked.into is None else asked.into + 1, **asked.row)
            for member in asked.joined - {asked.member}:
                await add(me_toos, question_id=number, member_id=member, notify="dm", channel_id=5, created_at=2)
            for member in (ME, *OTHERS):
                await add(question_events, question_id=number, at=3, actor_id=member, kind="flagged")
            if asked.answered:
                await add(answers, id=number, question_id=number, text="Yes.", quotable=True, published_at=4)
                for member in (ME, *OTHERS):
                    await add(notices, answer_id=number, member_id=member, notify="dm", state="sent")
                    version = {"at": 5, "kind": "published", "text": "Yes.", "quotable": True}
                    await add(answer_versions, answer_id=number, actor_id=member, **version)
        for place, member in enumerate((ME, *OTHERS)):
            quote = {"interview_key": "tea", "turn_key": "t", "quote_key": "k", "quote": "Milk.", "created_at": 6}
            await add(favourites, member_id=member, **quote)
            await add(drafts, member_id=member, guild_id=GUILDS[0], form="f", content={"text": NAME}, updated_at=7)
            await add(
                taught_aliases,
                guild_id=GUILDS[0],
                folded=f"milk {place}",
                text="Milk",
                interview_key="tea",
                exchange_key="e",
                token=f"t{place}",
                taught_by=member,
                taught_at=8,
            )
            for guild in GUILDS:
                await add(blocked_members, guild_id=guild, member_id=member, blocked_by=ME, blocked_at=9)
        for number in range(1, len(world) + 1):
            await count_anew(connection, number)


async def dump(database: Database) -> Dump:
    """Return all rows of all tables, but how often caches are to be read anew."""
    async with database.read() as connection:
        return {
            table.name: [
                dict(row) for row in (await connection.execute(select(table).order_by(*table.primary_key))).mappings()
            ]
            for table in metadata.sorted_tables
        }


def personal(table: str) -> list[str]:
    """Return the columns of a table that hold somebody's id."""
    return [
        column.name
        for column in metadata.tables[table].c
        if isinstance(column.type, BigInteger)
        and ("member_id" in column.name or column.name == "actor_id" or column.name.endswith("_by"))
        and column.name != "wanted_by"
    ]


def family(world: list[Asked], top: int) -> set[int]:
    found = {top}
    for number, asked in enumerate(world):
        if asked.into in found:
            found.add(number)
    return found


def expected_fates(world: list[Asked]) -> dict[int, Fate]:
    """Return what is to become of my questions, by place, worked out the slow way."""
    fates = {}
    for number, asked in enumerate(world):
        if asked.member != ME or asked.comment:
            continue
        others = set[int | None]()
        for each in (world[place] for place in family(world, number)):
            others |= each.joined - {each.member}
            others |= {-1} if each.comment else set()
            if not each.comment and (each.answered or each.state is not QuestionState.WITHDRAWN):
                others.add(each.member)
        wanted = others - {ME, None}
        fates[number] = Fate.ANSWERED if asked.answered else Fate.WANTED if wanted else Fate.DELETED
    return fates


@settings(max_examples=30)
@given(world=worlds(), with_questions=st.booleans())
def test_who_is_forgotten_is_forgotten_everywhere_and_nobody_else_is_touched(
    databases: Databases, empty_database: str, world: list[Asked], with_questions: bool
) -> None:
    async def work(url: str) -> None:
        database = await Database.open(url)
        try:
            await check(database)
        finally:
            await database.close()

    async def check(database: Database) -> None:
        await put(database, world)
        before = await dump(database)
        privacy = Privacy(database, StandingClock())
        held = await privacy.holdings(ME, GUILDS[0])
        fates = expected_fates(world)
        assert await privacy.fates(ME) == Counter(fates.values())
        done = await privacy.forget(ME, with_questions=with_questions)
        after = await dump(database)

        going = {number + 1 for number, fate in fates.items() if with_questions and fate is Fate.DELETED}
        check_nothing_is_left_of_me(after)
        check_others_are_as_they_were(before, after, going)
        await check_counts(database, after)
        check_numbers(before, after, done, held)
        assert {row["id"] for row in before["questions"]} - {row["id"] for row in after["questions"]} == going

        again = await privacy.forget(ME, with_questions=with_questions)
        assert await dump(database) == after
        assert (sum(again.gone.values()), again.stay) == (0, 0)

    with lent(databases, empty_database) as url:
        asyncio.run(work(url))


def check_nothing_is_left_of_me(after: Dump) -> None:
    looked = set()
    for table, rows in after.items():
        for column in personal(table):
            if (table, column) != ("blocked_members", "member_id"):
                assert ME not in {row[column] for row in rows}, (table, column)
                looked.add((table, column))
    assert len(looked) >= 9
    assert NAME not in repr({table: rows for table, rows in after.items() if table != "drafts"})
    assert repr(after).count(NAME) == len(OTHERS)  # the drafts of others, who wrote it


def check_others_are_as_they_were(before: Dump, after: Dump, going: set[int]) -> None:
    for table, rows in before.items():
        left = {row["id"]: row for row in after[table]} if "id" in metadata.tables[table].c else {}
        for row in rows:
            if table in {"facts", "guilds"} or row.get("member_id") == ME or "id" not in row:
                continue
            if table == "question_events" and row["question_id"] in going:
                continue
            now = dict(left[row["id"]])
            was = dict(row)
            for column in personal(table):
                if was[column] == ME:
                    assert now[column] in {None, 0}
                    was[column] = now[column]
            if table == "questions":
                # Who wants it may be one less, and what stood for it may be gone.
                now["wanted_by"] = was["wanted_by"]
                now["merged_into"] = was["merged_into"] if was["merged_into"] in going else now["merged_into"]
            assert now == was


async def check_counts(database: Database, after: Dump) -> None:
    async with database.write() as connection:
        for row in after["questions"]:
            if row["merged_into"] is None:
                assert row["wanted_by"] == await count_anew(connection, row["id"])


def check_numbers(before: Dump, after: Dump, done: Any, held: Any) -> None:
    for kind, table in (
        (Kind.ME_TOOS, "me_toos"),
        (Kind.FAVOURITES, "favourites"),
        (Kind.DRAFTS, "drafts"),
        (Kind.NOTICES, "notices"),
        (Kind.QUESTIONS, "questions"),
    ):
        assert done.gone[kind] == len(before[table]) - len(after[table]), kind
        if kind is not Kind.QUESTIONS:
            assert done.gone[kind] == held.count(kind)
    assert done.gone[Kind.QUESTIONS] + done.stay == held.count(Kind.QUESTIONS)
    assert done.gone[Kind.DECISIONS] == held.count(Kind.DECISIONS)
    assert done.gone[Kind.TAUGHT] == held.count(Kind.TAUGHT)
    assert done.blocks == held.count(Kind.BLOCKS) == len(GUILDS)


def asked_by(member: int | None, *, into: int | None = None, joined: frozenset[int] = frozenset()) -> Asked:
    return Asked(member, GUILDS[0], QuestionState.OPEN, into, joined, OTHERS[0], answered=False, comment=False)


async def test_what_was_merged_into_a_deleted_question_goes_where_that_one_went(database: Database) -> None:
    forgotten_below_mine = asked_by(None, into=1)
    await put(
        database,
        [asked_by(OTHERS[0]), asked_by(ME, into=0), forgotten_below_mine, asked_by(ME), asked_by(None, into=3)],
    )
    await Privacy(database, StandingClock()).forget(ME, with_questions=True)
    left = {row["id"]: row["merged_into"] for row in (await dump(database))["questions"]}
    assert left == {1: None, 3: 1, 5: None}


async def test_a_question_that_somebody_else_asked_too_stays_and_so_does_theirs(database: Database) -> None:
    await put(database, [asked_by(ME), asked_by(OTHERS[0], into=0), asked_by(ME, joined=frozenset({OTHERS[1]}))])
    done = await Privacy(database, StandingClock()).forget(ME, with_questions=True)
    assert (done.wanted, done.gone[Kind.QUESTIONS]) == (2, 0)
    rows = {row["id"]: row for row in (await dump(database))["questions"]}
    assert (rows[1]["member_id"], rows[1]["wanted_by"], rows[2]["merged_into"]) == (None, 1, 1)


async def test_a_question_to_which_a_comment_was_merged_stays(database: Database) -> None:
    comment = Asked(None, GUILDS[0], QuestionState.OPEN, 0, frozenset(), OTHERS[0], answered=False, comment=True)
    await put(database, [asked_by(ME), comment])
    assert (await Privacy(database, StandingClock()).forget(ME, with_questions=True)).wanted == 1


async def test_nothing_changes_where_the_database_refuses(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    await put(database, [asked_by(ME), asked_by(OTHERS[0], joined=frozenset({ME, OTHERS[1]}))])
    before = await dump(database)
    monkeypatch.setattr("bot.storage.privacy.count_anew", fails)
    with pytest.raises(ZeroDivisionError):
        await Privacy(database, StandingClock()).forget(ME, with_questions=True)
    assert await dump(database) == before


async def test_here_is_told_from_everywhere(database: Database) -> None:
    await put(database, [asked_by(ME), asked_by(ME), asked_by(OTHERS[0])])
    privacy = Privacy(database, StandingClock())
    for guild, count in ((GUILDS[0], 2), (GUILDS[1], 0), (None, 0)):
        held = (await privacy.holdings(ME, guild)).held
        assert (held[Kind.QUESTIONS].here, held[Kind.QUESTIONS].everywhere) == (count, 2)
    assert held[Kind.FAVOURITES].here == 0


async def test_nothing_is_kept_of_somebody_new(database: Database) -> None:
    privacy = Privacy(database, StandingClock())
    held = await privacy.holdings(ME, None)
    assert held.nothing
    assert not held.deletable
    done = await privacy.forget(ME, with_questions=True)
    assert (sum(done.gone.values()), done.stay, done.blocks) == (0, 0, 0)


async def test_the_file_has_all_of_it_with_every_key_explained_and_nobody_else_named(database: Database) -> None:
    world = [
        asked_by(ME),
        asked_by(OTHERS[0], joined=frozenset({ME})),
        Asked(ME, GUILDS[1], QuestionState.OPEN, None, frozenset(), ME, answered=True, comment=False),
    ]
    await put(database, world)
    content = await Privacy(database, StandingClock()).file(ME)
    found = json.loads(content)

    assert found["what_the_keys_mean"] == KEYS
    for kind, keys in KEYS.items():
        assert found[kind], kind
        for entry in found[kind]:
            assert set(entry) == set(keys), kind
            assert all(isinstance(value, str) for key, value in entry.items() if key.endswith("_id") and value)
    assert found["member_id"] == str(ME)
    assert [(each["question_id"], each["answer"]) for each in found["questions"]] == [("1", None), ("3", "Yes.")]
    assert found["questions"][0]["shown_name"] == NAME
    assert len(found["questions"][0]["history"]) == 3
    assert not any(str(other).encode() in content for other in OTHERS)


async def test_what_people_really_do_is_in_the_file(services: Services, clock: StandingClock) -> None:
    asker = Asker(GUILDS[0], ME, NAME)
    text = "How do you know that “milk” is better?"
    asked = await services.questions.submit(asker, NewQuestion(text, anonymous=True, wish=Wish(Notify.DM)))
    await services.questions.reject(GUILDS[0], asked.id, OTHERS[0], "We had that.")
    (entry,) = json.loads(await services.privacy.file(ME))["questions"]
    assert (entry["text"], entry["shown_name"], entry["state"], entry["notify"]) == (text, None, "rejected", "dm")
    assert [event["kind"] for event in entry["history"]] == ["asked", "rejected"]
    assert entry["asked_at"] == clock.now.isoformat()
