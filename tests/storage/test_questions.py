from datetime import timedelta

from bot.domain.questions import Asker, NewQuestion, Notify, Question, QuestionFilter, QuestionState, Wish
from bot.storage.database import Database
from bot.storage.interviews import interview_id, store_interview
from bot.storage.questions import (
    add_comment,
    add_me_too,
    add_question,
    change_question,
    count_anew,
    count_questions,
    delete_question,
    find_question,
    group_of,
    list_questions,
    questions_of_member,
    root_of,
    stream_questions,
    wishes_of,
)
from tests.conftest import StandingClock
from tests.samples import interview

MIRA, TOM = Asker(2**63 - 1, 2**63 - 2, "Mira 🫖"), Asker(2**63 - 1, 5, "Tom")
ELSEWHERE = Asker(1, 5, "Tom")
EVERYTHING = QuestionFilter(merged=True)


async def ask(database: Database, asker: Asker, text: str, clock: StandingClock, about: int | None = None) -> int:
    async with database.write() as connection:
        return await add_question(connection, asker, NewQuestion(text), about, clock())


async def of_guild(database: Database, guild_id: int) -> list[Question]:
    async with database.read() as connection:
        return [question async for question in stream_questions(connection, guild_id, EVERYTHING)]


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
        Question(
            number,
            MIRA.guild_id,
            MIRA.member_id,
            MIRA.member_name,
            "tea",
            "What about milk?\n=1+1",
            QuestionState.OPEN,
            clock.now,
        )
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


async def test_who_asks_anonymously_has_no_name_there(database: Database, clock: StandingClock) -> None:
    async with database.write() as connection:
        number = await add_question(connection, MIRA, NewQuestion("Why?", anonymous=True), None, clock())
        question = await find_question(connection, MIRA.guild_id, number)
    assert question is not None
    assert (question.member_name, question.asked_by) == (None, None)


async def test_a_comment_is_taken_in_once(database: Database, clock: StandingClock) -> None:
    async with database.write() as connection:
        await store_interview(connection, interview())
        about = await interview_id(connection, "tea")
        assert about is not None
        first = await add_comment(connection, 1, about, "c1", "Ana", "And with milk?", clock())
        assert await add_comment(connection, 1, about, "c1", "Ana", "And with milk?", clock()) is None
        assert await add_comment(connection, 2, about, "c1", "Ana", "And with milk?", clock()) is not None
        question = await find_question(connection, 1, first or 0)
    assert question is not None
    assert (question.origin, question.asked_by, question.member_id) == ("Ana", "Ana", None)


async def test_a_filter_lets_pass_what_it_says(database: Database, clock: StandingClock) -> None:
    texts = ["Why is ÖRRESUND so wide?", "Why 100% of it?", "Why not?", "What else?"]
    numbers = [await ask(database, MIRA, text, clock) for text in texts]
    async with database.write() as connection:
        questions = [await find_question(connection, MIRA.guild_id, number) for number in numbers]
        assert all(questions)
        await change_question(connection, questions[1], state=QuestionState.APPROVED)  # type: ignore[arg-type]
        await change_question(connection, questions[2], flagged=True)  # type: ignore[arg-type]
        await change_question(connection, questions[3], merged_into=numbers[0])  # type: ignore[arg-type]
        await add_me_too(connection, numbers[1], 77, Wish(), clock())
        await count_anew(connection, numbers[1])
    clock.forward(days=1)
    late = await ask(database, MIRA, "And later?", clock)

    async def passed(**wanted: object) -> list[int]:
        kept = QuestionFilter(**wanted)  # type: ignore[arg-type]
        async with database.read() as connection:
            found = await list_questions(connection, MIRA.guild_id, kept, 100)
            assert await count_questions(connection, MIRA.guild_id, kept) == len(found)
            streamed = [question.id async for question in stream_questions(connection, MIRA.guild_id, kept)]
        assert streamed == sorted(question.id for question in found)
        return [question.id for question in found]

    assert await passed() == [numbers[1], numbers[0], numbers[2], late]
    assert await passed(merged=True) == [numbers[1], numbers[0], numbers[2], numbers[3], late]
    assert await passed(words="örresund WHY") == [numbers[0]]
    assert await passed(words="100%") == [numbers[1]]
    assert await passed(words="_") == []
    assert await passed(flagged=True) == [numbers[2]]
    assert await passed(at_least=2) == [numbers[1]]
    assert await passed(since=clock()) == [late]
    assert await passed(states=frozenset({QuestionState.APPROVED})) == [numbers[1]]
    assert await passed(interview="tea") == []


async def test_who_wants_it_is_counted_once_however_often_and_wherever(
    database: Database, clock: StandingClock
) -> None:
    one, two, three = [await ask(database, asker, "Why is that?", clock) for asker in (MIRA, TOM, MIRA)]
    async with database.write() as connection:
        for child, parent in ((three, two), (two, one)):
            question = await find_question(connection, MIRA.guild_id, child)
            assert question is not None
            await change_question(connection, question, merged_into=parent)
        assert await add_me_too(connection, three, 77, Wish(), clock())
        assert await add_me_too(connection, one, 77, Wish(Notify.DM), clock())
        assert not await add_me_too(connection, one, 77, Wish(Notify.CHANNEL, 9), clock())
        group = await group_of(connection, one)
        assert sorted(group) == [one, two, three]
        assert await root_of(connection, three) == one
        assert await count_anew(connection, one) == 3
        assert (await wishes_of(connection, group))[77] == Wish(Notify.CHANNEL, 9)


async def test_the_number_of_a_deleted_question_never_names_another_one(
    database: Database, clock: StandingClock
) -> None:
    number = await ask(database, MIRA, "Why?", clock)
    async with database.write() as connection:
        question = await find_question(connection, MIRA.guild_id, number)
        assert question is not None
        await delete_question(connection, question)
    assert await ask(database, MIRA, "Why not?", clock) > number
