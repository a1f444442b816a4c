"""Buttons, selects and forms that outlive a restart.

Everything a press needs to know is in the component's custom id: the name of an action and its arguments. So nothing
is remembered about a message that was sent, and a button on last year's message works today.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Protocol, TypeVar, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotFoundError
from bot.services import Services

Interaction = discord.Interaction[commands.AutoShardedBot]
Handler = Callable[..., Awaitable[None]]
H = TypeVar("H", bound=Handler)

SEPARATOR = ":"
MAX_CUSTOM_ID = 100
# What is written in place of the name of an action that this version does not know.
UNKNOWN = "unknown"

_handlers: dict[str, Handler] = {}


class _HasServices(Protocol):
    services: Services


class _Tree(Protocol):
    async def handle(self, interaction: Interaction, work: Callable[[], Awaitable[None]], action: str) -> None: ...


def services_of(interaction: Interaction) -> Services:
    """Return the services of the bot that received an interaction."""
    return cast("_HasServices", interaction.client).services


def action(name: str) -> Callable[[H], H]:
    """Register a function as what happens when a component with that action is used.

    The function takes the interaction and the arguments of the custom id, as strings.
    """

    def register(handler: H) -> H:
        if name in _handlers:
            raise ValueError(f"two actions are called {name}")
        _handlers[name] = handler
        return handler

    return register


def custom_id(name: str, *arguments: object) -> str:
    """Return the custom id that calls an action with arguments; none of them may contain a colon."""
    result = SEPARATOR.join([name, *map(str, arguments)])
    if len(result) > MAX_CUSTOM_ID or result.count(SEPARATOR) != len(arguments):
        raise ValueError(f"not usable as a custom id: {result}")
    return result


async def dispatch(interaction: Interaction) -> None:
    """Run the action of a component or form; its errors go where a command's errors go."""
    if interaction.type not in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
        return
    name, *arguments = str(cast("Any", interaction.data)["custom_id"]).split(SEPARATOR)
    handler = _handlers.get(name, _unknown)
    # Whatever was sent as a name, what is counted under it stays bounded.
    known = name if name in _handlers else UNKNOWN
    await cast("_Tree", interaction.client.tree).handle(interaction, partial(handler, interaction, *arguments), known)


async def _unknown(_: Interaction, *_arguments: str) -> None:
    raise NotFoundError("This is from an older version of me. Use the command again.")


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
        label=label, custom_id=custom_id(name, *arguments), style=style, disabled=disabled, row=row
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
    """Return what was picked in a select."""
    return str(cast("Any", interaction.data)["values"][0])


def form_value(interaction: Interaction, name: str) -> str:
    """Return what was typed into the field of that name in a form; a KeyError says that there is none."""

    def fields(components: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        for component in components:
            yield component
            yield from fields(component.get("components", []))
            if "component" in component:
                yield from fields([component["component"]])

    for field in fields(cast("Any", interaction.data)["components"]):
        if field.get("custom_id") == name:
            return str(field["value"])
    raise KeyError(name)
