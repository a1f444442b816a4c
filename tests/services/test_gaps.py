import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.app import open_services
from bot.domain.gaps import EVERYONE, KEPT_FOR, Miss
from bot.domain.matching import Band
from bot.errors import NotFoundError
from bot.services import gaps as module
from bot.services.gaps import PAGE_SIZE, GapPage, Gaps
from bot.services.interviews import ExchangeRef, Interviews, TaughtAlias
from bot.storage.database import Database
from bot.storage.gaps import add_misses, misses_of_guild
from tests.conftest import StandingClock
from tests.databases import rows
from tests.samples import TEA, interview
from tests.waiting import until

GUILD, OTHER = 81384788765712384, 7
ADMIN = 81384788862181376
BOAT = ExchangeRef("tea", "e2")
FERRY = "which ferries sail from the harbour to Denmark"
VESSEL = "which vessel did granny use"
A_LONG_TIME = 10.0


@pytest.fixture
async def interviews(database: Database) -> Interviews:
    interviews = Interviews(database)
    await interviews.load([interview()])
    return interviews


@pytest.fixture
def gaps(database: Database, interviews: Interviews, clock: StandingClock) -> Gaps:
    return Gaps(database, interviews, clock)


@pytest.fixture
async def elsewhere(database_url: str, clock: StandingClock) -> AsyncIterator[Gaps]:
    """The same, in another process."""
    database = await Database.open(database_url)
    yield Gaps(database, Interviews(database), clock)
    await database.close()


async def record(gaps: Gaps, *questions: str, guild_id: int = GUILD, refused: bool = False) -> None:
    for question in questions:
        await gaps.record_miss(guild_id, question, refused=refused)
    await gaps.save()


async def stored(database: Database) -> list[Miss]:
    async with database.read() as connection:
        return await misses_of_guild(connection, GUILD)


def texts(page: GapPage) -> list[list[str]]:
    return [[miss.wording.text for miss in entry.gap.misses] for entry in page.gaps]


async def listed(gaps: Gaps, guild_id: int = GUILD) -> list[list[str]]:
    return texts(await gaps.page(guild_id, 0))


async def key_of(gaps: Gaps, number: int = 0) -> str:
    return (await gaps.page(GUILD, 0)).gaps[number].gap.key


