"""The panel of the rules for questions under `/setup`, in a simulated Discord."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.client import Fireside
from bot.domain.questions import Asker, NewQuestion, QuestionRules, Recipient
from bot.errors import NotAllowedError
from bot.services import Services
from bot.ui.actions import button
from tests.conftest import World, buttons_of

WHO = {"recipients": ["interviewee"], "opens": "", "closes": "", "zone": "Berlin"}
LIMITS = {"member": "3", "day": "100", "age": "0"}


async def opened(world: World) -> Any:
    """Return the panel's message."""
    result = await world.admin.slash(world.channel, "setup")
    await world.admin.click(result.response, label="Questions")
    return result.response


async def sent(world: World, message: Any, label: str, filled: dict[str, Any]) -> Any:
    """Open a form and send it; return what came of it."""
    return await world.admin.submit_modal(await world.admin.click(message, label=label), filled)


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


async def rules(world: World, services: Services) -> QuestionRules:
    return await services.questions.rules(world.guild.id)


def values(shown: Any) -> dict[str, str]:
    """Return what is filled into the text fields of a form."""
    fields = [field["component"] for field in shown.modal["components"]]
    return {field["custom_id"]: field["value"] for field in fields if "value" in field}


async def test_it_begins_with_what_holds_from_the_start(world: World) -> None:
    message = await opened(world)
    assert "the interviewee" in text(message)
    assert "3 questions" in text(message)
    assert list(buttons_of(message)) == ["Who and when", "Where", "Limits", "Blocked", "All settings"]


async def test_each_form_changes_its_part_alone(world: World, services: Services) -> None:
    mods, answers = world.guild.create_text_channel("mods"), world.guild.create_text_channel("answers")
    message = await opened(world)
    await sent(world, message, "Where", {"review": [mods], "answers": [answers]})
    await sent(world, message, "Limits", {"member": "5", "day": "", "age": "7"})
    dates = {"opens": "2026-12-01", "closes": "2026-12-24 18:00"}
    await sent(world, message, "Who and when", WHO | dates | {"recipients": ["interviewee", "host"]})
    assert await rules(world, services) == QuestionRules(
        recipients=(Recipient.INTERVIEWEE, Recipient.HOST),
        review_channel_id=mods.id,
        answer_channel_id=answers.id,
        a_member=5,
        a_day=0,
        account_days=7,
        opens_at=datetime(2026, 11, 30, 23, tzinfo=UTC),
        closes_at=datetime(2026, 12, 24, 17, tzinfo=UTC),
    )
    for part in (f"<#{mods.id}>", f"<#{answers.id}>", "5 questions", "7 days", "<t:", "the host"):
        assert part in text(message)
    await world.admin.click(message, label="All settings")
    assert f"review in <#{mods.id}>" in text(message)


async def test_forms_open_with_what_holds_and_empty_fields_take_it_back(world: World, services: Services) -> None:
    message = await opened(world)
    await sent(world, message, "Where", {"review": [world.channel]})
    await sent(world, message, "Who and when", WHO | {"closes": "2026-12-24", "zone": "New York"})
    shown = await world.admin.click(message, label="Who and when")
    # The zone that is guessed here is another one than was typed; the instant stays the same.
    assert values(shown)["closes"]
    await world.admin.submit_modal(shown, WHO | {"closes": values(shown)["closes"], "zone": values(shown)["zone"]})
    assert (await rules(world, services)).closes_at == datetime(2026, 12, 25, 5, tzinfo=UTC)
    await sent(world, message, "Who and when", WHO)
    await sent(world, message, "Where", {})
    assert await rules(world, services) == QuestionRules()


@pytest.mark.parametrize(
    ("label", "filled"),
    [
        ("Who and when", WHO | {"opens": "tomorrow"}),
        ("Who and when", WHO | {"closes": "2026-12-01 25:00"}),
        ("Who and when", WHO | {"opens": "2026-12-02", "closes": "2026-12-01"}),
        ("Who and when", WHO | {"zone": "Middle-earth"}),
        ("Limits", LIMITS | {"member": "three"}),
        ("Limits", LIMITS | {"day": "-1"}),
        ("Limits", LIMITS | {"age": "999999999"}),
    ],
)
async def test_what_cannot_be_used_changes_nothing_and_is_given_back(
    world: World, services: Services, label: str, filled: dict[str, Any]
) -> None:
    refused = await sent(world, await opened(world), label, filled)
    assert refused.ephemeral
    assert await rules(world, services) == QuestionRules()
    await world.restart(Fireside(services, shard_count=1))
    again = await world.admin.click(refused.response, label="Open it again")
    typed = {name: value for name, value in filled.items() if isinstance(value, str) and value}
    assert values(again).items() >= typed.items()
    assert world.said_wrong()


