"""Buttons, selects and forms that outlive a restart.

Everything a press needs to know is in the component's custom id: the name of an action and its arguments. So nothing
is remembered about a message that was sent, and a button on last year's message works today.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import Enum
from functools import cache, partial
from typing import Any, Protocol, TypeVar, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.text import readable
from bot.errors import InvalidInputError, NotFoundError
from bot.services import Services

Interaction = discord.Interaction[commands.AutoShardedBot]
Handler = Callable[..., Awaitable[None]]
H = TypeVar("H", bound=Handler)

SEPARATOR = ":"
MAX_CUSTOM_ID = 100
OLDER = "This is from an older version of me. Use the command again."
NOT_PICKED = "I can't use what was picked. Use the command again."
# Questions and pages, of which there will never be as many; -1 is the last page.
_NUMBER = re.compile(r"-1|[0-9]{1,9}")
_DISCORD_ID = re.compile(r"[0-9]{1,18}|[1-8][0-9]{18}")
# What is written in place of the name of an action that this version does not know.
UNKNOWN = "unknown"

_handlers: dict[str, Handler] = {}
_forms: set[str] = set()


class _HasServices(Protocol):
    services: Services


class _Tree(Protocol):
    async def handle(self, interaction: Interaction, work: Callable[[], Awaitable[None]], action: str) -> None: ...


def services_of(interaction: Interaction) -> Services:
    """Return the services of the bot that received an interaction."""
    return cast("_HasServices", interaction.client).services


def action(name: str, *, form: bool = False) -> Callable[[H], H]:
    """Register a function as what happens when a component with that action is used, or a form of that name is sent.

    The function takes the interaction and the arguments of the custom id, each as `arguments_of` makes it.
    """

    def register(handler: H) -> H:
        if name in _handlers:
            raise ValueError(f"two actions are called {name}")
        _handlers[name] = handler
        if form:
            _forms.add(name)
        return handler

    return register


def custom_id(name: str, *arguments: object) -> str:
    """Return the custom id that calls an action with arguments; none of them may contain a colon."""
    result = SEPARATOR.join([name, *map(str, arguments)])
    if len(result) > MAX_CUSTOM_ID or result.count(SEPARATOR) != len(arguments):
        raise ValueError(f"not usable as a custom id: {result}")
    return result


def registered_actions() -> dict[str, Handler]:
    """Return what happens when a component or a form is used, by the names of the actions."""
    return dict(sorted(_handlers.items()))


def arguments_of(function: Callable[..., Any], given: Sequence[str], before: int = 1) -> list[Any]:
    """Return the arguments of a custom id as a function takes them: text, a number or one of an enumeration.

    Whoever writes a program in place of Discord's own can send any custom id, so nothing about it is sure.

    Args:
        function: What takes them; its annotations say what each has to be.
        given: The arguments as they stand in the custom id.
        before: How many parameters the function has before them.

    Raises:
        NotFoundError: The function does not take them.
    """
    try:
        bound = _signature(function).bind(*[None] * before, *given)
        return [_converted(value, kind) for value, kind in zip(given, _kinds(bound)[before:], strict=True)]
    except (TypeError, ValueError):
        raise NotFoundError(OLDER) from None


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _kinds(bound: inspect.BoundArguments) -> list[Any]:
    """Return the annotation of each argument in turn."""
    kinds: list[Any] = []
    for name, value in bound.arguments.items():
        parameter = bound.signature.parameters[name]
        is_rest = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        kinds += [parameter.annotation] * (len(value) if is_rest else 1)
    return kinds


def _converted(value: str, kind: Any) -> Any:
    if kind is int and not _NUMBER.fullmatch(value):
        raise ValueError(value)
    is_converted = kind is int or (isinstance(kind, type) and issubclass(kind, Enum))
    return kind(value) if is_converted else value


async def dispatch(interaction: Interaction) -> None:
    """Run the action of a component or form; its errors go where a command's errors go."""
    if interaction.type not in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
        return
    name = str(cast("Any", interaction.data)["custom_id"]).split(SEPARATOR)[0]
    # Whatever was sent as a name, what is counted under it stays bounded.
    known = name if name in _handlers else UNKNOWN
    await cast("_Tree", interaction.client.tree).handle(interaction, partial(_act, interaction), known)


async def _act(interaction: Interaction) -> None:
    handler, arguments = _meant(interaction)
    await handler(interaction, *arguments_of(handler, arguments))


def _meant(interaction: Interaction) -> tuple[Handler, list[str]]:
    """Return the action that an interaction names, and the arguments that it gives."""
    given = str(cast("Any", interaction.data)["custom_id"])
    name, *arguments = given.split(SEPARATOR)
    is_sent = interaction.type is discord.InteractionType.modal_submit
    if name not in _handlers or len(given) > MAX_CUSTOM_ID or is_sent is not (name in _forms):
        raise NotFoundError(OLDER)
    return _handlers[name], arguments


def button(
    label: str,
    name: str,
    *arguments: object,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
    row: int | None = None,
) -> discord.ui.Button[Any]:
    """Return a button that calls an action with arguments."""
    return discord.ui.Button(
        label=readable(label), custom_id=custom_id(name, *arguments), style=style, disabled=disabled, row=row
    )


def view_of(items: Iterable[discord.ui.Item[Any]]) -> discord.ui.View:
    """Return a view of some items which the library need not remember, since `dispatch` answers for them."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def is_private(interaction: Interaction) -> bool:
    """Return whether the message whose component was used is shown to its user alone."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def check_admin(interaction: Interaction) -> int:
    """Return the server of an interaction; a command's checks don't cover the buttons of its message.

    Raises:
        MissingPermissions: The person may not manage the server, or no longer.
    """
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise app_commands.MissingPermissions(["manage_guild"])
    return interaction.guild_id


async def show_page(interaction: Interaction, embed: discord.Embed, view: discord.ui.View, *, in_place: bool) -> None:
    """Show a page in place of the message whose component was used, or beside it for its user alone."""
    if in_place:
        await interaction.response.edit_message(embed=embed, view=view)
    else:
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def chosen_value(interaction: Interaction) -> str:
    """Return what was picked in a select.

    Raises:
        InvalidInputError: Nothing was, or it was no select.
    """
    values = cast("Any", interaction.data).get("values")
    if not values:
        raise InvalidInputError(NOT_PICKED)
    return str(values[0])


def chosen_number(interaction: Interaction) -> int:
    """Return the number, or the id of Discord's, that was picked in a select.

    Raises:
        InvalidInputError: It is none.
    """
    value = chosen_value(interaction)
    if not _DISCORD_ID.fullmatch(value):
        raise InvalidInputError(NOT_PICKED)
    return int(value)
