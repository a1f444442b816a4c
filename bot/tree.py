"""The one place where an error becomes a sentence for the person who met it."""

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.errors import FiresideError, FormFailedError, UnansweredError

log = logging.getLogger(__name__)

LOST = "Something between Discord and me has failed. If you see no answer, try again in a minute."
# Errors of the library that a person can do something about; everything else gets a code.
SENTENCES: dict[type[Exception], str] = {
    app_commands.MissingPermissions: "Only people who may manage this server can do that.",
    app_commands.NoPrivateMessage: "That works in a server only.",
    app_commands.CommandSignatureMismatch: "This command has just changed. Try again in a minute.",
    app_commands.CommandNotFound: "This command has just changed. Try again in a minute.",
    app_commands.TransformerError: "I can't use that value. Pick one from the list.",
    discord.DiscordServerError: LOST,
    aiohttp.ClientError: LOST,
}


class FiresideTree(app_commands.CommandTree[Any]):
    """The tree of commands; what goes wrong in commands, buttons and forms ends here."""

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Tell the person, and nobody else, what went wrong, with the way on if any; log it for the operator."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError | FormFailedError) else error
        if isinstance(cause, UnansweredError):
            log.warning("Somebody got no answer: %s", cause)
            return
        more = {"view": error.view} if isinstance(error, FormFailedError) else {}
        await _tell(interaction, explain(cause), **more)


def explain(error: Exception) -> str:
    """Return the sentence for an error; one that nobody expected is logged under the code that the sentence names."""
    if isinstance(error, FiresideError):
        return str(error)
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            if sentence is LOST:
                log.warning("Discord did not take a message: %s", type(error).__name__)
            return sentence
    code = secrets.token_hex(3)
    log.error("Unexpected error %s", code, exc_info=error)
    return f"Something went wrong, and it was not you. Try again; if it stays, tell the operator this code: {code}."


async def _tell(interaction: discord.Interaction[Any], sentence: str, **more: Any) -> None:
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True, **more)
        else:
            await interaction.response.send_message(sentence, ephemeral=True, **more)
    except (discord.HTTPException, aiohttp.ClientError, UnansweredError) as error:
        # The interaction is too old to be answered; what went wrong is in the log already.
        log.warning("Could not tell a person about an error: %s", error)
