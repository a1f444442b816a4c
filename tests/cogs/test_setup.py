"""`/setup` in a simulated Discord."""

from typing import Any

import discord
import pytest

from bot.client import Fireside
from bot.domain.guilds import GuildSettings
from bot.services import Services
from bot.ui.actions import button
from tests.conftest import World, buttons_of


def panel(result: Any) -> str:
    """Return what the panel says."""
    text: str = result.response.embeds[0].description
    return text


async def test_it_shows_what_holds_to_the_admin_alone(world: World) -> None:
    result = await world.admin.slash(world.channel, "setup")
    assert result.ephemeral
    assert "Answers are public" in panel(result)
    assert "are kept" in panel(result)
    assert "quote is off" in panel(result)
    assert "Questions go to the interviewee" in panel(result)
    assert list(buttons_of(result.response)) == [
        "Make answers private",
        "Forget questions, keep none",
        "Daily quote",
        "Questions",
    ]


async def test_the_daily_quote_is_told_as_it_stands(world: World) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
    text = panel(await world.admin.slash(world.channel, "setup"))
    assert f"<#{world.channel.id}> at 09:30 (Europe/Berlin)" in text
    assert "<t:" in text


async def test_each_press_changes_one_thing_and_shows_what_holds(world: World, services: Services) -> None:
    result = await world.admin.slash(world.channel, "setup")
    await world.admin.click(result.response, label="Make answers private")
    assert "Answers are private" in panel(result)
    assert await services.guilds.settings(world.guild.id) == GuildSettings(answers_private=True)
    await world.admin.click(result.response, label="Forget questions, keep none")
    assert "are not kept" in panel(result)
    await world.admin.click(result.response, label="Make answers public")
    await world.admin.click(result.response, label="Keep questions without an answer")
    assert await services.guilds.settings(world.guild.id) == GuildSettings()


async def test_who_stops_keeping_questions_forgets_those_that_were_kept(world: World, services: Services) -> None:
    await services.gaps.record_miss(world.guild.id, "What does he read at night?")
    result = await world.admin.slash(world.channel, "setup")
    await world.admin.click(result.response, label="Forget questions, keep none")
    await world.admin.click(result.response, label="Keep questions without an answer")
    assert (await services.gaps.page(world.guild.id, 0)).gaps == ()


async def test_two_admins_who_press_the_same_agree(world: World, services: Services) -> None:
    one = await world.admin.slash(world.channel, "setup")
    other = await world.admin.slash(world.channel, "setup")
    await world.admin.click(one.response, label="Make answers private")
    await world.admin.click(one.response, label="Forget questions, keep none")
    await world.admin.click(other.response, label="Make answers private")
    assert (await services.guilds.settings(world.guild.id)).answers_private
    assert panel(other) == panel(one)


async def test_its_buttons_outlive_a_restart(world: World, services: Services) -> None:
    result = await world.admin.slash(world.channel, "setup")
    message = result.response
    await world.restart(Fireside(services, shard_count=1))
    await world.admin.click(message, label="Make answers private")
    assert (await services.guilds.settings(world.guild.id)).answers_private


@pytest.mark.parametrize("name", ["setup-private", "setup-keep"])
async def test_a_button_that_a_member_gets_hold_of_is_refused(world: World, services: Services, name: str) -> None:
    message = await world.in_public(button("Press", name, "no" if name == "setup-keep" else "yes"))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert await services.guilds.settings(world.guild.id) == GuildSettings()
    assert any(isinstance(error, discord.app_commands.MissingPermissions) for error in world.env.errors)


async def test_it_is_refused_to_members_even_where_a_server_shows_it(world: World) -> None:
    commands = await world.client.tree.fetch_commands()
    setup = next(command for command in commands if command.name == "setup")
    world.guild.set_command_permissions(setup, {world.guild.default_role: True})
    refused = await world.member.slash(world.channel, "setup")
    assert refused.ephemeral
    assert refused.response.embeds == []
    assert world.said_wrong()
