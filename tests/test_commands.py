"""What the bot tells Discord about its commands, checked against Discord's limits."""

from typing import Any

import pytest

from tests.conftest import World
from tests.limits import MESSAGE_MENU, STRING, SUBCOMMAND, Definition, faults_of_commands


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
    assert faults_of_commands(definitions) == []


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
        assert faults_of_commands([good]) == []

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
        assert len(faults_of_commands([bad])) == 1

    def test_finds_faults_between_commands(self) -> None:
        assert len(faults_of_commands([command(), command()])) == 1
        assert len(faults_of_commands([command(name=f"c{number}") for number in range(101)])) == 1
