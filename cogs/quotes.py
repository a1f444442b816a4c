"""`/quote`: a passage of the interview that stands alone, as text or as a picture."""

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.domain.cards import Theme
from bot.services.cards import Cards
from bot.services.quotes import Quotes
from bot.ui.actions import Interaction
from bot.ui.quotes import quote_embed, send_card


class QuotePicker(commands.Cog):
    """Shows quotes."""

    quote = app_commands.Group(
        name="quote",
        description="Passages of the interview that stand alone",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True),
    )

    def __init__(self, quotes: Quotes, cards: Cards) -> None:
        """Take the services that pick quotes and draw them."""
        self._quotes = quotes
        self._cards = cards

    @quote.command(name="show")
    async def show(self, interaction: Interaction) -> None:
        """Read a quote from the interview."""
        await interaction.response.send_message(embed=quote_embed(await self._quotes.any()))

    @quote.command(name="card")
    @app_commands.describe(theme="How the card looks; dark, if you choose neither")
    async def card(self, interaction: Interaction, theme: Literal["dark", "light"] = "dark") -> None:
        """Get a quote from the interview as a picture."""
        sourced = await self._quotes.any()
        await interaction.response.defer(thinking=True)
        await send_card(interaction, sourced, await self._cards.draw(sourced, Theme(theme)))
