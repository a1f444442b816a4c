import asyncio
from datetime import timedelta

import pytest

from bot.domain.privacy import SERVER_KEPT_FOR
from bot.domain.questions import Asker, NewQuestion, Question, QuestionFilter, QuestionRules
from bot.services import similar
from bot.services.interviews import Interviews
from bot.services.questions import Questions
from bot.services.retention import Retention
from bot.services.similar import Similar
from bot.storage.database import Database
from tests.conftest import StandingClock

GUILD, OTHER_GUILD = 1, 2
PROUD = "Which of your papers are you most proud of?"
PROUD_TOO = "Of which of your papers are you most proud?"
PIANO = "Did you ever learn to play the piano as a child?"


class Box:
    """A server's questions, and what is found among them."""

    def __init__(self, database: Database, clock: StandingClock) -> None:
        self.questions = Questions(database, Interviews(database), clock)
        self.similar = Similar(database)

    async def ask(self, text: str, guild: int = GUILD) -> Question:
        await self.questions.set_rules(guild, QuestionRules(a_member=0, a_day=0))
        return await self.questions.submit(Asker(guild, 7, "Mira"), NewQuestion(text))

    async def likely(self, text: str, guild: int = GUILD) -> list[int]:
        return [question.id for question, _ in await self.similar.likely(guild, text)]


@pytest.fixture
def box(database: Database, clock: StandingClock) -> Box:
    return Box(database, clock)


async def test_the_same_question_in_other_words_is_found_in_its_server_alone(box: Box) -> None:
    proud = await box.ask(PROUD)
    await box.ask(PIANO)
    assert await box.likely(PROUD_TOO) == [proud.id]
    assert await box.likely(PROUD_TOO, OTHER_GUILD) == []
    ((_, probability),) = await box.similar.likely(GUILD, PROUD)
    assert 0 < probability <= 1


async def test_it_follows_what_comes_goes_and_is_changed(box: Box) -> None:
    assert await box.likely(PROUD) == []
    proud = await box.ask(PROUD)
    assert await box.likely(PROUD) == [proud.id]
    await box.questions.edit(Asker(GUILD, 7, "Mira"), proud.id, PIANO)
    assert await box.likely(PROUD) == []
    assert await box.likely(PIANO) == [proud.id]
    await box.questions.reject(GUILD, proud.id, 5, "No.")
    assert await box.likely(PIANO) == []
    await box.questions.reopen(GUILD, proud.id, 5)
    assert await box.likely(PIANO) == [proud.id]


async def test_it_sees_what_another_process_stored(box: Box, database_url: str, clock: StandingClock) -> None:
    await box.likely(PROUD)
    database = await Database.open(database_url)
    try:
        proud = await Box(database, clock).ask(PROUD)
    finally:
        await database.close()
    assert await box.likely(PROUD) == [proud.id]


async def test_nothing_is_left_of_a_server_that_was_forgotten_and_comes_back(
    box: Box, database: Database, clock: StandingClock
) -> None:
    retention = Retention(database, clock)
    for text in (PROUD, PIANO):
        await box.ask(text)
    assert (await box.questions.listed(GUILD, QuestionFilter())).count == len(await box.likely(PROUD)) + 1
    await retention.left(GUILD)
    clock.now += SERVER_KEPT_FOR + timedelta(seconds=1)
    await retention.tidy()
    # As many changes as there were before.
    tea = await box.ask("Do you drink tea or coffee when you write?")
    await box.questions.edit(Asker(GUILD, 7, "Mira"), tea.id, PROUD_TOO)
    assert await box.likely(PROUD) == [tea.id]
    assert (await box.questions.listed(GUILD, QuestionFilter())).count == 1


async def test_candidates_are_others_that_still_wait(box: Box) -> None:
    proud, too, piano = [await box.ask(text) for text in (PROUD, PROUD_TOO, PIANO)]
    found = [question.id for question, _ in await box.similar.candidates(GUILD, proud.id)]
    assert found[0] == too.id
    assert proud.id not in found
    await box.questions.merge(GUILD, too.id, proud.id, 5)
    assert too.id not in [question.id for question, _ in await box.similar.candidates(GUILD, piano.id)]
    assert await box.similar.candidates(GUILD, 4711) == []
    assert await box.similar.candidates(OTHER_GUILD, proud.id) == []


async def test_a_look_that_takes_too_long_finds_nothing_and_the_next_one_does(box: Box) -> None:
    proud, too = [await box.ask(text) for text in (PROUD, PROUD_TOO)]
    assert await box.similar.candidates(GUILD, proud.id, within=0) == []
    ((found, _),) = await box.similar.candidates(GUILD, proud.id, within=None)
    assert found.id == too.id


async def test_much_at_once_is_found_as_well_by_everybody_who_asks_meanwhile(box: Box) -> None:
    for number in range(similar.FEW_CHANGES + 5):
        await box.ask(f"What do you think of the number {number} and its {'x' * number}?")
    proud = await box.ask(PROUD)
    assert await asyncio.gather(*(box.likely(PROUD) for _ in range(5))) == [[proud.id]] * 5


async def test_who_goes_away_in_the_middle_leaves_a_whole_index(box: Box) -> None:
    for number in range(similar.FEW_CHANGES):
        await box.ask(f"What do you think of the number {number} and its {'x' * number}?")
    proud = await box.ask(PROUD)
    for turns in range(0, 60, 3):
        box.similar._servers.clear()
        waiting = asyncio.create_task(box.likely(PROUD))
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await box.likely(PROUD) == [proud.id]


async def test_few_servers_are_remembered_and_all_are_served(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "MOST_GUILDS_REMEMBERED", 2)
    monkeypatch.setattr(similar, "FEW_TEXTS", 0)
    asked = {guild: (await box.ask(PROUD, guild)).id for guild in (1, 2, 3)}
    for guild in (1, 2, 3, 1):
        assert await box.likely(PROUD, guild) == [asked[guild]]
    assert len(box.similar._servers) == 2
