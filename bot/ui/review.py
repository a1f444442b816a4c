"""The card that shows a reader's question to moderators, with a button for each decision and for what undoes it.

The same card is a message in the channel of the server's choice and a private page of the inbox. Whoever presses, it
is drawn anew with what holds then.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import discord

from bot.domain.drafts import Draft
from bot.domain.interviews import Interview
from bot.domain.marks import mark_of
from bot.domain.questions import (
    LONGEST,
    LONGEST_REASON,
    SHORTEST,
    Event,
    Question,
    QuestionEvent,
    QuestionState,
    Recipient,
)
from bot.domain.text import shorten
from bot.errors import InvalidInputError
from bot.services.interviews import Interviews
from bot.services.questions import Review
from bot.ui.actions import SEPARATOR, Interaction, action, button, check_admin, custom_id, services_of, view_of
from bot.ui.forms import modal, paragraph, submission
from bot.ui.look import embed_of, moment, option, plain

Page = tuple[discord.Embed, discord.ui.View]

REASON, MERGE, TEXT = "review-reason", "review-into", "review-text"
CANDIDATES = 10
LIST_SECONDS = 1.5
# Short enough that nothing but asterisks, each with its backslash, still fits an embed.
QUOTED_LENGTH = 200
DETAIL_LENGTH = 80
EVENTS_SHOWN = 15
IN_A_ROW = 5
RECIPIENTS = {Recipient.INTERVIEWEE: "the interviewee", Recipient.HOST: "the host"}
DECISIONS = {
    QuestionState.OPEN: "**Waits for a review.**",
    QuestionState.APPROVED: "**Approved**",
    QuestionState.REJECTED: "**Rejected**",
    QuestionState.WITHDRAWN: "**Taken back** by who asked it.",
    QuestionState.ANSWERED: "**Answered.**",
}
EVENTS = {Event.WITHDRAWN: "taken back", Event.MENDED: "spelling edited"}
FLAGGED = "**Flagged** for the other moderators."
# The action of the inbox whose button leads from a card back to the list.
INBOX = "inbox"


def question_card(question: Question, interview: Interview | None, more: Sequence[discord.ui.Button[Any]] = ()) -> Page:
    """Return a question as moderators see it, with what they can do about it, and more buttons after those."""
    lines = [plain(question.text), ""]
    if question.original is not None:
        lines.append(f"As it was asked: {plain(shorten(question.original, QUOTED_LENGTH))}")
    lines.append(f"{asked_line(question)} · for {RECIPIENTS[question.recipient]} · {wanted_line(question)}")
    lines.append(state_line(question))
    if question.flagged:
        lines.append(FLAGGED)
    if question.about is not None or question.quoted is not None:
        lines += ["", *_about_lines(question)]
    embed = embed_of(interview, "\n".join(lines), title=f"Question {question.id}")
    if interview is not None:
        embed.set_footer(text=shorten(interview.title, QUOTED_LENGTH))
    return embed, view_of([*_buttons(question), *more])


def asked_line(question: Question) -> str:
    """Return who asked and when; of somebody who shall not be known, no more than the day."""
    if question.origin is not None:
        return f"A comment beneath the interview by {plain(question.origin)}"
    if question.member_name is not None:
        return f"Asked by {plain(question.member_name)} · {_when(question, question.asked_at)}"
    return f"Asked anonymously · {_when(question, question.asked_at)}"


def _when(question: Question, instant: datetime) -> str:
    """Return when the asker of a question did something."""
    # Discord shows the minute of any timestamp to whoever points at it.
    return moment(instant) if question.asked_by is not None else day(instant)


def day(instant: datetime) -> str:
    """Return the day of an instant, in UTC."""
    date = instant.astimezone(UTC)
    return f"{date.day} {date:%B %Y}"


def wanted_line(question: Question) -> str:
    """Return how many people want a question answered."""
    return f"wanted by {question.wanted_by}"


def state_line(question: Question) -> str:
    """Return how far a question has come, and who decided that when."""
    if question.merged_into is not None:
        return f"**Merged** into question {question.merged_into}, which stands for it."
    line = DECISIONS[question.state]
    if question.state in {QuestionState.APPROVED, QuestionState.REJECTED}:
        line += f" by <@{question.reviewed_by}>" if question.reviewed_by is not None else ""
        line += f" · {moment(question.reviewed_at)}" if question.reviewed_at is not None else ""
        line += f" · {plain(question.reason)}" if question.reason else ""
    return line


def _about_lines(question: Question) -> list[str]:
    lines = [f"About [this message]({question.about})"] if question.about is not None else ["About a message"]
    return [*lines, f"> {plain(shorten(question.quoted, QUOTED_LENGTH))}"] if question.quoted is not None else lines


def _buttons(question: Question) -> list[discord.ui.Button[Any]]:
    """Return the buttons for what can be done now, and what undoes what was done."""
    number = question.id
    if question.merged_into is not None:
        chosen = [button("Unmerge", "review-unmerge", number)]
    elif question.state is QuestionState.OPEN:
        chosen = [
            button("Approve", "review-approve", number, mark_of(question.text), style=discord.ButtonStyle.success),
            button("Reject", "review-reject", number, style=discord.ButtonStyle.danger),
        ]
    elif question.state in {QuestionState.APPROVED, QuestionState.REJECTED}:
        chosen = [button("Reopen", "review-reopen", number)]
    else:
        chosen = []
    if question.is_waiting:
        chosen += [button("Merge", "review-merge", number), button("Edit spelling", "review-mend", number)]
    flag = ("Unflag", "no") if question.flagged else ("Flag", "yes")
    chosen.append(button(flag[0], "review-flag", number, flag[1]))
    return [*chosen, button("History", "review-history", number, row=0 if len(chosen) < IN_A_ROW else 1)]


async def card_of_question(
    interviews: Interviews, question: Question, more: Sequence[discord.ui.Button[Any]] = ()
) -> Page:
    """Return a question's card in the colour of its interview, with more buttons after its own."""
    library = await interviews.library()
    about = next((each for each in library.interviews if each.id == question.interview), None)
    return question_card(question, about, more)


