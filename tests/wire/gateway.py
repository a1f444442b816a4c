"""The gateway of the loopback Discord: sessions that begin, break off and are taken up again."""

import asyncio
import json
import math
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.state import APPLICATION_ID, BOT_ID, World, snowflake, user

DISPATCH, RECONNECT, INVALID, HELLO, ACK = 0, 7, 9, 10, 11
AUTHENTICATION_FAILED, INVALID_SEQUENCE, INVALID_SHARD = 4004, 4007, 4010
GUILDS_INTENT = 1
# One shard of each of so many may identify itself in this time.
IDENTIFY_SECONDS = 5.0


@dataclass(slots=True)
class Session:
    """A shard's session: what it was told, and has not said it knows, is kept to be told again."""

    id: str
    shard: tuple[int, int]
    socket: web.WebSocketResponse | None = None
    sequence: int = 0
    told: deque[tuple[int, str]] = field(default_factory=deque)
    valid: bool = True

    async def tell(self, event: str, data: dict[str, Any]) -> None:
        """Send an event, or keep it until the shard is back."""
        await self.tell_text(event, json.dumps(data))

    async def tell_text(self, event: str, data: str) -> None:
        """Send an event whose data is JSON already."""
        self.sequence += 1
        text = f'{{"op": {DISPATCH}, "t": "{event}", "s": {self.sequence}, "d": {data}}}'
        self.told.append((self.sequence, text))
        await self._send(text)

    async def replay(self, socket: web.WebSocketResponse, known: int) -> None:
        """Go on over another connection, with all that came after what the shard knows."""
        self.socket = socket
        for number, text in tuple(self.told):
            if number > known:
                await self._send(text)
        await self.tell("RESUMED", {})

    async def _send(self, text: str) -> None:
        if self.socket is not None and not self.socket.closed:
            with suppress(ConnectionError):  # it is told when it comes back
                await self.socket.send_str(text)

    def forget(self, known: int) -> None:
        """Let go of what the shard says it knows."""
        while self.told and self.told[0][0] <= known:
            self.told.popleft()

    def serves(self, guild_id: int) -> bool:
        """Return whether the shard is told what happens in a server."""
        number, of = self.shard
        return (guild_id >> 22) % of == number


