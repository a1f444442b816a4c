"""`/question mine` in a simulated Discord."""

from typing import Any

import discord
import pytest
from sqlalchemy import insert

from bot.client import Fireside
from bot.domain.questions import Asker, Event, NewQuestion, QuestionRules, QuestionState
from bot.services import Services
from bot.services.asking import AMONG_MODERATORS
from bot.storage.database import Database
from bot.storage.tables import answers
from bot.ui.own_questions import EVENTS
from tests.asking import PIANO, PROUD, fields_of, put, said, stored
from tests.conftest import World, buttons_of

MODERATOR = 4711


async def listed(world: World, who: Any) -> Any:
    return (await who.slash(world.channel, "question mine")).response


async def opened(world: World, who: Any, place: int = 0) -> Any:
    """Return the message in which one of somebody's questions is open."""
    message = await listed(world, who)
    (select,) = [item for row in message.components for item in row["components"] if item["type"] == 3]
    await who.select(message, [select["options"][place]["value"]])
    return message


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


async def test_it_is_listed_for_who_asked_it_alone_newest_first(world: World, services: Services) -> None:
    await put(world, services, world.member, PROUD)
    await put(world, services, world.member, PIANO)
    mine = await world.member.slash(world.channel, "question mine")
    theirs = await world.admin.slash(world.channel, "question mine")
    assert mine.ephemeral
    assert text(mine.response).index(PIANO) < text(mine.response).index(PROUD)
    assert "<t:" in text(mine.response)
    assert PROUD not in text(theirs.response)


async def test_there_are_five_on_a_page(world: World, services: Services) -> None:
    await services.questions.set_rules(world.guild.id, QuestionRules(a_member=0))
    for number in range(6):
        await put(world, services, world.member, f"What about thing number {number}?")
    message = await listed(world, world.member)
    assert buttons_of(message)["Earlier"]["disabled"]
    assert "number 0" not in text(message)
    await world.member.click(message, label="Later")
    assert text(message).startswith("**6.** What about thing number 0")


async def test_what_became_of_each_is_said(world: World, services: Services, database: Database) -> None:
    guild = world.guild.id
    rejected = await put(world, services, world.member, "Is this one to be rejected?")
    merged = await put(world, services, world.member, PIANO)
    root = await put(world, services, world.admin, PROUD, anonymous=True)
    await services.questions.reject(guild, rejected.id, MODERATOR, "It was asked before.")
    await services.questions.merge(guild, merged.id, root.id, MODERATOR)
    async with database.write() as connection:
        await connection.execute(
            insert(answers).values(
                question_id=root.id, text="x", quotable=True, published_at=0, channel_id=77, message_id=88
            )
        )

    found = text(await listed(world, world.member))
    assert "It was asked before." in found
    assert PROUD in found
    assert f"/channels/{guild}/77/88" in found
    assert "2 people" in found
    one = text(await opened(world, world.member, 0))
    for shown in (found, one):
        assert str(MODERATOR) not in shown
        assert str(world.admin.id) not in shown
        assert "The Name" not in shown


async def test_its_history_names_no_moderator_and_leaves_out_their_marks(world: World, services: Services) -> None:
    question = await put(world, services, world.member, PROUD)
    await services.questions.flag(world.guild.id, question.id, MODERATOR, flagged=True)
    before = text(await opened(world, world.member))
    await services.questions.approve(world.guild.id, question.id, MODERATOR)
    after = text(await opened(world, world.member))
    assert before.count("<t:") == 2  # when it was asked, above and in its history
    assert after.count("<t:") == 3
    assert str(MODERATOR) not in after


def test_there_are_words_for_all_that_may_happen_to_a_question() -> None:
    assert set(EVENTS) == set(Event) - AMONG_MODERATORS


async def test_a_question_about_a_message_leads_there(world: World, services: Services) -> None:
    asker = Asker(world.guild.id, world.member.id, "Mira")
    new = NewQuestion(PROUD, about="https://discord.com/channels/1/2/3", quoted="Not enough.")
    await services.questions.submit(asker, new)
    assert "https://discord.com/channels/1/2/3" in text(await opened(world, world.member))


async def test_it_can_be_changed_until_it_is_reviewed(world: World, services: Services) -> None:
    await put(world, services, world.member, PROUD)
    message = await opened(world, world.member)
    form = await world.member.click(message, label="Edit")
    assert fields_of(form)["question"]["value"] == PROUD
    await world.restart(Fireside(services, shard_count=1))
    await world.member.submit_modal(form, {"question": PIANO})
    (question,) = await stored(world, services, world.member)
    assert question.text == PIANO
    assert PIANO in text(message)

    form = await world.member.click(message, label="Edit")
    await services.questions.approve(world.guild.id, question.id, MODERATOR)
    refused = await world.member.submit_modal(form, {"question": "What is it that I typed in vain?"})
    again = await world.member.click(said(refused), label="Open it again")
    assert fields_of(again)["question"]["value"] == "What is it that I typed in vain?"
    assert buttons_of(await opened(world, world.member))["Edit"]["disabled"]
    assert buttons_of(await opened(world, world.member))["Withdraw"]["disabled"]
    assert world.said_wrong()


async def test_withdrawing_asks_once(world: World, services: Services) -> None:
    await put(world, services, world.member, PROUD)
    message = await opened(world, world.member)
    await world.member.click(message, label="Withdraw")
    await world.member.click(message, label="Keep it")
    assert (await stored(world, services, world.member))[0].state is QuestionState.OPEN

    await world.member.click(message, label="Withdraw")
    await world.member.click(message, label="Take it back")
    assert (await stored(world, services, world.member))[0].state is QuestionState.WITHDRAWN
    assert PROUD in text(message)


async def test_one_that_others_want_stays_for_them(world: World, services: Services) -> None:
    question = await put(world, services, world.member, PROUD)
    await services.questions.want(world.guild.id, world.admin.id, question.id)
    message = await opened(world, world.member)
    assert buttons_of(message)["Edit"]["disabled"]
    await world.member.click(message, label="Withdraw")
    await world.member.click(message, label="Take it back")
    assert await stored(world, services, world.member) == []
    assert (await services.questions.find(world.guild.id, question.id)).state is QuestionState.OPEN


@pytest.mark.parametrize("name", ["mine-show", "mine-edit", "mine-withdraw", "mine-withdrawn"])
async def test_nobody_can_do_anything_with_anothers_question(world: World, services: Services, name: str) -> None:
    question = await put(world, services, world.member, PROUD, anonymous=True)
    message = await world.in_public(discord.ui.Button(label="Try", custom_id=f"{name}:{question.id}:0"))
    refused = await world.admin.click(message, label="Try")
    assert refused.ephemeral
    assert refused.modal is None
    assert refused.response.embeds == []
    assert (await stored(world, services, world.member))[0].state is QuestionState.OPEN
    assert world.said_wrong()


async def test_nobody_can_send_the_form_for_anothers_question(world: World, services: Services) -> None:
    question = await put(world, services, world.member, PROUD)
    await put(world, services, world.admin, PIANO)
    message = await opened(world, world.admin)
    form = await world.admin.click(message, label="Edit")
    form._interaction.modal["custom_id"] = f"question-edit:{question.id}:0"
    await world.admin.submit_modal(form, {"question": "Something else entirely, is it?"})
    assert (await services.questions.find(world.guild.id, question.id)).text == PROUD
    assert world.said_wrong()
