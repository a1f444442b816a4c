"""`/answer`: the author's answers to readers' questions, for admins to publish, change and take back."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.ui.actions import Interaction
from bot.ui.publications import (
    ANSWERED,
    EVER_ANSWERED,
    TO_ANSWER,
    confirm_retract,
    history_page,
    number_of,
    open_answer,
    question_choices,
)

WHICH = "Type a few of its words and pick it from the list"
Typed = app_commands.Range[str, 1, 100]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class AnswerDesk(commands.GroupCog, group_name="answer", group_description="The author's answers to readers"):
    """Publishes the author's answers."""

    # A server can override `default_permissions`; these checks it cannot.
    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(question=WHICH)
    async def publish(self, interaction: Interaction, question: Typed) -> None:
        """Publish the author's answer to a question."""
        await open_answer(interaction, number_of(question), published=False)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(question=WHICH)
    async def edit(self, interaction: Interaction, question: Typed) -> None:
        """Change a published answer; its post changes with it."""
        await open_answer(interaction, number_of(question), published=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(question=WHICH)
    async def retract(self, interaction: Interaction, question: Typed) -> None:
        """Take a published answer back; it is kept, and shown nowhere."""
        await confirm_retract(interaction, number_of(question))

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(question=WHICH)
    async def history(self, interaction: Interaction, question: Typed) -> None:
        """See every version of an answer, who made it so and when."""
        embed, view = await history_page(interaction, number_of(question), -1)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @publish.autocomplete("question")
    async def _waiting(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return await question_choices(interaction, typed, TO_ANSWER)

    @edit.autocomplete("question")
    @retract.autocomplete("question")
    async def _answered(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return await question_choices(interaction, typed, ANSWERED)

    @history.autocomplete("question")
    async def _ever_answered(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return await question_choices(interaction, typed, EVER_ANSWERED)
