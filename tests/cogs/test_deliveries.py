"""`/daily` in a simulated Discord."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest
import simcord

from bot.domain.deliveries import DeliveryState
from bot.services import Services
from bot.ui.actions import button
from tests.conftest import StandingClock, World, buttons_of

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
    assert "Send Messages" in result.response.content
    assert "Embed Links" in result.response.content
    assert "View Channel" not in result.response.content
    assert await services.deliveries.status(world.guild.id) is None
    assert world.said_wrong()


async def test_a_wrong_time_or_zone_is_refused_with_a_way_out(world: World, services: Services) -> None:
    for wrong in ({"time": "25:00", "zone": "UTC"}, {"time": "9:00", "zone": "Middle/Earth"}):
        result = await world.admin.slash(world.channel, "daily set", channel=world.channel, **wrong)
        assert result.ephemeral
        assert await services.deliveries.status(world.guild.id) is None
    assert len(world.said_wrong()) == 2


async def zones(world: World, typed: str) -> list[dict[str, Any]]:
    """Return what the list of zones offers an admin who has typed something."""
    filled = {"channel": world.channel, "time": "9:00"}
    choices: list[dict[str, Any]] = await world.admin.autocomplete(world.channel, "daily set", "zone", typed, **filled)
    return choices


async def test_zones_are_found_by_city(world: World, services: Services) -> None:
    assert (await zones(world, "new yo"))[0]["value"] == "America/New_York"
    munich = (await zones(world, "Munich"))[0]
    assert munich == {"name": "Munich: Europe/Berlin", "value": "Europe/Berlin"}
    await started(world, zone=munich["value"])
    status = await services.deliveries.status(world.guild.id)
    assert status is not None
    assert status.rule.zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("member", "server", "first"),
    [
        ("ja", "de", "Asia/Tokyo"),
        ("en-US", "de", "Europe/Berlin"),
        ("en-US", "en-US", "America/New_York"),
        ("tlh", None, "UTC"),
    ],
)
async def test_before_anything_is_typed_the_zone_of_the_language_or_the_one_in_force_comes_first(
    world: World, monkeypatch: pytest.MonkeyPatch, member: str, server: str | None, first: str
) -> None:
    base_payload = simcord.interactions.base_payload

    def payload_of(*args: Any, **options: Any) -> Any:
        record, payload = base_payload(*args, **options)
        return record, payload | {"locale": member, "guild_locale": server}

    monkeypatch.setattr("simcord.interactions.base_payload", payload_of)
    offered = await zones(world, "")
    assert offered[0]["value"] == first
    assert 20 <= len(offered) <= 25
    assert (await zones(world, "Munich"))[0]["value"] == "Europe/Berlin"

    await started(world, zone="Asia/Kathmandu")
    assert (await zones(world, ""))[0]["value"] == "Asia/Kathmandu"


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


async def started(world: World, **options: str) -> Any:
    return await world.admin.slash(world.channel, "daily set", channel=world.channel, **{**NINE_IN_BERLIN, **options})


def said(result: Any) -> str:
    """Return what a private reply says."""
    assert result.ephemeral
    text: str = result.response.embeds[0].description
    return text


async def test_weekdays_are_kept_until_others_are_given(world: World, services: Services) -> None:
    assert "on Monday, Wednesday" in said(await started(world, weekdays="mon, wed"))
    assert "on Monday, Wednesday" in said(await started(world))
    assert "from Monday to Friday" in said(await started(world, weekdays="Monday to Friday"))
    assert "at the weekend" in said(await started(world, weekdays="weekend"))
    status = await services.deliveries.status(world.guild.id)
    assert status is not None
    assert [post.local_date.weekday() for post in status.posts] == [5, 6, 5, 6, 5]
    await started(world, weekdays="blue")
    assert world.said_wrong()
    filled = {"channel": world.channel, **NINE_IN_BERLIN}
    choices = await world.admin.autocomplete(world.channel, "daily set", "weekdays", "week", **filled)
    assert [choice["value"] for choice in choices] == ["weekend"]


async def test_status_tells_the_next_five(world: World) -> None:
    text = said(await started(world))
    assert text.count("<t:") == 6  # the first one twice


async def test_a_paused_quote_stays_away_until_it_is_resumed(world: World, clock: StandingClock) -> None:
    await started(world)
    assert "/daily resume" in said(await world.admin.slash(world.channel, "daily pause"))
    assert "Paused" in said(await world.admin.slash(world.channel, "daily status"))
    assert "paused" in said(await world.admin.slash(world.channel, "setup"))
    await world.admin.slash(world.channel, "daily skip")
    assert len(world.said_wrong()) == 1
    clock.forward(hours=2)
    await world.env.advance_time(61)
    assert "The pause is over" in said(await world.admin.slash(world.channel, "daily resume"))
    await world.env.advance_time(61)
    assert not posts(world)
    assert "not paused" in said(await world.admin.slash(world.channel, "daily resume"))
    clock.forward(days=1)
    await world.env.advance_time(61)
    assert len(posts(world)) == 1


async def test_a_skip_leaves_out_one_post_however_often_it_is_asked_for(world: World, clock: StandingClock) -> None:
    await started(world)
    assert "is skipped." in said(await world.admin.slash(world.channel, "daily skip"))
    assert "skipped already" in said(await world.admin.slash(world.channel, "daily skip"))
    assert "Skipped" in said(await world.admin.slash(world.channel, "daily status"))
    for hours, expected in ((1, 0), (24, 1)):
        clock.forward(hours=hours)
        await world.env.advance_time(61)
        assert len(posts(world)) == expected
    history = said(await world.admin.slash(world.channel, "daily history"))
    assert [word in history for word in ("skipped", "posted", "https://discord.com/channels/")] == [True] * 3


@pytest.mark.parametrize("way", ["button", "command"])
async def test_a_skip_can_be_taken_back(world: World, clock: StandingClock, way: str) -> None:
    await started(world)
    result = await world.admin.slash(world.channel, "daily skip")
    if way == "button":
        await world.admin.click(result.response, label="Undo")
        assert "not skipped" in said(result)
    else:
        assert "after all" in said(await world.admin.slash(world.channel, "daily resume"))
    clock.forward(hours=1)
    await world.env.advance_time(61)
    assert len(posts(world)) == 1


async def test_the_quote_that_was_picked_comes_next_and_once(
    world: World, clock: StandingClock, services: Services
) -> None:
    await started(world)
    turn = (await services.deliveries.preview(world.guild.id))[1].quote
    quotes = (await services.interviews.library()).quotes
    wanted = next(quote for quote in quotes if quote != turn)
    choices = await world.admin.autocomplete(world.channel, "daily next", "quote", wanted.text[5:25].upper())
    assert wanted.key in {choice["value"] for choice in choices}
    result = await world.admin.slash(world.channel, "daily next", quote=wanted.key)
    await world.admin.click(result.response, label="Undo")
    assert (await services.deliveries.preview(world.guild.id))[1].quote == turn
    await world.admin.slash(world.channel, "daily next", quote=wanted.text[:90])
    for hours, expected in ((1, wanted), (24, turn)):
        assert (await services.deliveries.preview(world.guild.id))[1].quote == expected
        clock.forward(hours=hours)
        await world.env.advance_time(61)
        kept = await services.deliveries.status(world.guild.id)
        assert kept is not None
        assert kept.last is not None
        assert kept.last.quote == expected
    await world.admin.slash(world.channel, "daily next", quote="no such words")
    assert len(world.said_wrong()) == 1


async def test_a_test_shows_the_next_quote_to_the_admin_and_names_what_is_missing(
    world: World, services: Services
) -> None:
    await started(world)
    result = await world.admin.slash(world.channel, "daily test")
    assert "I may post" in said(result)
    upcoming = (await services.deliveries.preview(world.guild.id))[1]
    assert upcoming.quote.turn
    assert len(result.response.embeds) == 2
    assert not posts(world)

    mute = discord.PermissionOverwrite(send_messages=False, read_message_history=False)
    quiet = world.guild.create_text_channel("quiet", overwrites={world.guild.default_role: mute})
    await services.deliveries.set_daily(world.guild.id, quiet.id, "9:30", "UTC")
    text = said(await world.admin.slash(world.channel, "daily test"))
    assert f"Send Messages is missing** in <#{quiet.id}>" in text
    assert "View Channel is missing" not in text
    assert "Read Message History" in text

    await services.deliveries.set_daily(world.guild.id, 1, "9:30", "UTC")
    assert "gone" in said(await world.admin.slash(world.channel, "daily test"))


async def test_history_is_paged_newest_first(world: World, clock: StandingClock) -> None:
    assert "No day" in said(await world.admin.slash(world.channel, "daily history"))
    await started(world)
    clock.forward(days=15)
    await world.env.advance_time(61)
    result = await world.admin.slash(world.channel, "daily history")
    first = said(result)
    assert first.count("missed") == 10
    assert buttons_of(result.response)["Newer"]["disabled"]
    await world.admin.click(result.response, label="Older")
    assert said(result).count("missed") == 5
    assert buttons_of(result.response)["Older"]["disabled"]
    await world.admin.click(result.response, label="Newer")
    assert said(result) == first


async def test_the_year_ahead_is_told_with_what_the_clocks_do(world: World) -> None:
    await started(world, time="2:30", weekdays="every day")
    text = said(await world.admin.slash(world.channel, "daily rehearse"))
    assert "365 quotes" in text
    assert "29 March 2026**: the clocks go forward by 1 hour. 02:30 does not exist" in text
    assert "25 October 2026**: the clocks go back by 1 hour. 02:30 comes twice" in text
    await started(world, weekdays="Mon")
    text = said(await world.admin.slash(world.channel, "daily rehearse"))
    assert "53 quotes" in text or "52 quotes" in text
    assert "no quote that day" in text
    await started(world, zone="Asia/Tokyo")
    await world.admin.slash(world.channel, "daily pause")
    text = said(await world.admin.slash(world.channel, "daily rehearse"))
    assert "do not change" in text
    assert "paused" in text


@pytest.mark.parametrize("name", ["pause", "resume", "skip", "test", "rehearse", "next"])
async def test_without_a_rule_the_way_to_one_is_told(world: World, name: str) -> None:
    options = {"quote": "tea"} if name == "next" else {}
    result = await world.admin.slash(world.channel, f"daily {name}", **options)
    assert result.ephemeral
    assert "/daily set" in result.response.content
    assert world.said_wrong()


@pytest.mark.parametrize(("name", "arguments"), [("daily-unskip", []), ("daily-unpick", []), ("daily-history", [0, 0])])
async def test_a_button_that_a_member_gets_hold_of_is_refused(world: World, name: str, arguments: list[int]) -> None:
    await started(world)
    message = await world.in_public(button("Press", name, *arguments))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert world.said_wrong()
