"""`/quote`: a sentence of the interview that stands alone."""

from discord import app_commands
from discord.ext import commands

from bot.services.quotes import Quotes
from bot.ui.actions import Interaction
from bot.ui.quotes import quote_embed


class QuotePicker(commands.Cog):
    """Shows quotes."""

    def __init__(self, quotes: Quotes) -> None:
        """Take the service that picks quotes."""
        self._quotes = quotes

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def quote(self, interaction: Interaction) -> None:
        """Read a sentence from the interview."""
        await interaction.response.send_message(embed=quote_embed(await self._quotes.any()))
