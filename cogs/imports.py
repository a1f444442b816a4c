"""`/import-answers`: a file that the author has filled in comes back."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.services.imports import AnswerImports, check_file
from bot.ui.actions import Interaction
from bot.ui.imports import proposal_message, read_file


class AnswerFiles(commands.Cog):
    """Takes the author's answers back in a file."""

    def __init__(self, imports: AnswerImports) -> None:
        """Take the service that brings answers to their questions."""
        self._imports = imports

    @app_commands.command(name="import-answers")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(file="The pack as the author sent it back: a text file of at most 5 MB")
    async def import_answers(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Publish the answers of a file; first you see what it would change."""
        check_file(file.filename, file.size, file.content_type)
        await interaction.response.defer(ephemeral=True, thinking=True)
        proposal = await self._imports.keep(interaction.guild_id or 0, interaction.user.id, await read_file(file))
        embed, view, files = proposal_message(proposal)
        await interaction.followup.send(embed=embed, view=view, files=files, ephemeral=True)
