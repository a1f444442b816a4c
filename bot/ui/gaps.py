"""What was asked in vain: the list, a gap with the choice of what answers it, what was taught, and the way back.

All of it is one private message that changes with each press. Grouping may take longer than Discord waits, so every
press is deferred first.
"""

import io
from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.gaps import EVERYONE, KEPT_FOR, Gap, Miss, Teaching, Wording
from bot.domain.text import counted, shorten
from bot.services.gaps import PAGE_SIZE, GapPage, OpenGap, Place, Taught, TaughtPage
from bot.services.interviews import ExchangeRef
from bot.ui.actions import Interaction, action, button, check_admin, chosen_value, custom_id, services_of, view_of
from bot.ui.look import embed_of, moment, option, plain

Page = tuple[discord.Embed, discord.ui.View]

# Short enough that a page of nothing but asterisks, each with its backslash, still fits an embed.
LISTED_LENGTH = 100
OTHER_LENGTH = 50
OTHERS_LISTED = 2
WORDINGS_SHOWN = 10
FILE_NAME = "gaps.md"

NOTHING = f"Nothing was asked in vain in the last {KEPT_FOR.days} days."
NOT_KEPT = "This server keeps no questions without an answer. `/setup` changes that."
NOTHING_TAUGHT = "Nothing was taught here yet. Pick a question under `/gaps` to teach what answers it."
LOST = "A part of the interview that is no longer here"


def gaps_page(page: GapPage) -> Page:
    """Return a page of gaps, with the ways to each of them, to other pages, to what was taught and to the file."""
    entries = list(enumerate(page.gaps, start=page.number * PAGE_SIZE + 1))
    nothing = NOTHING if page.keeping else NOT_KEPT
    embed = embed_of(None, "\n\n".join(_entry(*entry) for entry in entries) or nothing, title="Asked in vain")
    _count_pages(embed, page.number, more=page.more)
    items = _steps("gaps", page.number, more=page.more)
    items += [button("Taught", "taught", 0, row=1), button("Export", "gaps-export", row=1, disabled=not entries)]
    if entries:
        options = [option(f"{number}. {entry.gap.text}", entry.gap.key) for number, entry in entries]
        items.append(_select("Teach what answers a question", options, "gap", page.number))
    return embed, view_of(items)


def _entry(number: int, entry: OpenGap) -> str:
    gap = entry.gap
    lines = [
        f"**{number}. {plain(shorten(gap.text, LISTED_LENGTH))}**",
        f"asked {_times(gap.count)} · last {moment(gap.last_at, 'R')}",
    ]
    if others := [miss.wording.text for miss in gap.misses[1:]]:
        lines.append("also: " + _few(others))
    if entry.nearest is not None:
        lines.append("nearest: " + _question(entry.nearest, LISTED_LENGTH))
    return "\n".join(lines)


def _times(count: int) -> str:
    return "once" if count == 1 else counted(count, "time")


def _few(texts: Sequence[str]) -> str:
    shown = [plain(shorten(text, OTHER_LENGTH)) for text in texts[:OTHERS_LISTED]]
    more = len(texts) - len(shown)
    return " · ".join(shown) + (f" · and {more} more" if more else "")


def _question(place: Place | None, length: int) -> str:
    return plain(shorten(place.exchange.question, length)) if place is not None else LOST


