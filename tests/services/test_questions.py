import asyncio
import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.questions import Asker
from bot.errors import DatabaseError, InvalidInputError
from bot.services.interviews import Interviews
from bot.services.questions import CSV_COLUMNS, FORMULA_STARTS, MINE_SHOWN, Questions, harmless_cell
from bot.storage.database import Database
from tests.conftest import StandingClock
from tests.samples import interview

GUILD = 2**63 - 1
MIRA, TOM = Asker(GUILD, 2**63 - 2, "Mira"), Asker(GUILD, 5, "=Tom")
MILK = "What about milk in tea?"


@pytest.fixture
async def questions(database: Database, clock: StandingClock) -> Questions:
    interviews = Interviews(database)
    await interviews.load([interview(), interview("coffee")])
    return Questions(database, interviews, clock)


def rows_of(content: bytes) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    rows = list(reader)
    assert tuple(reader.fieldnames or ()) == CSV_COLUMNS
    return rows


class TestSubmit:
    async def test_is_kept_when_it_returns(self, questions: Questions, database_url: str, clock: StandingClock) -> None:
        number = await questions.submit(MIRA, f"  {MILK}\n")
        other = await Database.open(database_url)
        (kept,) = await Questions(other, Interviews(other), clock).mine(GUILD, MIRA.member_id)
        await other.close()
        assert (kept.id, kept.asker, kept.text, kept.asked_at) == (number, MIRA, MILK, clock.now)

    @pytest.mark.parametrize(("about", "kept"), [(None, "tea"), ("coffee", "coffee"), ("gone", "tea")])
    async def test_is_about_an_interview_that_is_there(
        self, questions: Questions, about: str | None, kept: str
    ) -> None:
        await questions.submit(MIRA, MILK, about)
        (question,) = await questions.mine(GUILD, MIRA.member_id)
        assert question.interview == kept

    async def test_works_without_any_interview(self, database: Database, clock: StandingClock) -> None:
        questions = Questions(database, Interviews(database), clock)
        await questions.submit(MIRA, MILK)
        (question,) = await questions.mine(GUILD, MIRA.member_id)
        assert question.interview is None

    @pytest.mark.parametrize("typed", ["", "Why?", " " * 20, "x" * 1001])
    async def test_what_is_too_short_or_too_long_is_not_kept(self, questions: Questions, typed: str) -> None:
        with pytest.raises(InvalidInputError):
            await questions.submit(MIRA, typed)
        assert await questions.mine(GUILD, MIRA.member_id) == []

    async def test_what_cannot_be_kept_is_said(self, questions: Questions, database: Database) -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE questions RENAME TO gone")
        with pytest.raises(DatabaseError):
            await questions.submit(MIRA, MILK)

    async def test_many_at_once_are_all_kept(self, questions: Questions) -> None:
        numbers = await asyncio.gather(*(questions.submit(MIRA, f"{MILK} {number}") for number in range(30)))
        assert len(set(numbers)) == 30
        assert len(rows_of((await questions.export_csv(GUILD))[0])) == 30


class TestMine:
    async def test_newest_first_and_not_too_many(self, questions: Questions) -> None:
        for number in range(MINE_SHOWN + 2):
            await questions.submit(MIRA, f"{MILK} {number}")
        await questions.submit(TOM, MILK)
        found = [question.text for question in await questions.mine(GUILD, MIRA.member_id)]
        assert found == [f"{MILK} {number}" for number in range(MINE_SHOWN + 1, 1, -1)]

    async def test_not_those_of_another_server(self, questions: Questions) -> None:
        await questions.submit(MIRA, MILK)
        assert await questions.mine(GUILD - 1, MIRA.member_id) == []


class TestExport:
    async def test_holds_everything_of_the_server(self, questions: Questions, clock: StandingClock) -> None:
        await questions.submit(MIRA, MILK)
        clock.forward(hours=1)
        await questions.submit(TOM, '=HYPERLINK("https://example.org")', "coffee")
        await questions.submit(Asker(1, 2, "Elsewhere"), MILK)
        content, count = await questions.export_csv(GUILD)
        first, second = rows_of(content)
        assert count == 2
        assert content.startswith(b"\xef\xbb\xbf")
        assert (first["interview"], first["question"], first["asked_by"]) == ("tea", MILK, "Mira")
        assert datetime.fromisoformat(first["asked_at"]) == clock.now - timedelta(hours=1)
        assert second["question"] == "'" + '=HYPERLINK("https://example.org")'
        assert second["asked_by"] == "'=Tom"

    async def test_ids_are_no_numbers_to_a_spreadsheet(self, questions: Questions) -> None:
        await questions.submit(MIRA, MILK)
        (row,) = rows_of((await questions.export_csv(GUILD))[0])
        assert str(MIRA.member_id) in row["member_id"]
        with pytest.raises(ValueError, match="could not convert"):
            float(row["member_id"])

    async def test_of_a_server_without_questions(self, questions: Questions) -> None:
        content, count = await questions.export_csv(GUILD)
        assert (rows_of(content), count) == ([], 0)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.text(min_size=15, max_size=60), st.text(min_size=1, max_size=30)), max_size=4))
    def test_any_text_comes_through(self, asked: list[tuple[str, str]]) -> None:
        asked = [(text, name) for text, name in asked if len(text.strip()) >= 15]

        async def ask(path: Path) -> bytes:
            database = await Database.open(f"sqlite+aiosqlite:///{path}")
            questions = Questions(database, Interviews(database), StandingClock())
            for text, name in asked:
                await questions.submit(Asker(GUILD, 1, name), text)
            content, count = await questions.export_csv(GUILD)
            await database.close()
            assert count == len(asked)
            return content

        with TemporaryDirectory() as folder:
            rows = rows_of(asyncio.run(ask(Path(folder, "test.db"))))
        found = [(row["question"], row["asked_by"]) for row in rows]
        assert found == [(harmless_cell(text.strip()), harmless_cell(name)) for text, name in asked]


@given(st.text() | st.tuples(st.sampled_from(FORMULA_STARTS), st.text()).map("".join))
def test_a_harmless_cell_is_its_text_and_no_formula(text: str) -> None:
    cell = harmless_cell(text)
    assert cell in {text, "'" + text}
    assert not cell.startswith(FORMULA_STARTS)
