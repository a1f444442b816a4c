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
            raise PostFailedError(str(error), in_doubt=errors_in_doubt) from error
        if error.status in {MANY_REQUESTS, UNAUTHORIZED}:
            raise PostFailedError(str(error), in_doubt=False) from error
        raise PostRefusedError(error.text) from error
    except aiohttp.ClientConnectorError as error:
        raise PostFailedError(str(error), in_doubt=False) from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise PostFailedError(str(error) or NO_ANSWER) from error
