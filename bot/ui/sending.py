"""What an answer of Discord, or none, means for a message that the bot sends by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.services.dispatcher import PostFailedError, PostRefusedError

MANY_REQUESTS = 429
SERVER_ERRORS = 500
UNAUTHORIZED = 401
NO_ANSWER = "Discord did not answer in time"


def reason_of(error: discord.HTTPException) -> str:
    """Return what Discord says of an error in one line; a page of HTML, which has no code, is left out."""
    return error.text if error.code else f"{error.status} {error.response.reason}"


@asynccontextmanager
async def judged(longest: float, *, errors_in_doubt: bool) -> AsyncIterator[None]:
    """Say of whatever goes wrong while something is sent whether it can be tried again, and whether it may be there.

    Args:
        longest: How long it may take, in seconds.
        errors_in_doubt: Whether an error of Discord's own leaves it in doubt; else it counts as not taken.

    Raises:
        PostRefusedError: Discord will never take it.
        PostFailedError: It may take it later.
    """
    try:
        async with asyncio.timeout(longest):
            yield
    except discord.HTTPException as error:
        if error.status >= SERVER_ERRORS:
            raise PostFailedError(reason_of(error), in_doubt=errors_in_doubt) from error
        # What Discord itself refuses has a code of its own; what stands before it has none, and lets it pass later.
        if error.status in {MANY_REQUESTS, UNAUTHORIZED} or not error.code:
            raise PostFailedError(reason_of(error), in_doubt=False) from error
        raise PostRefusedError(reason_of(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise PostFailedError(str(error), in_doubt=False) from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise PostFailedError(str(error) or NO_ANSWER) from error
