"""What one process changes is in force in another within two seconds: here, two whole sets of services on one database.

On SQLite one bot has the file, but `python -m bot import` may load an interview beside it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import time

import pytest

from bot.app import open_services
from bot.domain.questions import Asker, NewQuestion
from bot.services import Services
from tests.conftest import StandingClock
from tests.samples import interview
from tests.waiting import until

GUILD, ADMIN = 7, 9
IN_FORCE_WITHIN = 2.0
VAIN = "Which zebra marmalade do penguins prefer?"


@pytest.fixture
async def here(services: Services, database_url: str, clock: StandingClock) -> AsyncIterator[Services]:
    """The process that changes something; `there` is another one that has looked at all of it before."""
    async with open_services(database_url, clock, stays=True) as here:
        yield here


@pytest.fixture
async def there(here: Services, database_url: str, clock: StandingClock) -> AsyncIterator[Services]:
    async with open_services(database_url, clock, stays=True) as there:
        for _ in range(20):  # until it remembers what it may remember
            await there.answers.find(VAIN, GUILD)
            await there.guilds.settings(GUILD)
            await asyncio.sleep(0.02)
        yield there


async def in_force(so: Callable[[], Awaitable[bool]]) -> None:
    await until(so, within=IN_FORCE_WITHIN)


async def test_an_interview_that_is_loaded(here: Services, there: Services) -> None:
    loaded = interview()

    async def so() -> bool:
        return any(each.id == loaded.id for each in (await there.interviews.library(GUILD)).interviews)

    assert not await so()
    await here.interviews.load([loaded])
    await in_force(so)


@pytest.mark.parametrize("everywhere", [False, True])
async def test_an_alias_that_is_taught_and_forgotten(here: Services, there: Services, everywhere: bool) -> None:
    await here.gaps.record_miss(GUILD, VAIN)
    await here.gaps.save()
    library = await here.interviews.library(GUILD)
    ref = list(library.exchanges)[3]
    (gap,) = (await here.gaps.page(GUILD, 0)).gaps

    async def so() -> bool:
        hits = (await there.answers.find(VAIN, GUILD)).hits
        return bool(hits) and hits[0].ref == ref and hits[0].score > 0

    async def not_so() -> bool:
        return not await so()

    assert await not_so()
    taught = await here.gaps.teach(GUILD, gap.gap.key, ref, ADMIN, everywhere=everywhere)
    await in_force(so)
    await here.gaps.undo(GUILD, taught.teaching.token, everywhere=everywhere)
    await in_force(not_so)


async def test_an_answer_that_is_published_edited_and_retracted(here: Services, there: Services) -> None:
    question = await here.questions.submit(Asker(GUILD, 3, "mira"), NewQuestion(VAIN))

    def says(text: str | None) -> Callable[[], Awaitable[bool]]:
        async def so() -> bool:
            answers = [each.interview.answer(each.exchange) for each in (await there.answers.find(VAIN, GUILD)).hits]
            known = [each for each in answers if "zebra" in each]
            return known == ([] if text is None else [text])

        return so

    assert await says(None)()
    await here.publications.publish(GUILD, question.id, "The zebra one.", False, ADMIN)
    await in_force(says("The zebra one."))
    await here.publications.edit(GUILD, question.id, "No zebra at all.", False, ADMIN)
    await in_force(says("No zebra at all."))
    await here.publications.retract(GUILD, question.id, ADMIN)
    await in_force(says(None))


async def test_what_a_server_chooses(here: Services, there: Services) -> None:
    for private in (True, False):
        await here.guilds.set_answers_private(GUILD, private=private)

        async def shown(private: bool = private) -> bool:
            return (await there.guilds.settings(GUILD)).answers_private is private

        await in_force(shown)
    await here.guilds.set_keep_misses(GUILD, keep=False)

    async def forgetful() -> bool:
        return not (await there.guilds.settings(GUILD)).keep_misses

    await in_force(forgetful)


async def test_a_question_that_was_asked_and_one_that_was_withdrawn(here: Services, there: Services) -> None:
    assert await there.similar.likely(GUILD, VAIN) == []
    asked = await here.questions.submit(Asker(GUILD, 3, "mira"), NewQuestion(VAIN))

    async def found() -> bool:
        return [question.id for question, _ in await there.similar.likely(GUILD, VAIN)] == [asked.id]

    await in_force(found)


async def test_the_rules_for_questions_and_the_daily_time(here: Services, there: Services) -> None:
    rules = await here.questions.rules(GUILD)
    assert await there.questions.rules(GUILD) == rules
    await here.questions.set_rules(GUILD, replace(rules, a_day=3))
    assert (await there.questions.rules(GUILD)).a_day == 3
    await here.deliveries.set_daily(GUILD, 5, "09:30", "Europe/Berlin")
    status = await there.deliveries.status(GUILD)
    assert status is not None
    assert status.rule.at == time(9, 30)
