"""Brings the daily quote into its channel: sends it, looks whether it is there, and does what goes with it."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import aiohttp
import discord
from discord.ext import commands

from bot.domain.deliveries import REFUSED_DAYS, Delivery
from bot.domain.privacy import tag_of
from bot.domain.text import shorten
from bot.services.cards import Cards
from bot.services.dispatcher import HistoryClosedError, PostFailedError
from bot.services.quotes import SourcedQuote
from bot.ui.look import embed_of, plain
from bot.ui.permissions import CARD, HISTORY, NEEDED, in_words, missing, needed
from bot.ui.quotes import card_file, card_in_words, quote_embed, quote_page
from bot.ui.sending import NO_ANSWER, judged, reason_of

# Longer than the library itself tries again, and with what goes with the post still shorter than the lease of a claim.
LONGEST_SEND = 40.0
LONGEST_FINISH = 20.0
# Discord's clock and ours need not agree on when a post was first tried.
CLOCKS_DIFFER = timedelta(minutes=2)
MOST_READ = 500
MAX_THREAD_NAME = 100
ONE_DAY_IN_MINUTES: Final = 1440
# What Discord answers where a message has a thread already, or was published before.
HAS_THREAD, IS_PUBLISHED = 160004, 40033
# Not allowed, and not there.
REFUSED = {403, 404}

log = logging.getLogger(__name__)


class ChannelPoster:
    """Posts quotes with the bot's client."""

    def __init__(self, client: commands.AutoShardedBot, cards: Cards) -> None:
        """Take the client that is on line, and what draws quotes."""
        self._client = client
        self._cards = cards

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id.

        Raises:
            PostRefusedError: The channel is gone, or the bot may not write there.
            PostFailedError: Discord could not take it now; the nonce keeps a repeated post from doubling.
        """
        channel = self._client.get_partial_messageable(delivery.channel_id, guild_id=delivery.guild_id)
        content = await self._content(delivery, quote)
        async with judged(LONGEST_SEND, errors_in_doubt=True):
            message = await channel.send(**content, nonce=delivery.nonce)
        return message.id

    async def _content(self, delivery: Delivery, quote: SourcedQuote) -> dict[str, Any]:
        """Return what is sent: the quote as a card or as text, and the mention of a role that is still there."""
        embed, view = quote_page(quote)
        options, guild = delivery.options, self._client.get_guild(delivery.guild_id)
        content: dict[str, Any] = {"view": view}
        may_attach = CARD not in self._lacking(delivery)
        card = await self._cards.draw(quote, options.card) if options.card is not None and may_attach else None
        # What does not fit a card, or has no glyph in its font, comes as text.
        content |= {"file": card_file(quote, card)} if isinstance(card, bytes) else {"embed": embed}
        role = guild.get_role(options.role_id) if guild is not None and options.role_id is not None else None
        if role is not None and not role.is_default():
            content |= {"content": role.mention, "allowed_mentions": discord.AllowedMentions(roles=[role])}
        return content

    def _lacking(self, delivery: Delivery) -> list[str]:
        """Return the permissions that a post as its server wants it lacks, as far as the bot knows."""
        guild = self._client.get_guild(delivery.guild_id)
        channel = guild.get_channel(delivery.channel_id) if guild is not None else None
        return missing(channel, needed(delivery.options, channel.guild)) if channel is not None else []

    async def finish(self, delivery: Delivery, message_id: int) -> str | None:
        """Open the thread under a post and publish it, where its server wants that and it was not done before.

        Returns:
            What could not be done, in a sentence for admins, or None.
        """
        channel = self._client.get_partial_messageable(delivery.channel_id, guild_id=delivery.guild_id)
        message = channel.get_partial_message(message_id)
        problems = [f"{in_words(name)} is missing" for name in self._lacking(delivery) if name not in NEEDED]
        try:
            async with asyncio.timeout(LONGEST_FINISH):
                if delivery.options.thread:
                    await _open_thread(message, delivery)
                if delivery.options.publish:
                    await _publish(message)
        except (TimeoutError, ValueError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            problem = reason_of(error) if isinstance(error, discord.HTTPException) else str(error)
            problems.append(problem or NO_ANSWER)
        return "; ".join(dict.fromkeys(problems)) or None

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
        except discord.HTTPException as error:
            if error.status in REFUSED and error.code:
                raise HistoryClosedError(reason_of(error)) from error
            raise PostFailedError(reason_of(error), in_doubt=False) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error) or NO_ANSWER, in_doubt=False) from error
        if count == MOST_READ:
            raise HistoryClosedError("too much was written since to look whether it is there")
        return None

    def _readable(self, delivery: Delivery) -> discord.TextChannel:
        """Return a delivery's channel, whose messages the bot may read: else Discord would show none, and no error."""
        guild = self._client.get_guild(delivery.guild_id)
        # Before it is on line, the bot knows no server at all.
        if not self._client.is_ready() or (guild is not None and guild.unavailable):
            raise PostFailedError("Discord does not show the server just now", in_doubt=False)
        channel = guild.get_channel_or_thread(delivery.channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.TextChannel):
            raise HistoryClosedError("the channel is gone")
        if missing(channel, ["view_channel", HISTORY]):
            raise HistoryClosedError("without Read Message History I can't look whether it is there")
        return channel

    def _is_post(self, message: discord.Message, quote: SourcedQuote) -> bool:
        """Return whether a message is this quote, posted by the bot itself and not as an answer to /quote."""
        ours = self._client.user is not None and message.author.id == self._client.user.id
        unasked = message.interaction_metadata is None and message.type is discord.MessageType.default
        shown = {embed.description for embed in message.embeds} | {file.description for file in message.attachments}
        return ours and unasked and not shown.isdisjoint({quote_embed(quote).description, card_in_words(quote)})

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell admins of a server that its quote is paused, where they may see it; or nobody, but the log."""
        guild = self._client.get_guild(delivery.guild_id)
        for place in _places(guild) if guild is not None else ():
            try:
                async with asyncio.timeout(LONGEST_SEND):
                    channel = await self._client.create_dm(place) if isinstance(place, discord.Object) else place
                    await channel.send(embed=paused_note(delivery))
            except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
                reason = reason_of(error) if isinstance(error, discord.HTTPException) else error
                log.info("Could not tell server %s of its pause there: %s", tag_of(delivery.guild_id), reason)
            else:
                return
        log.warning("Nobody could be told that the daily quote of server %s is paused", tag_of(delivery.guild_id))


def _places(guild: discord.Guild) -> Iterator[discord.TextChannel | discord.Object]:
    """Yield where admins of a server may see a message: channels that may be written to, at last the owner."""
    for channel in (guild.system_channel, guild.public_updates_channel):
        if channel is not None and not missing(channel, NEEDED):
            yield channel
    if guild.owner_id is not None:
        yield discord.Object(guild.owner_id)


async def _open_thread(message: discord.PartialMessage, delivery: Delivery) -> None:
    text = delivery.quote.text if delivery.quote is not None else ""
    try:
        await message.create_thread(name=shorten(text, MAX_THREAD_NAME), auto_archive_duration=ONE_DAY_IN_MINUTES)
    except discord.HTTPException as error:
        if error.code != HAS_THREAD:
            raise


async def _publish(message: discord.PartialMessage) -> None:
    try:
        await message.publish()
    except discord.HTTPException as error:
        if error.code != IS_PUBLISHED:
            raise


def paused_note(delivery: Delivery) -> discord.Embed:
    """Return what admins are told when the bot has paused a server's quote."""
    text = (
        f"I could not post the daily quote in <#{delivery.channel_id}> on {REFUSED_DAYS} days in a row, so it is "
        f"paused. Discord says: {plain((delivery.problem or 'nothing').rstrip('.'))}.\n"
        "`/daily test` names what is missing. When it is mended, `/daily resume` starts it again."
    )
    return embed_of(None, text, title="The daily quote is paused")
