"""`/gaps`: what members asked in vain, for admins to teach or to pass on."""

from discord import app_commands
from discord.ext import commands

from bot.services.gaps import Gaps
from bot.ui.actions import Interaction
from bot.ui.gaps import gaps_page


class GapList(commands.Cog):
    """Shows what was asked in vain."""

    def __init__(self, gaps: Gaps) -> None:
        """Take the service that keeps what was asked in vain."""
        self._gaps = gaps

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def gaps(self, interaction: Interaction) -> None:
        """See what was asked here in vain, and teach what answers it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        embed, view = gaps_page(await self._gaps.page(interaction.guild_id or 0, 0))
        await interaction.followup.send(embed=embed, view=view, ephemeral=True)
