"""What people do in the loopback Discord: commands, buttons and forms, and what the bot answers."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.wire.state import APPLICATION_ID, EPHEMERAL, Channel, Guild, Member, Message, snowflake, user

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
# Which first answers fit which use.
FITTING = {
    COMMAND: {REPLY, DEFERRED_REPLY, FORM},
    COMPONENT: {REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE, FORM},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE},
}
TEXT_INPUT, RADIO_GROUP, CHECKBOX = 4, 21, 23
CHANNEL_OPTION, ATTACHMENT_OPTION = 7, 11
WINDOW_SECONDS, TOKEN_SECONDS = 3.0, 900.0


@dataclass(slots=True, eq=False)
class Use:
    """One use of a command, button or form, and what became of it.

    Attributes:
        begun: When it was sent to the bot, on the clock of `time.perf_counter`.
        answered: When the first answer was taken, on the same clock.
        reply: The first answer, as the bot sent it.
        messages: What can be read of it, the latest last.
        files: What was attached to them.
    """

    id: int
    token: str
    type: int
    payload: dict[str, Any]
    begun: float = field(default_factory=time.perf_counter)
    answered: float | None = None
    reply: dict[str, Any] | None = None
    origin: Message | None = None
    original: Message | None = None
    messages: list[Message] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seconds(self) -> float:
        """How long the person waited for the first answer."""
        assert self.answered is not None, "it was never answered"
        return self.answered - self.begun

    @property
    def text(self) -> str:
        """All the words that the person reads."""
        return "\n".join(message.text for message in self.messages)

    @property
    def private(self) -> bool:
        """Whether what is read is for one person alone."""
        return bool(self.messages) and all(message.ephemeral for message in self.messages)

    @property
    def form(self) -> dict[str, Any]:
        """The form that was opened."""
        assert self.reply is not None, "there was no answer"
        assert self.reply["type"] == FORM, "no form was opened"
        data: dict[str, Any] = self.reply["data"]
        return data

    @property
    def choices(self) -> list[str]:
        """What was offered while the person typed."""
        assert self.reply is not None
        return [choice["value"] for choice in self.reply["data"]["choices"]]

    def take(self, reply: dict[str, Any], channel_id: int) -> None:
        """Note the first answer."""
        self.answered = time.perf_counter()
        self.reply = reply
        data = reply.get("data") or {}
        match reply["type"]:
            case 4 | 5:
                flags = int(data.get("flags") or 0)
                self.original = Message(snowflake(), channel_id, data, flags, interaction_id=self.id)
            case 7 if self.origin is not None:
                self.origin.payload |= data
                self.original = self.origin
            case 6:
                self.original = self.origin
        if reply["type"] in {REPLY, UPDATE} and self.original is not None:
            self.messages.append(self.original)
        self.acknowledged.set()
        if reply["type"] not in {DEFERRED_REPLY, DEFERRED_UPDATE}:
            self.settled.set()

    def follow(self, payload: dict[str, Any], channel_id: int) -> Message:
        """Note a further message; the first one takes the place of the dots that were promised."""
        flags = int(payload.get("flags") or 0)
        if self.reply is not None and self.reply["type"] == DEFERRED_REPLY and not self.messages:
            flags = (self.original.flags if self.original is not None else 0) & EPHEMERAL | flags & ~EPHEMERAL
        message = Message(snowflake(), channel_id, payload, flags, interaction_id=self.id)
        self.messages.append(message)
        self.settled.set()
        return message

    def edit(self, payload: dict[str, Any]) -> Message | None:
        """Change the first answer's message, or return None where there is none."""
        if self.original is None:
            return None
        self.original.payload |= payload
        self.original.edits += 1
        if self.original not in self.messages:
            self.messages.append(self.original)
        self.settled.set()
        return self.original

    def confirmation(self) -> dict[str, Any]:
        """Return what Discord answers to the first answer."""
        assert self.reply is not None
        interaction: dict[str, Any] = {"id": str(self.id), "type": self.type}
        resource: dict[str, Any] = {"type": self.reply["type"]}
        if self.original is not None:
            interaction |= {
                "response_message_id": str(self.original.id),
                "response_message_loading": self.reply["type"] == DEFERRED_REPLY,
                "response_message_ephemeral": self.original.ephemeral,
            }
            resource["message"] = self.original.as_json()
        return {"interaction": interaction, "resource": resource}


