from datetime import timedelta

from bot.domain.questions import Asker, Question, QuestionState
from bot.storage.database import Database
from bot.storage.interviews import interview_id, store_interview
from bot.storage.questions import add_question, questions_of_guild, questions_of_member
from tests.conftest import StandingClock
from tests.samples import interview

MIRA, TOM = Asker(2**63 - 1, 2**63 - 2, "Mira 🫖"), Asker(2**63 - 1, 5, "Tom")
ELSEWHERE = Asker(1, 5, "Tom")


async def ask(database: Database, asker: Asker, text: str, clock: StandingClock, about: int | None = None) -> int:
    async with database.write() as connection:
        return await add_question(connection, asker, text, about, clock())


async def of_guild(database: Database, guild_id: int) -> list[Question]:
    async with database.read() as connection:
        return [question async for question in questions_of_guild(connection, guild_id)]


async def of_member(database: Database, asker: Asker, limit: int = 100) -> list[str]:
    async with database.read() as connection:
        found = await questions_of_member(connection, asker.guild_id, asker.member_id, limit)
        return [question.text for question in found]


async def test_a_question_comes_back_as_it_was_asked(database: Database, clock: StandingClock) -> None:
    clock.now += timedelta(milliseconds=7)
    async with database.write() as connection:
        await store_interview(connection, interview())
        about = await interview_id(connection, "tea")
    number = await ask(database, MIRA, "What about milk?\n=1+1", clock, about)
    assert await of_guild(database, MIRA.guild_id) == [
        Question(number, MIRA, "tea", "What about milk?\n=1+1", QuestionState.OPEN, clock.now)
    ]


async def test_a_question_may_be_about_no_interview(database: Database, clock: StandingClock) -> None:
    await ask(database, MIRA, "Hello?", clock)
    (question,) = await of_guild(database, MIRA.guild_id)
    assert question.interview is None


async def test_a_question_outlives_its_interview(database: Database, clock: StandingClock) -> None:
    async with database.write() as connection:
        await store_interview(connection, interview())
        about = await interview_id(connection, "tea")
    await ask(database, MIRA, "What about milk?", clock, about)
    async with database.write() as connection:
        # Exchanges and answers go by themselves; a person who speaks does not go before their turns.
        await connection.exec_driver_sql("DELETE FROM turns")
        await connection.exec_driver_sql("DELETE FROM interviews")
    (question,) = await of_guild(database, MIRA.guild_id)
    assert (question.text, question.interview) == ("What about milk?", None)


async def test_a_members_are_newest_first(database: Database, clock: StandingClock) -> None:
    for number in range(4):
        await ask(database, TOM, f"Tom's {number}", clock)
        await ask(database, MIRA, f"Mira's {number}", clock)
    await ask(database, ELSEWHERE, "Elsewhere", clock)
    assert await of_member(database, TOM) == ["Tom's 3", "Tom's 2", "Tom's 1", "Tom's 0"]
    assert await of_member(database, TOM, limit=2) == ["Tom's 3", "Tom's 2"]
    assert await of_member(database, ELSEWHERE) == ["Elsewhere"]
    assert await of_member(database, Asker(3, 3, "Nobody")) == []


async def test_a_servers_are_oldest_first(database: Database, clock: StandingClock) -> None:
    numbers = [await ask(database, asker, "Why?", clock) for asker in (MIRA, ELSEWHERE, TOM)]
    assert [question.id for question in await of_guild(database, MIRA.guild_id)] == [numbers[0], numbers[2]]
    assert await of_guild(database, 3) == []
