"""Hostile payloads: texts, files that were damaged, and interactions that nobody would send who means well."""

import inspect
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from discord import app_commands
from hypothesis import strategies as st

from benchmarks.fuzz_discord import ADMIN, CHANNEL, GUILD, MEMBER, MODERATORS, OTHER_GUILD, ROLE, STRANGER
from bot.client import Fireside
from bot.ui.actions import MAX_CUSTOM_ID, SEPARATOR, registered_actions
from bot.ui.look import ASKED

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
BUTTON, SELECT, TEXT_INPUT, RADIO_GROUP = 2, 3, 4, 21
Payload = dict[str, Any]
# How often something is not as it is meant where most is.
RARE = 0.15

NASTY = (
    "",
    " ",
    "\0",
    "\x1b[31m",
    "\u202eolleh\u202c \u2067\u2066",
    "\u200b" * 300,
    "\ufeff",
    "a\u0301" * 200,
    "*" * 1000,
    "`" * 999,
    "[" * 1000,
    "](" * 500,
    "\\" * 501,
    "?" * 1000,
    "\n" * 1000,
    "> " * 500,
    "a " * 500,
    "-" * 1000,
    "[x](javascript:alert(1))",
    "@everyone <@&400> <@501>",
    "9" * 1000,
    "-1",
    "0",
    "1",
    "2",
    "3",
    str(2**31),
    str(2**63),
    "1e400",
    "٣",
    "²",
    "NaN",
    "' OR 1=1 --",
    "%s %(x)s {0} {",
    "../../etc/passwd",
    "🏳️‍🌈" * 200,
    "how " * 250,
    "why did you make keras?",
    "What do you read late at night when you cannot sleep?",
)
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.text(max_size=1000))
# What a custom id's arguments mostly are; with these, forged ones come far.
LIKELY = (
    *("0", "1", "2", "3", "4", "5", "-1", "yes", "no", "dm", "channel", "keep", "delete", "open", "any", "approved"),
    *(
        "francois-chollet",
        "t6",
        "e6",
        "x",
        "francois-chollet/e6",
        "francois-chollet/t6/x",
        "1000000",
        "99999999999999999999",
    ),
    *("question-form", "daily-when", "daily-what", "rules-who", "review-reason", "publication-form", "mine-edit-form"),
)
# What the arguments of that name mostly are.
FITTING: dict[str, tuple[str, ...]] = {
    "interview": ("francois-chollet",),
    "exchange": ("e1", "e6", "reader-1"),
    "turn": ("t6", "t8", "reader-1-answer"),
    "question_id": ("1", "2", "3", "4", "9"),
    "number": ("0", "1", "2", "3", "-1", "999999999"),
    "page": ("0", "1", "-1", "999999999"),
    "back": ("0", "999999999"),
    "name": ("daily-when", "daily-what", "rules-who", "rules-where", "rules-limits", "question-form"),
}


# Files -------------------------------------------------------------------------------------------------------


def damaged(random: Random, originals: tuple[bytes, ...]) -> bytes:
    """Return a real file after something has happened to it."""
    content = random.choice(originals)
    for _ in range(random.randint(1, 3)):
        content = random.choice(DAMAGES)(random, content)
    return content[: 9 * 1024 * 1024]


def _slice(random: Random, content: bytes) -> tuple[int, int]:
    first, second = random.randint(0, len(content)), random.randint(0, len(content))
    return min(first, second), max(first, second)


def _cut(random: Random, content: bytes) -> bytes:
    begin, end = _slice(random, content)
    return content[:begin] + content[end:]


def _doubled(random: Random, content: bytes) -> bytes:
    begin, end = _slice(random, content)
    return content[:end] + content[begin:end] + content[end:]


def _swapped(random: Random, content: bytes) -> bytes:
    mutable = bytearray(content)
    for _ in range(random.randint(1, 20)) if content else ():
        mutable[random.randrange(len(mutable))] = random.randrange(256)
    return bytes(mutable)


def _inserted(random: Random, content: bytes) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(INSERTS) + content[at:]


