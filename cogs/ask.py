"""`/ask`: a question in anybody's own words, answered from the interview."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.services.answers import Answers
from bot.ui.actions import Interaction
from bot.ui.answers import send_reply


class Ask(commands.Cog):
    """Answers questions."""

    def __init__(self, answers: Answers) -> None:
        """Take the service that finds answers."""
        self._answers = answers

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(
        question="In your own words, or one of the questions from the list",
        private="Show the answer to you alone",
    )
    async def ask(
        self, interaction: Interaction, question: app_commands.Range[str, 1, 300], *, private: bool = False
    ) -> None:
        """Ask the interview a question."""
        await send_reply(interaction, await self._answers.find(question), private=private)

    @ask.autocomplete("question")
    async def _suggest(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return [app_commands.Choice(name=text, value=text) for text in await self._answers.suggest(typed)]
