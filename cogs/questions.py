"""`/question`: ask the author, and see one's own questions."""

from discord import app_commands
from discord.ext import commands

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
