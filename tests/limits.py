"""What Discord takes, checked on each request: the limits of its documentation that its own description leaves out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

MOST_CONTENT, MOST_EMBEDS, MOST_EMBED_TEXT = 2000, 10, 6000
MOST_ROWS, MOST_BUTTONS, MOST_OPTIONS, MOST_CUSTOM_ID, MOST_LABEL = 5, 5, 25, 100, 80
MOST_FIELDS, MOST_CHOICES, MOST_NONCE = 25, 25, 25
MOST_FILE, MOST_REQUEST = 10 * 2**20, 25 * 2**20
TITLE, DESCRIPTION, FIELD_NAME, FIELD_VALUE, FOOTER, AUTHOR = 256, 4096, 256, 1024, 2048, 256
ROW, BUTTON, SELECTS, TEXT_INPUT, LABEL = 1, 2, {3, 5, 6, 7, 8}, 4, 18
LINK_STYLE = 5
REPLIES, OFFERS_CHOICES, OPENS_FORM = 4, 8, 9

NAME = re.compile(r"[-_'\w]{1,32}")
USER_MENU, MESSAGE_MENU = 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
MOST_COMMANDS, MOST_CHARACTERS = 100, 8000

Definition = dict[str, Any]


def faults_of_message(payload: dict[str, Any], *, new: bool, files: int = 0) -> list[str]:
    """Return what Discord would refuse in a message; one that changes another may leave out what stays."""
    return list(_message(payload, new=new, files=files))


def _message(payload: dict[str, Any], *, new: bool, files: int) -> Iterator[str]:
    content, embeds = payload.get("content") or "", payload.get("embeds") or []
    components = payload.get("components") or []
    if new and not (content or embeds or components or files):
        yield "an empty message"
    if len(content) > MOST_CONTENT:
        yield f"content of {len(content)} characters"
    if len(embeds) > MOST_EMBEDS or sum(map(_embed_text, embeds)) > MOST_EMBED_TEXT:
        yield "too many embeds, or too much in them"
    for embed in embeds:
        yield from _embed(embed)
    yield from _components(components)
    if len(str(payload.get("nonce") or "")) > MOST_NONCE:
        yield f"nonce {payload['nonce']}"
    if new and "allowed_mentions" not in payload:
        yield "mentions that nothing restricts"


def _embed_text(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [(embed.get("author") or {}).get("name")]
    texts += [text for each in embed.get("fields") or [] for text in (each["name"], each["value"])]
    return sum(len(text or "") for text in texts)


def _embed(embed: dict[str, Any]) -> Iterator[str]:
    fields = embed.get("fields") or []
    if len(fields) > MOST_FIELDS:
        yield f"{len(fields)} fields"
    lengths = [
        ("title", embed.get("title"), TITLE),
        ("description", embed.get("description"), DESCRIPTION),
        ("footer", (embed.get("footer") or {}).get("text"), FOOTER),
        ("author", (embed.get("author") or {}).get("name"), AUTHOR),
        *(("field name", each["name"], FIELD_NAME) for each in fields),
        *(("field value", each["value"], FIELD_VALUE) for each in fields),
    ]
    yield from (f"{what} of {len(text)} characters" for what, text, most in lengths if len(text or "") > most)
    yield from (f"an empty {each}" for each in ("name", "value") if any(not field[each].strip() for field in fields))
    address = embed.get("url")
    if address and not address.startswith(("http://", "https://")):
        yield f"an embed's address {address[:20]}"


def _components(components: list[dict[str, Any]]) -> Iterator[str]:
    if len(components) > MOST_ROWS:
        yield f"{len(components)} rows"
    items = [item for row in components if row["type"] == ROW for item in row["components"]]
    for row in components:
        if row["type"] != ROW:
            yield f"component {row['type']} without a row"
        elif not 1 <= len(row["components"]) <= MOST_BUTTONS:
            yield f"{len(row['components'])} components in a row"
        elif any(item["type"] in SELECTS for item in row["components"]) and len(row["components"]) > 1:
            yield "a select beside something else"
    yield from _custom_ids(items)
    for item in items:
        yield from _button(item) if item["type"] == BUTTON else _select(item)


def _custom_ids(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    names = [item["custom_id"] for item in items if "custom_id" in item]
    yield from (f"custom id {name} twice" for name, count in Counter(names).items() if count > 1)
    yield from (f"custom id of {len(name)} characters" for name in names if not 1 <= len(name) <= MOST_CUSTOM_ID)


def _button(button: dict[str, Any]) -> Iterator[str]:
    if len(button.get("label") or "") > MOST_LABEL or not (button.get("label") or button.get("emoji")):
        yield f"label {button.get('label')!r}"
    if (button["style"] == LINK_STYLE) != ("url" in button):
        yield "a link without an address, or an address without a link"
    if not button.get("url", "https://").startswith(("http://", "https://")):
        yield f"a link to {button['url'][:20]}"


def _select(select: dict[str, Any]) -> Iterator[str]:
    options = select.get("options") or []
    if select["type"] == 3 and not 1 <= len(options) <= MOST_OPTIONS:
        yield f"{len(options)} options"
    if len(select.get("placeholder") or "") > 150:
        yield "a long placeholder"
    values = [option["value"] for option in options]
    if len(values) != len(set(values)):
        yield "a value twice"
    for option in options:
        if any(len(option.get(part) or "") > 100 for part in ("label", "value", "description")) or not option["label"]:
            yield f"option {option['label'][:30]}"


def faults_of_modal(form: dict[str, Any]) -> list[str]:
    """Return what Discord would refuse in a form."""
    faults = [] if 1 <= len(form["title"]) <= 45 else [f"title {form['title']}"]
    components = form["components"]
    if not 1 <= len(components) <= 5:
        faults.append(f"{len(components)} components")
    inner = [
        part
        for each in components
        for part in ([each["component"]] if "component" in each else each.get("components", []))
    ]
    faults += _custom_ids([form, *inner])
    for each in components:
        if each["type"] == LABEL and not (1 <= len(each["label"]) <= 45 and len(each.get("description") or "") <= 100):
            faults.append(f"label {each['label']}")
    for each in inner:
        faults += _text_input(each) if each["type"] == TEXT_INPUT else _select(each) if each["type"] in SELECTS else []
    return faults


def _text_input(field: dict[str, Any]) -> Iterator[str]:
    least, most, value = field.get("min_length") or 0, field.get("max_length") or 4000, field.get("value")
    if not 0 <= least <= most <= 4000 or len(field.get("placeholder") or "") > 100:
        yield f"text input {field['custom_id']}"
    if value is not None and not least <= len(value) <= most:
        yield f"text input {field['custom_id']} is filled in with {len(value)} characters"


def faults_of_callback(reply: dict[str, Any], files: int = 0) -> list[str]:
    """Return what Discord would refuse in the first answer to an interaction."""
    data = reply.get("data") or {}
    if reply["type"] == OPENS_FORM:
        return faults_of_modal(data)
    if reply["type"] == OFFERS_CHOICES:
        return faults_of_choices(data["choices"])
    return faults_of_message(data, new=reply["type"] == REPLIES, files=files) if data else []


def faults_of_choices(choices: list[dict[str, Any]]) -> list[str]:
    """Return what Discord would refuse in what is offered while somebody types."""
    faults = [f"{len(choices)} choices"] if len(choices) > MOST_CHOICES else []
    faults += [
        f"choice {choice['name'][:30]}"
        for choice in choices
        if not (1 <= len(choice["name"]) <= 100 and 1 <= len(str(choice["value"])) <= 100)
    ]
    return faults


def faults_of_commands(commands: list[Definition]) -> list[str]:
    """Return what Discord would refuse, or a person would miss, in the definitions of all commands."""
    faults = [f"{len(commands)} commands"] if len(commands) > MOST_COMMANDS else []
    faults += _twice("command", [command["name"] for command in commands])
    for command in commands:
        in_menu = command.get("type") in {USER_MENU, MESSAGE_MENU}
        faults += _faults_of_entry(command) if in_menu else _faults_of_node(command, command["name"])
        if characters(command) > MOST_CHARACTERS:
            faults.append(f"{command['name']}: {characters(command)} characters")
        faults += [
            f"{command['name']}: no {field}" for field in ("contexts", "integration_types") if not command.get(field)
        ]
    return faults


def _faults_of_entry(command: Definition) -> Iterator[str]:
    """Yield the faults of an entry in the menu of a message or a person: it is called anything, and says no more."""
    if not 1 <= len(command["name"]) <= 32:
        yield f"{command['name']}: name"
    if command.get("description") or command.get("options"):
        yield f"{command['name']}: more than a name"


def _faults_of_node(node: Definition, where: str) -> Iterator[str]:
    """Yield the faults of a command, a group or an option, and of all that is within it."""
    name, options = node["name"], node.get("options") or []
    if not NAME.fullmatch(name) or name != name.lower():
        yield f"{where}: name"
    if not 1 <= len(node.get("description", "")) <= 100:
        yield f"{where}: description"
    if len(options) > MOST_OPTIONS:
        yield f"{where}: {len(options)} options"
    yield from _twice(where, [option["name"] for option in options])
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{where}: required after optional"
    if len({option["type"] in {SUBCOMMAND, GROUP} for option in options}) > 1:
        yield f"{where}: options beside subcommands"
    yield from _faults_of_choices(node, where)
    for option in options:
        yield from _faults_of_node(option, f"{where} {option['name']}")


def _faults_of_choices(option: Definition, where: str) -> Iterator[str]:
    choices = option.get("choices") or []
    if len(choices) > MOST_CHOICES:
        yield f"{where}: {len(choices)} choices"
    if choices and option.get("autocomplete"):
        yield f"{where}: autocomplete with choices"
    if option.get("autocomplete") and option["type"] not in {STRING, INTEGER, NUMBER}:
        yield f"{where}: autocomplete of type {option['type']}"
    yield from _twice(where, [choice["name"] for choice in choices])
    for choice in choices:
        if not (1 <= len(choice["name"]) <= 100 and len(str(choice["value"])) <= 100):
            yield f"{where}: choice {choice['name']}"


def _twice(where: str, names: list[str]) -> list[str]:
    return [f"{where}: {name} twice" for name in sorted({name for name in names if names.count(name) > 1})]


def characters(node: Definition) -> int:
    """Return how many characters Discord counts: names, descriptions and values, all the way down."""
    own = len(node["name"]) + len(node.get("description", ""))
    choices = sum(len(choice["name"]) + len(str(choice["value"])) for choice in node.get("choices") or [])
    return own + choices + sum(characters(option) for option in node.get("options") or [])
