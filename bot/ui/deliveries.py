"""The daily quote in a channel, and how its state is told to admins."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta

import aiohttp
import discord
from discord.ext import commands

from bot.domain.deliveries import REFUSED_DAYS, Delivery, DeliveryState
from bot.errors import InvalidInputError
from bot.services.deliveries import DailyStatus
from bot.services.dispatcher import HistoryClosedError, PostFailedError, PostRefusedError
from bot.services.quotes import SourcedQuote
from bot.ui.look import embed_of, moment, plain
from bot.ui.quotes import quote_embed

NEEDED = ("view_channel", "send_messages", "embed_links")
OUTCOMES = {
    DeliveryState.CLAIMED: "is being posted",
    DeliveryState.WAITING: "could not be posted yet; it is tried again",
    DeliveryState.SENT: "was posted",
    DeliveryState.MISSED: "was missed: I was away, or Discord had trouble, until it was too late",
    DeliveryState.SKIPPED: "was skipped",
    DeliveryState.FAILED: "could not be posted",
    DeliveryState.UNKNOWN: "may or may not have been posted",
}
# Longer than the library itself tries again, and much shorter than the lease of a claim.
LONGEST_SEND = 40.0
# Discord's clock and ours need not agree on when a post was first tried.
CLOCKS_DIFFER = timedelta(minutes=2)
MOST_READ = 500
MANY_REQUESTS = 429
SERVER_ERRORS = 500
UNAUTHORIZED = 401

log = logging.getLogger(__name__)


class ChannelPoster:
    """Posts quotes with the bot's client."""

    def __init__(self, client: commands.AutoShardedBot) -> None:
        """Take the client that is on line."""
        self._client = client

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id.

        Raises:
            PostRefusedError: The channel is gone, or the bot may not write there.
            PostFailedError: Discord could not take it now; the nonce keeps a repeated post from doubling.
        """
        channel = self._client.get_partial_messageable(delivery.channel_id, guild_id=delivery.guild_id)
        try:
            async with asyncio.timeout(LONGEST_SEND):
                message = await channel.send(embed=quote_embed(quote), nonce=delivery.nonce)
        except discord.HTTPException as error:
            raise _judged(error) from error
        except aiohttp.ClientConnectorError as error:
            raise PostFailedError(str(error), in_doubt=False) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error) or "Discord did not answer in time") from error
        return message.id

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        """Return the message's id if the post has been in its channel since it was first in doubt.

        Raises:
            HistoryClosedError: The channel's messages can't be read, or there are too many.
            PostFailedError: Discord can't tell now.
        """
        channel = self._readable(delivery)
        since = (delivery.doubted_at or delivery.claimed_at) - CLOCKS_DIFFER
        count = 0
        try:
            async with asyncio.timeout(LONGEST_SEND):
                async for message in channel.history(limit=MOST_READ, after=since, oldest_first=True):
                    count += 1
                    if self._is_post(message, quote):
                        return message.id
        except (discord.Forbidden, discord.NotFound) as error:
            raise HistoryClosedError(error.text) from error
        except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error) or "Discord did not answer in time", in_doubt=False) from error
        if count == MOST_READ:
            raise HistoryClosedError("too much was written since to look whether it is there")
        return None

    def _readable(self, delivery: Delivery) -> discord.TextChannel:
        """Return a delivery's channel, whose messages the bot may read: else Discord would show none, and no error."""
        guild = self._client.get_guild(delivery.guild_id)
        if guild is not None and guild.unavailable:
            raise PostFailedError("Discord has lost sight of the server for now", in_doubt=False)
        channel = guild.get_channel_or_thread(delivery.channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.TextChannel):
            raise HistoryClosedError("the channel is gone")
        granted = channel.permissions_for(guild.me)
        if not (granted.view_channel and granted.read_message_history):
            raise HistoryClosedError("without Read Message History I can't look whether it is there")
        return channel

    def _is_post(self, message: discord.Message, quote: SourcedQuote) -> bool:
        """Return whether a message is this quote, posted by the bot itself and not as an answer to /quote."""
        ours = self._client.user is not None and message.author.id == self._client.user.id
        unasked = message.interaction_metadata is None and message.type is discord.MessageType.default
        shown = message.embeds[0].description if message.embeds else None
        return ours and unasked and shown == quote_embed(quote).description

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell admins of a server that its quote is paused, where they may see it; or nobody, but the log."""
        guild = self._client.get_guild(delivery.guild_id)
        for place in _places(guild) if guild is not None else ():
            try:
                async with asyncio.timeout(LONGEST_SEND):
                    channel = await self._client.create_dm(place) if isinstance(place, discord.Object) else place
                    await channel.send(embed=paused_note(delivery))
            except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.info("Could not tell server %d of its pause there: %s", delivery.guild_id, error)
            else:
                return
        log.warning("Nobody could be told that the daily quote of server %d is paused", delivery.guild_id)


def _judged(error: discord.HTTPException) -> Exception:
    """Return what an answer of Discord means for a post: refused, or failed with or without doubt."""
    if error.status >= SERVER_ERRORS:
        return PostFailedError(str(error))
    if error.status in {MANY_REQUESTS, UNAUTHORIZED}:
        return PostFailedError(str(error), in_doubt=False)
    return PostRefusedError(error.text)


def _places(guild: discord.Guild) -> Iterator[discord.TextChannel | discord.Object]:
    """Yield where admins of a server may see a message: channels that may be written to, at last the owner."""
    for channel in (guild.system_channel, guild.public_updates_channel):
        if channel is not None and not _missing(channel, NEEDED):
            yield channel
    if guild.owner_id is not None:
        yield discord.Object(guild.owner_id)


def _missing(channel: discord.abc.GuildChannel, names: Iterable[str]) -> list[str]:
    """Return which permissions the bot lacks in a channel, as Discord's settings call them."""
    granted = channel.permissions_for(channel.guild.me)
    return [name.replace("_", " ").title() for name in names if not getattr(granted, name)]