def begin(kind: int, data: dict[str, Any], member: Member, channel: Channel, guild: Guild | None) -> Use:
    """Return a use, with what the bot is told of it."""
    use_id = snowflake()
    token = f"token-{use_id}"
    payload = {
        "id": str(use_id),
        "application_id": str(APPLICATION_ID),
        "type": kind,
        "token": token,
        "version": 1,
        "attachment_size_limit": 10 * 2**20,
        "data": data,
        "channel": channel.as_json(),
        "channel_id": str(channel.id),
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "context": 0 if guild is not None else 1,
        "app_permissions": "0",
    }
    if guild is not None:
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member.as_json(),
        }
    else:
        payload["user"] = user(member.id, member.name)
    return Use(use_id, token, kind, payload)


def command_data(
    commands: list[dict[str, Any]], path: str, given: dict[str, Any], focused: str | None
) -> dict[str, Any]:
    """Return the data of a command by its path, such as `daily set`, with what was given for its options.

    The bot must have told Discord of the command; an attachment is given as Discord describes one.
    """
    name, *rest = path.split()
    command = next(each for each in commands if each["name"] == name and each.get("type", 1) == 1)
    node, levels = command, []
    for part in rest:
        node = next(each for each in node["options"] if each["name"] == part)
        levels.append(node)
    types = {option["name"]: option["type"] for option in node.get("options") or []}
    resolved: dict[str, dict[str, Any]] = {}
    options: list[dict[str, Any]] = []
    for key, value in given.items():
        options.append({"name": key, "type": types[key], "value": _resolve(types[key], value, resolved)})
        if key == focused:
            options[-1]["focused"] = True
    for level in reversed(levels):
        options = [{"name": level["name"], "type": level["type"], "options": options}]
    return {"id": command["id"], "name": name, "type": 1, "options": options, "resolved": resolved}


def _resolve(kind: int, value: Any, resolved: dict[str, dict[str, Any]]) -> Any:
    if kind == CHANNEL_OPTION:
        document = value.as_json() | {"permissions": "0"}
        resolved.setdefault("channels", {})[document["id"]] = document
        return document["id"]
    if kind == ATTACHMENT_OPTION:
        resolved.setdefault("attachments", {})[value["id"]] = value
        return value["id"]
    return value


def form_data(form: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a filled-in form: what was given by custom id, else what it was filled in with.

    Raises:
        AssertionError: Something is given for a field that the form does not have.
    """
    components, names = [], set()
    for outer in form["components"]:
        inner = outer["component"] if "component" in outer else outer["components"][0]
        filled = _filled(inner, given)
        names.add(filled["custom_id"])
        kind = {"type": outer["type"], "id": 1}
        components.append(kind | ({"component": filled} if "component" in outer else {"components": [filled]}))
    assert set(given) <= names, names
    return {"custom_id": form["custom_id"], "components": components}


def _filled(field: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return a field as a person sends it who changed nothing but what is given."""
    chosen = [option["value"] for option in field.get("options") or [] if option.get("default")]
    default: Any = [*chosen, *(each["id"] for each in field.get("default_values") or [])]
    if field["type"] == TEXT_INPUT:
        default = field.get("value") or ""
    elif field["type"] == RADIO_GROUP:
        default = chosen[0] if chosen else None
    elif field["type"] == CHECKBOX:
        default = bool(field.get("default"))
    key = "value" if field["type"] in {TEXT_INPUT, RADIO_GROUP, CHECKBOX} else "values"
    name = field["custom_id"]
    return {"type": field["type"], "custom_id": name, "id": 1, key: given.get(name, default)}
