"""`/privacy`: what is kept about who asks, as a file, or deleted."""

from discord import app_commands
from discord.ext import commands

from bot.services.privacy import Privacy
from bot.ui.actions import Interaction
from bot.ui.privacy import overview


class WhatIsKept(commands.Cog):
    """Tells people what is kept about them."""

    def __init__(self, privacy: Privacy) -> None:
        """Take the service that knows what is kept of whom."""
        self._privacy = privacy

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def privacy(self, interaction: Interaction) -> None:
        """See what is kept about you, get it as a file, or delete it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        holdings = await self._privacy.holdings(interaction.user.id, interaction.guild_id)
        embed, view = overview(holdings, in_server=interaction.guild_id is not None)
        await interaction.followup.send(embed=embed, view=view, ephemeral=True)
