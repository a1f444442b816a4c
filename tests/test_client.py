"""How the bot comes on line, what it tells Discord of, and where errors end."""

import logging

import discord
import pytest

from bot.client import Fireside
from bot.errors import InvalidInputError
from bot.services import Services
from bot.tree import explain
from bot.ui import actions
from bot.ui.actions import Interaction, action, custom_id
from tests.conftest import World


async def test_commands_are_synced_once_and_again_only_when_they_changed(world: World, services: Services) -> None:
    def syncs() -> int:
        return sum(entry.method == "PUT" and entry.path.endswith("/commands") for entry in world.env.http_requests)

    assert syncs() == 1
    await world.restart(Fireside(services, shard_count=1))
    assert syncs() == 1
    await services.commands.remember("of other commands")
    await world.restart(Fireside(services, shard_count=1))
    assert syncs() == 2


async def test_the_bot_asks_for_guilds_alone(world: World) -> None:
    assert world.client.intents == discord.Intents(guilds=True)
    assert world.client.allowed_mentions is not None
    assert world.client.allowed_mentions.to_dict() == discord.AllowedMentions.none().to_dict()


async def test_a_button_of_an_older_version_says_so(world: World) -> None:
    message = await _message_with_button(world, "gone-action:1")
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert world.said_wrong()


async def _message_with_button(world: World, identity: str) -> discord.Message:
    view = actions.view_of([discord.ui.Button(label="Press", custom_id=identity)])
    return await world.client.get_partial_messageable(world.channel.id).send("x", view=view)


async def test_an_error_after_the_answer_is_told_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers_then_fails(interaction: Interaction) -> None:
        await interaction.response.send_message("Done.")
        raise InvalidInputError("But not all of it.")

    monkeypatch.setitem(actions._handlers, "half", answers_then_fails)
    message = await _message_with_button(world, custom_id("half"))
    result = await world.member.click(message, label="Press")
    assert [follow.content for follow in result.followups] == ["But not all of it."]
    assert result.followups[0].ephemeral
    assert world.said_wrong()


async def test_a_person_who_waited_too_long_costs_a_line_in_the_log_and_no_more(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062, message="Unknown interaction", times=2)
    result = await world.member.slash(world.channel, "quote show")
    assert not result.acknowledged
    assert any("10062" in record.getMessage() for record in caplog.records)
    assert world.said_wrong()


def test_what_nobody_expected_gets_a_code_that_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        sentence = explain(ZeroDivisionError("secret detail"))
    assert "secret detail" not in sentence
    assert caplog.records[0].getMessage().split()[-1] in sentence


def test_what_a_person_can_mend_is_said_as_it_is() -> None:
    assert explain(InvalidInputError("Too short.")) == "Too short."
    assert "server" in explain(discord.app_commands.NoPrivateMessage())


def test_an_action_has_one_handler_and_a_custom_id_fits_discord() -> None:
    with pytest.raises(ValueError, match="two actions"):
        action("read")(explain)  # type: ignore[type-var]
    with pytest.raises(ValueError, match="custom id"):
        custom_id("read", "a:b")
    with pytest.raises(ValueError, match="custom id"):
        custom_id("read", "x" * 100)
