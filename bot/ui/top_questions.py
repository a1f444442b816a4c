"""What a server's members want to know most: each says "me too" with a press, takes it back, or asks to be told."""

from typing import Any

import discord

from bot.domain.questions import LIVING, Notify, Question, QuestionFilter
from bot.domain.text import shorten
from bot.services.questions import PAGE_SIZE, Page
from bot.ui.actions import Interaction, action, button, is_private, services_of, show_page, view_of
from bot.ui.look import embed_of, plain
from bot.ui.pages import page_line, steps
from bot.ui.questions import YOURS, asker_of, wanted_line, wish_for

Shown = tuple[discord.Embed, discord.ui.View]

NOTHING = "No question waits for an answer. /question ask opens the form for one."
# Short enough that a page of nothing but asterisks, each with its backslash, still fits an embed.
LISTED_LENGTH = 300
TOLD = {
    Notify.NO: "You hear nothing of the answer.",
    Notify.DM: "You hear of the answer in a direct message.",
    Notify.CHANNEL: "You hear of the answer with a mention in this channel.",
}


async def top_page(interaction: Interaction, number: int, joined: tuple[Question, Notify] | None = None) -> Shown:
    """Return a page of what is wanted most, counted from 0.

    Args:
        interaction: Who looks, and in which server.
        number: The page; beyond the last, the last.
        joined: The question that they have just said "me too" to, and how they hear of its answer.
    """
    asker, questions = asker_of(interaction), services_of(interaction).questions
    page = await questions.listed(asker.guild_id, QuestionFilter(states=LIVING), number, asker.member_id)
    if not page.questions:
        return embed_of(None, NOTHING), view_of([])
    entries = list(enumerate(page.questions, start=page.number * PAGE_SIZE + 1))
    parts = [_listed(place, question, page, asker.member_id) for place, question in entries]
    items = [_toggle(place, question, page, asker.member_id) for place, question in entries]
    if joined is not None:
        question, notify = joined
        parts.append(f"You want this answered too: {plain(shorten(question.text, LISTED_LENGTH))}\n{TOLD[notify]}")
        items += _tell_buttons(question, notify, page.number)
    embed = embed_of(None, "\n\n".join(parts), title="What readers want to know")
    if line := page_line(page.number, page.pages):
        embed.set_footer(text=line)
    return embed, view_of([*items, *steps("top", page.number, page.pages, row=2)])


def _listed(place: int, question: Question, page: Page, member_id: int) -> str:
    own = YOURS if question.member_id == member_id else "you too" if question.id in page.wanted else ""
    lines = wanted_line(question.wanted_by) + (f" · {own}" if own else "")
    return f"**{place}.** {plain(shorten(question.text, LISTED_LENGTH))}\n{lines}"


def _toggle(place: int, question: Question, page: Page, member_id: int) -> discord.ui.Button[Any]:
    """Return the button that says "me too" or takes it back; of their own question, who asked it has it already."""
    wanted = question.id in page.wanted and question.member_id != member_id
    label, name = ("Not me any more", "top-unwant") if wanted else ("Me too", "top-want")
    mine = question.member_id == member_id
    return button(f"{place}. {label}", name, question.id, page.number, row=0, disabled=mine)


def _tell_buttons(question: Question, notify: Notify, number: int) -> list[discord.ui.Button[Any]]:
    labels = {
        Notify.DM: "Tell me in a direct message",
        Notify.CHANNEL: "Mention me here",
        Notify.NO: "Don't tell me",
    }
    return [
        button(label, "top-tell", question.id, number, value.value, row=1)
        for value, label in labels.items()
        if value is not notify
    ]


@action("top")
async def show_top(interaction: Interaction, number: int) -> None:
    """Show a page of what is wanted most."""
    await _show(interaction, await top_page(interaction, number))


@action("top-want")
async def want(interaction: Interaction, question_id: int, number: int) -> None:
    """Let the person want a question answered too, and offer to tell them."""
    await tell(interaction, question_id, number, Notify.NO)


@action("top-tell")
async def tell(interaction: Interaction, question_id: int, number: int, notify: Notify) -> None:
    """Let the person want a question answered too, and hear of the answer in that way."""
    asker, wish = asker_of(interaction), wish_for(interaction, notify)
    questions = services_of(interaction).questions
    question = await questions.want(asker.guild_id, asker.member_id, question_id, wish)
    await _show(interaction, await top_page(interaction, number, (question, notify)))


@action("top-unwant")
async def unwant(interaction: Interaction, question_id: int, number: int) -> None:
    """Take back that the person wants a question answered too."""
    asker = asker_of(interaction)
    await services_of(interaction).questions.unwant(asker.guild_id, asker.member_id, question_id)
    await show_top(interaction, number)


async def _show(interaction: Interaction, shown: Shown) -> None:
    embed, view = shown
    await show_page(interaction, embed, view, in_place=is_private(interaction))
