"""The panel of the daily quote under `/setup`, in a simulated Discord."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.client import Fireside
from bot.domain.card_contents import Theme
from bot.domain.deliveries import PostOptions
from bot.domain.rotation import Order
from bot.services import Services
from bot.ui.actions import button
from tests.conftest import StandingClock, World, buttons_of
from tests.samples import interview

AS_IT_IS = {"order": "shuffled", "looks": "text"}


def when(world: World, **other: Any) -> dict[str, Any]:
    """Return the first form as an admin fills it in."""
    filled = {"channel": [world.channel], "time": "9:30", "zone": "Europe/Berlin", "weekdays": ["Monday", "Friday"]}
    return filled | other


async def opened(world: World) -> Any:
    """Return the panel's message."""
    result = await world.admin.slash(world.channel, "setup")
    await world.admin.click(result.response, label="Daily quote")
    return result.response


async def sent(world: World, message: Any, label: str, filled: dict[str, Any]) -> Any:
    """Open a form and send it; return what came of it."""
    shown = await world.admin.click(message, label=label)
    return await world.admin.submit_modal(shown, filled)


async def started(world: World) -> Any:
    """Return the panel of a server that has just chosen where and when."""
    message = await opened(world)
    await sent(world, message, "Where and when", when(world))
    return message


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


async def options(world: World, services: Services) -> PostOptions:
    return await services.deliveries.options(world.guild.id)


async def test_a_server_without_a_quote_is_asked_where_and_when(world: World, services: Services) -> None:
    message = await opened(world)
    assert list(buttons_of(message)) == ["Where and when", "All settings"]
    await sent(world, message, "Where and when", when(world))
    status = await services.deliveries.status(world.guild.id)
    assert status is not None
    assert status.rule.weekdays == {0, 4}
    assert f"<#{world.channel.id}> at 09:30 (Europe/Berlin)" in text(message)
    assert text(message).count("<t:") == 6  # five posts, the first of them twice


async def test_all_that_was_chosen_is_shown_and_in_force(
    world: World, services: Services, clock: StandingClock
) -> None:
    readers = world.guild.create_role("Readers", mentionable=True)
    message = await started(world)
    filled = {"order": "sequence", "looks": "light", "role": [readers], "extras": ["thread"]}
    await sent(world, message, "What and how", filled)
    assert await options(world, services) == PostOptions(
        order=Order.SEQUENCE, card=Theme.LIGHT, thread=True, role_id=readers.id
    )
    assert f"<@&{readers.id}>" in text(message)

    clock.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    await world.env.advance_time(61)
    post = next(message for message in world.channel.history() if message.attachments)
    assert post.content == readers.mention
    assert len(world.channel.threads) == 1


async def test_of_several_interviews_some_can_be_chosen(world: World, services: Services) -> None:
    await services.interviews.load([interview()])
    message = await started(world)
    await sent(world, message, "What and how", AS_IT_IS | {"interviews": [interview().id]})
    assert (await options(world, services)).interviews == (interview().id,)
    assert interview().title in text(message)
    _, quote = await services.deliveries.preview(world.guild.id)
    assert quote.interview.id == interview().id


async def test_the_pause_is_a_press_away_and_back(world: World, services: Services) -> None:
    message = await started(world)
    await world.admin.click(message, label="Pause")
    assert "Paused" in text(message)
    await world.admin.click(message, label="Resume")
    status = await services.deliveries.status(world.guild.id)
    assert status is not None
    assert status.rule.paused is None
    await world.admin.click(message, label="All settings")
    assert "Answers are public" in text(message)


async def test_a_form_that_fails_is_given_back_as_it_was_filled_in(world: World, services: Services) -> None:
    message = await opened(world)
    refused = await sent(world, message, "Where and when", when(world, zone="Middle-earth"))
    assert refused.ephemeral
    assert await services.deliveries.status(world.guild.id) is None
    await world.restart(Fireside(services, shard_count=1))
    again = await world.admin.click(refused.response, label="Open it again")
    fields = {field["component"]["custom_id"]: field["component"] for field in again.modal["components"]}
    assert fields["time"]["value"] == "9:30"
    assert fields["zone"]["value"] == "Middle-earth"
    assert fields["channel"]["default_values"][0]["id"] == world.channel.id
    assert [option["value"] for option in fields["weekdays"]["options"] if option.get("default")] == [
        "Monday",
        "Friday",
    ]
    await world.admin.submit_modal(again, when(world))
    assert await services.deliveries.status(world.guild.id) is not None
    assert "09:30" in text(refused.response)
    assert world.said_wrong()


