"""What the loopback Discord knows: servers with their channels and members, and the messages in them."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from discord import Permissions

DISCORD_EPOCH_MS = 1_420_070_400_000
APPLICATION_ID, BOT_ID, OWNER_ID = 101, 102, 103
TEXT, DM, THREAD = 0, 1, 11
EPHEMERAL = 1 << 6
BOT_MAY = Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    manage_messages=True,
)

_sequence = itertools.count(1)


def snowflake() -> int:
    """Return a new id, whose upper bits are the present instant, as Discord makes them."""
    return (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22 | next(_sequence) % (1 << 22)


def user(user_id: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    """Return a user as Discord describes one."""
    return {"id": str(user_id), "username": name, "discriminator": "0", "avatar": None, "bot": bot}


@dataclass(slots=True)
class Message:
    """A message that the bot sent."""

    id: int
    channel_id: int
    payload: dict[str, Any]
    flags: int = 0
    nonce: str | None = None
    interaction_id: int | None = None
    thread: bool = False
    published: bool = False
    edits: int = 0

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """All its words: its content, and those of its embeds."""
        embeds = self.payload.get("embeds") or []
        return "\n".join([self.payload.get("content") or "", *(each.get("description") or "" for each in embeds)])

    def button(self, label: str) -> str:
        """Return the custom id of the button with that label."""
        rows = self.payload.get("components") or []
        return next(str(item["custom_id"]) for row in rows for item in row["components"] if item.get("label") == label)

    def as_json(self) -> dict[str, Any]:
        """Return it as Discord describes it."""
        document = {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "type": 0,
            "content": self.payload.get("content") or "",
            "author": user(BOT_ID, "fireside", bot=True),
            "embeds": self.payload.get("embeds") or [],
            "attachments": [_attachment(self.id, each) for each in self.payload.get("attachments") or []],
            "components": self.payload.get("components") or [],
            "timestamp": "2026-01-01T00:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "pinned": False,
            "flags": self.flags,
        }
        if self.nonce is not None:
            document["nonce"] = self.nonce
        if self.interaction_id is not None:
            document["interaction_metadata"] = {
                "id": str(self.interaction_id),
                "type": 2,
                "user": user(OWNER_ID, "owner"),
                "authorizing_integration_owners": {},
            }
        return document


def _attachment(message_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    address = f"http://127.0.0.1/attachments/{message_id}/{payload['id']}"
    return {
        "id": str(message_id + int(payload["id"])),
        "filename": payload.get("filename", "file"),
        "description": payload.get("description"),
        "size": 1,
        "url": address,
        "proxy_url": address,
    }


@dataclass(slots=True)
class Channel:
    """A channel: what the bot may not do there, and what was written."""

    id: int
    name: str
    guild_id: int | None
    type: int = TEXT
    denied: Permissions = field(default_factory=Permissions.none)
    messages: list[Message] = field(default_factory=list)

    def lacks(self, *names: str) -> bool:
        """Return whether the bot lacks one of some permissions there."""
        allowed = BOT_MAY.value & ~self.denied.value
        return self.guild_id is not None and any(not getattr(Permissions(allowed), name) for name in names)

    def as_json(self) -> dict[str, Any]:
        """Return it as Discord describes it."""
        if self.type == DM:
            return {"id": str(self.id), "type": DM, "recipients": [user(OWNER_ID, "owner")]}
        denial = {"id": str(BOT_ID), "type": 1, "allow": "0", "deny": str(self.denied.value)}
        return {
            "id": str(self.id),
            "type": self.type,
            "name": self.name,
            "position": 0,
            "guild_id": str(self.guild_id),
            "permission_overwrites": [denial],
        }


@dataclass(slots=True)
class Guild:
    """A server in which the bot is."""

    id: int
    name: str
    channels: list[Channel] = field(default_factory=list)
    roles: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as GUILD_CREATE describes it."""
        everyone = {"id": str(self.id), "name": "@everyone", "permissions": str(BOT_MAY.value), **_ROLE}
        more = [
            {"id": str(self.id + 1 + number), "name": f"role {number}", "permissions": "0", **_ROLE}
            for number in range(self.roles)
        ]
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(OWNER_ID),
            "unavailable": False,
            "member_count": 2,
            "roles": [everyone, *more],
            "channels": [channel.as_json() for channel in self.channels],
            "threads": [],
            "members": [{"user": user(BOT_ID, "fireside", bot=True), "roles": [], "flags": 0, "joined_at": None}],
            "emojis": [],
            "stickers": [],
            "features": [],
            "preferred_locale": "en-US",
        }


_ROLE = {"color": 0, "hoist": False, "position": 0, "managed": False, "mentionable": False}


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a server, and what they may do there."""

    id: int
    name: str
    permissions: Permissions = field(default_factory=Permissions.none)

    def as_json(self) -> dict[str, Any]:
        """Return them as an interaction describes who used it."""
        return {
            "user": user(self.id, self.name),
            "roles": [],
            "flags": 0,
            "joined_at": None,
            "permissions": str(self.permissions.value),
        }


@dataclass(slots=True)
class World:
    """All servers, and the private channels of people with the bot."""

    guilds: list[Guild] = field(default_factory=list)
    private: dict[int, Channel] = field(default_factory=dict)
    closed_to: set[int] = field(default_factory=set)

    def add_guild(
        self, name: str = "Readers", *, channels: int = 1, roles: int = 0, number: int | None = None
    ) -> Guild:
        """Add a server with some text channels, and return it."""
        guild = Guild(snowflake() if number is None else number, name, roles=roles)
        guild.channels = [Channel(snowflake(), f"channel-{count}", guild.id) for count in range(channels)]
        self.guilds.append(guild)
        return guild

    def channel(self, channel_id: int) -> Channel | None:
        """Return the channel of that id, if there is one."""
        rooms = itertools.chain(self.private.values(), *(guild.channels for guild in self.guilds))
        return next((channel for channel in rooms if channel.id == channel_id), None)

    def private_channel(self, user_id: int) -> Channel:
        """Return somebody's private channel with the bot, opened if need be."""
        return self.private.setdefault(user_id, Channel(snowflake(), "", None, DM))

    def posts(self) -> list[Message]:
        """Return all that was written where others can read it, in order."""
        return [each for guild in self.guilds for channel in guild.channels for each in channel.messages]
