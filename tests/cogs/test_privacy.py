"""`/privacy` in a simulated Discord: in a server, in a direct message, and for somebody who has left."""

import json
from typing import Any

import pytest
import simcord

from bot.app import open_services
from bot.client import Fireside
from bot.domain.privacy import SERVER_KEPT_FOR
from bot.domain.questions import Asker, NewQuestion
from bot.services import Services
from tests.conftest import StandingClock, World, buttons_of

TEXT = "Which of your papers are you most proud of?"
KEEP, DELETE = "Keep my questions without my name", "Delete my questions too"


async def ask(services: Services, world: World, who: Any, text: str = TEXT) -> int:
    question = await services.questions.submit(Asker(world.guild.id, who.id, who.name), NewQuestion(text))
    return question.id


async def open_privacy(who: Any, *where: Any) -> Any:
    """Return the message that `/privacy` shows to somebody alone."""
    result = await who.slash(*where, "privacy")
    assert result.ephemeral
    return result.followups[-1] if result.followups else result.response


async def press(who: Any, message: Any, label: str) -> Any:
    """Press a button and return what the message shows then."""
    await who.click(message, label=label)
    return message


async def test_says_how_much_is_kept_here_and_everywhere(world: World, services: Services) -> None:
    await ask(services, world, world.member)
    elsewhere = Asker(world.guild.id + 1, world.member.id, "mira")
    await services.questions.submit(elsewhere, NewQuestion(TEXT))
    shown = await open_privacy(world.member, world.channel)
    text = shown.embeds[0].description
    assert "1 question." in text
    assert "2 questions." in text
    in_dm = (await open_privacy(world.member.user)).embeds[0].description
    assert "1 question." not in in_dm
    assert "2 questions." in in_dm


async def test_who_has_nothing_can_press_nothing(world: World) -> None:
    shown = await open_privacy(world.member, world.channel)
    assert all(button["disabled"] for button in buttons_of(shown).values())


async def test_the_file_comes_to_who_presses_alone(world: World, services: Services) -> None:
    await ask(services, world, world.member)
    await ask(services, world, world.admin, "What does the admin want to know?")
    shown = await open_privacy(world.member, world.channel)
    result = await world.member.click(shown, label="Send me all of it")
    assert result.ephemeral
    (file,) = (result.followups or [result.response])[-1].attachments
    content = json.loads(await file.read())
    assert [each["text"] for each in content["questions"]] == [TEXT]
    assert content["questions"][0]["server_id"] == str(world.guild.id)


@pytest.mark.parametrize("where", ["server", "message", "left"])
@pytest.mark.parametrize("choice", [KEEP, DELETE])
async def test_a_choice_and_a_confirmation_delete_it(world: World, services: Services, where: str, choice: str) -> None:
    mine, wanted = await ask(services, world, world.member), await ask(services, world, world.member)
    await services.questions.want(world.guild.id, world.admin.id, wanted)
    if where == "left":
        world.guild.remove_member(world.member)
    who, places = (world.member, [world.channel]) if where == "server" else (world.member.user, [])

    shown = await open_privacy(who, *places)
    await press(who, shown, "Delete it")
    await press(who, shown, choice)
    kept = await services.questions.mine(world.guild.id, world.member.id)
    assert len(kept.questions) == 2  # nothing has happened before the confirmation
    await press(who, shown, "Delete it for good")

    assert (await services.questions.mine(world.guild.id, world.member.id)).questions == ()
    assert (await services.questions.find(world.guild.id, wanted)).wanted_by == 1
    history = await services.privacy.holdings(world.member.id, None)
    assert history.nothing
    report = _latest(shown)
    if choice == KEEP:
        assert (await services.questions.find(world.guild.id, mine)).member_name is None
        assert "2 questions" in report
    else:
        assert "Deleted: 1 question." in report
        assert "1 question, since others want 1 of them" in report
    again = await open_privacy(who, *places)
    assert all(button["disabled"] for button in buttons_of(again).values())