# Decisions -------------------------------------------------------------------------------------------------


async def _settle(interaction: Interaction, review: Review) -> None:
    """Show what holds now, here and on the card in the channel, and who was faster where nothing was done."""
    services, guild_id, number = services_of(interaction), review.question.guild_id, review.question.id
    question = await services.questions.find(guild_id, number)
    embed, view = await card_of_question(services.interviews, question, _ways_back(interaction.message))
    await interaction.response.edit_message(content=None, embed=embed, view=view)
    if not review.done:
        events = await services.questions.history(guild_id, number)
        last = f" The last that happened: {event_line(question, events[-1])}" if events else ""
        await interaction.followup.send(f"Nothing is changed now.{last}", ephemeral=True)


def _ways_back(message: discord.Message | None) -> list[discord.ui.Button[Any]]:
    """Return the button of a card's message that leads back to the list it was picked from, if it has one."""
    rows = message.components if message is not None else []
    items = [item for row in rows if isinstance(row, discord.ActionRow) for item in row.children]
    names = [item.custom_id.split(SEPARATOR) for item in items if isinstance(item, discord.Button) and item.custom_id]
    return [button("Back", *name, row=1) for name in names if name[0] == INBOX]


@action("review-approve")
async def approve(interaction: Interaction, number: int, words: str | None = None) -> None:
    """Let a question go to the author, unless somebody has decided otherwise or changed its words meanwhile."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    review = await questions.approve(guild_id, number, interaction.user.id, QuestionState.OPEN, words)
    await _settle(interaction, review)


@action("review-reopen")
async def reopen(interaction: Interaction, number: int) -> None:
    """Take a decision back."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    await _settle(interaction, await questions.reopen(guild_id, number, interaction.user.id))


@action("review-unmerge")
async def unmerge(interaction: Interaction, number: int) -> None:
    """Let a merged question stand for itself again."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    await _settle(interaction, await questions.unmerge(guild_id, number, interaction.user.id))


@action("review-flag")
async def flag(interaction: Interaction, number: int, flagged: str) -> None:
    """Mark a question for the other moderators, or take the mark away."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    review = await questions.flag(guild_id, number, interaction.user.id, flagged=flagged == "yes")
    await _settle(interaction, review)


# Forms -----------------------------------------------------------------------------------------------------


async def _open(interaction: Interaction, opener: Callable[..., Any], draft: Draft, number: int) -> None:
    check_admin(interaction)
    await interaction.response.send_modal(await opener(interaction, draft, number))


@action("review-reject")
async def open_reason(interaction: Interaction, number: int) -> None:
    """Ask for the reason."""
    await _open(interaction, reason_form, Draft(), number)


async def reason_form(_: Interaction, draft: Draft, number: int) -> discord.ui.Modal:
    """Return the form for why a question is rejected."""
    reason = paragraph("reason", draft.text("reason"), LONGEST_REASON)
    field = discord.ui.Label[Any](
        text="Reason", description="Who asked reads it under /question mine", component=reason
    )
    return modal("Reject this question", custom_id(REASON, number), [field])