@pytest.mark.parametrize("lacking", ["view_channel", "send_messages", "embed_links"])
@pytest.mark.parametrize("field", ["review", "answers"])
async def test_a_channel_in_which_the_bot_may_not_post_is_refused(
    world: World, services: Services, lacking: str, field: str
) -> None:
    closed, open_ = discord.PermissionOverwrite(**{lacking: False}), discord.PermissionOverwrite(view_channel=True)
    overwrites = {world.guild.default_role: closed, world.guild.roles["Admins"]: open_}
    channel = world.guild.create_text_channel("closed", overwrites=overwrites)
    refused = await sent(world, await opened(world), "Where", {field: [channel]})
    assert refused.ephemeral
    assert await rules(world, services) == QuestionRules()
    assert world.said_wrong()


async def test_the_panel_tells_what_keeps_its_channels_from_their_work(world: World, services: Services) -> None:
    closed = discord.PermissionOverwrite(send_messages=False)
    channel = world.guild.create_text_channel("closed", overwrites={world.guild.default_role: closed})
    await services.questions.set_rules(
        world.guild.id, QuestionRules(review_channel_id=channel.id, answer_channel_id=77)
    )
    message = await opened(world)
    assert "Send Messages is missing" in text(message)
    assert "<#77> is gone" in text(message)
    assert "Everybody can read" in text(message)


async def test_questions_from_before_are_shown_in_the_new_channel_at_once(world: World, services: Services) -> None:
    question = await services.questions.submit(
        Asker(world.guild.id, world.member.id, "Mira"), NewQuestion("What about milk in tea?")
    )
    mods = world.guild.create_text_channel("mods")
    await sent(world, await opened(world), "Where", {"review": [mods]})
    assert [f"Question {question.id}"] == [card.embeds[0].title for card in mods.history()]


async def test_of_two_admins_at_once_the_second_learns_that_the_first_was_faster(
    world: World, services: Services
) -> None:
    message = await opened(world)
    one = await world.admin.click(message, label="Limits")
    other = await world.admin.click(message, label="Where")
    await world.admin.submit_modal(other, {"review": [world.channel]})
    refused = await world.admin.submit_modal(one, LIMITS | {"member": "9"})
    assert refused.ephemeral
    assert (await rules(world, services)).a_member == 3
    again = await world.admin.click(refused.response, label="Open it again")
    await world.admin.submit_modal(again, LIMITS | {"member": "9"})
    assert await rules(world, services) == QuestionRules(review_channel_id=world.channel.id, a_member=9)
    assert world.said_wrong()


async def test_members_are_blocked_listed_and_let_in_again(world: World, services: Services) -> None:
    asker = Asker(world.guild.id, world.member.id, "Mira")
    message = await opened(world)
    await world.admin.click(message, label="Blocked")
    assert "Everybody" in text(message)
    await world.admin.select(message, [world.member], custom_id="rules-block")
    assert f"<@{world.member.id}>" in text(message)
    with pytest.raises(NotAllowedError):
        await services.questions.submit(asker, NewQuestion("What about milk in tea?"))
    await world.admin.select(message, [world.member], custom_id="rules-unblock")
    assert "Everybody" in text(message)
    await services.questions.submit(asker, NewQuestion("What about milk in tea?"))
    await world.admin.click(message, label="Back")
    assert "Blocked" in buttons_of(message)


async def test_a_long_list_of_the_blocked_is_cut(world: World, services: Services) -> None:
    for number in range(1, 60):
        await services.questions.block(world.guild.id, number, world.admin.id)
    message = await opened(world)
    await world.admin.click(message, label="Blocked")
    assert "and 19 more" in text(message)


@pytest.mark.parametrize("name", ["setup-rules", "rules-form", "rules-blocked", "rules-block", "rules-unblock"])
async def test_a_button_that_a_member_gets_hold_of_is_refused(world: World, services: Services, name: str) -> None:
    message = await world.in_public(button("Press", name, *(["rules-limits"] if name == "rules-form" else [])))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert await rules(world, services) == QuestionRules()
    assert world.said_wrong()


@pytest.mark.parametrize(("label", "filled"), [("Who and when", WHO), ("Where", {}), ("Limits", {"member": "9"})])
async def test_who_lost_the_right_while_filling_in_a_form_changes_nothing(
    world: World, services: Services, label: str, filled: dict[str, Any]
) -> None:
    shown = await world.admin.click(await opened(world), label=label)
    world.env.backend.remove_member_role(world.guild.id, world.admin.id, world.guild.roles["Admins"].id)
    refused = await world.admin.submit_modal(shown, filled)
    assert refused.ephemeral
    assert await rules(world, services) == QuestionRules()
    assert world.said_wrong()