def gap_page(entry: OpenGap, choices: Sequence[Place], back: int, *, everywhere: bool) -> Page:
    """Return a gap with all its wordings and the exchanges that may answer it; `back` is the page it was on."""
    gap = entry.gap
    text = _wordings(gap.misses)
    text += f"\n\nLast asked {moment(gap.last_at, 'R')}."
    if gap.refused:
        text += f" What was shown was refused {_times(gap.refused)}."
    if choices:
        where = _where(everywhere=everywhere)
        text += f"\n\nPick the question of the interview whose answer fits. `/ask` then gives it, {where}."
    embed = embed_of(None, text, title=f"Asked {_times(gap.count)}")
    items: list[discord.ui.Item[Any]] = []
    if choices:
        options = [
            option(place.exchange.question, "/".join(place.ref), f"{place.where} · {place.interview.title}")
            for place in choices
        ]
        items.append(_select("What answers these?", options, "gap-teach", gap.key, back))
    items.append(button("Back", "gaps", back, row=1))
    items.append(button("Forget these", "gap-forget", gap.key, back, style=discord.ButtonStyle.danger, row=1))
    return embed, view_of(items)


def _wordings(misses: Sequence[Miss]) -> str:
    return _list([f"{_short(miss.wording)} ({miss.count})" for miss in misses])


def _short(wording: Wording) -> str:
    return plain(shorten(wording.text, LISTED_LENGTH))


def _list(texts: Sequence[str]) -> str:
    lines = [f"- {text}" for text in texts[:WORDINGS_SHOWN]]
    if more := len(texts) - len(lines):
        lines.append(f"- and {more} more")
    return "\n".join(lines)


def _where(everywhere: bool) -> str:
    return "in every server" if everywhere else "in this server"


def taught_note(taught: Taught, back: int) -> Page:
    """Return what was taught just now, with the way to undo it."""
    where = _where(everywhere=taught.teaching.guild_id == EVERYONE)
    text = f"From now on `/ask` answers these with **{_question(taught.place, LISTED_LENGTH)}**, {where}."
    text += "\n\n" + _taught_wordings(taught.teaching)
    items = [button("Undo", "gap-undo", taught.teaching.token, back), button("Back", "gaps", back)]
    return embed_of(None, text, title="Taught"), view_of(items)


def _taught_wordings(teaching: Teaching) -> str:
    return _list([_short(wording) for wording in teaching.wordings])


def undone_note(taught: Taught, back: int) -> Page:
    """Return what is taught no more."""
    text = f"`/ask` no longer answers these with **{_question(taught.place, LISTED_LENGTH)}**."
    text += "\n\n" + _taught_wordings(taught.teaching)
    items = [button("Back", "gaps", back), button("Taught", "taught", 0)]
    return embed_of(None, text, title="Undone"), view_of(items)


def forgotten_note(gap: Gap, back: int) -> Page:
    """Return what was forgotten."""
    return embed_of(None, _wordings(gap.misses), title="Forgotten"), view_of([button("Back", "gaps", back)])


def taught_page(page: TaughtPage) -> Page:
    """Return a page of what was taught, newest first, each with the way to undo it."""
    entries = list(enumerate(page.taught, start=page.number * PAGE_SIZE + 1))
    text = "\n\n".join(_taught_entry(*entry) for entry in entries) or NOTHING_TAUGHT
    embed = embed_of(None, text, title="Taught")
    _count_pages(embed, page.number, more=page.more)
    items = _steps("taught", page.number, more=page.more)
    items.append(button("Back", "gaps", 0, row=1))
    if entries:
        options = [option(f"{number}. {one.teaching.wordings[0].text}", one.teaching.token) for number, one in entries]
        items.append(_select("Undo one of these", options, "taught-undo"))
    return embed, view_of(items)


def _taught_entry(number: int, taught: Taught) -> str:
    teaching = taught.teaching
    where = ", in every server" if teaching.guild_id == EVERYONE else ""
    return (
        f"**{number}. {_few([wording.text for wording in teaching.wordings])}**\n"
        f"answered by: {_question(taught.place, LISTED_LENGTH)}\n"
        f"taught by <@{teaching.taught_by}>, {moment(teaching.taught_at, 'd')}{where}"
    )


def _count_pages(embed: discord.Embed, number: int, *, more: bool) -> None:
    if number or more:
        embed.set_footer(text=f"page {number + 1}" + ("" if more else ", the last"))


