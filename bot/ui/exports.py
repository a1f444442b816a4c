"""Files for admins: sent to who asked for them alone, ten to a message."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import discord

from bot.domain.text import counted
from bot.services.exporting import Export
from bot.services.packs import PackFile
from bot.ui.actions import Interaction
from bot.ui.look import plain

A_MESSAGE = 10
NOTHING = "No question here is like that, so there is no file."


async def send_export(interaction: Interaction, export: Export) -> None:
    """Send the files of an export, and say what they hold."""
    text = export_note(export)
    if not export.files:
        await interaction.followup.send(text, ephemeral=True)
    for paths in _batches(export.files):
        files = [discord.File(path) for path in paths]
        await interaction.followup.send(text, files=files, ephemeral=True)
        text = ""


def _batches(files: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(files)
    while batch := list(islice(left, A_MESSAGE)):
        yield batch


def export_note(export: Export) -> str:
    """Return how many questions are in an export, and what to know of its files."""
    if not export.files:
        return NOTHING
    text = f"{counted(export.count, 'question')}."
    if len(export.files) > 1:
        text += f" They are in {len(export.files)} parts, since one file would be too large for this server. "
        text += "Each part opens by itself."
    elif export.files[0].suffix == ".zip":
        text += " The file is zipped, since it would be too large for this server."
    return text


def pack_note(pack: PackFile) -> str:
    """Return for whom a pack is, and what to do with it."""
    text = f"{counted(pack.count, 'question')} for {plain(pack.author)}."
    if pack.of > pack.count:
        text += f" These are the most wanted of {pack.of}; what is left goes into the next one."
    return text + " Send it on; what comes back filled in goes to /import-answers."
