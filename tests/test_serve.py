"""The bot on line: coming, being refused, and going, against a small Discord on this machine."""

import asyncio
import gc
import json
import logging
import signal
import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from yarl import URL

from bot.app import run_bot
from bot.client import Fireside, serve
from bot.errors import FiresideError, SettingsError
from bot.services import Services
from bot.settings import load_settings

TOKEN = "MTIz.token.for-tests"
SECRET = "never-in-a-trace"
APPLICATION = {
    "id": "1",
    "name": "Fireside",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": {"id": "3", "username": "owner", "discriminator": "0", "avatar": None},
    "verify_key": "",
}
USER = {"id": "2", "username": "fireside", "discriminator": "0", "avatar": None, "bot": True}


def as_json(document: Any, status: int = 200) -> web.Response:
    """Return a response as Discord sends it: discord.py parses no other content type, nor one with a charset."""
    body = json.dumps(document).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


@dataclass
class SmallDiscord:
    """Just enough of Discord for a bot to come on line; it takes one token."""

    token: str = TOKEN
    synced: list[Any] = field(default_factory=list)
    identified: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    address: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/users/@me", self._answer(USER))
        app.router.add_get("/api/oauth2/applications/@me", self._answer(APPLICATION))
        app.router.add_get("/api/gateway/bot", self._gateway_address)
        app.router.add_put("/api/applications/1/commands", self._sync)
        app.router.add_get("/gateway/", self._gateway)
        return app

    def _answer(self, document: Any) -> Any:
        async def handler(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bot {self.token}":
                return as_json({"message": "401: Unauthorized", "code": 0}, 401)
            return as_json(document)

        return handler

    async def _gateway_address(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return as_json({"url": self.address, "shards": 1, "session_start_limit": limit})

    async def _sync(self, request: web.Request) -> web.Response:
        self.synced.append(await request.json())
        return as_json([])

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40000}, "s": None, "t": None})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            operation = json.loads(message.data)["op"]
            if operation == 2:
                await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": self._ready()})
                self.identified.set()
            elif operation == 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        self.closed.set()
        return socket

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": USER,
            "guilds": [],
            "session_id": "session",
            "resume_gateway_url": self.address,
            "shard": [0, 1],
            "application": {"id": "1", "flags": 0},
        }


@pytest.fixture
async def small_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SmallDiscord]:
    fake = SmallDiscord()
    async with TestServer(fake.app()) as server:
        fake.address = str(server.make_url("/gateway/")).replace("http", "ws", 1)
        monkeypatch.setattr(discord.http.Route, "BASE", str(server.make_url("/api")))
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", URL(fake.address))
        yield fake


async def test_it_comes_on_line_with_its_commands_and_goes_in_time(
    small_discord: SmallDiscord, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = asyncio.Event()
    with caplog.at_level(logging.INFO):
        serving = asyncio.create_task(serve(Fireside(services), SecretStr(TOKEN), stopped))
        await asyncio.wait_for(small_discord.identified.wait(), 10)
        stopped.set()
        await asyncio.wait_for(serving, 5)

    await asyncio.wait_for(small_discord.closed.wait(), 5)
    assert {command["name"] for command in small_discord.synced[0]} >= {"ask", "quote", "daily", "question"}
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert TOKEN not in caplog.text


async def test_sigterm_ends_the_running_bot_in_time(
    small_discord: SmallDiscord, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    running = asyncio.create_task(run_bot(load_settings(), SecretStr(TOKEN)))
    await asyncio.wait_for(small_discord.identified.wait(), 10)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    await asyncio.wait_for(small_discord.closed.wait(), 5)


async def test_on_line_the_collector_is_spared_what_was_made_at_the_start(
    small_discord: SmallDiscord, services: Services
) -> None:
    stopped = asyncio.Event()
    client = Fireside(services, guild_ready_timeout=0)
    try:
        assert gc.get_freeze_count() == 0
        serving = asyncio.create_task(serve(client, SecretStr(TOKEN), stopped))
        await asyncio.wait_for(small_discord.identified.wait(), 10)
        async with asyncio.timeout(10):
            while not gc.get_freeze_count():  # noqa: ASYNC110 - the collector tells nobody
                await asyncio.sleep(0.01)
        stopped.set()
        await asyncio.wait_for(serving, 5)
    finally:
        gc.unfreeze()


async def test_a_refused_token_is_said_in_a_sentence_without_the_token(
    small_discord: SmallDiscord, services: Services
) -> None:
    with pytest.raises(SettingsError) as refused:
        await serve(Fireside(services), SecretStr("unwelcome"), asyncio.Event())
    assert "DISCORD_TOKEN" in str(refused.value)
    assert "unwelcome" not in str(refused.value)


async def test_no_network_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, services: Services, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{unused_tcp_port}/api")
    with pytest.raises(FiresideError, match="network"):
        await serve(Fireside(services), SecretStr(TOKEN), asyncio.Event())


async def test_stopping_before_discord_has_answered_ends_too(services: Services) -> None:
    stopped = asyncio.Event()
    stopped.set()
    await asyncio.wait_for(serve(Fireside(services), SecretStr(TOKEN), stopped), 5)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_no_error_at_the_start_has_the_token_in_its_trace(
    small_discord: SmallDiscord, services: Services, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        response = SimpleNamespace(status=status, reason="No")
        raise discord.HTTPException(cast("Any", response), "no")

    monkeypatch.setattr(discord.http.HTTPClient, "request", refuse)
    with pytest.raises((FiresideError, discord.HTTPException)) as refused:
        await serve(Fireside(services), SecretStr(SECRET), asyncio.Event())
    assert SECRET not in whole_trace(refused.value)


async def test_no_trace_of_a_network_that_is_down_has_the_token(
    monkeypatch: pytest.MonkeyPatch, services: Services, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{unused_tcp_port}/api")
    with pytest.raises(FiresideError) as refused:
        await serve(Fireside(services), SecretStr(SECRET), asyncio.Event())
    assert SECRET not in whole_trace(refused.value)


def whole_trace(error: BaseException | None) -> str:
    """Return the local variables in the traces of an error and those that led to it, but those of the tests."""
    parts = []
    while error is not None:
        stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        parts += [f"{frame.filename} {frame.locals}" for frame in stack if "/tests/" not in frame.filename]
        error = error.__cause__ or error.__context__
    return "\n".join(parts)
