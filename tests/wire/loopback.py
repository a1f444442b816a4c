"""A small Discord on this machine, for the whole bot as a process of its own: no more than it needs, and strict.

It keeps Discord's rules: 3 seconds for a first answer, one first answer only, permissions, the limits of every field,
50 requests a second. What the bot does wrong is in `violations`, which ought to stay empty.
"""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.limits import (
    MOST_FILE,
    MOST_REQUEST,
    faults_of_callback,
    faults_of_commands,
    faults_of_message,
)
from tests.wire.faults import VIA, Faults, as_json, refusal
from tests.wire.gateway import Gateway
from tests.wire.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    FITTING,
    MODAL,
    TOKEN_SECONDS,
    WINDOW_SECONDS,
    Use,
    begin,
    command_data,
    form_data,
)
from tests.wire.openapi import Description
from tests.wire.state import (
    APPLICATION_ID,
    BOT_ID,
    DM,
    OWNER_ID,
    THREAD,
    Channel,
    Guild,
    Member,
    Message,
    World,
    snowflake,
    user,
)

TOKEN = "MTIz.token.for-tests"
REQUESTS_A_SECOND = 50
UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE = 10003, 10004, 10008
UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10015, 10062
NO_ACCESS, NO_DM, NO_PERMISSION, INVALID_BODY, EXPIRED_TOKEN = 50001, 50007, 50013, 50035, 50027
ACKNOWLEDGED, PUBLISHED, HAS_THREAD = 40060, 40033, 160004
NONCE_SECONDS = 300.0

