"""The forms by which admins publish an author's answer and change it; how it is taken back; and its history."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.domain.drafts import Draft
from bot.domain.publications import LONGEST_ANSWER, Answer, AnswerVersion, Change
from bot.domain.questions import LIVING, Question, QuestionState
from bot.domain.text import shorten
from bot.errors import InvalidInputError, NotFoundError
from bot.services.publications import NOT_ANSWERED, mark_of_answer
from bot.ui.actions import (
    Interaction,
    action,
    button,
    check_admin,
    custom_id,
    is_private,
    services_of,
    show_page,
    view_of,
)
from bot.ui.forms import modal, paragraph, submission
from bot.ui.look import embed_of, moment, plain

Page = tuple[discord.Embed, discord.ui.View]

FORM = "publication-form"
MOST_CHOICES = 25
MAX_CHOICE = 100
MAX_HINT = 100
LONGEST_SHOWN = 1800
LONGEST_QUESTION = 500
QUOTABLE = "yes"
TO_ANSWER = LIVING
ANSWERED = frozenset({QuestionState.ANSWERED})
EVER_ANSWERED = ANSWERED | LIVING
# In place of a version's number.
LATEST = -1
KINDS = {
    Change.PUBLISHED: "published",
    Change.EDITED: "edited",
    Change.RETRACTED: "taken back",
    Change.RESTORED: "published again",
}


async def question_choices(
    interaction: Interaction, typed: str, states: frozenset[QuestionState]
) -> list[app_commands.Choice[Any]]:
    """Return the questions of a server that come near to what was typed, the most wanted first, to pick from."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        return []
    found = await services_of(interaction).publications.choices(interaction.guild_id, typed, states, MOST_CHOICES)
    return [
        app_commands.Choice(name=shorten(f"{question.id}. {question.text}", MAX_CHOICE), value=str(question.id))
        for question in found
    ]


def number_of(picked: str) -> int:
    """Return the number of a question that was picked from the list, or typed.

    Raises:
        InvalidInputError: It is neither.
    """
    typed = picked.strip().removeprefix("#")
    if not typed.isdecimal() or len(typed) >= len(str(2**63)):
        raise InvalidInputError("That is not one of the questions. Type a few of its words and pick it from the list.")
    return int(typed)


async def open_answer(interaction: Interaction, question_id: int, *, published: bool) -> None:
    """Open the form for an answer, filled in with the one that is there; `published`: only where there is one.

    Raises:
        NotFoundError: There is no such question, or no published answer to it.
    """
    answer = await services_of(interaction).publications.find(check_admin(interaction), question_id)
    if published and (answer is None or not answer.is_published):
        raise NotFoundError(NOT_ANSWERED)
    form = await answer_form(interaction, _draft_of(answer), question_id)
    await interaction.response.send_modal(form)


def _draft_of(answer: Answer | None) -> Draft:
    if answer is None:
        return Draft({"quotable": [QUOTABLE]})
    return Draft({"text": [answer.text], "quotable": [QUOTABLE] if answer.quotable else []})


async def answer_form(interaction: Interaction, draft: Draft, question_id: int, *_: str) -> discord.ui.Modal:
    """Return the form for an answer to a question, which notices if somebody else changes it meanwhile."""
    services, guild_id = services_of(interaction), check_admin(interaction)
    question = await services.questions.find(guild_id, question_id)
    # Who opens it again has read that another one holds by now.
    seen = mark_of_answer(await services.publications.find(guild_id, question.id))
    text = paragraph("text", draft.text("text"), LONGEST_ANSWER)
    quotable = discord.ui.CheckboxGroup[Any](
        custom_id="quotable",
        required=False,
        min_values=0,
        options=[
            discord.CheckboxGroupOption(
                label="It may be quoted",
                value=QUOTABLE,
                description="By /quote, and as the daily quote",
                default=QUOTABLE in draft.chosen("quotable"),
            )
        ],
    )
    fields = [
        discord.ui.Label[Any](text="Answer", description=shorten(question.text, MAX_HINT), component=text),
        discord.ui.Label[Any](text="Quotes", component=quotable),
    ]
    return modal(f"Answer to question {question_id}"[:45], custom_id(FORM, question_id, seen), fields)


