"""`/question top` in a simulated Discord."""

from typing import Any

import discord

from bot.client import Fireside
from bot.domain.questions import Asker, NewQuestion, Notify, QuestionFilter, QuestionState, Wish
from bot.services import Services
from bot.storage.database import Database
from bot.storage.questions import wishes_of
from tests.asking import PIANO, PROUD, put
from tests.conftest import World, buttons_of

MODERATOR = 4711


async def top(world: World, who: Any) -> Any:
    result = await who.slash(world.channel, "question top")
    assert result.ephemeral
    return result.response


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


async def wanted_by(world: World, services: Services, number: int) -> int:
    return (await services.questions.find(world.guild.id, number)).wanted_by


async def test_the_most_wanted_comes_first_without_names(world: World, services: Services) -> None:
    await put(world, services, world.admin, PROUD, anonymous=True)
    named = await put(world, services, world.admin, PIANO)
    await services.questions.want(world.guild.id, 5, named.id)
    shown = text(await top(world, world.member))
    assert shown.index(PIANO) < shown.index(PROUD)
    assert "2 people" in shown
    assert "The Name" not in shown
    assert str(world.admin.id) not in shown
    assert "<t:" not in shown


async def test_only_what_waits_for_an_answer_is_there(world: World, services: Services) -> None:
    guild = world.guild.id
    approved = await put(world, services, world.admin, PROUD)
    rejected = await put(world, services, world.admin, PIANO)
    await services.questions.approve(guild, approved.id, MODERATOR)
    await services.questions.reject(guild, rejected.id, MODERATOR, "No.")
    merged = await put(world, services, world.member, "Is this one with the other one?")
    await services.questions.merge(guild, merged.id, approved.id, MODERATOR)
    shown = text(await top(world, world.member))
    assert PROUD in shown
    assert PIANO not in shown
    assert "with the other" not in shown


async def test_me_too_counts_once_and_can_be_taken_back(world: World, services: Services) -> None:
    question = await put(world, services, world.admin, PROUD)
    message = await top(world, world.member)
    identity = buttons_of(message)["1. Me too"]["custom_id"]
    await world.restart(Fireside(services, shard_count=1))
    await world.member.click(message, label="1. Me too")
    copy = await world.in_public(discord.ui.Button(label="Again", custom_id=identity))
    again = await world.member.click(copy, label="Again")
    assert again.ephemeral
    assert await wanted_by(world, services, question.id) == 2

    await world.member.click(message, label="1. Not me any more")
    assert await wanted_by(world, services, question.id) == 1
    assert "1. Me too" in buttons_of(message)


async def test_who_wants_it_too_can_be_told(world: World, services: Services, database: Database) -> None:
    question = await put(world, services, world.admin, PROUD)
    message = await top(world, world.member)
    await world.member.click(message, label="1. Me too")

    async def wish() -> Wish:
        async with database.read() as connection:
            return (await wishes_of(connection, [question.id]))[world.member.id]

    assert await wish() == Wish()
    await world.member.click(message, label="Tell me in a direct message")
    assert await wish() == Wish(Notify.DM)
    await world.member.click(message, label="Mention me here")
    assert await wish() == Wish(Notify.CHANNEL, world.channel.id)
    await world.member.click(message, label="Don't tell me")
    assert await wish() == Wish()
    assert await wanted_by(world, services, question.id) == 2


async def test_ones_own_question_needs_no_press(world: World, services: Services) -> None:
    await put(world, services, world.member, PROUD)
    message = await top(world, world.member)
    assert buttons_of(message)["1. Me too"]["disabled"]


async def test_what_was_reviewed_meanwhile_is_said_so(world: World, services: Services) -> None:
    question = await put(world, services, world.admin, PROUD)
    message = await top(world, world.member)
    await services.questions.reject(world.guild.id, question.id, MODERATOR, "No.")
    refused = await world.member.click(message, label="1. Me too")
    assert refused.ephemeral
    assert await wanted_by(world, services, question.id) == 1
    assert world.said_wrong()


async def test_a_blocked_member_counts_nowhere(world: World, services: Services) -> None:
    question = await put(world, services, world.admin, PROUD)
    await services.questions.block(world.guild.id, world.member.id, MODERATOR)
    await world.member.click(await top(world, world.member), label="1. Me too")
    assert await wanted_by(world, services, question.id) == 1
    assert world.said_wrong()


async def test_there_are_five_on_a_page_and_the_longest_fit(world: World, services: Services) -> None:
    assert "/question ask" in text(await top(world, world.member))
    for number in range(6):
        asker = Asker(world.guild.id, 100 + number, "*" * 32)
        await services.questions.submit(asker, NewQuestion("*" * 999))
    message = await top(world, world.member)
    await world.member.click(message, label="1. Me too")
    await world.member.click(message, label="Later")
    assert text(message).startswith("**6.**")
    living = await services.questions.listed(world.guild.id, QuestionFilter(states=frozenset({QuestionState.OPEN})))
    assert living.count == 6
