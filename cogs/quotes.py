"""`/quote`: passages that stand alone: by chance, as a picture, by words, today's, and one's favourites."""

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.domain.card_contents import Theme
from bot.services.cards import Cards
from bot.services.deliveries import Deliveries
from bot.services.favourites import Favourites
from bot.services.quotes import Quotes
from bot.ui.actions import Interaction
from bot.ui.favourites import shelf_page
from bot.ui.quotes import found_page, quote_page, send_card, today_page


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class QuotePicker(commands.GroupCog, group_name="quote", group_description="Passages that stand alone"):
    """Shows quotes."""

    def __init__(self, quotes: Quotes, cards: Cards, favourites: Favourites, deliveries: Deliveries) -> None:
        """Take the services that find quotes, draw them, keep members' favourites, and know what was posted today."""
        self._quotes = quotes
        self._cards = cards
        self._favourites = favourites
        self._deliveries = deliveries
        super().__init__()

    @app_commands.command()
    async def show(self, interaction: Interaction) -> None:
        """Read a quote from the interview."""
        embed, view = quote_page(await self._favourites.counted(await self._quotes.any(interaction.guild_id)))
        await interaction.response.send_message(embed=embed, view=view)

    @app_commands.command()
    @app_commands.describe(theme="How the card looks; dark, if you choose neither")
    async def card(self, interaction: Interaction, theme: Literal["dark", "light"] = "dark") -> None:
        """Get a quote from the interview as a picture."""
        sourced = await self._quotes.any(interaction.guild_id)
        await interaction.response.defer(thinking=True)
        await send_card(interaction, sourced, await self._cards.draw(sourced, Theme(theme)))

    @app_commands.command()
    async def favourites(self, interaction: Interaction) -> None:
        """See the quotes that you keep."""
        embed, view = shelf_page(await self._favourites.page(interaction.user.id, 0, interaction.guild_id))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(words="What the quote should speak of")
    async def search(self, interaction: Interaction, words: app_commands.Range[str, 1, 100]) -> None:
        """Find quotes by what they speak of."""
        embed, view = found_page(words, await self._quotes.search(words, interaction.guild_id), 0)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @app_commands.command()
    async def today(self, interaction: Interaction) -> None:
        """See the quote that was posted in this server today."""
        if interaction.guild_id is None:
            raise app_commands.NoPrivateMessage
        embed, view = today_page(await self._deliveries.today(interaction.guild_id))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
