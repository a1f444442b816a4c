"""Author packs, from a real database."""

from typing import Any

import pytest

from bot.domain.pack_reading import read_pack
from bot.domain.questions import Asker, NewQuestion, Question, QuestionRules
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.packs import PackWish
from bot.storage.database import Database
from bot.storage.exports import people_wanting
from bot.storage.questions import add_comment

GUILD, ADMIN = 10, 99
PAPERS = "Which of your papers are you most proud of?"


async def asked(services: Services, text: str, member: int = 1, **new: Any) -> Question:
    await services.questions.set_rules(GUILD, QuestionRules(a_member=0))
    question = await services.questions.submit(Asker(GUILD, member, f"Reader {member}"), NewQuestion(text, **new))
    await services.questions.approve(GUILD, question.id, ADMIN)
    return question


async def test_people_are_counted_once_with_what_was_merged_near_and_far(
    services: Services, database: Database
) -> None:
    papers, near, far, other = [
        await asked(services, f"{PAPERS} {number}", member) for number, member in enumerate((1, 2, 3, 1))
    ]
    await services.questions.merge(GUILD, far.id, near.id, ADMIN)
    await services.questions.merge(GUILD, near.id, papers.id, ADMIN)
    for member in (1, 3, 4):
        await services.questions.want(GUILD, member, other.id)
    async with database.write() as connection:
        comment = await add_comment(connection, GUILD, 1, "c1", "Carla", f"{PAPERS} Carla asks", papers.asked_at)
        assert comment is not None

    async def count(*ids: int) -> int:
        async with database.read() as connection:
            return await people_wanting(connection, ids)

    assert await count() == 0
    assert await count(papers.id) == 3
    assert await count(papers.id, other.id) == 4
    assert await count(papers.id, other.id, comment) == 5


async def test_what_the_interview_says_nearby_is_told_and_what_is_far_off_is_not(services: Services) -> None:
    await asked(services, "Why did he make Keras, of all things?")
    await asked(services, "Qwertz uiop asdfgh yxcvb?", 2)
    content = (await services.packs.write(GUILD, PackWish())).content.decode()
    assert content.count(" says: ") == 1
    assert "Turn 6 says: " in content


async def test_nearby_may_be_an_answer_given_since(services: Services) -> None:
    first = await asked(services, "Which zeppelin would you choose for a holiday?")
    await services.publications.publish(GUILD, first.id, "The silver zeppelin, for its quiet engines.", True, ADMIN)
    await asked(services, "Which zeppelin would you choose for a long holiday?", 2)
    content = (await services.packs.write(GUILD, PackWish())).content.decode()
    assert "An answer since says: " in content
    assert "silver zeppelin" in content


async def test_each_pack_has_a_key_of_its_own_and_names_no_anonymous_asker(services: Services) -> None:
    question = await asked(services, PAPERS, anonymous=True)
    packs = [await services.packs.write(GUILD, PackWish()) for _ in range(2)]
    keys = {read_pack(pack.content, {question.id: PAPERS}).key for pack in packs}
    assert len(keys) == 2
    assert b"Reader 1" not in packs[0].content


@pytest.mark.parametrize("wish", [PackWish(), PackWish("gone"), PackWish(at_least=2)])
async def test_without_a_question_there_is_no_pack(services: Services, wish: PackWish) -> None:
    if wish.at_least > 1:
        await asked(services, PAPERS)
    with pytest.raises(NotFoundError):
        await services.packs.write(GUILD, wish)
