"""Keeps the bot on line: a client that ends is followed by another, after pauses that grow."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress

import aiohttp
import discord
from pydantic import SecretStr

from bot.client import Fireside, spare_collector
from bot.domain import pauses
from bot.errors import FiresideError, TokenRefusedError

# Discord lets a shard identify itself once in five seconds, and a thousand times a day.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
# A client that was on line for so long was well: whatever ended it is a new trouble.
WELL_AFTER = 600.0
# How long a client may take to go off line.
LONGEST_END = 10.0
TOKEN_REFUSED = 4004
# The gateway wants other shards than these.
WRONG_SHARDS = {4010, 4011}
# The gateway refuses what this version asks for, and will do so each time.
REFUSED_FOR_GOOD = {4012, 4013, 4014}

log = logging.getLogger(__name__)


def growing_pauses() -> Iterator[float]:
    """Yield how many seconds to wait before each next try: each time twice as long, up to five minutes."""
    return pauses.growing_pauses(FIRST_PAUSE, LONGEST_PAUSE)


async def supervise(
    make_client: Callable[[], Fireside],
    token: SecretStr,
    stopped: asyncio.Event,
    make_pauses: Callable[[], Iterator[float]] = growing_pauses,
) -> None:
    """Keep a client on line until it is told to stop, and make another whenever one ends by itself.

    Args:
        make_client: Makes a client; one that has ended can't be used again.
        token: The bot's token.
        stopped: Set when it shall go off line.
        make_pauses: Makes the seconds to wait before each next try.

    Raises:
        TokenRefusedError: Discord refused the token.
        FiresideError: Discord refuses what this version asks for.
    """
    loop = asyncio.get_running_loop()
    waits = make_pauses()
    while not stopped.is_set():
        began = loop.time()
        try:
            await _be_online(make_client(), token, stopped)
        except FiresideError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever ended the client, the bot comes back
            _explain(error)
        if stopped.is_set():
            return
        if loop.time() - began > WELL_AFTER:
            waits = make_pauses()
        pause = next(waits)
        log.warning("Off line; trying again in %.0f s", pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), pause)


async def _be_online(client: Fireside, token: SecretStr, stopped: asyncio.Event) -> None:
    client.add_listener(spare_collector, "on_ready")
    online = asyncio.create_task(client.start(token.get_secret_value()))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({online, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if online.done():
            _forget_locals(online.exception())
            await online
    except (discord.LoginFailure, discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
        _raise_if_for_good(error)
        raise
    finally:
        stopping.cancel()
        try:
            await asyncio.wait_for(client.close(), LONGEST_END)
        except Exception:
            log.exception("The connection to Discord could not be closed in order")
        online.cancel()
        await asyncio.gather(online, stopping, return_exceptions=True)


def _forget_locals(error: BaseException | None) -> None:
    """Forget the local variables in the traces of an error and of what led to it: the library's hold the token."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _raise_if_for_good(error: Exception) -> None:
    """Raise a sentence where trying again would change nothing."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    if isinstance(error, discord.LoginFailure) or code == TOKEN_REFUSED:
        raise TokenRefusedError from None
    if isinstance(error, discord.PrivilegedIntentsRequired) or code in REFUSED_FOR_GOOD:
        raise FiresideError("Discord refuses what this version of Fireside asks for. Update Fireside.") from None


def _explain(error: Exception) -> None:
    """Log why the client ended: in a sentence where it is the network's or Discord's fault, else with its trace."""
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError):
        log.warning("Discord can't be reached (%s). Check the network.", error)
    elif isinstance(error, discord.ConnectionClosed) and error.code in WRONG_SHARDS:
        log.warning("Discord wants more shards (%s). Where SHARD_COUNT is set, raise it for all processes.", error)
    elif isinstance(error, discord.DiscordServerError | discord.GatewayNotFound | discord.ConnectionClosed):
        log.warning("Discord is in trouble (%s)", error)
    else:
        log.error("The client ended by an error that nobody expected", exc_info=error)