class TestMisses:
    async def test_of_many_at_once_and_of_two_processes_are_all_counted(self, gaps: Gaps, elsewhere: Gaps) -> None:
        await asyncio.gather(*(record(process, VESSEL) for _ in range(25) for process in (gaps, elsewhere)))
        (entry,) = (await gaps.page(GUILD, 0)).gaps
        assert entry.gap.count == 50

    async def test_come_together_with_what_is_nearest(self, gaps: Gaps) -> None:
        await record(gaps, "does he like coffee", "do you like COFFEE?", FERRY, *["coffee??"] * 3)
        page = await gaps.page(GUILD, 0)
        assert (page.number, page.more, page.keeping) == (0, False, True)
        assert texts(page) == [
            ["coffee??"],
            ["do you like COFFEE?", "does he like coffee"],
            [FERRY],
        ]
        nearest = page.gaps[2].nearest
        assert nearest is not None
        assert nearest.ref == BOAT
        assert nearest.turn == 3

    @pytest.mark.parametrize("question", ["", "   ", "???", "🔥"])
    async def test_without_a_word_are_none(self, gaps: Gaps, question: str) -> None:
        await record(gaps, question)
        assert await listed(gaps) == []

    async def test_of_direct_messages_are_none(self, gaps: Gaps, database: Database) -> None:
        await gaps.record_miss(None, VESSEL)
        async with database.read() as connection:
            assert (await connection.exec_driver_sql("SELECT count(*) FROM misses")).scalar_one() == 0

    async def test_that_come_while_others_are_stored_are_stored_soon_too(
        self, gaps: Gaps, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = ["does he like coffee"]
        store = add_misses

        async def store_while_somebody_asks(*given: Any) -> None:
            while later:
                await gaps.record_miss(GUILD, later.pop())
            await store(*given)

        monkeypatch.setattr(module, "add_misses", store_while_somebody_asks)
        monkeypatch.setattr(module, "GATHERED_FOR", timedelta())
        await gaps.record_miss(GUILD, VESSEL)
        assert gaps._saving is not None
        await asyncio.wait_for(gaps._saving, A_LONG_TIME)
        assert [miss.wording.text for miss in await stored(database)] == [VESSEL, "does he like coffee"]

    async def test_are_gathered_and_stored_together(
        self, gaps: Gaps, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "GATHERED_FOR", timedelta(seconds=A_LONG_TIME))
        for question in (VESSEL, "does he like coffee", VESSEL):
            await gaps.record_miss(GUILD, question)
        assert await stored(database) == []
        await gaps.save()
        found = [(miss.wording.text, miss.count) for miss in await stored(database)]
        assert found == [(VESSEL, 2), ("does he like coffee", 1)]

    async def test_are_stored_by_themselves_each_time(
        self, gaps: Gaps, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def has_stored(count: int) -> bool:
            return [miss.count for miss in await stored(database)] == [count]

        monkeypatch.setattr(module, "GATHERED_FOR", timedelta())
        for count in (1, 2):
            await gaps.record_miss(GUILD, VESSEL)
            await until(partial(has_stored, count))

    async def test_that_are_being_stored_are_waited_for(self, gaps: Gaps) -> None:
        await gaps.record_miss(GUILD, VESSEL)
        assert await asyncio.gather(*(listed(gaps) for _ in range(3))) == [[[VESSEL]]] * 3

    async def test_are_stored_before_the_end(self, database_url: str, clock: StandingClock, database: Database) -> None:
        async with open_services(database_url, clock) as services:
            await services.gaps.record_miss(GUILD, VESSEL)
        assert [miss.wording.text for miss in await stored(database)] == [VESSEL]

    async def test_are_each_servers_own(self, gaps: Gaps) -> None:
        await record(gaps, VESSEL)
        assert await listed(gaps, OTHER) == []
        with pytest.raises(NotFoundError):
            await gaps.gap(OTHER, await key_of(gaps))

    @pytest.mark.parametrize(
        "hostile", ["\ud800 what", "what\x00\x1b[31m", "\u202ewhat", "w" * 5000, "'; DROP TABLE misses; --"]
    )
    async def test_whatever_is_typed_is_kept_harmless(self, gaps: Gaps, hostile: str) -> None:
        await record(gaps, hostile)
        ((text,),) = await listed(gaps)
        assert len(text) <= 300
        assert text.isprintable()

    async def test_a_database_that_refuses_costs_the_asker_nothing(
        self, gaps: Gaps, database_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows(database_url, "DROP TABLE misses")
        await record(gaps, VESSEL)
        assert "refused a write" in caplog.text
        assert "Traceback" in caplog.text  # it may be the code that is wrong

    async def test_what_is_sure_by_now_is_left_out_unless_it_was_refused(self, gaps: Gaps) -> None:
        sure = "My grandmother sold tea from a boat in the harbour"
        await record(gaps, sure)
        assert await listed(gaps) == []
        await record(gaps, sure, refused=True)
        assert await listed(gaps) == [[sure]]

    async def test_a_new_interview_closes_gaps(self, gaps: Gaps, interviews: Interviews) -> None:
        await record(gaps, "where do all zeppelins sleep")
        assert len(await listed(gaps)) == 1
        await interviews.load([interview("zeppelin", ["All zeppelins sleep in hangars by the lake."])])
        assert await listed(gaps) == []

    async def test_pages_are_short_and_end_at_the_last(self, gaps: Gaps) -> None:
        names = ["apples", "bicycles", "candles", "dolphins", "elephants", "forests", "giraffes", "hammers", "islands"]
        names += ["jackets", "kettles"]
        await record(gaps, *names)
        pages = [await gaps.page(GUILD, number) for number in range(4)]
        assert [(page.number, len(page.gaps), page.more) for page in pages] == [
            (0, PAGE_SIZE, True),
            (1, PAGE_SIZE, True),
            (2, 1, False),
            (2, 1, False),
        ]
        assert sorted(text for page in pages[:3] for (text,) in texts(page)) == names

    async def test_without_any_interview_are_listed_all_the_same(
        self, database: Database, clock: StandingClock
    ) -> None:
        gaps = Gaps(database, Interviews(database), clock)
        await record(gaps, VESSEL)
        page = await gaps.page(GUILD, 0)
        assert page.gaps[0].nearest is None
        assert await gaps.choices(page.gaps[0].gap) == []

    async def test_a_flood_pushes_out_what_was_asked_least_recently(
        self, gaps: Gaps, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_WORDINGS", 3)
        for question in ("apples", "bicycles", "candles", "apples", "dolphins"):
            await record(gaps, question)
            clock.forward(seconds=1)
        assert {text for (text,) in await listed(gaps)} == {"apples", "candles", "dolphins"}

    async def test_can_be_forgotten_once(self, gaps: Gaps) -> None:
        await record(gaps, "buy cheap pills", "cheap pills to buy", VESSEL)
        spam = (await gaps.page(GUILD, 0)).gaps[0].gap
        assert len(spam.misses) == 2
        assert await gaps.forget(GUILD, spam.key) == spam
        assert await listed(gaps) == [[VESSEL]]
        with pytest.raises(NotFoundError):
            await gaps.forget(GUILD, spam.key)

    async def test_are_found_by_any_of_their_wordings(self, gaps: Gaps) -> None:
        await record(gaps, "does he like coffee", "do you like coffee?")
        gap = (await gaps.gap(GUILD, await key_of(gaps))).gap
        for miss in gap.misses:
            assert (await gaps.gap(GUILD, miss.key)).gap == gap


class TestForgetting:
    async def test_90_days_after_they_were_last_asked(self, gaps: Gaps, clock: StandingClock) -> None:
        await record(gaps, VESSEL, "does he like coffee")
        clock.forward(days=89)
        await record(gaps, VESSEL)
        clock.now += timedelta(days=1)
        assert len(await listed(gaps)) == 2
        clock.now += timedelta(milliseconds=1)
        assert await listed(gaps) == [[VESSEL]]
        clock.now += KEPT_FOR
        assert await listed(gaps) == []

    async def test_in_the_server_in_which_another_asks_and_in_all_once_a_day(
        self, gaps: Gaps, clock: StandingClock, database: Database
    ) -> None:
        async def count() -> int:
            async with database.read() as connection:
                return int((await connection.exec_driver_sql("SELECT count(*) FROM misses")).scalar_one())

        for guild_id in (GUILD, OTHER):
            await record(gaps, VESSEL, guild_id=guild_id)
        clock.now += KEPT_FOR + timedelta(seconds=1)
        await record(gaps, "does he like coffee", guild_id=OTHER)
        assert await count() == 2
        assert await gaps.forget_old() == 1
        assert await count() == 1

    async def test_by_itself_at_the_start_and_after_a_failure(
        self,
        gaps: Gaps,
        clock: StandingClock,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        await record(gaps, VESSEL)
        clock.now += KEPT_FOR + timedelta(seconds=1)
        forget, failures = gaps.forget_old, [OSError("no disk")]

        async def fails_once() -> int:
            if failures:
                raise failures.pop()
            gaps.stop()
            return await forget()

        monkeypatch.setattr(gaps, "forget_old", fails_once)
        monkeypatch.setattr(gaps._rounds, "_retry", timedelta())
        await asyncio.wait_for(gaps.run(), A_LONG_TIME)
        assert "no disk" in caplog.text
        async with database.read() as connection:
            assert (await connection.exec_driver_sql("SELECT count(*) FROM misses")).scalar_one() == 0


class TestTeaching:
    async def test_in_a_server_counts_there_alone(self, gaps: Gaps, clock: StandingClock) -> None:
        await record(gaps, VESSEL)
        await record(gaps, VESSEL, guild_id=OTHER)
        taught = await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=False)
        assert taught.place is not None
        assert taught.place.ref == BOAT
        assert (taught.teaching.taught_by, taught.teaching.taught_at) == (ADMIN, clock())
        assert await gaps.taught_here(GUILD) == (TaughtAlias(BOAT, VESSEL),)
        assert await gaps.taught_here(OTHER) == await gaps.taught_here(None) == ()
        assert await listed(gaps) == []
        assert await listed(gaps, OTHER) == [[VESSEL]]

    async def test_leaves_out_what_it_answers_too_as_long_as_it_is_taught(self, gaps: Gaps) -> None:
        await record(gaps, VESSEL)
        taught = await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=False)
        alike = "which vessel did his beloved granny use"
        await record(gaps, alike)
        assert await listed(gaps) == []
        await gaps.undo(GUILD, taught.teaching.token, everywhere=False)
        assert [text for texts in await listed(gaps) for text in texts] == [VESSEL, alike]

    async def test_undone_brings_the_gap_back(self, gaps: Gaps) -> None:
        await record(gaps, VESSEL)
        taught = await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=False)
        undone = await gaps.undo(GUILD, taught.teaching.token, everywhere=False)
        assert undone == taught
        assert await gaps.taught_here(GUILD) == ()
        assert await listed(gaps) == [[VESSEL]]
        with pytest.raises(NotFoundError):
            await gaps.undo(GUILD, taught.teaching.token, everywhere=False)

    async def test_of_what_is_gone_is_refused(self, gaps: Gaps) -> None:
        await record(gaps, VESSEL)
        key = await key_of(gaps)
        with pytest.raises(NotFoundError):
            await gaps.teach(GUILD, key, ExchangeRef("tea", "e9"), ADMIN, everywhere=False)
        await gaps.teach(GUILD, key, BOAT, ADMIN, everywhere=False)
        with pytest.raises(NotFoundError):
            await gaps.teach(GUILD, key, BOAT, ADMIN, everywhere=False)
        assert len((await gaps.taught_page(GUILD, 0, everywhere=True)).taught) == 1

    async def test_for_everyone_answers_in_every_server(
        self, gaps: Gaps, elsewhere: Gaps, interviews: Interviews
    ) -> None:
        await record(gaps, VESSEL)
        await record(gaps, VESSEL, guild_id=OTHER)
        before = await interviews.library()
        assert before.matcher.find(VESSEL).band is not Band.ANSWER
        taught = await elsewhere.teach(GUILD, await key_of(elsewhere), BOAT, ADMIN, everywhere=True)
        library = await interviews.library()
        assert library.revision > before.revision
        finding = library.matcher.find(VESSEL)
        assert (finding.band, finding.matches[0].key) == (Band.ANSWER, BOAT)
        assert await listed(gaps) == await listed(gaps, OTHER) == []
        assert await gaps.taught_here(GUILD) == ()

        with pytest.raises(NotFoundError):
            await gaps.undo(GUILD, taught.teaching.token, everywhere=False)
        await gaps.undo(OTHER, taught.teaching.token, everywhere=True)
        assert (await interviews.library()).matcher.find(VESSEL).band is not Band.ANSWER
        assert await listed(gaps) == [[VESSEL]]

    async def test_of_another_server_is_not_undone(self, gaps: Gaps) -> None:
        await record(gaps, VESSEL)
        taught = await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=False)
        for everywhere in (False, True):
            with pytest.raises(NotFoundError):
                await gaps.undo(OTHER, taught.teaching.token, everywhere=everywhere)
        assert len(await gaps.taught_here(GUILD)) == 1

    async def test_is_right_after_a_change_of_another_process(self, gaps: Gaps, elsewhere: Gaps) -> None:
        await record(gaps, VESSEL)
        key = await key_of(gaps)
        assert await gaps.taught_here(GUILD) == await elsewhere.taught_here(GUILD) == ()
        taught = await gaps.teach(GUILD, key, BOAT, ADMIN, everywhere=False)
        assert await elsewhere.taught_here(GUILD) == await gaps.taught_here(GUILD) == (TaughtAlias(BOAT, VESSEL),)
        await elsewhere.undo(GUILD, taught.teaching.token, everywhere=False)
        assert await gaps.taught_here(GUILD) == ()
        await elsewhere.teach(GUILD, key, ExchangeRef("tea", "e1"), ADMIN, everywhere=False)
        assert await gaps.taught_here(GUILD) == (TaughtAlias(ExchangeRef("tea", "e1"), VESSEL),)

    @pytest.mark.parametrize("everywhere", [False, True])
    async def test_outlives_its_exchange_and_waits_for_it(
        self, gaps: Gaps, interviews: Interviews, *, everywhere: bool
    ) -> None:
        await record(gaps, VESSEL)
        await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=everywhere)
        here = await gaps.taught_here(GUILD)
        await interviews.load([interview(answers=TEA[:1])])
        assert await gaps.taught_here(GUILD) == ()
        assert await listed(gaps) == [[VESSEL]]
        (taught,) = (await gaps.taught_page(GUILD, 0, everywhere=True)).taught
        assert taught.place is None
        await interviews.load([interview()])
        assert await gaps.taught_here(GUILD) == here
        assert await listed(gaps) == []

    async def test_is_remembered_for_a_bounded_number_of_servers(
        self, gaps: Gaps, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_GUILDS_REMEMBERED", 2)
        for guild_id in range(1, 6):
            await record(gaps, VESSEL, guild_id=guild_id)
            key = (await gaps.page(guild_id, 0)).gaps[0].gap.key
            await gaps.teach(guild_id, key, BOAT, ADMIN, everywhere=False)
            assert await gaps.taught_here(guild_id) == (TaughtAlias(BOAT, VESSEL),)
        assert len(gaps._here) <= 2

    async def test_is_listed_newest_first_and_for_everyone_where_asked(self, gaps: Gaps, clock: StandingClock) -> None:
        names = ["apples", "bicycles", "candles", "dolphins", "elephants", "forests"]
        for name in names:
            await record(gaps, name)
            await gaps.teach(GUILD, await key_of(gaps), BOAT, ADMIN, everywhere=name == "candles")
            clock.forward(seconds=1)
        first, second = [await gaps.taught_page(GUILD, number, everywhere=True) for number in range(2)]
        assert [one.teaching.wordings[0].text for one in first.taught + second.taught] == names[::-1]
        assert (first.more, second.more, second.number) == (True, False, 1)
        assert second.taught[0].teaching.guild_id == GUILD
        own = await gaps.taught_page(GUILD, 7, everywhere=False)
        assert len(own.taught) == 5
        assert all(one.teaching.guild_id != EVERYONE for one in own.taught)


class TestChoices:
    async def test_begin_with_what_is_near_and_have_every_exchange_once(self, gaps: Gaps) -> None:
        await record(gaps, FERRY)
        gap = (await gaps.page(GUILD, 0)).gaps[0].gap
        refs = [place.ref for place in await gaps.choices(gap)]
        assert refs[0] == BOAT
        assert sorted(refs) == [ExchangeRef("tea", f"e{number}") for number in (1, 2, 3)]

    async def test_are_no_more_than_a_select_holds(self, gaps: Gaps, interviews: Interviews) -> None:
        await interviews.load([interview("numbers", [f"The number {number} is odd or even." for number in range(40)])])
        await record(gaps, FERRY)
        assert len(await gaps.choices((await gaps.page(GUILD, 0)).gaps[0].gap)) == 25


class TestExport:
    async def test_says_what_was_asked_how_often_and_what_is_near(self, gaps: Gaps) -> None:
        await record(
            gaps,
            FERRY,
            FERRY,
            "Which ferries sail from his harbour to Denmark??",
        )
        await record(gaps, "`rm` | [spam](http://example.org) <b>**", "``` # candles")
        content, count = await gaps.export_markdown(GUILD)
        text = content.decode()
        assert count == 3
        assert "3 questions, asked 5 times in the last 90 days. As of 2026-03-02." in text
        assert f"## 1. `{FERRY}`\n\nAsked 3 times, last on 2026-03-02." in text
        assert f"- `{FERRY}` (2 times)\n- `Which ferries sail from his harbour to Denmark??` (1 time)" in text
        assert "Nearest in the interview: turn 3 of `An interview about tea`, `What is question 2 about tea?`" in text
        assert "`` `rm` | [spam](http://example.org) <b>** ``" in text
        assert "```` ``` # candles ````" in text

    async def test_of_nothing(self, gaps: Gaps) -> None:
        content, count = await gaps.export_markdown(GUILD)
        assert count == 0
        assert content.startswith(b"# ")
