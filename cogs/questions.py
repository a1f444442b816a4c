"""`/question`: ask the author and see one's own questions; `/export`: all of them, for admins."""

import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.text import counted
from bot.services.questions import Questions
from bot.ui.actions import Interaction
from bot.ui.questions import asker_of, own_questions, question_form


class QuestionBox(commands.Cog):
    """Collects questions for the author."""

    question = app_commands.Group(
        name="question",
        description="Ask the author what the interview does not say",
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True),
    )

    def __init__(self, questions: Questions) -> None:
        """Take the service that keeps questions."""
        self._questions = questions

    @question.command(name="ask")
    async def ask(self, interaction: Interaction) -> None:
        """Ask the author a question."""
        await interaction.response.send_modal(question_form())

    @question.command(name="mine")
    async def mine(self, interaction: Interaction) -> None:
        """See the questions that you have asked."""
        asker = asker_of(interaction)
        page = await self._questions.mine(asker.guild_id, asker.member_id)
        await interaction.response.send_message(embed=own_questions(page.questions), ephemeral=True)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def export(self, interaction: Interaction) -> None:
        """Get the questions that were asked in this server, as a CSV file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        content, count = await self._questions.export_csv(interaction.guild_id or 0)
        file = discord.File(io.BytesIO(content), "questions.csv")
        await interaction.followup.send(counted(count, "question"), file=file, ephemeral=True)
