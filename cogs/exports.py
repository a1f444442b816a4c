"""`/export` and `/import-answers`: questions go out as files, and the author's answers come back in one."""

import io
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.exports import ExportFormat, parse_since
from bot.domain.questions import QuestionFilter, QuestionState, Recipient
from bot.services.exporting import Exports
from bot.services.interviews import Interviews
from bot.services.packs import Packs, PackWish
from bot.ui.actions import Interaction
from bot.ui.exports import pack_note, send_export
from bot.ui.interviews import interview_choices

Count = app_commands.Range[int, 1, 1_000_000]
Key = app_commands.Range[str, 1, 100]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class QuestionFiles(commands.GroupCog, group_name="export", group_description="The readers' questions as files"):
    """Hands a server's questions out as files."""

    def __init__(self, exports: Exports, packs: Packs, interviews: Interviews) -> None:
        """Take the services that write exports and packs, and the library."""
        self._exports = exports
        self._packs = packs
        self._interviews = interviews
        super().__init__()

    # A server can override `default_permissions`; these checks it cannot.
    @app_commands.command(name="questions")
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.rename(form="format", wanted_by="wanted-by")
    @app_commands.describe(
        form="CSV for spreadsheets, JSON for programs, Markdown for people",
        state="Only questions that have come so far",
        since="Only what was asked on that day (UTC) or later, such as 2026-11-01",
        interview="Only questions about this interview",
        wanted_by="Only what so many people or more want to know",
    )
    @app_commands.choices(
        form=[app_commands.Choice(name=form.name.title(), value=form.value) for form in ExportFormat],
        state=[app_commands.Choice(name=state.value.title(), value=state.value) for state in QuestionState],
    )
    async def questions(
        self,
        interaction: Interaction,
        form: str = ExportFormat.CSV.value,
        state: str | None = None,
        since: app_commands.Range[str, 1, 20] | None = None,
        interview: Key | None = None,
        wanted_by: Count = 1,
    ) -> None:
        """Get the questions that were asked in this server as a file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        wanted = QuestionFilter(
            states=frozenset({QuestionState(state)}) if state else None,
            interview=(await self._interviews.library()).interview(interview).id if interview else None,
            since=parse_since(since) if since else None,
            at_least=wanted_by,
            merged=True,
        )
        guild_id, limit = interaction.guild_id or 0, interaction.filesize_limit
        async with self._exports.parts(guild_id, wanted, ExportFormat(form), limit) as export:
            await send_export(interaction, export)

    @app_commands.command(name="pack")
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.rename(at_least="at-least", to="for")
    @app_commands.describe(
        interview="About which interview; the first one if you leave it out",
        at_least="Only what so many people or more want to know",
        to="Who shall answer; the interviewee if you leave it out",
        state="Approved questions, if you leave it out; or those that nobody has reviewed yet",
    )
    @app_commands.choices(
        to=[app_commands.Choice(name=each.value.title(), value=each.value) for each in Recipient],
        state=[
            app_commands.Choice(name=each.value.title(), value=each.value)
            for each in (QuestionState.APPROVED, QuestionState.OPEN)
        ],
    )
    async def pack(
        self,
        interaction: Interaction,
        interview: Key | None = None,
        at_least: Count = 1,
        to: str = Recipient.INTERVIEWEE.value,
        state: str = QuestionState.APPROVED.value,
    ) -> None:
        """Get the questions that wait for the author, as one file to be filled in."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        wish = PackWish(interview, at_least, QuestionState(state), Recipient(to))
        pack = await self._packs.write(interaction.guild_id or 0, wish)
        file = discord.File(io.BytesIO(pack.content), pack.name)
        await interaction.followup.send(pack_note(pack), file=file, ephemeral=True)

    @questions.autocomplete("interview")
    @pack.autocomplete("interview")
    async def _interview_names(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return interview_choices(await self._interviews.library(), typed)
