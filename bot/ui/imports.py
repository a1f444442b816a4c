"""What a file of answers would change, with the buttons that let it, and what became of it."""

import asyncio
import io

import aiohttp
import discord

from bot.domain.publications import Applied, Outcome
from bot.domain.text import counted, shorten
from bot.errors import InvalidInputError
from bot.services.imports import Proposal, check_file, result_of, rows_of, summary_of
from bot.ui.actions import Interaction, action, button, check_admin, services_of, view_of
from bot.ui.look import embed_of, plain

ROOM = 3500
LISTED_LENGTH = 160
FILE_NAME = "what-would-change.txt"
# Five megabytes over a poor line; Discord waits for fifteen minutes.
LONGEST_DOWNLOAD_SECONDS = 60.0
NOT_READ = "Discord did not hand me that file. Send it again in a moment."
Shown = tuple[discord.Embed, discord.ui.View, list[discord.File]]


async def read_file(file: discord.Attachment) -> bytes:
    """Return what is in a file that somebody has sent, which was checked by its name and size.

    Raises:
        InvalidInputError: It is of another kind or too large, or Discord does not hand it over in time.
    """
    try:
        async with asyncio.timeout(LONGEST_DOWNLOAD_SECONDS):
            content = await file.read()
    except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise InvalidInputError(NOT_READ) from error
    # What comes may be more than was announced.
    check_file(file.filename, len(content), file.content_type)
    return content


def proposal_message(proposal: Proposal, note: str = "") -> Shown:
    """Return what a file would do: all of it in a file, where it is too long to be read at once."""
    rows = list(rows_of(proposal.plan))
    lines = [
        f"{f'**Question {number}**, line' if number else 'Line'} {line}: {plain(what)}\n> "
        + plain(shorten(text, LISTED_LENGTH))
        for line, number, what, text in rows
    ]
    shown, room = [], ROOM
    for line in lines:
        room -= len(line) + 2
        if room < 0:
            break
        shown.append(line)
    is_short = len(shown) == len(rows) and all(len(text) <= LISTED_LENGTH for *_, text in rows)
    parts = [note, summary_of(proposal.plan), *shown]
    if not is_short:
        parts.append(f"All of it, with the whole texts, is in {FILE_NAME}.")
    embed = embed_of(None, "\n\n".join(filter(None, parts)), title="What this file would change")
    return embed, _buttons(proposal), [] if is_short else [_file(proposal)]


def _buttons(proposal: Proposal) -> discord.ui.View:
    if not proposal.changes:
        return view_of([])
    label = f"Publish {counted(proposal.changes, 'answer')}"
    publish = button(label, "import-publish", proposal.mark, style=discord.ButtonStyle.primary)
    return view_of([publish, button("Cancel", "import-cancel")])


def _file(proposal: Proposal) -> discord.File:
    parts = [
        f"Line {line}{f', question {number}' if number else ''}: {what}\n\n{text}"
        for line, number, what, text in rows_of(proposal.plan)
    ]
    text = "\n\n----\n\n".join([summary_of(proposal.plan), *parts]) + "\n"
    return discord.File(io.BytesIO(text.encode()), FILE_NAME)


@action("import-publish")
async def publish(interaction: Interaction, mark: str) -> None:
    """Publish the answers of the file that the admin has sent, if that does what they have seen."""
    guild_id = check_admin(interaction)
    await interaction.response.defer()
    outcome = await services_of(interaction).imports.decide(guild_id, interaction.user.id, mark)
    if isinstance(outcome, Applied):
        await interaction.edit_original_response(embed=applied_embed(outcome), view=None, attachments=[])
        return
    note = "This is not what you saw: something has changed since. Look again."
    embed, view, files = proposal_message(outcome, note)
    await interaction.edit_original_response(embed=embed, view=view, attachments=files)


@action("import-cancel")
async def cancel(interaction: Interaction) -> None:
    """Leave everything as it is, and forget the file."""
    await services_of(interaction).imports.forget(check_admin(interaction), interaction.user.id)
    embed = embed_of(None, "Nothing was published. /import-answers takes the file again.")
    await interaction.response.edit_message(embed=embed, view=None, attachments=[])


def applied_embed(applied: Applied) -> discord.Embed:
    """Return what a file did."""
    text = result_of(applied)
    refused = [f"Question {each.question_id}: {plain(each.why)}" for each in applied.of(Outcome.REFUSED)]
    if refused:
        text += "\n\nNot used:\n" + "\n".join(refused)
    return embed_of(None, text if len(text) <= ROOM else text[: ROOM - 1] + "…")
