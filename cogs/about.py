"""`/about`: what this is, whose words it quotes, and where to report a problem."""

from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.services.interviews import Interviews
from bot.ui.about import about_embed
from bot.ui.actions import Interaction


class About(commands.Cog):
    """Says what the bot is."""

    def __init__(self, interviews: Interviews, support_url: str | None) -> None:
        """Take the service that lends the library, and the place for reports."""
        self._interviews = interviews
        self._support_url = support_url

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def about(self, interaction: Interaction) -> None:
        """See what this is, its sources, and where to report a problem."""
        library = await self._interviews.library()
        embed = about_embed(__version__, library.interviews, self._support_url)
        await interaction.response.send_message(embed=embed, ephemeral=True)
