"""`/setup`: what holds in a server, for admins to see and change."""

from discord import app_commands
from discord.ext import commands

from bot.services.deliveries import Deliveries
from bot.services.guilds import Guilds
from bot.services.questions import Questions
from bot.ui.actions import Interaction
from bot.ui.setup import setup_panel


class Setup(commands.Cog):
    """Shows a server's settings."""

    def __init__(self, guilds: Guilds, deliveries: Deliveries, questions: Questions) -> None:
        """Take the services that keep what the panel shows."""
        self._guilds = guilds
        self._deliveries = deliveries
        self._questions = questions

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def setup(self, interaction: Interaction) -> None:
        """See and change what holds in this server."""
        guild_id = interaction.guild_id or 0
        embed, view = setup_panel(
            await self._guilds.settings(guild_id),
            await self._deliveries.status(guild_id),
            await self._questions.rules(guild_id),
        )
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