def _steps(name: str, number: int, *, more: bool) -> list[discord.ui.Item[Any]]:
    return [
        button("Earlier", name, max(number - 1, 0), row=1, disabled=not number),
        button("Later", name, number + 1, row=1, disabled=not more),
    ]


def _select(
    placeholder: str, options: list[discord.SelectOption], name: str, *arguments: object
) -> discord.ui.Select[Any]:
    return discord.ui.Select(custom_id=custom_id(name, *arguments), placeholder=placeholder, options=options, row=0)


async def _admin(interaction: Interaction) -> int:
    """Refuse who is no admin; tell Discord that the message will change; return the server."""
    guild_id = check_admin(interaction)
    await interaction.response.defer()
    return guild_id


async def _show(interaction: Interaction, page: Page) -> None:
    embed, view = page
    await interaction.edit_original_response(embed=embed, view=view)


async def _is_operator(interaction: Interaction) -> bool:
    """Return whether the person runs the bot: what they teach counts everywhere."""
    return await interaction.client.is_owner(interaction.user)


@action("gaps")
async def show_gaps(interaction: Interaction, number: int) -> None:
    """Show a page of gaps."""
    guild_id = await _admin(interaction)
    await _show(interaction, gaps_page(await services_of(interaction).gaps.page(guild_id, max(number, 0))))


@action("gap")
async def show_gap(interaction: Interaction, back: int) -> None:
    """Show the gap that was picked."""
    guild_id = await _admin(interaction)
    gaps = services_of(interaction).gaps
    entry = await gaps.gap(guild_id, chosen_value(interaction))
    everywhere = await _is_operator(interaction)
    await _show(interaction, gap_page(entry, await gaps.choices(entry.gap, guild_id), back, everywhere=everywhere))


@action("gap-teach")
async def teach(interaction: Interaction, key: str, back: int) -> None:
    """Give a gap's wordings to the exchange that was picked."""
    guild_id = await _admin(interaction)
    interview, _, exchange = chosen_value(interaction).partition("/")
    ref = ExchangeRef(interview, exchange)
    everywhere = await _is_operator(interaction)
    gaps = services_of(interaction).gaps
    taught = await gaps.teach(guild_id, key, ref, interaction.user.id, everywhere=everywhere)
    await _show(interaction, taught_note(taught, back))


@action("gap-undo")
async def undo(interaction: Interaction, token: str, back: int) -> None:
    """Take back what was taught."""
    guild_id = await _admin(interaction)
    everywhere = await _is_operator(interaction)
    taught = await services_of(interaction).gaps.undo(guild_id, token, everywhere=everywhere)
    await _show(interaction, undone_note(taught, back))


@action("gap-forget")
async def forget(interaction: Interaction, key: str, back: int) -> None:
    """Forget a gap: nobody means it."""
    guild_id = await _admin(interaction)
    await _show(interaction, forgotten_note(await services_of(interaction).gaps.forget(guild_id, key), back))


@action("taught")
async def show_taught(interaction: Interaction, number: int) -> None:
    """Show a page of what was taught."""
    guild_id = await _admin(interaction)
    everywhere = await _is_operator(interaction)
    page = await services_of(interaction).gaps.taught_page(guild_id, max(number, 0), everywhere=everywhere)
    await _show(interaction, taught_page(page))


@action("taught-undo")
async def undo_chosen(interaction: Interaction) -> None:
    """Take back the teaching that was picked."""
    await undo(interaction, chosen_value(interaction), 0)


@action("gaps-export")
async def export(interaction: Interaction) -> None:
    """Send all gaps as a file for the author, beside the list."""
    guild_id = check_admin(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    content, count = await services_of(interaction).gaps.export_markdown(guild_id)
    file = discord.File(io.BytesIO(content), FILE_NAME)
    text = f"{counted(count, 'question')} for the author. Who asked is not in the file."
    await interaction.followup.send(text, file=file, ephemeral=True)
