"""A stand-in for Discord that hands the real client any interaction, and judges what the client answers.

It stands where the network ends: below discord.py's requests. It refuses what Discord would refuse.
"""

import asyncio
import itertools
import json
import logging
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
from discord.webhook import async_ as webhooks

from bot.client import Fireside
from bot.services import Services
from bot.services.gaps import GATHERING
from tests.limits import faults_of_callback, faults_of_message

BOT, GUILD, OTHER_GUILD, CHANNEL, MODERATORS, ROLE = 100, 200, 201, 300, 301, 400
ADMIN, MEMBER, STRANGER = 501, 502, 503
MANAGE_GUILD = 1 << 5
EVERYTHING_ELSE = (1 << 46) - 1 - MANAGE_GUILD
UNEXPECTED = "Something went wrong"

Payload = dict[str, Any]


def user_payload(user_id: int) -> Payload:
    """Return somebody as Discord names them; their name is the worst that they could choose."""
    name = "**[mira](https://evil.example)** @everyone `\u202e"
    return {"id": str(user_id), "username": f"user{user_id}", "global_name": name, "discriminator": "0", "avatar": None}


def member_payload(user_id: int, *, manages: bool) -> Payload:
    """Return somebody in a server, with every permission but the one that admins have, or with that too."""
    permissions = EVERYTHING_ELSE & ~discord.Permissions(administrator=True).value | (MANAGE_GUILD if manages else 0)
    return {
        "user": user_payload(user_id),
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions),
    }


def channel_payload(channel_id: int, guild_id: int | None) -> Payload:
    """Return a text channel of a server, or a direct message's."""
    if guild_id is None:
        return {"id": str(channel_id), "type": 1, "recipients": [], "last_message_id": None}
    return {
        "id": str(channel_id),
        "type": 0,
        "guild_id": str(guild_id),
        "name": f"channel-{channel_id}",
        "position": 0,
        "permission_overwrites": [],
        "permissions": str(EVERYTHING_ELSE),
    }


def message_payload(channel_id: int, **more: Any) -> Payload:
    """Return a message of the bot's."""
    return {
        "id": "900",
        "channel_id": str(channel_id),
        "author": user_payload(BOT) | {"bot": True},
        "content": "",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
    } | more


def _guild_payload(guild_id: int, channels: list[int]) -> Payload:
    roles = [
        {"id": str(role), "name": "role", "permissions": str(EVERYTHING_ELSE), "position": at, "color": 0}
        | {"hoist": False, "managed": False, "mentionable": True, "flags": 0}
        for at, role in enumerate([guild_id, ROLE])
    ]
    return {
        "id": str(guild_id),
        "name": "Readers",
        "owner_id": str(ADMIN),
        "roles": roles,
        "channels": [channel_payload(channel, guild_id) for channel in channels],
        "members": [member_payload(BOT, manages=False)],
        "member_count": 3,
        "emojis": [],
        "features": [],
        "preferred_locale": "en-US",
        "large": False,
    }


class _Refusal:
    """What the library needs of an HTTP response that is an error."""

    status, reason = 400, "Bad Request"


def components_of(payload: Any) -> Iterator[Payload]:
    """Yield the forms, and what can be pressed or picked in messages."""
    if isinstance(payload, list):
        for part in payload:
            yield from components_of(part)
    elif isinstance(payload, dict):
        if "custom_id" in payload and not payload.get("disabled"):
            yield payload
        elif "custom_id" not in payload:
            for part in payload.values():
                yield from components_of(part)


class Adapter(webhooks.AsyncWebhookAdapter):
    """Takes what the client answers to interactions."""

    def __init__(self, said: list[Payload], shown: deque[Payload]) -> None:
        """Take what gets all that is said, and the components and forms in it."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._said, self._shown = said, shown

    async def request(self, route: Any, session: Any, **sent: Any) -> Any:  # noqa: ARG002 - as the library calls it
        """Take an answer, or refuse it as Discord would."""
        payload = sent.get("payload") or {}
        for part in sent.get("multipart") or []:
            if part["name"] == "payload_json":
                payload = json.loads(part["value"])
        json.dumps(payload, ensure_ascii=False).encode()  # as the network needs it
        self._said.append(payload)
        self._shown.extend(components_of(payload))
        files, is_first = len(sent.get("files") or ()), route.path.startswith("/interactions/")
        new = route.method == "POST"
        faults = faults_of_callback(payload, files) if is_first else faults_of_message(payload, new=new, files=files)
        if faults:
            raise discord.HTTPException(_Refusal(), "; ".join(faults))
        return {"interaction": {"id": "1", "type": 2}} if is_first else message_payload(CHANNEL)


class Listener(logging.Handler):
    """Remembers what was logged as an error."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember an error, with what raised it."""
        error = record.exc_info[1] if record.exc_info else None
        cause = getattr(error, "original", error)
        where, trace = "", cause.__traceback__ if cause else None
        while trace is not None:
            where, trace = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}", trace.tb_next
        self.heard.append(f"{record.msg[:40]}: {cause!r:.100} {where}")


