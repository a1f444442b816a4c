"""How an interview is shown: what it is, and a reader that goes through it turn by turn."""

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.domain.interviews import Interview, Role
from bot.domain.publications import ReaderTurn, own_turns
from bot.domain.text import counted, pages, readable, shorten
from bot.services.interviews import Library
from bot.ui.actions import (
    Interaction,
    action,
    button,
    chosen_number,
    custom_id,
    is_private,
    services_of,
    show_page,
    view_of,
)
from bot.ui.look import MAX_OPTION, PAGE_LENGTH, embed_of, option, plain, source_line

OPTIONS = 25  # the most that a select, or a list of choices, can hold


def interview_choices(library: Library, typed: str) -> list[app_commands.Choice[Any]]:
    """Return the interviews whose titles hold what is being typed."""
    wanted = typed.casefold()
    found = [known for known in library.interviews if wanted in known.title.casefold()]
    return [app_commands.Choice(name=shorten(known.title, MAX_OPTION), value=known.id) for known in found[:OPTIONS]]


def overview(interview: Interview) -> tuple[discord.Embed, discord.ui.View]:
    """Return what an interview is about, who speaks, and the way into it."""
    guests = _names(interview, Role.GUEST)
    hosts = _names(interview, Role.HOST)
    text = f"{guests} answers {hosts}. " if hosts else f"{guests} speaks. "
    asked_since = sum(isinstance(interview.turn(each.asked_in), ReaderTurn) for each in interview.exchanges)
    count = len(interview.exchanges) - asked_since
    text += f"{counted(count, 'question')} in {counted(own_turns(interview), 'turn')}"
    text += f", and {asked_since} that readers asked since." if asked_since else "."
    if interview.introduction.topics:
        text += "\n\n" + "\n".join(f"- {plain(topic)}" for topic in interview.introduction.topics)
    embed = embed_of(interview, text, title=interview.title)
    embed.set_footer(text=interview.imprint)
    start = button("Read from the start", "read", interview.id, 1, 0, style=discord.ButtonStyle.primary, row=1)
    return embed, view_of([_turn_select(interview, 1), start])


def _names(interview: Interview, role: Role) -> str:
    return plain(" and ".join(person.name for person in interview.people_of(role)))


def read_button(label: str, interview: Interview, number: int) -> discord.ui.Button[Any]:
    """Return a button that opens a turn of an interview, for the person who presses it alone."""
    inside = 1 <= number <= len(interview.turns)
    return button(label, "read", interview.id, number, 0, disabled=not inside)


def turn_page(interview: Interview, number: int, page: int) -> tuple[discord.Embed, discord.ui.View]:
    """Return a page of a turn, with the ways earlier and later; turns are counted from 1, pages from 0."""
    number = min(max(number, 1), len(interview.turns))
    turn = interview.turns[number - 1]
    texts = pages(turn.text, PAGE_LENGTH)
    page = page % len(texts) if page < 0 else min(page, len(texts) - 1)
    embed = embed_of(interview, plain(texts[page]))
    embed.set_author(name=readable(interview.speaker(turn).name))
    embed.set_footer(text=source_line(interview, turn, (page + 1, len(texts))))
    # The last page of the turn before is its page -1.
    earlier = (number, page - 1) if page else (number - 1, -1)
    later = (number, page + 1) if page + 1 < len(texts) else (number + 1, 0)
    steps = [
        button("Earlier", "read", interview.id, *earlier, disabled=earlier[0] < 1, row=1),
        button("Later", "read", interview.id, *later, disabled=later[0] > len(interview.turns), row=1),
    ]
    return embed, view_of([_turn_select(interview, number), *steps])


def _turn_select(interview: Interview, around: int) -> discord.ui.Select[Any]:
    """Return a select of up to 25 turns, with the one that is shown in their middle."""
    first = min(max(around - OPTIONS // 2, 1), max(len(interview.turns) - OPTIONS + 1, 1))
    shown = range(first, min(first + OPTIONS, len(interview.turns) + 1))
    asked = {exchange.asked_in: exchange.question for exchange in interview.exchanges}
    return discord.ui.Select(
        custom_id=custom_id("read-chosen", interview.id),
        placeholder="Go to a turn",
        options=[_turn_option(interview, number, asked) for number in shown],
        row=0,
    )


def _turn_option(interview: Interview, number: int, asked: Mapping[str, str]) -> discord.SelectOption:
    turn = interview.turns[number - 1]
    return option(f"{number}. {interview.speaker(turn).name}", str(number), asked.get(turn.id, turn.text))


@action("read")
async def read(interaction: Interaction, interview: str, number: int, page: int) -> None:
    """Show a page of a turn: in place of the page before, or privately beside a public message."""
    library = await services_of(interaction).interviews.library(interaction.guild_id)
    embed, view = turn_page(library.interview(interview), number, page)
    await show_page(interaction, embed, view, in_place=is_private(interaction))


@action("read-chosen")
async def read_chosen(interaction: Interaction, interview: str) -> None:
    """Show the turn that was picked in the select."""
    await read(interaction, interview, chosen_number(interaction), 0)
