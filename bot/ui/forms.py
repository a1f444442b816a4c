"""Forms that never lose what was typed into them.

What somebody sends is kept before anything can fail. If something does, they get the reason, and a button that opens
the form again as they had filled it in.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

import discord

from bot.domain.drafts import Draft, DraftKey
from bot.errors import DatabaseError, FormFailedError, NotFoundError
from bot.ui.actions import OLDER, Interaction, action, arguments_of, button, services_of, view_of

Opener = Callable[..., Awaitable[discord.ui.Modal]]
Submission = Callable[..., Awaitable[None]]

_openers: dict[str, Opener] = {}


def submission(name: str, opener: Opener) -> Callable[[Submission], Submission]:
    """Register a function as what happens when a form is sent whose custom id begins with that name.

    Args:
        name: The form.
        opener: Returns the form filled in; it takes the interaction, a draft and the arguments of the custom id.

    The function takes the interaction, what was filled in as a draft, and the arguments of the custom id.
    """

    def register(handler: Submission) -> Submission:
        async def submitted(interaction: Interaction, *arguments: str) -> None:
            taken = arguments_of(handler, arguments, before=2)
            drafts, key = services_of(interaction).drafts, _key(interaction, name)
            draft = filled_in(interaction, *arguments)
            try:
                await drafts.keep(key, draft)
                await handler(interaction, draft, *taken)
            except Exception as error:
                raise FormFailedError(error, view_of([button("Open it again", "form-again", name)])) from error
            with suppress(DatabaseError):  # what it was for is done, and was said
                await drafts.drop(key)

        _openers[name] = opener
        action(name, form=True)(submitted)
        return handler

    return register


@action("form-again")
async def open_again(interaction: Interaction, name: str) -> None:
    """Open a form as it was filled in when something failed."""
    if name not in _openers:
        raise NotFoundError(OLDER)
    draft, opener = await services_of(interaction).drafts.find(_key(interaction, name)), _openers[name]
    await interaction.response.send_modal(
        await opener(interaction, draft, *arguments_of(opener, draft.arguments, before=2))
    )


def _key(interaction: Interaction, form: str) -> DraftKey:
    return DraftKey(interaction.user.id, interaction.guild_id or 0, form)


def filled_in(interaction: Interaction, *arguments: str) -> Draft:
    """Return what was typed or chosen in a form that was sent, with the arguments of its custom id."""
    return Draft(dict(_fields(cast("Any", interaction.data)["components"])), arguments)


def _fields(components: Iterable[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a form with what was typed or chosen in each."""
    for component in components:
        if "custom_id" in component:
            value = component.get("value")
            values = component.get("values", [] if value is None else [value])
            yield component["custom_id"], [str(each) for each in values]
        yield from _fields(component.get("components", []))
        if "component" in component:
            yield from _fields([component["component"]])


def paragraph(
    name: str, words: str, longest: int, *, shortest: int | None = None, placeholder: str | None = None
) -> discord.ui.TextInput[Any]:
    """Return a field for a text of some lines, between the shortest and the longest, filled in with words."""
    words = words[:longest]
    return discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph,
        placeholder=placeholder,
        default=words or None,
        # Discord refuses a form that is filled in with less than the least.
        min_length=None if words and len(words) < (shortest or 0) else shortest,
        max_length=longest,
    )


def defaults_of(draft: Draft, name: str, kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    """Return what is picked already in a select of channels or roles that is filled in, if anything is."""
    picked = draft.number(name)
    return [discord.SelectDefaultValue(id=picked, type=kind)] if picked is not None else []


def modal(title: str, custom_id: str, fields: Iterable[discord.ui.Item[Any]]) -> discord.ui.Modal:
    """Return a form of labelled fields, which is answered by its custom id, after a restart too."""
    form = discord.ui.Modal(title=title, custom_id=custom_id)
    for each in fields:
        form.add_item(each)
    form.stop()
    return form
