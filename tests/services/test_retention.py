"""What is forgotten by itself, and when; and what is not."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.domain.calendar import to_epoch_ms
from bot.domain.drafts import KEPT_FOR as DRAFTS_KEPT_FOR
from bot.domain.privacy import (
    ASKER_KEPT_FOR,
    LEDGER_KEPT_FOR,
    NOTICES_KEPT_FOR,
    REFUSED_KEPT_FOR,
    SERVER_KEPT_FOR,
)
from bot.domain.questions import Asker, NewQuestion, Question, QuestionState
from bot.services.interviews import Interviews
from bot.services.questions import Questions
from bot.services.retention import BATCH, Retention
from bot.storage.database import Database
from bot.storage.interviews import library_revision
from bot.storage.retention import OF_A_SERVER, delete_some_of_guild, known_guilds
from bot.storage.tables import answers, deliveries, drafts, notices, questions
from tests.conftest import StandingClock
from tests.services.test_privacy import ME, OTHERS, Asked, dump, put
from tests.waiting import until

HERE, THERE = 710_000_000_000_000_001, 710_000_000_000_000_002
A_MOMENT = timedelta(seconds=1)
TEXT = "What about milk in the tea?"


@pytest.fixture
def retention(database: Database, clock: StandingClock) -> Retention:
    return Retention(database, clock)


@pytest.fixture
def asked(database: Database, clock: StandingClock) -> Questions:
    return Questions(database, Interviews(database), clock)


async def left_at(database: Database) -> dict[int, datetime | None]:
    async with database.read() as connection:
        return await known_guilds(connection)


async def add(database: Database, table: Any, **values: Any) -> None:
    async with database.write() as connection:
        await connection.execute(insert(table).values(**values))


async def fill(database: Database, guild_id: int) -> None:
    """Store something of a server in every table that has one."""
    kinds = {"String": "x", "Text": "x", "JSON": [], "Boolean": True, "Integer": 1, "BigInteger": 1}
    async with database.write() as connection:
        for table in OF_A_SERVER:
            values = {
                column.name: kinds[type(column.type).__name__]
                for column in table.c
                if not column.nullable and not column.primary_key and column.server_default is None
            }
            await connection.execute(insert(table).values(**{**values, "guild_id": guild_id}))


async def fill_questions(database: Database, guild_id: int, count: int = 1) -> None:
    row = {"state": "open", "text": TEXT, "asked_at": 1, "guild_id": guild_id, "member_id": ME}
    async with database.write() as connection:
        await connection.execute(insert(questions), [row] * count)


class TestServers:
    async def test_one_that_was_left_is_deleted_whole_after_its_time_and_others_stay(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        for guild_id in (HERE, THERE):
            await fill(database, guild_id)
        await retention.left(HERE)
        clock.now += SERVER_KEPT_FOR
        await self.kept(database, HERE, retention)
        clock.now += A_MOMENT
        await retention.tidy()
        rows = await dump(database)
        for table in OF_A_SERVER:
            # Drafts of that age are gone wherever they were written.
            left = set() if table.name == "drafts" else {THERE}
            assert {row["guild_id"] for row in rows[table.name]} == left, table.name
        assert str(HERE) not in repr(rows)

    async def kept(self, database: Database, guild_id: int, retention: Retention) -> None:
        await retention.tidy()
        assert guild_id in await left_at(database)
        assert [row["guild_id"] for row in (await dump(database))["questions"]] == [HERE, THERE]

    async def test_one_that_came_back_in_time_keeps_all(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        await fill(database, HERE)
        await retention.left(HERE)
        clock.now += SERVER_KEPT_FOR - A_MOMENT
        await retention.returned(HERE)
        clock.forward(days=100)
        await retention.tidy()
        assert (await dump(database))["questions"]
        assert await left_at(database) == {HERE: None}

    async def test_one_of_which_nothing_is_kept_is_not_entered_when_the_bot_comes(
        self, database: Database, retention: Retention
    ) -> None:
        await retention.returned(HERE)
        assert await left_at(database) == {}

    async def test_what_happened_while_the_bot_was_off_is_found_out(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        elsewhere = HERE + 50
        for guild_id in (HERE, THERE, elsewhere):
            await fill(database, guild_id)
        await retention.left(THERE)
        began = clock.now
        clock.forward(days=3)
        await retention.compare({THERE}, lambda guild_id: guild_id != elsewhere)
        assert await left_at(database) == {HERE: clock.now, THERE: None, elsewhere: None}
        clock.forward(days=3)
        await retention.compare(set(), lambda _: True)
        known = await left_at(database)
        assert known[HERE] == began + timedelta(days=3)  # still the first day on which it was missed
        assert known[THERE] == clock.now

    async def test_a_large_one_goes_in_batches_in_between_which_others_write(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        await fill_questions(database, HERE, 3 * BATCH + 1)
        await retention.left(HERE)
        clock.now += SERVER_KEPT_FOR + A_MOMENT
        found: list[int] = []

        async def others() -> None:
            while not found or found[-1]:
                async with database.write() as connection:
                    found.append(len((await connection.execute(select(questions.c.id))).all()))

        await asyncio.gather(retention.tidy(), others())
        assert {2 * BATCH + 1, BATCH + 1, 1, 0} <= set(found)
        assert await left_at(database) == {}

    async def test_one_that_comes_back_during_its_deletion_keeps_the_rest(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        for _ in range(2):
            await fill_questions(database, HERE)
        await retention.left(HERE)
        clock.now += SERVER_KEPT_FOR + A_MOMENT
        cutoff = clock.now - SERVER_KEPT_FOR
        async with database.write() as connection:
            assert await delete_some_of_guild(connection, HERE, cutoff, 1) == 1
        await retention.returned(HERE)
        async with database.write() as connection:
            assert await delete_some_of_guild(connection, HERE, cutoff, 1) == 0
        assert len((await dump(database))["questions"]) == 1

    async def test_what_processes_remember_of_one_is_void_when_it_is_gone(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        async def revision() -> int:
            async with database.read() as connection:
                return await library_revision(connection)

        await fill(database, HERE)
        await retention.left(HERE)
        clock.now += SERVER_KEPT_FOR + A_MOMENT
        while HERE in await left_at(database):
            assert await revision() == 0
            async with database.write([HERE]) as connection:
                await delete_some_of_guild(connection, HERE, clock.now - SERVER_KEPT_FOR, BATCH)
        assert await revision() == 1
        await retention.tidy()
        assert await revision() == 1


async def ask(asked: Questions, member_id: int = ME) -> Question:
    return await asked.submit(Asker(HERE, member_id, "Mira"), NewQuestion(TEXT))


class TestRefusedQuestions:
    async def test_lose_their_asker_then_go_counted_from_when_they_were_refused(
        self, database: Database, retention: Retention, asked: Questions, clock: StandingClock
    ) -> None:
        rejected, withdrawn = await ask(asked), await ask(asked)
        await asked.want(HERE, OTHERS[0], rejected.id)
        clock.forward(days=500)
        waiting, approved = await ask(asked), await ask(asked)
        await asked.approve(HERE, approved.id, OTHERS[1])
        await asked.reject(HERE, rejected.id, OTHERS[1], "No.")
        await asked.withdraw(HERE, ME, withdrawn.id)
        refused_at = clock.now

        async def askers() -> dict[int, tuple[int | None, str | None, int]]:
            await retention.tidy()
            rows = (await dump(database))["questions"]
            return {row["id"]: (row["member_id"], row["member_name"], row["wanted_by"]) for row in rows}

        kept = {waiting.id: (ME, "Mira", 1), approved.id: (ME, "Mira", 1)}
        clock.now = refused_at + ASKER_KEPT_FOR
        assert await askers() == kept | {rejected.id: (ME, "Mira", 2), withdrawn.id: (ME, "Mira", 1)}
        clock.now += A_MOMENT
        assert await askers() == kept | {rejected.id: (None, None, 1), withdrawn.id: (None, None, 1)}
        assert (await dump(database))["me_toos"] == []
        clock.now = refused_at + REFUSED_KEPT_FOR
        assert set(await askers()) == {waiting.id, approved.id, rejected.id, withdrawn.id}
        clock.now += A_MOMENT
        assert await askers() == kept

    async def test_take_with_them_what_was_merged_into_them(
        self, database: Database, retention: Retention, asked: Questions, clock: StandingClock
    ) -> None:
        first, second = await ask(asked), await ask(asked, OTHERS[0])
        await asked.merge(HERE, second.id, first.id, OTHERS[1])
        await asked.reject(HERE, first.id, OTHERS[1], "No.")
        clock.now += ASKER_KEPT_FOR + A_MOMENT
        await retention.tidy()
        assert {row["member_id"] for row in (await dump(database))["questions"]} == {None}
        clock.now += REFUSED_KEPT_FOR - ASKER_KEPT_FOR
        await retention.tidy()
        assert (await dump(database))["questions"] == []

    async def test_stay_where_they_were_opened_again_or_answered(
        self, database: Database, retention: Retention, asked: Questions, clock: StandingClock
    ) -> None:
        opened, answered = await ask(asked), await ask(asked)
        for each in (opened, answered):
            await asked.reject(HERE, each.id, OTHERS[1], "No.")
        await asked.reopen(HERE, opened.id, OTHERS[1])
        await add(database, answers, question_id=answered.id, text="Yes.", quotable=True, published_at=1)
        clock.now += REFUSED_KEPT_FOR + A_MOMENT
        await retention.tidy()
        assert {row["id"]: row["member_id"] for row in (await dump(database))["questions"]} == {
            opened.id: ME,
            answered.id: ME,
        }


class TestOtherThings:
    async def test_drafts_and_notices_go_in_time_but_nothing_that_is_still_to_be_sent(
        self, database: Database, retention: Retention, clock: StandingClock
    ) -> None:
        world = [Asked(ME, HERE, QuestionState.OPEN, None, frozenset(), ME, answered=True, comment=False)]
        await put(database, world)
        now = to_epoch_ms(clock.now)
        async with database.write() as connection:
            await connection.execute(
                update(notices).where(notices.c.member_id != OTHERS[1]).values(claimed_at=now, state="sent")
            )
            await connection.execute(update(drafts).values(updated_at=now))
        clock.now += NOTICES_KEPT_FOR
        await retention.tidy()
        assert len((await dump(database))["notices"]) == 3
        assert len((await dump(database))["drafts"]) == 3
        assert DRAFTS_KEPT_FOR == NOTICES_KEPT_FOR
        clock.now += A_MOMENT
        await retention.tidy()
        assert [row["member_id"] for row in (await dump(database))["notices"]] == [OTHERS[1]]
        assert (await dump(database))["drafts"] == []

    @pytest.mark.parametrize(
        ("states", "left"),
        [
            (["sent", "sent"], [1]),
            (["sent", "missed", "skipped"], [1, 2]),
            (["skipped", "skipped"], [0, 1]),
            (["sent"], [0]),
            (["waiting", "claimed", "sent"], [0, 1, 2]),
        ],
    )
    async def test_the_ledger_is_kept_for_its_time_and_a_servers_latest_entry_for_ever(
        self, database: Database, retention: Retention, clock: StandingClock, states: list[str], left: list[int]
    ) -> None:
        common = {"guild_id": HERE, "channel_id": 1, "claimed_at": 1, "due_at": to_epoch_ms(clock.now)}
        for day, state in enumerate(states):
            await add(database, deliveries, local_date=f"2026-03-0{day + 1}", state=state, **common)
        clock.now += LEDGER_KEPT_FOR
        await retention.tidy()
        assert len((await dump(database))["deliveries"]) == len(states)
        clock.now += A_MOMENT
        await retention.tidy()
        days = [int(row["local_date"][-1]) - 1 for row in (await dump(database))["deliveries"]]
        assert days == left

    async def test_rounds_go_on_until_they_are_stopped(self, retention: Retention) -> None:
        running = asyncio.create_task(retention.run())
        await until(lambda: retention._rounds.asleep)
        retention.stop()
        await asyncio.wait_for(running, 10)