def _shuffled_lines(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    begin, end = _slice(random, lines)  # type: ignore[arg-type]
    some = lines[begin:end]
    random.shuffle(some)
    return b"\n".join([*lines[:begin], *some, *lines[end:]])


def _encoded(random: Random, content: bytes) -> bytes:
    encoding = random.choice(["utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "utf-7"])
    return content.decode(errors="replace").encode(encoding, errors="replace")


def _on_one_line(_: Random, content: bytes) -> bytes:
    return content.replace(b"\n", b" ")


def _value_replaced(random: Random, content: bytes) -> bytes:
    """Put something else in the place of one value of a JSON document."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        part = waiting.pop()
        keys: Any = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        places += [(part, key) for key in keys]
        waiting += [part[key] for key in keys]
    if places:
        part, key = random.choice(places)
        part[key] = random.choice(VALUES)
    return json.dumps(document).encode()


VALUES: tuple[Any, ...] = (
    *(None, True, -1, 1e308, 10**400, [], {}, [[]], [None], "\ud800", "\0", "javascript:alert(1)", "data:text/html,x"),
    *("x" * 100_000, "2018-13-45", "http://[::1", "https://" + "a" * 3000, "\u202e", " padded ", "line\nbreak"),
)
INSERTS = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e\u2067".encode(), b"[" * 10_000, b'{"a":' * 10_000),
    *(b"9" * 5000, b"x" * 100_000, b" " * 100_000, b"." * 50_000, b"*_`" * 20_000, b"Q: " * 20_000, b"\r" * 5000),
    *(b"Host: why?\nGuest: because.\n" * 500, b"> " * 20_000, b"[Q12-abc] " * 5000, b"Your answer: " * 5000),
    *(b"May be quoted: yes\n" * 3000, b"\n" * 61_000, "a\u0301".encode() * 20_000, b"Asked by x; wanted by 1 reader\n"),
)
DAMAGES = (
    _cut,
    _doubled,
    _swapped,
    _inserted,
    _inserted,
    _shuffled_lines,
    _encoded,
    _on_one_line,
    _value_replaced,
)
speakers = st.sampled_from(
    ["Host", "Guest", "Q", "A", "Dr. No", "*Ann*", "**Bo:**", "[00:01]", "", "\u202eCy", "a" * 80]
)
transcripts = st.one_of(
    st.binary(max_size=300),
    st.lists(st.builds("{}: {}".format, speakers, texts), max_size=30)
    .map("\n\n".join)
    .map(lambda text: text.encode(errors="surrogatepass")),
)
values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
documents = st.recursive(
    values,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["id", "title", "people", "turns", "exchanges", "text", "quotes"]), inner),
    ),
    max_leaves=20,
).map(lambda document: json.dumps(document).encode())
pack_lines = st.sampled_from(
    [
        *("[Q1-abc]", "Question 1 of 2 [Q1-abc]", "Your answer:", "May be quoted: yes", "May be quoted: no", ""),
        *("Asked by a reader; wanted by 3 readers.", "This file is [P-abc-def]", "Theme 1 of 2: x", "> Your answer:"),
        *("Nearby: x [abcd]", "Readers of the interview", "2 questions for A", "This is the end"),
    ]
)
packs = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(pack_lines, texts), max_size=40).map(
        lambda lines: "\n".join(lines).encode(errors="surrogatepass")
    ),
)


# What a regular expression may stumble over, again and again for as long as a field of Discord's is.
RUNS = (
    *("a", " ", ".", "?", "*", "_", "-", "#", ">", "[", "](", "`", "\\", "'", "a.", "a ", "a-", "'a", "1", "Q-1", "\n"),
    *("http://", "<a:/", "The A ", "Q: ", "**", "how ", "in which ", "Asked by", "Your answer", "\u200b", "é", "[…]"),
)
LONGEST_TEXT = 4000
long_texts = st.builds(
    lambda begin, runs, end: (
        (begin + "".join(runs) * (LONGEST_TEXT // max(1, len("".join(runs)))))[:LONGEST_TEXT] + end
    ),
    st.sampled_from(["", "a", "Host: ", "\n"]),
    st.lists(st.sampled_from(RUNS), min_size=1, max_size=3),
    st.sampled_from(["", "!", "\0", "\n"]),
)


# Interactions ------------------------------------------------------------------------------------------------


@st.composite
def interactions(draw: st.DrawFn, client: Fireside) -> tuple[Payload, bool]:
    """Return an interaction without what goes around it, and whether Discord might send it like that."""
    kind = draw(st.sampled_from([COMMAND, AUTOCOMPLETE, COMPONENT, COMPONENT, COMPONENT, FORM, FORM]))
    if kind in {COMMAND, AUTOCOMPLETE}:
        data, possible = draw(_commands(client, kind))
    else:
        data, possible = draw(_components() if kind == COMPONENT else _forms())
    user = draw(st.sampled_from([ADMIN, ADMIN, ADMIN, MEMBER, STRANGER]))
    guild = draw(st.sampled_from([GUILD, GUILD, GUILD, GUILD, OTHER_GUILD, None]))
    payload = {"kind": kind, "data": data, "user": user, "guild": guild}
    if kind == COMPONENT:
        payload["message"] = draw(_messages())
    return payload, possible and _is_unicode(json.dumps(payload, ensure_ascii=False))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@st.composite
def _messages(draw: st.DrawFn) -> Payload:
    footer = draw(st.one_of(st.just("turn 6 of 24"), texts.map(lambda text: f"x\n{ASKED}{text}"[:2048])))
    return {
        "embeds": draw(st.sampled_from([[], [{"type": "rich", "description": "x", "footer": {"text": footer}}]])),
        "flags": draw(st.sampled_from([0, 64])),
        "content": draw(st.sampled_from(["", "x"])),
    }


def leaves(options: list[Payload], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], list[Payload]]]:
    """Return each command of a definition's options, by the names that lead to it, with what it takes."""
    groups = [option for option in options if option["type"] in {1, 2}]
    if not groups:
        return [(path, options)]
    return [leaf for group in groups for leaf in leaves(group.get("options") or [], (*path, group["name"]))]


@st.composite
def _commands(draw: st.DrawFn, client: Fireside, kind: int) -> tuple[Payload, bool]:
    commands = client.tree.get_commands()
    menus = [each for each in commands if isinstance(each, app_commands.ContextMenu)]
    if kind == COMMAND and draw(st.integers(0, 20)) == 0:
        return _menu(draw, draw(st.sampled_from(menus))), True
    definitions = [each.to_dict(client.tree) for each in commands if each not in menus]
    known = [(each["name"], *leaf) for each in definitions for leaf in leaves(each.get("options") or [])]
    if kind == AUTOCOMPLETE:
        known = [leaf for leaf in known if any(option.get("autocomplete") for option in leaf[2])]
    name, path, options = draw(st.sampled_from(known))
    given, resolved, possible = [], Payload(), True
    for option in options:
        focused = kind == AUTOCOMPLETE and option.get("autocomplete")
        if focused or option.get("required") or draw(st.booleans()):
            value, fits = _value(draw, option, resolved)
            given.append({"name": option["name"], "type": option["type"], "value": value})
            possible &= fits
            if focused and not any("focused" in each for each in given):
                given[-1]["focused"] = True
    if kind == COMMAND and draw(st.integers(0, 30)) == 0:
        given, possible = given[1:] if draw(st.booleans()) else given * 2, False
    return _called(name, path, given, resolved), possible


def _called(command: str, path: tuple[str, ...], given: list[Payload], resolved: Payload) -> Payload:
    for at, name in enumerate(reversed(path)):
        given = [{"name": name, "type": 1 if at == 0 else 2, "options": given}]
    return {"id": "1", "name": command, "type": 1, "options": given, "resolved": resolved}


def _menu(draw: st.DrawFn, command: app_commands.ContextMenu) -> Payload:
    content = draw(texts)[:2000]
    author = {"id": "501", "username": "x", "discriminator": "0", "avatar": None, "global_name": None}
    message = {"id": "901", "channel_id": str(CHANNEL), "author": author, "content": content, "embeds": []}
    rest: Payload = {"timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False, "mentions": []}
    more = {"mention_everyone": False, "mention_roles": [], "attachments": [], "components": [], "pinned": False}
    resolved = {"messages": {"901": message | rest | more | {"type": 0, "flags": 0}}}
    return {"id": "1", "name": command.name, "type": command.type.value, "target_id": "901", "resolved": resolved}


def _value(draw: st.DrawFn, option: Payload, resolved: Payload) -> tuple[Any, bool]:  # noqa: PLR0911 - one a type
    """Return a value for an option, and whether Discord would let it through."""
    match option["type"]:
        case 3 if choices := option.get("choices"):
            return draw(st.sampled_from([choice["value"] for choice in choices])), True
        case 3:
            text = draw(texts)[: option.get("max_length", 6000)]
            return text, len(text) >= option.get("min_length", 0)
        case 4:
            low, high = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
            return draw(st.sampled_from([low, high, max(low, 1)])), True
        case 5:
            return draw(st.booleans()), True
        case 7:
            return _channel(draw, resolved), True
        case 11:
            return _attachment(draw, resolved)
    return draw(values), False


def _channel(draw: st.DrawFn, resolved: Payload) -> str:
    channel = str(draw(st.sampled_from([CHANNEL, MODERATORS, 999])))
    resolved["channels"] = {channel: {"id": channel, "name": "x", "type": 0, "permissions": "0"}}
    return channel


def _attachment(draw: st.DrawFn, resolved: Payload) -> tuple[str, bool]:
    name = draw(st.sampled_from(["answers.md", "a.txt", "pack.zip", "\u202etxt.exe", "", "x" * 200 + ".md"]))
    size = draw(st.sampled_from([0, 10, 5 * 1024 * 1024, 2**40, -1]))
    kind = draw(st.sampled_from(["text/plain", "text/html", "application/zip", None]))
    file = {"id": "7", "filename": name, "size": size, "url": "https://cdn.discordapp.com/x", "proxy_url": "x"}
    resolved["attachments"] = {"7": file | {"content_type": kind}}
    return "7", size >= 0 and bool(name)


@st.composite
def custom_ids(draw: st.DrawFn) -> str:
    """Return the custom id of a registered action, or of none, with arguments that nobody gave it."""
    known = registered_actions()
    name = draw(st.one_of(st.sampled_from(list(known)), st.text(max_size=20)))
    likely = st.sampled_from(LIKELY)
    if name in known and draw(st.booleans()):
        parameters = list(inspect.signature(known[name]).parameters)[1:]
        arguments = [draw(st.sampled_from(FITTING[each]) if each in FITTING else likely) for each in parameters]
    else:
        arguments = draw(st.lists(st.one_of(likely, likely, likely, texts), max_size=6))
    return SEPARATOR.join([name, *arguments])[: draw(st.sampled_from([MAX_CUSTOM_ID, MAX_CUSTOM_ID, 4000]))]


@st.composite
def _components(draw: st.DrawFn) -> tuple[Payload, bool]:
    data: Payload = {"custom_id": draw(custom_ids()), "component_type": draw(st.sampled_from([BUTTON, SELECT]))}
    if data["component_type"] == SELECT:
        joined = st.lists(st.sampled_from(LIKELY), max_size=4).map("/".join)
        data["values"] = draw(st.lists(st.one_of(joined, texts), max_size=3))
    return data, True


FIELDS = (
    *("text", "quotable", "channel", "time", "zone", "weekdays", "order", "looks", "role", "extras", "interviews"),
    *("question", "interview", "recipient", "name", "notify", "reason", "number", "likely"),
)
GOOD = {
    "text": ["A text that is long enough to be stored?"],
    "question": ["What do you read late at night when nobody asks?"],
    "channel": [str(CHANNEL), str(MODERATORS), "999"],
    "role": [str(ROLE), str(GUILD)],
    "time": ["09:00", "25:00"],
    "zone": ["Europe/Berlin", "Atlantis"],
    "weekdays": ["Monday", "Sunday"],
    "order": ["shuffled", "sequence"],
    "looks": ["text", "dark"],
    "recipient": ["interviewee", "host"],
    "name": ["named", "anonymous"],
    "notify": ["no", "dm", "channel"],
    "number": ["1", "2", "#3"],
}


@st.composite
def _forms(draw: st.DrawFn) -> tuple[Payload, bool]:
    names = draw(st.lists(st.sampled_from(field_names()), max_size=8))
    fields = [draw(_fields(name)) for name in names]
    possible = True
    if draw(st.integers(0, 15)) == 0:
        possible = False
        fields.append(
            draw(st.sampled_from([{"type": 18}, {"type": 18, "component": {}}, {"type": 1, "components": []}]))
        )
        fields.append({"type": 18, "component": {"type": 4, "custom_id": "text", "value": draw(values)}})
    return {"custom_id": draw(custom_ids()), "components": fields}, possible


def field_names() -> list[str]:
    """Return what fields of forms are called, and something else."""
    return [*FIELDS, *RULE_FIELDS, "nobody"]


RULE_FIELDS = ("who", "roles", "recipients", "age", "opens", "closes", "review", "answers", "a_member", "a_day", "days")


@st.composite
def _fields(draw: st.DrawFn, name: str) -> Payload:
    good = st.sampled_from(GOOD.get(name, ["1"]))
    if draw(st.booleans()):
        value: Payload = {"type": 4, "value": draw(st.one_of(good, texts))}
    else:
        value = {"type": 3, "values": draw(st.lists(st.one_of(good, texts), max_size=3))}
    return {"type": 18, "component": {"custom_id": name, **value}}


# What was shown ----------------------------------------------------------------------------------------------


def used(random: Random, shown: Sequence[Payload]) -> tuple[Payload, bool]:
    """Return a press of something that the bot has sent, or a form of its own; mostly as it is meant.

    `shown` has the components and forms that the bot has sent so far.
    """
    part = random.choice(shown)
    payload: Payload = {"user": random.choice([ADMIN, ADMIN, ADMIN, MEMBER, STRANGER]), "guild": GUILD}
    if random.random() < RARE:
        payload["guild"] = random.choice([OTHER_GUILD, None])
    data: Payload = {"custom_id": part["custom_id"]}
    if random.random() < RARE:
        data["custom_id"] = _forged(random, part["custom_id"])
    if "title" in part:
        labels = [label for label in part["components"] if random.random() > RARE]
        data["components"] = [_filled(random, label["component"]) for label in labels]
        return payload | {"kind": FORM, "data": data}, True
    data["component_type"] = part["type"]
    if part["type"] != BUTTON:
        data["values"] = _picked(random, part)
    flags, footer = random.choice([0, 64]), {"text": f"turn 6 of 24\n{ASKED}{random.choice(NASTY)}"[:2048]}
    message = {"embeds": [{"type": "rich", "description": "x", "footer": footer}], "flags": flags}
    return payload | {"kind": COMPONENT, "data": data, "message": message}, True


def _forged(random: Random, real: str) -> str:
    """Return a real custom id with another argument in the place of one."""
    parts = real.split(SEPARATOR)
    parts[random.randrange(len(parts))] = random.choice([*LIKELY, *NASTY])
    return SEPARATOR.join(parts)[:MAX_CUSTOM_ID]


def _picked(random: Random, field: Payload) -> list[str]:
    known = [option["value"] for option in field.get("options") or []]
    known = known or [*GOOD["channel"], *GOOD["role"], str(MEMBER), str(STRANGER)]
    if random.random() < RARE:
        known = list(NASTY)
    return random.sample(known, k=min(len(known), random.randint(1, 2)))


def _filled(random: Random, field: Payload) -> Payload:
    name, given = field["custom_id"], Payload()
    if field["type"] == TEXT_INPUT:
        good = random.random() > RARE
        given["value"] = random.choice(GOOD.get(name, ["1"]) if good else NASTY)[: field.get("max_length", 4000)]
    elif field["type"] == RADIO_GROUP:
        given["value"] = _picked(random, field)[0]
    else:
        given["values"] = _picked(random, field)
    return {"type": 18, "component": {"type": field["type"], "custom_id": name, **given}}
