"""`/question` and `/export` in a simulated Discord."""

from bot.client import Fireside
from bot.services import Services
from tests.conftest import World

QUESTION = "Which of your papers are you most proud of?"


async def _ask(world: World, who: object, text: str) -> object:
    form = await who.slash(world.channel, "question ask")  # type: ignore[attr-defined]
    return await who.submit_modal(form, {"question": text})  # type: ignore[attr-defined]


async def test_a_question_is_kept_and_listed_for_who_asked_it_alone(world: World) -> None:
    thanks = await _ask(world, world.member, QUESTION)
    mine = await world.member.slash(world.channel, "question mine")
    theirs = await world.admin.slash(world.channel, "question mine")

    assert thanks.ephemeral  # type: ignore[attr-defined]
    assert mine.ephemeral
    assert QUESTION in mine.response.embeds[0].description
    assert QUESTION not in theirs.response.embeds[0].description


async def test_a_form_that_was_open_during_a_restart_is_not_lost(world: World, services: Services) -> None:
    form = await world.member.slash(world.channel, "question ask")
    await world.restart(Fireside(services, shard_count=1))
    await world.member.submit_modal(form, {"question": QUESTION})

    kept = await services.questions.mine(world.guild.id, world.member.id)
    assert [question.text for question in kept.questions] == [QUESTION]


async def test_what_is_only_blanks_is_refused_and_nothing_is_kept(world: World, services: Services) -> None:
    refused = await _ask(world, world.member, " " * 40)
    assert refused.ephemeral  # type: ignore[attr-defined]
    assert (await services.questions.mine(world.guild.id, world.member.id)).questions == ()
    assert world.said_wrong()