@dataclass(slots=True)
class Gateway:
    """Where the bot listens; what it does wrong is noted in `violations`.

    Attributes:
        refuse_upgrades: How many of the next connections are refused.
        garbled: How many of the next sessions begin with something that no client understands.
        silent: Whether nothing is said any more, and nothing heard.
        identify_every: How long after a shard has identified itself another one is refused, in seconds; None for never.
        hurried: How many were refused for that.
    """

    world: World
    violations: list[str]
    token: str
    address: str = ""
    heartbeat_seconds: float = 40.0
    shards: int = 1
    sessions: list[Session] = field(default_factory=list)
    identified: int = 0
    resumed: int = 0
    refuse_upgrades: int = 0
    silent: bool = False
    garbled: int = 0
    identify_every: float | None = None
    hurried: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _last_identified: dict[int, float] = field(default_factory=dict)

    @property
    def online(self) -> list[Session]:
        """The sessions whose shard is listening."""
        return [each for each in self.sessions if each.valid and each.socket is not None and not each.socket.closed]

    async def tell(self, event: str, data: dict[str, Any], guild_id: int = 0) -> None:
        """Tell the shard that serves a server of an event; one that is away hears of it when it is back."""
        for session in self.sessions:
            if session.valid and session.serves(guild_id) and not self.silent:
                await session.tell(event, data)

    async def until_online(self, count: int = 1, *, identified: int = 0, resumed: int = 0) -> None:
        """Wait until so many shards listen, and at least so many have identified themselves or come back so far."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: len(self.online) >= count and self.identified >= identified and self.resumed >= resumed
            )

    async def until_offline(self) -> None:
        """Wait until no shard listens any more."""
        async with self.changed:
            await self.changed.wait_for(lambda: not self.online)

    # Faults

    def drop(self) -> None:
        """Cut all connections without a word."""
        for socket in self.sockets:
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    async def close(self, code: int) -> None:
        """Close all connections with a code."""
        for socket in tuple(self.sockets):
            await socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Ask all shards to connect anew."""
        for session in self.online:
            await self._send(session.socket, RECONNECT)

    async def invalidate(self, *, resumable: bool) -> None:
        """Tell all shards that their session has ended, or that it can be resumed."""
        for session in self.online:
            session.valid = resumable
            await self._send(session.socket, INVALID, resumable)

    # Protocol

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to its end."""
        if self.refuse_upgrades:
            self.refuse_upgrades -= 1
            return web.Response(status=503, text="no upgrade")
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            await self._send(socket, HELLO, {"heartbeat_interval": int(self.heartbeat_seconds * 1000)})
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                await self._receive(socket, json.loads(message.data))
        except ConnectionError:
            pass  # dropped on purpose
        finally:
            self.sockets.discard(socket)
            async with self.changed:
                self.changed.notify_all()
        return socket

    async def _receive(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if self.silent:
            return
        match message["op"]:
            case 1:  # heartbeat
                for session in self.sessions:
                    if session.socket is socket:
                        session.forget(message["d"] or 0)
                await self._send(socket, ACK)
            case 2:  # identify
                await self._identify(socket, message["d"])
            case 6:  # resume
                await self._resume(socket, message["d"])
            case other:
                self.violations.append(f"gateway operation {other}")
        async with self.changed:
            self.changed.notify_all()

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        if data["token"] != self.token:
            await socket.close(code=AUTHENTICATION_FAILED)
            return
        number, of = shard = tuple(data.get("shard") or (0, 1))
        if not 0 <= number < of:
            await socket.close(code=INVALID_SHARD)
            return
        now = time.monotonic()
        if self.identify_every is not None:
            if now - max(self._last_identified.values(), default=-math.inf) < self.identify_every:
                self.hurried += 1
                await self._send(socket, INVALID, False)
                return
        elif now - self._last_identified.get(number, -IDENTIFY_SECONDS) < IDENTIFY_SECONDS - 0.1:
            self.violations.append(f"shard {number} identified itself twice within {IDENTIFY_SECONDS} s")
        if data["intents"] != GUILDS_INTENT:
            self.violations.append(f"intents {data['intents']}")
        self._last_identified[number] = now
        self.sessions = [each for each in self.sessions if each.shard != shard]
        session = Session(f"session-{snowflake()}", (number, of), socket)
        self.sessions.append(session)
        mine = [guild for guild in self.world.guilds if session.serves(guild.id)]
        if self.garbled:
            self.garbled -= 1
            await session.tell("READY", {})
            return
        await session.tell("READY", self._ready(session, [guild.id for guild in mine]))
        for guild in mine:
            await session.tell("GUILD_CREATE", guild.as_json())
        self.identified += 1

    def _ready(self, session: Session, guild_ids: list[int]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": user(BOT_ID, "fireside", bot=True),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in guild_ids],
            "session_id": session.id,
            "resume_gateway_url": self.address,
            "shard": list(session.shard),
            "application": {"id": str(APPLICATION_ID), "flags": 0},
        }

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        session = next((each for each in self.sessions if each.id == data["session_id"] and each.valid), None)
        if data["token"] != self.token:
            await socket.close(code=AUTHENTICATION_FAILED)
        elif session is None:
            await self._send(socket, INVALID, False)
        elif not 0 <= data["seq"] <= session.sequence:
            await socket.close(code=INVALID_SEQUENCE)
        else:
            await session.replay(socket, data["seq"])
            self.resumed += 1

    async def _send(self, socket: web.WebSocketResponse | None, op: int, data: Any = None) -> None:
        if socket is not None and not socket.closed:
            with suppress(ConnectionError):  # it was cut meanwhile
                await socket.send_str(json.dumps({"op": op, "d": data, "s": None, "t": None}))