@submission(REASON, reason_form)
async def reject(interaction: Interaction, draft: Draft, number: int) -> None:
    """Keep a question from the author, unless somebody has decided otherwise meanwhile."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    review = await questions.reject(guild_id, number, interaction.user.id, draft.text("reason"), QuestionState.OPEN)
    await _settle(interaction, review)


@action("review-merge")
async def open_merge(interaction: Interaction, number: int) -> None:
    """Ask which question stands for this one."""
    await _open(interaction, merge_form, Draft(), number)


async def merge_form(interaction: Interaction, draft: Draft, number: int) -> discord.ui.Modal:
    """Return the form for the question that is to stand for another one: the likeliest to pick, or a number."""
    # A form can't be put off: without the list, it still takes a number.
    found = await services_of(interaction).similar.candidates(
        check_admin(interaction), number, CANDIDATES, within=LIST_SECONDS
    )
    options = [option(each.text, str(each.id), f"question {each.id} · {wanted_line(each)}") for each, _ in found]
    for each in options:
        each.default = each.value == draft.text("likely")
    typed = discord.ui.TextInput[Any](
        custom_id="number", required=False, default=draft.text("number") or None, max_length=20
    )
    label = "Or its number" if options else "The number of the question that stands for it"
    fields = [discord.ui.Label[Any](text=label, description="It is on the question's card", component=typed)]
    if options:
        likely = discord.ui.Select[Any](custom_id="likely", required=False, min_values=0, options=options)
        fields.insert(0, discord.ui.Label[Any](text="The question that stands for it", component=likely))
    return modal("Merge into another question", custom_id(MERGE, number), fields)


@submission(MERGE, merge_form)
async def merge(interaction: Interaction, draft: Draft, number: int) -> None:
    """Let another question stand for one."""
    guild_id, services = check_admin(interaction), services_of(interaction)
    await _settle(interaction, await services.questions.merge(guild_id, number, _target(draft), interaction.user.id))


def _target(draft: Draft) -> int:
    """Return the number that was picked or typed.

    Raises:
        InvalidInputError: There is none, or there are two.
    """
    typed = draft.text("number").strip().removeprefix("#")
    given = {each for each in (typed, draft.text("likely")) if each}
    if len(given) != 1:
        raise InvalidInputError("Pick a question from the list or type its number: one of them, not both.")
    (number,) = given
    if not (number.isascii() and number.isdecimal()) or int(number) >= 2**63:
        raise InvalidInputError(f"“{plain(number)}” is no question's number. It is on the question's card.")
    return int(number)


@action("review-mend")
async def open_text(interaction: Interaction, number: int) -> None:
    """Ask for the better spelling."""
    question = await services_of(interaction).questions.find(check_admin(interaction), number)
    await _open(interaction, text_form, Draft({"text": [question.text]}), number)


async def text_form(interaction: Interaction, draft: Draft, number: int, *_: str) -> discord.ui.Modal:
    """Return the form for a question's spelling."""
    question = await services_of(interaction).questions.find(check_admin(interaction), number)
    text = paragraph("text", draft.text("text"), LONGEST, shortest=SHORTEST)
    field = discord.ui.Label[Any](text="The question", description="What was asked is kept beside it", component=text)
    return modal("Edit the spelling", custom_id(TEXT, number, mark_of(question.text)), [field])


@submission(TEXT, text_form)
async def mend(interaction: Interaction, draft: Draft, number: int, seen: str) -> None:
    """Store the better spelling, unless somebody has changed it meanwhile."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    await _settle(interaction, await questions.mend(guild_id, number, interaction.user.id, draft.text("text"), seen))


# History ---------------------------------------------------------------------------------------------------


@action("review-history")
async def show_history(interaction: Interaction, number: int) -> None:
    """Show what happened to a question, to who presses alone."""
    guild_id, questions = check_admin(interaction), services_of(interaction).questions
    question = await questions.find(guild_id, number)
    embed = history_embed(question, await questions.history(guild_id, number))
    await interaction.response.send_message(embed=embed, ephemeral=True)


def history_embed(question: Question, events: Sequence[QuestionEvent]) -> discord.Embed:
    """Return what happened to a question, oldest first; of a long history, the end."""
    lines = [f"- {event_line(question, event)}" for event in events[-EVENTS_SHOWN:]]
    if earlier := len(events) - len(lines):
        lines.insert(0, f"- {earlier} earlier ones")
    return embed_of(None, "\n".join(lines) or "Nothing yet.", title=f"What happened to question {question.id}")


def event_line(question: Question, event: QuestionEvent) -> str:
    """Return what happened to a question, who did it if that is known, when, and what it was about."""
    line = f"**{EVENTS.get(event.kind, event.kind.value)}**"
    line += f" by <@{event.actor_id}>" if event.actor_id is not None else ""
    line += f" · {moment(event.at) if event.actor_id is not None else _when(question, event.at)}"
    return line + _detail(event)


def _detail(event: QuestionEvent) -> str:
    if event.detail is None:
        return ""
    match event.kind:
        case Event.MERGED:
            return f" · into question {event.detail}"
        case Event.UNMERGED:
            return f" · from question {event.detail}"
        case Event.EDITED | Event.MENDED:
            return f" · it was: {plain(shorten(event.detail, DETAIL_LENGTH))}"
        case _:
            return f" · {plain(shorten(event.detail, DETAIL_LENGTH))}"
