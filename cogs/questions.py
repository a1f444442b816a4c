"""`/question`: ask the author, see one's own questions and what others ask."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.services.asking import Asking
from bot.services.questions import Questions
from bot.ui.actions import Interaction
from bot.ui.own_questions import own_page
from bot.ui.questions import ask_about, asker_of, open_form
from bot.ui.top_questions import top_page

SERVER_ONLY = app_commands.AppCommandContext(guild=True)
INSTALLED_THERE = app_commands.AppInstallationType(guild=True)


class QuestionBox(commands.Cog):
    """Collects questions for the author."""

    question = app_commands.Group(
        name="question",
        description="Ask the author what the interview does not say",
        allowed_contexts=SERVER_ONLY,
        allowed_installs=INSTALLED_THERE,
    )

    def __init__(self, questions: Questions, asking: Asking, tree: app_commands.CommandTree[Any]) -> None:
        """Take the services that keep questions, and say what became of them; and the tree of commands."""
        self._questions = questions
        self._asking = asking
        self._tree = tree
        self._menu = app_commands.ContextMenu(
            name="Ask the author about this",
            callback=ask_about,
            allowed_contexts=SERVER_ONLY,
            allowed_installs=INSTALLED_THERE,
        )

    async def cog_load(self) -> None:
        """Add the entry in the menu of each message, which can't belong to a cog."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the entry away."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @question.command(name="ask")
    async def ask(self, interaction: Interaction) -> None:
        """Ask the author a question."""
        await open_form(interaction)

    @question.command(name="mine")
    async def mine(self, interaction: Interaction) -> None:
        """See what became of the questions that you have asked, change one or take it back."""
        asker = asker_of(interaction)
        embed, view = own_page(await self._asking.mine(asker.guild_id, asker.member_id))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @question.command(name="top")
    async def top(self, interaction: Interaction) -> None:
        """See what others ask, and say that you want to know it too."""
        embed, view = await top_page(interaction, 0)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