@pytest.mark.parametrize(
    ("lacking", "filled"),
    [
        ("attach_files", {"looks": "dark"}),
        ("create_public_threads", {"extras": ["thread"]}),
        ("embed_links", {}),
    ],
)
async def test_each_missing_permission_is_named_and_nothing_is_changed(
    world: World, services: Services, lacking: str, filled: dict[str, Any]
) -> None:
    message = await started(world)
    closed = discord.PermissionOverwrite(**{lacking: False})
    channel = world.guild.create_text_channel("closed", overwrites={world.guild.default_role: closed})
    await services.deliveries.set_daily(world.guild.id, channel.id, "9:00", "UTC")
    refused = await sent(world, message, "What and how", AS_IT_IS | filled | {"order": "sequence"})
    assert refused.ephemeral
    assert lacking.replace("_", " ").title() in refused.response.content
    assert await options(world, services) == PostOptions()
    assert world.said_wrong()


async def test_nothing_is_published_from_an_ordinary_channel(world: World, services: Services) -> None:
    message = await started(world)
    refused = await sent(world, message, "What and how", AS_IT_IS | {"extras": ["publish"]})
    assert "announcement" in refused.response.content
    news = world.guild.create_news_channel("news")
    await sent(world, message, "Where and when", when(world, channel=[news]))
    await sent(world, message, "What and how", AS_IT_IS | {"extras": ["publish"]})
    assert (await options(world, services)).publish
    back = await sent(world, message, "Where and when", when(world))
    assert "announcement" in back.response.content
    assert len(world.said_wrong()) == 2


async def test_the_bot_mentions_no_role_for_somebody_who_may_not(world: World, services: Services) -> None:
    message = await started(world)
    closed = world.guild.create_role("Closed")
    for role in (closed, world.guild.default_role):
        refused = await sent(world, message, "What and how", AS_IT_IS | {"role": [role]})
        assert refused.ephemeral
    assert (await options(world, services)).role_id is None
    assert len(world.said_wrong()) == 2


@pytest.mark.parametrize("name", ["setup-daily", "setup-all", "setup-daily-pause", "setup-daily-form"])
async def test_a_button_that_a_member_gets_hold_of_is_refused(world: World, name: str) -> None:
    await started(world)
    arguments = {"setup-daily-pause": ["yes"], "setup-daily-form": ["daily-when"]}.get(name, [])
    message = await world.in_public(button("Press", name, *arguments))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert world.said_wrong()


async def test_who_lost_the_right_while_filling_in_a_form_changes_nothing(world: World, services: Services) -> None:
    message = await opened(world)
    shown = await world.admin.click(message, label="Where and when")
    world.env.backend.remove_member_role(world.guild.id, world.admin.id, world.guild.roles["Admins"].id)
    refused = await world.admin.submit_modal(shown, when(world))
    assert refused.ephemeral
    assert await services.deliveries.status(world.guild.id) is None
    assert world.said_wrong()


async def test_a_test_shows_the_card_and_who_will_be_mentioned_without_mentioning(world: World) -> None:
    readers = world.guild.create_role("Readers", mentionable=True)
    message = await started(world)
    await sent(world, message, "What and how", AS_IT_IS | {"looks": "dark", "role": [readers]})
    result = await world.admin.slash(world.channel, "daily test")
    assert result.ephemeral
    first, last = world.env.http_requests[-2:]
    assert first.json == {"type": 5, "data": {"flags": 64}}  # drawing a card may take longer than Discord waits
    assert last.path.startswith("/webhooks/")
    assert result.response.attachments
    assert readers.mention in result.response.embeds[0].description
    assert not result.response.content


@pytest.mark.parametrize(
    ("label", "mine", "theirs"),
    [
        ("Where and when", {"time": "7:00"}, {"time": "8:00"}),
        ("What and how", {"order": "sequence", "looks": "text"}, {"order": "shuffled", "looks": "light"}),
    ],
)
async def test_of_two_admins_at_once_the_second_learns_that_the_first_was_faster(
    world: World, services: Services, label: str, mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    message = await started(world)
    filled = [when(world, **each) if label == "Where and when" else each for each in (mine, theirs)]
    one, other = [await world.admin.click(message, label=label) for _ in filled]
    await world.admin.submit_modal(other, filled[1])
    before = text(message)
    refused = await world.admin.submit_modal(one, filled[0])
    assert refused.ephemeral
    again = await world.admin.click(refused.response, label="Open it again")
    assert text(message) == before
    await world.admin.submit_modal(again, filled[0])
    status = await services.deliveries.status(world.guild.id)
    assert status is not None
    assert (status.rule.at.hour, status.rule.options.order) in {(7, Order.SHUFFLED), (9, Order.SEQUENCE)}
    assert world.said_wrong()
