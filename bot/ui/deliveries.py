"""The daily quote in a channel, and how its state is told to admins."""

import aiohttp
import discord
from discord.ext import commands

from bot.domain.deliveries import Delivery, DeliveryState
from bot.errors import InvalidInputError
from bot.services.deliveries import DailyStatus, PostFailedError, PostRefusedError
from bot.services.quotes import SourcedQuote
from bot.ui.look import embed_of, moment
from bot.ui.quotes import quote_page

NEEDED = ("view_channel", "send_messages", "embed_links")
OUTCOMES = {
    DeliveryState.CLAIMED: "is being posted",
    DeliveryState.WAITING: "could not be posted yet; it is tried again",
    DeliveryState.SENT: "was posted",
    DeliveryState.FAILED: "could not be posted",
    DeliveryState.UNKNOWN: "may not have been posted: I was stopped while posting it",
}


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
        embed, view = quote_page(quote)
        try:
            message = await channel.send(embed=embed, view=view, nonce=delivery.nonce)
        except (discord.Forbidden, discord.NotFound) as error:
            raise PostRefusedError(error.text) from error
        except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error)) from error
        return message.id


def check_permissions(channel: discord.TextChannel) -> None:
    """Refuse a channel in which the bot may not post.

    Raises:
        InvalidInputError: A permission is missing; the sentence names each, and where to give it.
    """
    granted = channel.permissions_for(channel.guild.me)
    missing = [name.replace("_", " ").title() for name in NEEDED if not getattr(granted, name)]
    if missing:
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
    if status.last is not None:
        outcome = OUTCOMES[status.last.state]
        text += f"\nThe one for {status.last.local_date:%Y-%m-%d} {outcome}."
        if status.last.problem:
            text += f" Discord says: {status.last.problem.rstrip('.')}."
    return embed_of(None, text)
