"""What the bot tells Discord about its commands, checked against Discord's limits."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import World

NAME = re.compile(r"[-_'\w]{1,32}")
USER_MENU, MESSAGE_MENU = 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
MOST_COMMANDS, MOST_OPTIONS, MOST_CHOICES, MOST_CHARACTERS = 100, 25, 25, 8000

Definition = dict[str, Any]


def faults_of(commands: list[Definition]) -> list[str]:
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


async def test_discord_takes_every_command(world: World) -> None:
    tree = world.client.tree
    definitions = [command.to_dict(tree) for command in tree.get_commands()]
    assert {
        "ask",
        "interview",
        "quote",
        "daily",
        "question",
        "answer",
        "export",
        "gaps",
        "inbox",
        "setup",
        "about",
    } <= {definition["name"] for definition in definitions}
    assert faults_of(definitions) == []


async def test_what_admins_do_is_hidden_from_others(world: World) -> None:
    tree = world.client.tree
    hidden = {
        command.name
        for command in tree.get_commands()
        if command.to_dict(tree).get("default_member_permissions") is not None
    }
    assert hidden == {"answer", "daily", "export", "gaps", "import-answers", "inbox", "setup"}


def command(**changes: Any) -> Definition:
    good = {"name": "ask", "description": "Ask", "contexts": [0], "integration_types": [0], "options": []}
    return good | changes


def entry(**changes: Any) -> Definition:
    good = {"type": MESSAGE_MENU, "name": "Ask about This", "contexts": [0], "integration_types": [0]}
    return good | changes


def option(**changes: Any) -> Definition:
    return {"name": "question", "description": "What", "type": STRING, "required": True} | changes


CHOICE = {"name": "One", "value": "1"}


class TestChecker:
    @pytest.mark.parametrize(
        "good",
        [
            command(),
            command(name="größe-1"),
            command(options=[option(), option(name="other", required=False)]),
            command(options=[option(choices=[CHOICE])]),
            command(options=[option(name=f"o{number}") for number in range(25)]),
            entry(),
        ],
    )
    def test_lets_good_definitions_pass(self, good: Definition) -> None:
        assert faults_of([good]) == []

    @pytest.mark.parametrize(
        "bad",
        [
            entry(name="a" * 33),
            entry(description="Ask"),
            entry(contexts=None),
            command(name="Ask"),
            command(name="ask me"),
            command(name=""),
            command(name="a" * 33),
            command(description=""),
            command(description="d" * 101),
            command(contexts=None),
            command(integration_types=[]),
            command(options=[option(name=f"o{number}") for number in range(26)]),
            command(options=[option(), option()]),
            command(options=[option(required=False), option(name="other")]),
            command(options=[option(), option(name="sub", type=SUBCOMMAND, required=False)]),
            command(options=[option(name="sub", type=SUBCOMMAND, options=[option(description="")])]),
            command(options=[option(choices=[CHOICE], autocomplete=True)]),
            command(options=[option(type=7, autocomplete=True)]),
            command(options=[option(choices=[{"name": f"{number}", "value": number} for number in range(26)])]),
            command(options=[option(choices=[CHOICE, CHOICE])]),
            command(options=[option(choices=[{"name": "One", "value": "v" * 101}])]),
            command(
                options=[
                    option(
                        name=f"o{number}",
                        description="d" * 100,
                        choices=[{"name": f"{place:0100}", "value": place} for place in range(25)],
                    )
                    for number in range(4)
                ]
            ),
        ],
    )
    def test_finds_each_fault(self, bad: Definition) -> None:
        assert len(faults_of([bad])) == 1

    def test_finds_faults_between_commands(self) -> None:
        assert len(faults_of([command(), command()])) == 1
        assert len(faults_of([command(name=f"c{number}") for number in range(101)])) == 1
