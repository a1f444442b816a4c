"""The one place through which everything goes that people use, and where an error becomes a sentence for them."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.errors import DatabaseError, FiresideError, FormFailedError, UnansweredError
from bot.handling import Handling, Kind, Outcome, current, handling, new_code

log = logging.getLogger(__name__)

LOST = "Something between Discord and me has failed. If you see no answer, try again in a minute."
# They were told to wait, since there was no answer in time, and now it comes.
TOO_LONG = "That took longer than Discord waits. Look whether it is done; if it is not, try again."
# Errors of the library that a person can do something about; everything else gets a code.
SENTENCES: dict[type[Exception], str] = {
    app_commands.MissingPermissions: "Only people who may manage this server can do that.",
    app_commands.NoPrivateMessage: "That works in a server only.",
    app_commands.CommandSignatureMismatch: "This command has just changed. Try again in a minute.",
    app_commands.CommandNotFound: "This command has just changed. Try again in a minute.",
    app_commands.TransformerError: "I can't use that value. Pick one from the list.",
    discord.DiscordServerError: LOST,
    aiohttp.ClientError: LOST,
    discord.InteractionResponded: TOO_LONG,
}


KINDS = {
    discord.InteractionType.autocomplete: Kind.AUTOCOMPLETE,
    discord.InteractionType.component: Kind.COMPONENT,
    discord.InteractionType.modal_submit: Kind.FORM,
}
# What a command is called that this version does not know.
UNKNOWN = "unknown"

# Receives what was handled: its kind, the command or action, what became of it, and the seconds it took.
Observer = Callable[[Kind, str, Handling, float], None]


class FiresideTree(app_commands.CommandTree[Any]):
    """The tree of commands; what people use passes through `handle`, and what goes wrong there ends in `on_error`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what the library's tree takes; nobody observes it yet."""
        super().__init__(*args, **options)
        self.observer: Observer | None = None

    async def handle(
        self, interaction: discord.Interaction[Any], work: Callable[[], Awaitable[None]], action: str | None = None
    ) -> None:
        """Do what somebody wants, under a code of its own, and note how it went; without an action it is a command."""
        begun = perf_counter()
        with interaction.client.see_to(interaction), handling() as now:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the person is told, and what nobody expected is logged
                await self.on_error(interaction, error)
            self._note(interaction, now, action, perf_counter() - begun)

    def _note(self, interaction: discord.Interaction[Any], now: Handling, action: str | None, seconds: float) -> None:
        debugging = log.isEnabledFor(logging.DEBUG)
        if self.observer is None and not debugging:
            return
        kind = KINDS.get(interaction.type, Kind.COMMAND)
        if (what := action) is None:
            what = interaction.command.qualified_name if interaction.command is not None else UNKNOWN
        if debugging:
            log.debug("%s %s: %s in %.1f ms", kind, what, now.outcome, seconds * 1000)
        if self.observer is not None:
            self.observer(kind, what, now, seconds)

    async def _call(self, interaction: discord.Interaction[Any]) -> None:
        await self.handle(interaction, partial(super()._call, interaction))

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Tell the person, and nobody else, what went wrong, with the way on if any; log it for the operator."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError | FormFailedError) else error
        if (now := current()) is not None:
            now.outcome = Outcome.ERROR if _known(cause) is None else Outcome.REFUSED
        if isinstance(cause, UnansweredError):
            log.warning("Somebody got no answer: %s", cause)
            return
        more = {"view": error.view} if isinstance(error, FormFailedError) else {}
        await _tell(interaction, explain(cause), **more)


class _FailedAutocomplete(logging.Filter):
    """Notes that an autocomplete has failed, which the library tells its log alone, and takes the ids off that line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass but what the database refused: why that is has been logged already."""
        now = current()
        if now is not None and record.exc_info and str(record.msg).startswith("Ignoring exception in autocomplete"):
            if isinstance(record.exc_info[1], DatabaseError):
                now.outcome = Outcome.REFUSED
                return False
            record.msg, record.args = "Unexpected error %s in an autocomplete", (now.code,)
            now.outcome = Outcome.ERROR
        return True


logging.getLogger(app_commands.tree.__name__).addFilter(_FailedAutocomplete())


def _known(error: Exception) -> str | None:
    """Return the sentence for an error that a person can do something about; None for one that nobody expected."""
    if isinstance(error, FiresideError):
        return str(error)
    return next((sentence for kind, sentence in SENTENCES.items() if isinstance(error, kind)), None)


def explain(error: Exception) -> str:
    """Return the sentence for an error; one that nobody expected is logged under the code that the sentence names."""
    if (sentence := _known(error)) is not None:
        if sentence in {LOST, TOO_LONG}:
            log.warning("Discord did not take a message: %s", type(error).__name__)
        return sentence
    now = current()
    code = now.code if now is not None else new_code()
    log.error("Unexpected error %s", code, exc_info=error)
    return f"Something went wrong, and it was not you. Try again; if it stays, tell the operator this code: {code}."


async def _tell(interaction: discord.Interaction[Any], sentence: str, **more: Any) -> None:
    if interaction.type is discord.InteractionType.autocomplete:
        return  # a list can't say anything
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True, **more)
        else:
            await interaction.response.send_message(sentence, ephemeral=True, **more)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, UnansweredError) as error:
        # The interaction is too old to be answered; what went wrong is in the log already.
        log.warning("Could not tell a person about an error: %s", error)
