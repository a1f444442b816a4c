"""How the running bot is, told on a port of this machine: `/health` to its keeper, `/metrics` to Prometheus."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from errno import EADDRINUSE
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from bot.errors import DatabaseError, FiresideError
from bot.metrics import CONTENT_TYPE, Metrics
from bot.services import Services
from bot.services.rounds import running

if TYPE_CHECKING:
    from bot.client import Fireside

HOST = "127.0.0.1"
# What takes longer hangs.
PATIENCE_SECONDS = 5.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class Health:
    """Knows what is wrong with the bot."""

    def __init__(self, services: Services, metrics: "Metrics") -> None:
        """Take the services of the bot, and its figures."""
        self._services = services
        self._metrics = metrics
        self._client: Fireside | None = None

    def follow(self, client: "Fireside") -> None:
        """Watch a client from here on, in place of the one before it."""
        self._client = client
        self._metrics.follow(client)

    async def problems(self) -> list[str]:
        """Return what is wrong, a sentence each."""
        found = []
        stands_by = self._services.presence.waits_for is not None
        if not stands_by and (self._client is None or not self._client.is_on_line):
            found.append("Discord is not connected.")
        if not await _in_time(self._services.figures.check()):
            found.append("The database does not answer.")
        found += [
            f"{rounds.name}: due for {rounds.behind / 60:.0f} minutes, and not done."
            for rounds in running()
            if rounds.overdue
        ]
        return found

    async def answer(self, _: web.Request) -> web.Response:
        """Answer `/health`."""
        problems = await self.problems()
        document = {
            "status": "failing" if problems else "ok",
            "problems": problems,
            "shards": self._shards(),
            "leads": self._services.presence.leads(),
            "standby": self._services.presence.waits_for,
            "behind_seconds": {rounds.name: round(rounds.behind) for rounds in running()},
        }
        return web.json_response(document, status=503 if problems else 200)

    def _shards(self) -> dict[str, Any]:
        """Return how many shards there are, and of each of this process whether its connection stands."""
        known = {} if self._client is None else self._client.shards_up
        count = None if self._client is None else self._client.shard_count
        shards = self._services.presence.shards
        # Without a setting, Discord says how many there are.
        up = dict.fromkeys(shards.ids, False) | known
        return {"count": count or shards.count, "up": {str(number): is_up for number, is_up in sorted(up.items())}}

    async def figures(self, _: web.Request) -> web.Response:
        """Answer `/metrics`."""
        presence = self._services.presence
        self._metrics.look_at_presence(leads=presence.leads(), stands_by=presence.waits_for is not None)
        self._metrics.look(await _in_time(self._services.figures.counts()))
        # Hundreds of lines take milliseconds to write, in which nobody would be answered.
        page = await asyncio.to_thread(self._metrics.page)
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})


async def _in_time(work: Awaitable[T]) -> T | None:
    """Return what the database says, or None where it fails or hangs."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await work
    except DatabaseError:  # it has logged why
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
        log.warning("The database does not answer: %s", type(error).__name__)
        return None


@asynccontextmanager
async def serve_health(port: int, services: Services) -> AsyncIterator[Callable[["Fireside"], None]]:
    """Serve `/health` and `/metrics` to this machine; lend what has to be told of the client, and of each new one.

    Raises:
        FiresideError: The port can't be used.
    """
    health = Health(services, Metrics())
    app = web.Application()
    app.router.add_get("/health", health.answer)
    app.router.add_get("/metrics", health.figures)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _listen(runner, port)
        yield health.follow
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        why = "is in use by another program" if error.errno == EADDRINUSE else f"can't be used ({error.strerror})"
        raise FiresideError(f"Port {port} {why}. Choose another one for HEALTH_PORT.") from error
