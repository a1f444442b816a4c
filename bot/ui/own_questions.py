"""A member's own questions: what became of each, and how to change one or take it back while that may be."""

from typing import Any

import discord

from bot.domain.drafts import Draft
from bot.domain.questions import LONGEST, SHORTEST, Event, QuestionEvent, QuestionState
from bot.domain.text import shorten
from bot.services.asking import Own, OwnPage
from bot.services.questions import PAGE_SIZE
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
from bot.ui.forms import modal, paragraph, submission
from bot.ui.look import embed_of, moment, option, plain, url_of
from bot.ui.pages import page_line, steps
from bot.ui.questions import QUESTION, asker_of, wanted_line

Page = tuple[discord.Embed, discord.ui.View]

NOTHING = "You have asked nothing yet. /question ask opens the form."
SURE = "Do you want to take this question back?"
OTHERS_STAY = "Others want it answered too: it stays for them, and is no longer yours."
EDIT = "question-edit"
# Short enough that a page of nothing but asterisks, each with its backslash, still fits an embed.
LISTED_LENGTH, LISTED_MORE = 150, 80
OPENED_MORE = 200
EVENTS_SHOWN = 8
STATES = {
    QuestionState.OPEN: "waiting for a review",
    QuestionState.APPROVED: "waiting for the author",
    QuestionState.REJECTED: "not taken",
    QuestionState.WITHDRAWN: "taken back",
    QuestionState.ANSWERED: "answered",
}
# Moderators are not named to members.
EVENTS = {
    Event.ASKED: "asked",
    Event.EDITED: "changed by you",
    Event.WITHDRAWN: "taken back by you",
    Event.APPROVED: "approved: it goes to the author",
    Event.REJECTED: "not taken",
    Event.REOPENED: "up for review again",
    Event.MERGED: "put together with another question",
    Event.UNMERGED: "no longer put together with another question",
    Event.MENDED: "its spelling mended by a moderator",
    Event.ANSWERED: "answered",
    Event.RETRACTED: "the answer taken back",
}


def own_page(page: OwnPage) -> Page:
    """Return a page of somebody's questions, newest first."""
    if not page.own:
        return embed_of(None, NOTHING), view_of([])
    entries = list(enumerate(page.own, start=page.number * PAGE_SIZE + 1))
    embed = embed_of(None, "\n\n".join(_listed(number, own) for number, own in entries), title="Your questions")
    if line := page_line(page.number, page.pages):
        embed.set_footer(text=line)
    options = [option(f"{number}. {own.question.text}", str(own.question.id)) for number, own in entries]
    select = discord.ui.Select[Any](
        custom_id=custom_id("mine-open", page.number), placeholder="Open one", options=options
    )
    return embed, view_of([select, *steps("mine", page.number, page.pages, row=1)])


def _listed(number: int, own: Own) -> str:
    lines = [f"**{number}.** {plain(shorten(own.question.text, LISTED_LENGTH))}", _fate(own)]
    return "\n".join([*lines, *_more(own, LISTED_MORE, LISTED_MORE)])


def _fate(own: Own) -> str:
    parts = [STATES[own.state], moment(own.question.asked_at, "d")]
    if own.root.wanted_by > 1:
        parts.append(wanted_line(own.root.wanted_by))
    return " · ".join(parts)


def _more(own: Own, reason_length: int, root_length: int) -> list[str]:
    """Return why a question was not taken, what stands for it, and where the answer is; each where there is one."""
    lines = []
    if own.state is QuestionState.REJECTED and own.root.reason:
        lines.append(f"Why: {plain(shorten(own.root.reason, reason_length))}")
    if own.root.id != own.question.id:
        lines.append(f"Put together with: {plain(shorten(own.root.text, root_length))}")
    if own.answered_at is not None:
        place = url_of(own.root.guild_id, own.answered_at.channel_id, own.answered_at.message_id)
        lines.append(f"[Read the answer]({place})")
    return lines


