"""A member's shelf: the quotes they keep, each with the way into the interview and the way off the shelf.

All of it is one private message that changes with each press.
"""

from typing import Any

import discord

from bot.services.favourites import PAGE_SIZE, Kept, ShelfPage
from bot.ui.actions import Interaction, action, chosen_value, custom_id, is_private, services_of, show_page, view_of
from bot.ui.look import embed_of, source_line
from bot.ui.pages import page_line, steps
from bot.ui.quotes import HEART, listed_quote, quote_option, read_in_context, ref_of

Page = tuple[discord.Embed, discord.ui.View]

EMPTY = f"You keep no quotes yet. Press {HEART} under one."
GONE = "No longer in the interview"


def shelf_page(page: ShelfPage) -> Page:
    """Return a page of a member's favourites."""
    entries = list(enumerate(page.kept, start=page.number * PAGE_SIZE + 1))
    if not entries:
        return embed_of(None, EMPTY), view_of([])
    text = "\n\n".join(listed_quote(number, kept.favourite.quote.text, _source(kept)) for number, kept in entries)
    embed = embed_of(None, text, title="Your favourite quotes")
    if line := page_line(page.number, page.pages):
        embed.set_footer(text=line)
    items: list[discord.ui.Item[Any]] = []
    if there := [
        quote_option(number, kept.favourite.quote.text, "/".join(kept.ref)) for number, kept in entries if kept.turn
    ]:
        items.append(_select("Read one in context", there, "shelf-context", 0))
    every = [quote_option(number, kept.favourite.quote.text, kept.ref.key) for number, kept in entries]
    items.append(_select("Remove one", every, "shelf-remove", 1, page.number))
    items += steps("shelf", page.number, page.pages, row=2)
    return embed, view_of(items)


def _source(kept: Kept) -> str:
    if kept.interview is None or kept.turn is None:
        return GONE
    return source_line(kept.interview, kept.turn)


def _select(
    placeholder: str, options: list[discord.SelectOption], name: str, row: int, *arguments: object
) -> discord.ui.Select[Any]:
    return discord.ui.Select(custom_id=custom_id(name, *arguments), placeholder=placeholder, options=options, row=row)


@action("shelf")
async def show_shelf(interaction: Interaction, number: int) -> None:
    """Show a page of the shelf of who presses."""
    page = await services_of(interaction).favourites.page(interaction.user.id, number, interaction.guild_id)
    embed, view = shelf_page(page)
    await show_page(interaction, embed, view, in_place=is_private(interaction))


@action("shelf-context")
async def open_kept(interaction: Interaction) -> None:
    """Open the favourite that was picked where it was said, beside the shelf."""
    await read_in_context(interaction, *ref_of(chosen_value(interaction)))


@action("shelf-remove")
async def remove_kept(interaction: Interaction, number: int) -> None:
    """Take the favourite that was picked off the shelf of who picks."""
    await services_of(interaction).favourites.remove(interaction.user.id, chosen_value(interaction))
    await show_shelf(interaction, number)