BODY: web.RequestKey[Any] = web.RequestKey("body", object)
FILES: web.RequestKey[dict[str, bytes]] = web.RequestKey("files", dict)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackDiscord:
    """Discord as the bot sees it, with a hand on everything that may go wrong."""

    def __init__(self, token: str = TOKEN, description: Description | None = None) -> None:
        """Take the one token that is right, and Discord's own description to check requests against, if at hand."""
        self.world = World()
        self.violations: list[str] = []
        self.gateway = Gateway(self.world, self.violations, token)
        self.faults = Faults()
        self.commands: list[dict[str, Any]] = []
        self.uses: dict[str, Use] = {}
        self.files: dict[str, bytes] = {}
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.address = ""
        self.posted = asyncio.Condition()
        self._description = description
        self._recent: deque[float] = deque()
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}

    @property
    def token(self) -> str:
        """The token that is right."""
        return self.gateway.token

    @token.setter
    def token(self, token: str) -> None:
        self.gateway.token = token

    # What people do

    async def use(self, path: str, member: Member, channel: Channel, guild: Guild | None = None, **given: Any) -> Use:
        """Let somebody use a command and return the use, which the bot may still have to answer."""
        return await self._begin(COMMAND, command_data(self.commands, path, given, None), member, channel, guild)

    async def type(self, path: str, member: Member, channel: Channel, guild: Guild | None = None, **given: Any) -> Use:
        """Let somebody type into the last of the given options of a command, and return the use."""
        data = command_data(self.commands, path, given, list(given)[-1])
        return await self._begin(AUTOCOMPLETE, data, member, channel, guild)

    async def press(self, name: str, message: Message, member: Member, channel: Channel, guild: Guild | None) -> Use:
        """Let somebody press the button of a message with that custom id, and return the use."""
        data = {"custom_id": name, "component_type": 2}
        return await self._begin(COMPONENT, data, member, channel, guild, message)

    async def submit(self, opened: Use, member: Member, channel: Channel, guild: Guild | None, **given: Any) -> Use:
        """Let somebody send the form that a use has opened, with what they filled in by custom id."""
        return await self._begin(MODAL, form_data(opened.form, given), member, channel, guild, opened.origin)

    async def _begin(
        self,
        kind: int,
        data: dict[str, Any],
        member: Member,
        channel: Channel,
        guild: Guild | None,
        message: Message | None = None,
    ) -> Use:
        use = begin(kind, data, member, channel, guild)
        if message is not None:
            use.origin = message
            use.payload["message"] = message.as_json()
        self.uses[use.token] = use
        await self.gateway.tell("INTERACTION_CREATE", use.payload, guild.id if guild is not None else 0)
        return use

    async def until_told(self, person: Member) -> list[Message]:
        """Wait until somebody has a private message, and return all that they have."""
        channel = self.world.private_channel(person.id)
        async with self.posted:
            await self.posted.wait_for(lambda: channel.messages)
        return channel.messages

    # The server

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["LoopbackDiscord"]:
        """Lend it while it listens at a free port of this machine."""
        async with TestServer(self._app(), skip_url_asserts=True) as server:
            self.address = f"http://127.0.0.1:{server.port}"
            self.gateway.address = f"ws://127.0.0.1:{server.port}/gateway/"
            yield self

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=2 * MOST_REQUEST)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway_address),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/channels", self._guild),
            ("GET", "/guilds/{guild}/members/{member}", self._guild),
            ("PUT", "/applications/{application}/commands", self._sync),
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
            ("POST", "/webhooks/{application}/{token}", self._follow_up),
            ("GET", "/webhooks/{application}/{token}/messages/{message}", self._read_reply),
            ("PATCH", "/webhooks/{application}/{token}/messages/{message}", self._edit_reply),
            ("POST", "/channels/{channel}/messages", self._post),
            ("GET", "/channels/{channel}/messages", self._history),
            ("PATCH", "/channels/{channel}/messages/{message}", self._edit),
            ("DELETE", "/channels/{channel}/messages/{message}", self._delete),
            ("POST", "/channels/{channel}/messages/{message}/threads", self._open_thread),
            ("POST", "/channels/{channel}/messages/{message}/crosspost", self._publish),
            ("POST", "/users/@me/channels", self._open_private),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, f"/api/v10{path}", self._guarded(path, handler))
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/api/v10/gateway", self._gateway_alone)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_route("*", "/{anything:.*}", self._unknown)
        return app

    def _guarded(self, route: str, handler: Handler) -> Handler:
        """Return a handler that befalls what is planned, and that refuses who is a stranger or too fast."""
        by_token = not route.startswith(("/interactions/", "/webhooks/"))

        async def guarded(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix("/api/v10")
            self.requests[f"{request.method} {route}"] += 1
            fault = self.faults.of(request.method, path)
            if fault is not None:
                await asyncio.sleep(fault.delay)
                if fault.cut:
                    return _cut(request)
                if fault.answer is not None:
                    return fault.answer()
            refused = self._refused(request) if by_token else None
            response = refused or await self._handled(request, route, handler)
            if fault is not None:
                await asyncio.sleep(fault.late)
                if fault.lost:
                    return _cut(request)
                if fault.blank:
                    return web.Response(status=204)
            self.statuses[response.status] += 1
            return response

        return guarded

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return refusal(401, 0, "401: Unauthorized")
        now = time.monotonic()
        while self._recent and now - self._recent[0] > 1:
            self._recent.popleft()
        if len(self._recent) >= REQUESTS_A_SECOND:
            self.violations.append(f"more than {REQUESTS_A_SECOND} requests in a second")
            document = {"message": "You are being rate limited.", "retry_after": 1.0, "global": True}
            return as_json(document, 429, VIA)
        self._recent.append(now)
        return None

    async def _handled(self, request: web.Request, route: str, handler: Handler) -> web.StreamResponse:
        body, files = await _body(request)
        request[BODY], request[FILES] = body, files
        sizes = [len(content) for content in files.values()]
        if sum(sizes) > MOST_REQUEST or any(size > MOST_FILE for size in sizes):
            self.violations.append(f"files of {sizes} bytes")
        if self._description is not None and body is not None:
            self.violations += self._description.faults(request.method, route, body)
        try:
            return await handler(request)
        except Exception as error:
            self.violations.append(f"{request.method} {request.path}: {error!r}")
            raise

    async def _unknown(self, request: web.Request) -> web.Response:
        self.violations.append(f"unknown: {request.method} {request.path}")
        return refusal(404, 0, "404: Not Found")

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])

    def upload(self, name: str, content: bytes, content_type: str = "text/plain") -> dict[str, Any]:
        """Keep a file that somebody attaches, and return it as Discord describes it."""
        self.files[name] = content
        return {
            "id": str(snowflake()),
            "filename": name,
            "size": len(content),
            "content_type": content_type,
            "url": f"{self.address}/files/{name}",
            "proxy_url": f"{self.address}/files/{name}",
        }

    # Who the bot is

    async def _me(self, _: web.Request) -> web.Response:
        return as_json(user(BOT_ID, "fireside", bot=True))

    async def _application(self, _: web.Request) -> web.Response:
        application = {
            "id": str(APPLICATION_ID),
            "name": "Fireside",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": user(OWNER_ID, "owner"),
            "verify_key": "",
            "flags": 0,
        }
        return as_json(application)

    async def _gateway_address(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return as_json({"url": self.gateway.address, "shards": self.gateway.shards, "session_start_limit": limit})

    async def _gateway_alone(self, _: web.Request) -> web.Response:
        return as_json({"url": self.gateway.address})

    async def _guild(self, request: web.Request) -> web.Response:
        """Answer with a server, or with a part of it."""
        guild = next((each for each in self.world.guilds if each.id == int(request.match_info["guild"])), None)
        if guild is None:
            return refusal(404, UNKNOWN_GUILD, "Unknown Guild")
        document = guild.as_json()
        if request.path.endswith("/channels"):
            return as_json(document["channels"])
        return as_json(document["members"][0] if "/members/" in request.path else document)

    async def _sync(self, request: web.Request) -> web.Response:
        self.violations += faults_of_commands(request[BODY])
        more = {"application_id": str(APPLICATION_ID), "version": "1"}
        self.commands = [{"id": str(snowflake()), "description": "", **more, **command} for command in request[BODY]]
        return as_json(self.commands)

    # Answers to what people do

    def _use_of(self, request: web.Request) -> Use | None:
        return self.uses.get(request.match_info["token"])

    async def _callback(self, request: web.Request) -> web.Response:
        use, reply = self._use_of(request), request[BODY]
        if use is None or (use.reply is None and time.perf_counter() - use.begun > WINDOW_SECONDS):
            return refusal(404, UNKNOWN_INTERACTION, "Unknown interaction")
        if use.reply is not None:
            return refusal(400, ACKNOWLEDGED, "Interaction has already been acknowledged.")
        faults = [] if reply["type"] in FITTING[use.type] else [f"answer {reply['type']} to a use {use.type}"]
        faults += faults_of_callback(reply, len(request[FILES]))
        if faults:
            self.violations += faults
            return refusal(400, INVALID_BODY, "Invalid Form Body", errors={"_errors": faults})
        use.files += request[FILES].values()
        use.take(reply, int(use.payload["channel_id"]))
        return as_json(use.confirmation())

    async def _follow_up(self, request: web.Request) -> web.Response:
        use, payload = self._use_of(request), request[BODY]
        refused = self._no_follow_up(use)
        if refused is not None or use is None:
            return refused or refusal(404, UNKNOWN_WEBHOOK, "Unknown Webhook")
        faults = faults_of_message(payload, new=True, files=len(request[FILES]))
        if faults:
            self.violations += faults
            return refusal(400, INVALID_BODY, "Invalid Form Body", errors={"_errors": faults})
        use.files += request[FILES].values()
        return as_json(use.follow(payload, int(use.payload["channel_id"])).as_json())

    def _no_follow_up(self, use: Use | None) -> web.Response | None:
        if use is None or use.reply is None:
            return refusal(404, UNKNOWN_WEBHOOK, "Unknown Webhook")
        if time.perf_counter() - use.begun > TOKEN_SECONDS:
            return refusal(401, EXPIRED_TOKEN, "Invalid Webhook Token")
        return None

    async def _read_reply(self, request: web.Request) -> web.Response:
        use = self._use_of(request)
        if use is None or use.original is None:
            return refusal(404, UNKNOWN_MESSAGE, "Unknown Message")
        return as_json(use.original.as_json())

    async def _edit_reply(self, request: web.Request) -> web.Response:
        use = self._use_of(request)
        refused = self._no_follow_up(use)
        message = use.edit(request[BODY]) if use is not None and refused is None else None
        if message is None:
            return refused or refusal(404, UNKNOWN_MESSAGE, "Unknown Message")
        self.violations += faults_of_message(request[BODY], new=False)
        return as_json(message.as_json())

    # Channels

    def _place(self, request: web.Request, *permissions: str) -> tuple[Channel | None, web.Response | None]:
        channel = self.world.channel(int(request.match_info["channel"]))
        if channel is None:
            return None, refusal(404, UNKNOWN_CHANNEL, "Unknown Channel")
        if channel.lacks("view_channel"):
            return None, refusal(403, NO_ACCESS, "Missing Access")
        if channel.lacks(*permissions):
            return None, refusal(403, NO_PERMISSION, "Missing Permissions")
        return channel, None

    def _message(self, request: web.Request, *permissions: str) -> tuple[Message | None, web.Response | None]:
        channel, refused = self._place(request, *permissions)
        wanted = int(request.match_info["message"])
        message = next((each for each in (channel.messages if channel else ()) if each.id == wanted), None)
        if message is None and refused is None:
            refused = refusal(404, UNKNOWN_MESSAGE, "Unknown Message")
        return message, refused

    async def _post(self, request: web.Request) -> web.Response:
        payload, files = request[BODY], request[FILES]
        needed = ["send_messages", *(["embed_links"] if payload.get("embeds") else [])]
        channel, refused = self._place(request, *needed, *(["attach_files"] if files else []))
        if channel is None:
            return refused or refusal(404)
        faults = faults_of_message(payload, new=True, files=len(files))
        if faults:
            self.violations += faults
            return refusal(400, INVALID_BODY, "Invalid Form Body", errors={"_errors": faults})
        nonce = str(payload["nonce"]) if payload.get("nonce") else None
        at, earlier = self._nonces.get((channel.id, nonce or ""), (0.0, None))
        if earlier is not None and payload.get("enforce_nonce") and time.monotonic() - at < NONCE_SECONDS:
            return as_json(earlier.as_json())
        message = Message(snowflake(), channel.id, payload, int(payload.get("flags") or 0), nonce)
        channel.messages.append(message)
        self._nonces[channel.id, nonce or ""] = time.monotonic(), message
        async with self.posted:
            self.posted.notify_all()
        return as_json(message.as_json())

    async def _history(self, request: web.Request) -> web.Response:
        channel, refused = self._place(request)
        if channel is None:
            return refused or refusal(404)
        if channel.lacks("read_message_history"):
            return as_json([])  # Discord shows none, and no error
        after, before = int(request.query.get("after", 0)), int(request.query.get("before", 1 << 63))
        found = [message for message in channel.messages if after < message.id < before]
        limit = int(request.query.get("limit", 50))
        page = found[:limit] if "after" in request.query else found[-limit:]
        return as_json([message.as_json() for message in reversed(page)])

    async def _edit(self, request: web.Request) -> web.Response:
        message, refused = self._message(request)
        if message is None:
            return refused or refusal(404)
        self.violations += faults_of_message(request[BODY], new=False)
        message.payload |= request[BODY]
        message.edits += 1
        return as_json(message.as_json())

    async def _delete(self, request: web.Request) -> web.Response:
        message, refused = self._message(request)
        channel = self.world.channel(int(request.match_info["channel"]))
        if message is None or channel is None:
            return refused or refusal(404)
        channel.messages.remove(message)
        return web.Response(status=204)

    async def _open_thread(self, request: web.Request) -> web.Response:
        message, refused = self._message(request, "create_public_threads")
        if message is None:
            return refused or refusal(404)
        if message.thread:
            return refusal(400, HAS_THREAD, "A thread has already been created for this message")
        name = request[BODY]["name"]
        if not 1 <= len(name) <= 100 or request[BODY].get("auto_archive_duration") not in {60, 1440, 4320, 10080}:
            self.violations.append(f"thread {request['body']}")
        message.thread = True
        archive = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2026-01-01T00:00:00+00:00"}
        thread = {"id": str(message.id), "type": THREAD, "parent_id": str(message.channel_id), "owner_id": str(BOT_ID)}
        return as_json(thread | {"name": name, "message_count": 0, "member_count": 1, "thread_metadata": archive})

    async def _publish(self, request: web.Request) -> web.Response:
        message, refused = self._message(request)
        if message is None:
            return refused or refusal(404)
        if message.published:
            return refusal(400, PUBLISHED, "This message has already been crossposted.")
        message.published = True
        return as_json(message.as_json())

    async def _open_private(self, request: web.Request) -> web.Response:
        person = int(request[BODY]["recipient_id"])
        if person in self.world.closed_to:
            return refusal(403, NO_DM, "Cannot send messages to this user")
        channel = self.world.private_channel(person)
        return as_json({"id": str(channel.id), "type": DM, "recipients": [user(person, "somebody")]})


def _cut(request: web.Request) -> web.Response:
    """Cut the connection of a request without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _body(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """Return the JSON of a request, and its files by name."""
    if request.content_type.startswith("multipart/"):
        body, files = None, {}
        async for part in await request.multipart():
            content = await part.read()  # type: ignore[union-attr]
            if part.name == "payload_json":  # type: ignore[union-attr]
                body = json.loads(content)
            else:
                files[str(part.name)] = content  # type: ignore[union-attr]
        return body, files
    text = await request.text()
    return (json.loads(text) if text else None), {}