def paused_note(delivery: Delivery) -> discord.Embed:
    """Return what admins are told when the bot has paused a server's quote."""
    text = (
        f"I could not post the daily quote in <#{delivery.channel_id}> on {REFUSED_DAYS} days in a row, so it is "
        f"paused. Discord says: {plain((delivery.problem or 'nothing').rstrip('.'))}.\n"
        "`/daily test` names what is missing. When it is mended, `/daily resume` starts it again."
    )
    return embed_of(None, text, title="The daily quote is paused")


def check_permissions(channel: discord.TextChannel) -> None:
    """Refuse a channel in which the bot may not post.

    Raises:
        InvalidInputError: A permission is missing; the sentence names each, and where to give it.
    """
    if missing := _missing(channel, NEEDED):
        raise InvalidInputError(
            f"I may not post in {channel.mention} yet. Give me {' and '.join(missing)} there: "
            "Edit Channel, Permissions, my role. Then set it again."
        )


def status_embed(status: DailyStatus | None) -> discord.Embed:
    """Return a server's daily quote as it stands."""
    if status is None:
        return embed_of(None, "There is no daily quote here. Start one with /daily set.")
    rule = status.rule
    text = (
        f"A quote every day in <#{rule.channel_id}> at {rule.at:%H:%M} ({rule.zone.key}).\n"
        f"Next: {moment(status.upcoming.due)} ({moment(status.upcoming.due, 'R')})."
    )
    if rule.paused is not None:
        text = f"The daily quote is paused since {moment(rule.paused.since)}. /daily set starts it again."
        if rule.paused.problem:
            text += f" Discord says: {plain(rule.paused.problem.rstrip('.'))}."
    if status.last is not None:
        outcome = OUTCOMES[status.last.state]
        text += f"\nThe one for {status.last.local_date:%Y-%m-%d} {outcome}."
        if status.last.problem:
            text += f" Discord says: {status.last.problem.rstrip('.')}."
    return embed_of(None, text)