def _latest(shown: Any) -> str:
    return str(shown.embeds[0].description)


async def test_who_has_no_questions_has_no_choice_to_make_and_may_think_again(world: World, services: Services) -> None:
    number = await ask(services, world, world.admin)
    await services.questions.want(world.guild.id, world.member.id, number)
    shown = await open_privacy(world.member, world.channel)
    await press(world.member, shown, "Delete it")
    assert set(buttons_of(shown)) == {"Delete it for good", "Back"}
    await press(world.member, shown, "Back")
    assert "1 me-too" in _latest(shown)
    await press(world.member, shown, "Delete it")
    await press(world.member, shown, "Delete it for good")
    assert (await services.questions.find(world.guild.id, number)).wanted_by == 1


async def test_a_block_stays_and_that_is_said(world: World, services: Services) -> None:
    await services.questions.block(world.guild.id, world.member.id, world.admin.id)
    await ask_nothing_but_draft(services, world)
    shown = await open_privacy(world.member, world.channel)
    assert "1 server" in _latest(shown)
    await press(world.member, shown, "Delete it")
    await press(world.member, shown, "Delete it for good")
    assert "1 server" in _latest(shown)
    assert await services.questions.blocked(world.guild.id) == [world.member.id]


async def ask_nothing_but_draft(services: Services, world: World) -> None:
    number = await ask(services, world, world.admin)
    await services.questions.flag(world.guild.id, number, world.member.id, flagged=True)


async def test_buttons_work_after_a_restart(world: World, services: Services) -> None:
    await ask(services, world, world.member)
    shown = await open_privacy(world.member, world.channel)
    await press(world.member, shown, "Delete it")
    await world.restart(Fireside(services, shard_count=1))
    await press(world.member, shown, DELETE)
    await press(world.member, shown, "Delete it for good")
    assert (await services.questions.mine(world.guild.id, world.member.id)).questions == ()


async def forgotten_in_time(world: World, database_url: str, clock: StandingClock) -> bool:
    """Let the time pass after which a server that was left is deleted; return whether nothing of the member is kept."""
    clock.now += SERVER_KEPT_FOR * 1.01
    async with open_services(database_url, clock) as services:
        await services.retention.tidy()
        return (await services.privacy.holdings(world.member.id, None)).nothing


class TestServers:
    async def test_one_that_removes_the_bot_is_forgotten_in_time(
        self, world: World, services: Services, clock: StandingClock, database_url: str
    ) -> None:
        await ask(services, world, world.member)
        world.env.backend.remove_guild(world.guild.id)
        await world.env.settle()
        assert await forgotten_in_time(world, database_url, clock)

    async def test_one_that_is_still_there_is_not(
        self, world: World, services: Services, clock: StandingClock, database_url: str
    ) -> None:
        await ask(services, world, world.member)
        await services.retention.left(world.guild.id)
        await world.restart(Fireside(services, shard_count=1))
        assert not await forgotten_in_time(world, database_url, clock)

    async def test_an_outage_is_no_removal(
        self, world: World, services: Services, clock: StandingClock, database_url: str
    ) -> None:
        await ask(services, world, world.member)
        world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id), "unavailable": True})
        await world.env.settle()
        await world.client.on_ready()
        assert not await forgotten_in_time(world, database_url, clock)

    async def test_one_that_left_while_the_bot_was_off_is_noticed_at_the_next_start(
        self, world: World, services: Services, clock: StandingClock, database_url: str, simcord_env: simcord.Env
    ) -> None:
        other = simcord_env.create_guild("Others")
        await services.questions.submit(Asker(other.id, world.member.id, "mira"), NewQuestion(TEXT))
        await world.client.close()
        del simcord_env.backend.guilds[other.id]
        await world.restart(Fireside(services, shard_count=1))
        assert await forgotten_in_time(world, database_url, clock)
