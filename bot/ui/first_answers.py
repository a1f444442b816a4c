"""The first answer to what somebody uses: Discord waits 3 seconds for it, takes one, and may hide that it took it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import discord
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.errors import UnansweredError
from bot.ui.sending import MANY_REQUESTS, SERVER_ERRORS, reason_of

# How long to wait before each try, in seconds: together less than Discord waits.
PAUSES = (0.0, 0.2, 0.5, 1.0)
# After this Discord takes no first answer any more, so that whatever was sent is lost or was taken.
LONGEST_TRY = 3.0
ACKNOWLEDGED, UNKNOWN_INTERACTION = 40060, 10062
CHOICES = 8
SLOW = "This takes longer than it should. Wait a minute and look whether it is done before you try again."

log = logging.getLogger(__name__)


class FirstAnswers(AsyncWebhookAdapter):
    """Sends a first answer again while it can still arrive; Discord takes only one, so it never comes twice.

    The library would wait for seconds after an error of Discord's, and not try again where a connection broke off.
    """

    async def create_interaction_response(self, interaction_id: int, token: str, **options: Any) -> Any:
        """Send a first answer and return Discord's confirmation, or one as short as can be where that was lost.

        Raises:
            UnansweredError: Discord did not take it, and takes no other any more.
            HTTPException: The answer itself is wrong.
        """
        try:
            return await self._send(interaction_id, token, options)
        except UnansweredError as error:
            if (options["params"].payload or {}).get("type") != CHOICES:
                raise
            log.debug("What somebody typed was not completed: %s", error)  # they have typed on long since
        return _confirmation(interaction_id)

    async def _send(self, interaction_id: int, token: str, options: dict[str, Any]) -> Any:
        problem = ""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            for file in options["params"].files or ():
                file.reset()
            once = options | {"session": _Once(options["session"])}
            try:
                async with asyncio.timeout(LONGEST_TRY):
                    confirmation = await super().create_interaction_response(interaction_id, token, **once)
            except discord.HTTPException as error:
                if error.code == ACKNOWLEDGED and problem:
                    return _confirmation(interaction_id)  # what seemed to have failed had arrived
                _raise_if_for_good(error)
                problem = reason_of(error)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                problem = str(error) or "no answer in time"
            else:
                # Without one, or with a page in its place, the answer was taken all the same.
                return confirmation if isinstance(confirmation, dict) else _confirmation(interaction_id)
        raise UnansweredError(problem)


def _raise_if_for_good(error: discord.HTTPException) -> None:
    if error.code in {ACKNOWLEDGED, UNKNOWN_INTERACTION}:
        raise UnansweredError(reason_of(error)) from error
    if error.status < SERVER_ERRORS and error.code:
        raise error


def _confirmation(interaction_id: int) -> dict[str, Any]:
    return {"interaction": {"id": str(interaction_id)}}


class _Once:
    """A session that says at once what the library would wait for: an error of Discord's own, a limit for long."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(self, method: str, url: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(method, url, **options) as response:
            if response.status >= SERVER_ERRORS:
                raise discord.DiscordServerError(cast("Any", response), None)
            if response.status == MANY_REQUESTS and float(response.headers.get("Retry-After", 0)) > LONGEST_TRY:
                raise UnansweredError(f"{response.status} {response.reason}")
            yield response


async def say_slow(interaction: discord.Interaction[Any]) -> None:
    """Tell somebody who has no answer yet that it takes long; what they want may still be done after that."""
    if interaction.type is discord.InteractionType.autocomplete:
        return
    try:
        await interaction.response.send_message(SLOW, ephemeral=True)
    except (discord.HTTPException, discord.InteractionResponded, UnansweredError) as error:
        log.debug("An answer came, or could not come any more: %s", error)
    else:
        log.warning("An answer took longer than Discord waits")


def use_first_answers() -> None:
    """Let all that is begun in this task from now on send first answers in this way."""
    async_context.set(FirstAnswers())  # type: ignore[no-untyped-call]