def _opened_page(own: Own, events: list[QuestionEvent], number: int) -> Page:
    """Return one of somebody's questions with its history, and what may be done with it."""
    question = own.question
    lines = [plain(question.text), "", _fate(own), *_more(own, len(own.root.reason or ""), OPENED_MORE)]
    if question.about is not None:
        quoted = f": {plain(shorten(question.quoted, OPENED_MORE))}" if question.quoted else ""
        lines.append(f"About [a message]({question.about}){quoted}")
    lines += ["", *(f"{moment(event.at)} {EVENTS[event.kind]}" for event in events[-EVENTS_SHOWN:])]
    buttons = [
        button("Edit", "mine-edit", question.id, number, disabled=not own.may_be_edited),
        button("Withdraw", "mine-withdraw", question.id, number, disabled=not own.may_be_withdrawn),
        button("All my questions", "mine", number),
    ]
    return embed_of(None, "\n".join(lines)), view_of(buttons)


@action("mine")
async def show_mine(interaction: Interaction, number: int) -> None:
    """Show a page of the questions of who presses."""
    asker = asker_of(interaction)
    embed, view = own_page(await services_of(interaction).asking.mine(asker.guild_id, asker.member_id, number))
    await show_page(interaction, embed, view, in_place=is_private(interaction))


@action("mine-open")
async def open_picked(interaction: Interaction, number: int) -> None:
    """Open the question that was picked."""
    await open_one(interaction, chosen_number(interaction), number)


@action("mine-show")
async def open_one(interaction: Interaction, question_id: int, number: int) -> None:
    """Open one of the questions of who presses."""
    asker = asker_of(interaction)
    own, events = await services_of(interaction).asking.opened(asker.guild_id, asker.member_id, question_id)
    embed, view = _opened_page(own, events, number)
    await show_page(interaction, embed, view, in_place=is_private(interaction))


@action("mine-edit")
async def open_edit(interaction: Interaction, question_id: int, number: int) -> None:
    """Open the form that changes a question, filled in with its words."""
    asker = asker_of(interaction)
    question = await services_of(interaction).questions.own(asker.guild_id, asker.member_id, question_id)
    form = await edit_form(interaction, Draft({QUESTION: [question.text]}), question_id, number)
    await interaction.response.send_modal(form)


async def edit_form(_: Interaction, draft: Draft, question_id: int, number: int) -> discord.ui.Modal:
    """Return the form that changes a question."""
    text = paragraph(QUESTION, draft.text(QUESTION), LONGEST, shortest=SHORTEST)
    fields = [discord.ui.Label[Any](text="Your question", component=text)]
    return modal("Change your question", custom_id(EDIT, question_id, number), fields)


@submission(EDIT, edit_form)
async def save_edit(interaction: Interaction, draft: Draft, question_id: int, number: int) -> None:
    """Store the changed words, then show the question."""
    await services_of(interaction).questions.edit(asker_of(interaction), question_id, draft.text(QUESTION))
    await open_one(interaction, question_id, number)


@action("mine-withdraw")
async def confirm_withdrawal(interaction: Interaction, question_id: int, number: int) -> None:
    """Ask once whether a question is to be taken back."""
    asker = asker_of(interaction)
    question = await services_of(interaction).questions.own(asker.guild_id, asker.member_id, question_id)
    lines = [
        SURE,
        *([OTHERS_STAY] if question.wanted_by > 1 else []),
        "",
        f"> {plain(shorten(question.text, LONGEST))}",
    ]
    buttons = [
        button("Take it back", "mine-withdrawn", question.id, number, style=discord.ButtonStyle.danger),
        button("Keep it", "mine-show", question.id, number),
    ]
    await show_page(interaction, embed_of(None, "\n".join(lines)), view_of(buttons), in_place=is_private(interaction))


@action("mine-withdrawn")
async def withdraw(interaction: Interaction, question_id: int, number: int) -> None:
    """Take a question back, then show those that are there."""
    asker = asker_of(interaction)
    await services_of(interaction).questions.withdraw(asker.guild_id, asker.member_id, question_id)
    await show_mine(interaction, number)
