"""`/daily` in a simulated Discord."""

from datetime import UTC, datetime
from typing import Any

import discord

from bot.domain.deliveries import DeliveryState
from bot.services import Services
from tests.conftest import StandingClock, World

NINE_IN_BERLIN = {"time": "9:30", "zone": "Europe/Berlin"}


def posts(world: World) -> list[Any]:
    """Return what stands in the channel."""
    return list(world.channel.history())


async def test_a_quote_appears_once_at_the_time_that_was_set(world: World, clock: StandingClock) -> None:
    clock.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    result = await world.admin.slash(world.channel, "daily set", channel=world.channel, **NINE_IN_BERLIN)
    assert result.ephemeral
    assert "Europe/Berlin" in result.response.embeds[0].description
    assert not posts(world)

    clock.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    await world.env.advance_time(61)
    await world.env.advance_time(61)

    assert len(posts(world)) == 1
    assert "François Chollet" in world.channel.last_message.embeds[0].footer.text

    clock.forward(days=1)
    await world.env.advance_time(61)
    assert len(posts(world)) == 2


async def test_status_tells_what_is_in_force_and_what_became_of_the_last_one(
    world: World, clock: StandingClock, services: Services
) -> None:
    nothing = await world.admin.slash(world.channel, "daily status")
    assert "/daily set" in nothing.response.embeds[0].description

    await world.admin.slash(world.channel, "daily set", channel=world.channel, **NINE_IN_BERLIN)
    clock.forward(hours=1)
    await world.env.advance_time(61)
    status = await world.admin.slash(world.channel, "daily status")

    assert "was posted" in status.response.embeds[0].description
    kept = await services.deliveries.status(world.guild.id)
    assert kept is not None
    assert kept.last is not None
    assert kept.last.message_id == world.channel.last_message.id


async def test_a_stopped_quote_stays_away(world: World, clock: StandingClock) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, **NINE_IN_BERLIN)
    await world.admin.slash(world.channel, "daily stop")
    clock.forward(hours=2)
    await world.env.advance_time(61)
    assert not posts(world)
    again = await world.admin.slash(world.channel, "daily stop")
    assert "no daily quote" in again.response.embeds[0].description


async def test_a_missing_permission_is_named_and_nothing_is_set(world: World, services: Services) -> None:
    mute = discord.PermissionOverwrite(send_messages=False, embed_links=False)
    quiet = world.guild.create_text_channel("quiet", overwrites={world.guild.default_role: mute})
    result = await world.admin.slash(world.channel, "daily set", channel=quiet, **NINE_IN_BERLIN)

    assert result.ephemeral
    assert "Send Messages and Embed Links" in result.response.content
    assert await services.deliveries.status(world.guild.id) is None
    assert world.said_wrong()


async def test_a_wrong_time_or_zone_is_refused_with_a_way_out(world: World, services: Services) -> None:
    for wrong in ({"time": "25:00", "zone": "UTC"}, {"time": "9:00", "zone": "Middle/Earth"}):
        result = await world.admin.slash(world.channel, "daily set", channel=world.channel, **wrong)
        assert result.ephemeral
        assert await services.deliveries.status(world.guild.id) is None
    assert len(world.said_wrong()) == 2


async def test_zones_are_found_by_city(world: World) -> None:
    filled = {"channel": world.channel, "time": "9:00"}
    choices = await world.admin.autocomplete(world.channel, "daily set", "zone", "new yo", **filled)
    assert choices[0]["value"] == "America/New_York"


async def test_a_channel_that_refuses_is_told_to_admins_and_a_failing_discord_is_tried_again(
    world: World, clock: StandingClock, services: Services
) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, **NINE_IN_BERLIN)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    clock.forward(hours=1)
    await world.env.advance_time(61)
    waiting = await services.deliveries.status(world.guild.id)
    assert waiting is not None
    assert waiting.last is not None
    assert waiting.last.state is DeliveryState.WAITING

    clock.forward(seconds=15)
    await world.env.advance_time(61)
    assert len(posts(world)) == 1

    clock.forward(days=1)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions")
    await world.env.advance_time(61)
    status = await world.admin.slash(world.channel, "daily status")
    assert "Missing Permissions" in status.response.embeds[0].description