@submission(FORM, answer_form)
async def save_answer(interaction: Interaction, draft: Draft, question_id: int, seen: str) -> None:
    """Publish what was typed, then say so."""
    services, guild_id = services_of(interaction), check_admin(interaction)
    quotable = QUOTABLE in draft.chosen("quotable")
    number, text = question_id, draft.text("text")
    answer = await services.publications.publish(guild_id, number, text, quotable, interaction.user.id, seen=seen)
    embed, view = published_note(await services.questions.find(guild_id, number), answer)
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def published_note(question: Question, answer: Answer) -> Page:
    """Return what an admin reads whose answer is published, with the ways to change it."""
    quoted = "It may be quoted." if answer.quotable else "It is not quoted."
    text = (
        f"> {plain(shorten(question.text, LONGEST_QUESTION))}\n\n"
        f"The answer is published: /ask finds it in this server. {quoted} Whoever wants to know is told now."
    )
    return embed_of(None, text, title="Published"), view_of(
        [button("History", "publication-history", question.id, LATEST)]
    )


async def confirm_retract(interaction: Interaction, question_id: int) -> None:
    """Ask once whether an answer is to be taken back.

    Raises:
        NotFoundError: There is no such question, or no published answer to it.
    """
    services, guild_id = services_of(interaction), check_admin(interaction)
    question = await services.questions.find(guild_id, question_id)
    answer = await services.publications.find(guild_id, question_id)
    if answer is None or not answer.is_published:
        raise NotFoundError(NOT_ANSWERED)
    text = (
        f"> {plain(shorten(question.text, LONGEST_QUESTION))}\n\n"
        "Its answer will be found and quoted no more, and its post is struck. It is kept with its history; "
        "/answer publish brings it back."
    )
    style = discord.ButtonStyle.danger
    press = button("Take it back", "publication-retract", question_id, mark_of_answer(answer), style=style)
    embed = embed_of(None, text, title="Take this answer back?")
    await interaction.response.send_message(embed=embed, view=view_of([press]), ephemeral=True)


@action("publication-retract")
async def retract(interaction: Interaction, question_id: int, seen: str) -> None:
    """Take an answer back, then say so in place of the question whether to."""
    publications, guild_id = services_of(interaction).publications, check_admin(interaction)
    question = await publications.retract(guild_id, question_id, interaction.user.id, seen=seen)
    text = f"> {plain(shorten(question.text, LONGEST_QUESTION))}\n\nThe question waits for an answer again."
    view = view_of([button("History", "publication-history", question_id, -1)])
    await interaction.response.edit_message(embed=embed_of(None, text, title="Taken back"), view=view)


async def history_page(interaction: Interaction, question_id: int, number: int) -> Page:
    """Return a version of an answer with who made it so and when, counted from 0; with -1, the latest.

    Raises:
        NotFoundError: There is no such question, or it never had an answer.
    """
    services, guild_id = services_of(interaction), check_admin(interaction)
    question = await services.questions.find(guild_id, question_id)
    versions = await services.publications.history(guild_id, question_id)
    if not versions:
        raise NotFoundError(NOT_ANSWERED)
    number = min(number, len(versions) - 1) if number >= 0 else len(versions) - 1
    embed = embed_of(None, _version_text(versions[number]), title=question.text)
    embed.set_footer(text=f"version {number + 1} of {len(versions)}")
    return embed, view_of(_steps(question_id, number, versions))


def _version_text(version: AnswerVersion) -> str:
    who = f"<@{version.actor_id}>" if version.actor_id is not None else "a file"
    head = f"{KINDS[version.kind]} by {who}, {moment(version.at)}".capitalize()
    quoted = "; may be quoted" if version.quotable else "; is not quoted"
    shown = version.kind is not Change.RETRACTED
    return f"{head}{quoted if shown else ''}.\n\n{plain(_cut(version.text))}"


def _cut(text: str) -> str:
    """Return a text so that it fits an embed, even if each character needs a backslash."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} […]"


def _steps(question_id: int, number: int, versions: Sequence[AnswerVersion]) -> list[discord.ui.Button[Any]]:
    last = len(versions) - 1
    return [
        button("Earlier", "publication-history", question_id, max(number - 1, 0), disabled=not number),
        # Past the last, so that no two buttons ever share an id.
        button("Later", "publication-history", question_id, number + 1, disabled=number == last),
    ]


@action("publication-history")
async def show_history(interaction: Interaction, question_id: int, number: int) -> None:
    """Show a version of an answer in place of another one, or beside what else was pressed."""
    embed, view = await history_page(interaction, question_id, number)
    await show_page(interaction, embed, view, in_place=is_private(interaction))
