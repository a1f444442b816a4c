"""Exports from a real database into files."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.domain.exports import LAYOUTS, ExportedQuestion, ExportFormat, parse_since
from bot.domain.questions import Question, QuestionFilter, QuestionState
from bot.errors import FiresideError, InvalidInputError
from bot.services.exporting import Exports, exported
from bot.storage.database import Database
from bot.storage.tables import answers, questions
from tests.conftest import StandingClock

GUILD, OTHER = 10, 11
ALL = QuestionFilter(merged=True)
ASKED = datetime(2026, 3, 2, 8, 30, 15, tzinfo=UTC)


@pytest.fixture
def exports(database: Database, clock: StandingClock) -> Exports:
    return Exports(database, clock)


async def store(database: Database, count: int, guild_id: int = GUILD, **values: Any) -> None:
    row = {"guild_id": guild_id, "member_id": 5, "member_name": "Mira", "state": "open", "asked_at": 0} | values
    async with database.write() as connection:
        texts = ({"text": f"What is question {number}?"} for number in range(count))
        await connection.execute(insert(questions), [row | text for text in texts])


def read(path: Path) -> list[ExportedQuestion]:
    with path.open("rb") as file:
        return list(LAYOUTS[ExportFormat.CSV].read(file))


async def test_every_question_comes_once_with_its_own_answer_however_many_there_are(
    exports: Exports, database: Database, tmp_path: Path
) -> None:
    await store(database, 1203)
    await store(database, 3, OTHER)
    async with database.write() as connection:
        rows = [
            {"question_id": number, "text": f"Answer {number}.", "quotable": True, "published_at": 0}
            for number in range(3, 1204, 3)
        ]
        await connection.execute(insert(answers), rows)
    told: list[int] = []

    path = tmp_path / "out.csv"
    assert await exports.write(GUILD, ALL, ExportFormat.CSV, path, told.append) == 1203

    found = read(path)
    assert [record.id for record in found] == list(range(1, 1204))
    assert all(record.answer == (None if record.id % 3 else f"Answer {record.id}.") for record in found)
    assert told[-1] == 1203
    assert told == sorted(told)


async def test_others_write_while_an_export_reads(exports: Exports, database: Database) -> None:
    await store(database, 700)
    found: list[int] = []
    async with aclosing(exports.records(GUILD, ALL)) as records:
        async for record in records:
            if not found:
                await store(database, 5)
            found.append(record.id)
    assert found == list(range(1, 701))
    assert await exports.count(GUILD, ALL) == 705


async def test_a_file_is_written_whole_or_not_at_all(exports: Exports, database: Database, tmp_path: Path) -> None:
    await store(database, 2000)
    path = tmp_path / "out.csv"
    path.write_text("before")

    def stop(_: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await exports.write(GUILD, ALL, ExportFormat.CSV, path, stop)
    assert [name for name in os.listdir(tmp_path) if "out" in name] == ["out.csv"]  # noqa: PTH208
    assert path.read_text() == "before"

    with pytest.raises(FiresideError, match="gone"):
        await exports.write(GUILD, ALL, ExportFormat.CSV, tmp_path / "gone" / "out.csv")


async def test_what_a_killed_process_left_is_in_nobodys_way(
    exports: Exports, database: Database, tmp_path: Path
) -> None:
    await store(database, 1)
    (tmp_path / ".out.csv.part").write_text("half")
    await exports.write(GUILD, ALL, ExportFormat.CSV, tmp_path / "out.csv")
    assert len(read(tmp_path / "out.csv")) == 1
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0


async def test_lent_files_are_gone_afterwards(exports: Exports, database: Database) -> None:
    await store(database, 3)
    async with exports.parts(GUILD, ALL, ExportFormat.JSON, 10**6) as export:
        (path,) = export.files
        assert (export.count, path.exists()) == (3, True)
    assert not path.parent.exists()
    async with exports.parts(OTHER, ALL, ExportFormat.JSON, 10**6) as export:
        assert (export.count, export.files) == (0, ())


async def test_an_export_that_is_stopped_gives_its_connection_back(exports: Exports, database: Database) -> None:
    await store(database, 2000)

    async def first(records: AsyncGenerator[ExportedQuestion, None]) -> int:
        async with aclosing(records):
            async for record in records:
                return record.id
        return 0

    # More than the pool has.
    found = await asyncio.wait_for(asyncio.gather(*(first(exports.records(GUILD, ALL)) for _ in range(40))), 30)
    assert found == [1] * 40


async def test_servers_are_counted(exports: Exports, database: Database) -> None:
    assert await exports.servers() == {}
    await store(database, 2)
    await store(database, 3, OTHER)
    assert list((await exports.servers()).items()) == [(OTHER, 3), (GUILD, 2)]


@given(
    member_id=st.none() | st.just(987_654_321),
    member_name=st.none() | st.just("Mira Member"),
    state=st.sampled_from(QuestionState),
    merged_into=st.none() | st.just(7),
    published=st.none() | st.just(ASKED),
)
def test_without_a_name_or_an_id_nothing_says_who_it_was(
    member_id: int | None,
    member_name: str | None,
    state: QuestionState,
    merged_into: int | None,
    published: datetime | None,
) -> None:
    question = Question(3, GUILD, member_id, member_name, None, "What?", state, ASKED, merged_into=merged_into)
    record = exported(question, None if published is None else ("Yes.", published))
    named = member_id is not None and member_name is not None
    assert ("Mira" in repr(record), "987654321" in repr(record), "08:30" in repr(record)) == (named, named, named)
    assert record.state == ("merged" if merged_into else state.value)
    assert record.answer == (None if published is None else "Yes.")


def test_a_day_begins_in_utc() -> None:
    assert parse_since(" 2026-11-01 ") == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "1.11.2026", "2026-02-30", "2026-11-01T08:00", "20261101", "٢٠٢٦-11-01"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_since(typed)
