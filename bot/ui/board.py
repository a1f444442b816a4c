"""Brings readers' questions to the moderators: posts their cards in a channel, and keeps them as the questions are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord.ext import commands

from bot.domain.questions import Question
from bot.services.dispatcher import PostRefusedError
from bot.services.interviews import Interviews
from bot.services.reviewing import CardRefusedError
from bot.ui.permissions import NEEDED, in_words, missing
from bot.ui.review import card_of_question
from bot.ui.sending import judged

# Longer than the library itself tries again.
LONGEST_SEND = 40.0


class ChannelBoard:
    """Shows cards with the bot's client."""

    def __init__(self, client: commands.AutoShardedBot, interviews: Interviews) -> None:
        """Take the client, and the service that knows what questions are about."""
        self._client = client
        self._interviews = interviews

    async def post(self, channel_id: int, question: Question) -> int:
        """Post a question's card and return the message's id; posting it twice within minutes posts it once.

        Raises:
            CardRefusedError: The channel is gone, or the bot may not post there.
            PostFailedError: Discord could not take it now.
        """
        guild = self._client.get_guild(question.guild_id)
        channel = guild.get_channel(channel_id) if guild is not None else None
        # Each refused request counts against the bot with Discord, so what is known to be refused is not tried.
        if channel is not None and (lacking := missing(channel, NEEDED)):
            raise CardRefusedError(", ".join(in_words(name) for name in lacking) + " is missing")
        embed, view = await card_of_question(self._interviews, question)
        place = self._client.get_partial_messageable(channel_id, guild_id=question.guild_id)
        async with _judged():
            message = await place.send(embed=embed, view=view, nonce=f"q{question.id}")
        return message.id

    async def redraw(self, channel_id: int, message_id: int, question: Question) -> None:
        """Let a card show a question as it is now; a card that is gone is no error.

        Raises:
            CardRefusedError: The bot may not see the channel any more.
            PostFailedError: Discord could not take it now.
        """
        embed, view = await card_of_question(self._interviews, question)
        place = self._client.get_partial_messageable(channel_id, guild_id=question.guild_id)
        async with _judged(), _passing_over_what_is_gone():
            await place.get_partial_message(message_id).edit(embed=embed, view=view)

    async def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a card; one that is gone is no error.

        Raises:
            CardRefusedError: The bot may not see the channel any more.
            PostFailedError: Discord could not take it now.
        """
        place = self._client.get_partial_messageable(channel_id)
        async with _judged(), _passing_over_what_is_gone():
            await place.get_partial_message(message_id).delete()


@asynccontextmanager
async def _judged() -> AsyncIterator[None]:
    try:
        async with judged(LONGEST_SEND, errors_in_doubt=True):
            yield
    except PostRefusedError as error:
        if isinstance(error.__cause__, discord.Forbidden | discord.NotFound):
            raise CardRefusedError(str(error)) from error
        raise


@asynccontextmanager
async def _passing_over_what_is_gone() -> AsyncIterator[None]:
    try:
        yield
    except discord.NotFound as error:
        if not error.code:  # a page of what stands before Discord
            raise