class StandIn:
    """Discord for one client; what it heard last is in `said` and `errors`."""

    def __init__(self, services: Services) -> None:
        """Take the services over a database of its own."""
        self.client = Fireside(services, "https://example.org/help", shard_count=1)
        self.said: list[Payload] = []
        self.shown: deque[Payload] = deque(maxlen=200)
        self._listener = Listener()
        self._file = b""
        self._ids = itertools.count(10_000)

    @property
    def errors(self) -> list[str]:
        """What was logged as an error since the last payload was handed in."""
        return self._listener.heard

    async def start(self) -> None:
        """Bring the client on line; what it does in the background by itself is left out."""
        webhooks.async_context.set(Adapter(self.said, self.shown))
        client: Any = self.client
        client.http.request, client.http.get_from_cdn = self._request, self._from_cdn
        client.http._HTTPClient__session = object()
        await client._async_setup_hook()
        bot: Any = user_payload(BOT) | {"bot": True}
        client._connection.user = discord.ClientUser(state=client._connection, data=bot)
        client._connection.application_id = client._application_id = BOT  # as login sets them
        client.owner_id = 1
        await client.setup_hook()
        for task in client._background:
            task.cancel()
        await asyncio.gather(*client._background, return_exceptions=True)
        client._background = {}
        client._connection._add_guild_from_data(_guild_payload(GUILD, [CHANNEL, MODERATORS]))
        client._connection._add_guild_from_data(_guild_payload(OTHER_GUILD, [310]))
        logging.getLogger().addHandler(self._listener)

    async def close(self) -> None:
        """Take the client off line."""
        logging.getLogger().removeHandler(self._listener)
        client: Any = self.client
        client.http._HTTPClient__session = discord.utils.MISSING
        await self.client.close()

    async def _request(self, route: Any, **_: Any) -> Any:
        return [] if route.path.endswith("/commands") else message_payload(CHANNEL)

    async def _from_cdn(self, _: str) -> bytes:
        return self._file

    def interaction(self, kind: int, data: Payload, *, user: int = ADMIN, guild: int | None = GUILD) -> Payload:
        """Return a whole INTERACTION_CREATE, from an admin in the server unless it says otherwise."""
        number = next(self._ids)
        payload = {
            "id": str(discord.utils.time_snowflake(datetime.now(UTC)) + number),
            "application_id": str(BOT),
            "type": kind,
            "token": f"token-{number}",
            "version": 1,
            "data": data,
            "attachment_size_limit": 10 * 1024 * 1024,
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {},
            "app_permissions": str(EVERYTHING_ELSE),
            "channel_id": str(CHANNEL),
            "channel": channel_payload(CHANNEL, guild),
        }
        if guild is None:
            return payload | {"user": user_payload(user), "context": 1}
        member = member_payload(user, manages=user == ADMIN)
        return payload | {"guild_id": str(guild), "guild_locale": "en-US", "member": member, "context": 0}

    async def hand_in(self, payload: Payload, file: bytes = b"") -> None:
        """Hand an interaction to the client, and wait until everything that it began has ended."""
        self.said.clear()
        self.errors.clear()
        self._file = file
        before = asyncio.all_tasks()
        self.client._connection.parse_interaction_create(payload)  # type: ignore[arg-type]
        while begun := {task for task in asyncio.all_tasks() - before if task.get_name() != GATHERING}:
            done, _ = await asyncio.wait(begun, timeout=30)
            if not done:
                raise TimeoutError("it did not end")
            for task in done:
                if not task.cancelled() and (error := task.exception()):
                    raise error
