"""What brings a quote into its channel, in a simulated Discord."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.domain.card_contents import Theme
from bot.domain.deliveries import Delivery, DeliveryState, PostOptions
from bot.domain.quotes import Quote
from bot.services.dispatcher import HistoryClosedError, PostFailedError, PostRefusedError
from bot.services.quotes import SourcedQuote
from bot.ui.posting import ChannelPoster
from tests.conftest import World


def posts(world: World) -> list[Any]:
    """Return what stands in the channel."""
    return list(world.channel.history())


def wanting(delivery: Delivery, **options: Any) -> Delivery:
    return replace(delivery, options=PostOptions(**options))


@pytest.fixture
async def quote(world: World) -> SourcedQuote:
    return await world.client.services.quotes.any()


@pytest.fixture
def poster(world: World) -> ChannelPoster:
    return ChannelPoster(world.client, world.client.services.cards)


@pytest.fixture
async def delivery(world: World, quote: SourcedQuote) -> Delivery:
    now = world.env.now()
    state = DeliveryState.CLAIMED
    return Delivery(1, world.guild.id, now.date(), now, world.channel.id, quote.quote, state, now, doubted_at=now)


async def test_finds_what_it_has_posted_since(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    assert await poster.find(delivery, quote) is None
    message_id = await poster.post(delivery, quote)
    assert await poster.find(delivery, quote) == message_id
    later = replace(delivery, doubted_at=delivery.claimed_at + timedelta(hours=1))
    assert await poster.find(later, quote) is None


async def test_takes_no_answer_to_a_command_for_its_post(
    world: World, poster: ChannelPoster, delivery: Delivery
) -> None:
    await world.member.slash(world.channel, "quote show")
    quotes = (await world.client.services.interviews.library()).quotes
    interview = (await world.client.services.interviews.library()).interview()
    for quote in quotes:
        assert await poster.find(delivery, SourcedQuote(quote, interview)) is None


async def test_where_nothing_may_be_read_it_says_so_rather_than_no(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    blind = discord.PermissionOverwrite(read_message_history=False)
    closed = world.guild.create_text_channel("closed", overwrites={world.guild.default_role: blind})
    await world.env.settle()
    for elsewhere in (
        replace(delivery, channel_id=closed.id),
        replace(delivery, channel_id=1),
        replace(delivery, guild_id=1),
    ):
        with pytest.raises(HistoryClosedError):
            await poster.find(elsewhere, quote)


async def test_before_it_is_on_line_it_waits_rather_than_giving_up(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.client, "is_ready", lambda: False)
    with pytest.raises(PostFailedError) as caught:
        await poster.find(delivery, quote)
    assert not caught.value.in_doubt


async def test_too_many_messages_are_not_taken_for_none(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ui.posting.MOST_READ", 2)
    for _ in range(3):
        await world.in_public()
    with pytest.raises(HistoryClosedError):
        await poster.find(delivery, quote)


async def test_tells_trouble_from_refusal(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    for status, in_doubt in ((503, True), (401, False)):
        world.env.inject_error("POST", "/channels/*/messages", status=status, times=1)
        with pytest.raises(PostFailedError) as caught:
            await poster.post(delivery, quote)
        assert caught.value.in_doubt is in_doubt
    for status, code in ((403, 50013), (404, 10003), (400, 50035)):
        world.env.inject_error("POST", "/channels/*/messages", status=status, code=code, times=1)
        with pytest.raises(PostRefusedError):
            await poster.post(delivery, quote)
    world.env.inject_error("GET", "/channels/*/messages", status=503, times=1)
    with pytest.raises(PostFailedError):
        await poster.find(delivery, quote)
    world.env.inject_error("GET", "/channels/*/messages", status=403, code=50001, times=1)
    with pytest.raises(HistoryClosedError):
        await poster.find(delivery, quote)


async def test_admins_are_told_of_a_pause_where_they_see_it(
    world: World, poster: ChannelPoster, delivery: Delivery
) -> None:
    told = replace(delivery, problem="Missing Permissions")
    guild = world.client.get_guild(world.guild.id)
    assert guild is not None
    guild._system_channel_id = world.channel.id
    await poster.tell_paused(told)
    (message,) = posts(world)
    assert "Missing Permissions" in message.embeds[0].description


async def test_where_nobody_can_be_told_the_log_is(
    world: World, poster: ChannelPoster, delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    await poster.tell_paused(replace(delivery, guild_id=1))
    assert "Nobody could be told" in caplog.text


async def test_without_a_channel_the_owner_is_told(world: World, poster: ChannelPoster, delivery: Delivery) -> None:
    await poster.tell_paused(delivery)
    assert any(entry.path.endswith("/users/@me/channels") for entry in world.env.http_requests)


async def test_a_server_that_wants_cards_gets_the_quote_as_a_picture_with_its_words(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    wanted = wanting(delivery, card=Theme.LIGHT)
    message_id = await poster.post(wanted, quote)
    (message,) = posts(world)
    (picture,) = message.attachments
    assert quote.quote.text in picture.description
    assert not message.embeds
    assert await poster.find(wanted, quote) == message_id
    assert await poster.finish(wanted, message_id) is None


async def test_what_fits_no_card_comes_as_text(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    long = replace(quote, quote=Quote(quote.quote.interview, quote.quote.turn, "word " * 300))
    await poster.post(wanting(delivery, card=Theme.DARK), long)
    (message,) = posts(world)
    assert message.embeds
    assert not message.attachments


async def test_without_attach_files_the_quote_comes_as_text_and_admins_learn_why(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    bare = discord.PermissionOverwrite(attach_files=False)
    channel = world.guild.create_text_channel("bare", overwrites={world.guild.default_role: bare})
    await world.env.settle()
    wanted = wanting(replace(delivery, channel_id=channel.id), card=Theme.DARK)
    message_id = await poster.post(wanted, quote)
    assert channel.last_message.embeds
    assert "Attach Files" in (await poster.finish(wanted, message_id) or "")


async def test_the_role_that_was_chosen_is_mentioned_and_nobody_else(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    await world.env.settle()
    await poster.post(wanting(delivery, role_id=role.id), quote)
    sent = [entry for entry in world.env.http_requests if entry.path.endswith("/messages") and entry.method == "POST"]
    body: Any = sent[-1].json
    assert body["content"] == f"<@&{role.id}>"
    assert body["allowed_mentions"] == {"parse": [], "roles": [role.id]}


@pytest.mark.parametrize("role", ["gone", "everyone"])
async def test_a_role_that_is_gone_or_is_everyone_is_not_mentioned(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery, role: str
) -> None:
    role_id = 1 if role == "gone" else world.guild.id
    await poster.post(wanting(delivery, role_id=role_id), quote)
    (message,) = posts(world)
    assert message.content == ""


async def test_a_thread_is_opened_once_under_the_quote(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    wanted = wanting(delivery, thread=True)
    message_id = await poster.post(wanted, quote)
    assert await poster.finish(wanted, message_id) is None
    (thread,) = world.channel.threads
    assert thread.name
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=160004, times=1)
    assert await poster.finish(wanted, message_id) is None


async def test_a_thread_that_may_not_be_opened_leaves_the_quote_and_a_reason(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    closed = discord.PermissionOverwrite(create_public_threads=False)
    channel = world.guild.create_text_channel("no threads", overwrites={world.guild.default_role: closed})
    await world.env.settle()
    wanted = wanting(replace(delivery, channel_id=channel.id), thread=True)
    message_id = await poster.post(wanted, quote)
    assert "Create Public Threads" in (await poster.finish(wanted, message_id) or "")
    assert channel.last_message.id == message_id


async def test_a_quote_in_an_announcement_channel_is_published_once(
    world: World, poster: ChannelPoster, quote: SourcedQuote, delivery: Delivery
) -> None:
    news = world.guild.create_news_channel("news")
    await world.env.settle()
    wanted = wanting(replace(delivery, channel_id=news.id), publish=True)
    message_id = await poster.post(wanted, quote)
    assert await poster.finish(wanted, message_id) is None
    assert [entry.path for entry in world.env.http_requests if entry.path.endswith("/crosspost")]
    assert await poster.finish(wanted, message_id) is None
    elsewhere = replace(wanted, channel_id=world.channel.id)
    assert await poster.finish(elsewhere, await poster.post(elsewhere, quote))
