"""`/inbox`: the readers' questions, for moderators to decide on."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.services import Services
from bot.ui.actions import Interaction
from bot.ui.inbox import CHOICES, LONGEST_WORDS, MOST_WANTED, filter_of, inbox, opened
from bot.ui.interviews import interview_choices

STATES = [app_commands.Choice(name=words, value=value) for value, words in CHOICES.items()]


class Inbox(commands.Cog):
    """Shows a server's questions."""

    def __init__(self, services: Services) -> None:
        """Take the services that keep questions, their cards and the interviews."""
        self._services = services

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.choices(state=STATES)
    @app_commands.describe(
        state="Open ones, if you leave it out",
        flagged="Flagged ones only",
        words="Words that they contain",
        interview="The interview that they are about",
        at_least="Wanted by so many people or more",
        number="One question, by its number",
    )
    async def inbox(
        self,
        interaction: Interaction,
        *,
        state: str = STATES[0].value,
        flagged: bool = False,
        words: app_commands.Range[str, 1, LONGEST_WORDS] = "",
        interview: app_commands.Range[str, 1, 32] | None = None,
        at_least: app_commands.Range[int, 1, MOST_WANTED] = 1,
        number: app_commands.Range[int, 1] | None = None,
    ) -> None:
        """See the readers' questions and decide on them."""
        guild_id, services = interaction.guild_id or 0, self._services
        if interview is not None:
            interview = (await services.interviews.library()).interview(interview).id
        wanted = filter_of(state, flagged=flagged, words=words, interview=interview, at_least=at_least)
        list_or_card = (
            inbox(services, guild_id, wanted) if number is None else opened(services, guild_id, number, wanted)
        )
        embed, view = await list_or_card
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @inbox.autocomplete("interview")
    async def _interviews(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return interview_choices(await self._services.interviews.library(), typed)
