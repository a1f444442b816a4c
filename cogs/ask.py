"""`/ask`: a question in anybody's own words, answered from the interview."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.services.answers import Answers
from bot.services.gaps import Gaps
from bot.services.guilds import Guilds
from bot.ui.actions import Interaction
from bot.ui.answers import answer


class Ask(commands.Cog):
    """Answers questions."""

    def __init__(self, answers: Answers, gaps: Gaps, guilds: Guilds) -> None:
        """Take the services that find answers, keep what found none, and know who may see an answer."""
        self._answers = answers
        self._gaps = gaps
        self._guilds = guilds

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(
        question="In your own words, or one of the questions from the list",
        private="Show the answer to you alone, or to everybody, whatever the server's setting is",
    )
    async def ask(
        self, interaction: Interaction, question: app_commands.Range[str, 1, 300], *, private: bool | None = None
    ) -> None:
        """Ask the interview a question."""
        await answer(interaction, question, private, answers=self._answers, gaps=self._gaps, guilds=self._guilds)

    @ask.autocomplete("question")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        found = await self._answers.suggest(typed, interaction.guild_id)
        return [app_commands.Choice(name=text, value=text) for text in found]
