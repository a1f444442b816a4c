"""`/interview`: what the interview is, who speaks, and every turn to read."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.services.interviews import Interviews
from bot.ui.actions import Interaction
from bot.ui.interviews import interview_choices, overview


class InterviewReader(commands.Cog):
    """Shows interviews."""

    def __init__(self, interviews: Interviews) -> None:
        """Take the service that lends the library."""
        self._interviews = interviews

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(name="Which interview; the first one if you leave it out")
    async def interview(self, interaction: Interaction, name: str | None = None) -> None:
        """See what the interview is about, and read it."""
        library = await self._interviews.library(interaction.guild_id)
        embed, view = overview(library.interview(name))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @interview.autocomplete("name")
    async def _names(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return interview_choices(await self._interviews.library(), typed)
