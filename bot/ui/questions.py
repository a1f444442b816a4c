"""The form for a question to the author, and how one's own questions are listed."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.questions import LONGEST, SHORTEST, Asker, NewQuestion, Question, QuestionState
from bot.domain.text import shorten
from bot.errors import InvalidInputError
from bot.ui.actions import Interaction, action, button, custom_id, form_value, services_of
from bot.ui.look import asked_words, embed_of, moment, plain

SAVED = "Saved for the author. You find it with /question mine."
LISTED_LENGTH = 180
STATES = {
    QuestionState.OPEN: "waiting for a review",
    QuestionState.APPROVED: "waiting for the author",
    QuestionState.REJECTED: "not taken",
    QuestionState.WITHDRAWN: "taken back",
    QuestionState.ANSWERED: "answered",
}
FIELD = "question"


def question_form(interview: str = "", words: str = "") -> discord.ui.Modal:
    """Return the form for a question about an interview, filled in with somebody's words."""
    form = discord.ui.Modal(title="Ask the author", custom_id=custom_id("question-form", interview))
    text = discord.ui.TextInput[Any](
        custom_id=FIELD,
        style=discord.TextStyle.paragraph,
        placeholder="What would you like to know?",
        default=words[:LONGEST] or None,
        min_length=SHORTEST,
        max_length=LONGEST,
    )
    form.add_item(discord.ui.Label(text="Your question", component=text))
    form.stop()  # the form is answered by its custom id, after a restart too
    return form


def ask_author_button(label: str, interview: str, *, disabled: bool) -> discord.ui.Button[Any]:
    """Return the button that opens the form, filled in with the words in the footer of its message."""
    return button(label, "question-ask", interview, disabled=disabled)


@action("question-ask")
async def open_form(interaction: Interaction, interview: str) -> None:
    """Open the form, filled in with what the person had asked."""
    await interaction.response.send_modal(question_form(interview, asked_words(interaction.message)))


@action("question-form")
async def submit_form(interaction: Interaction, interview: str) -> None:
    """Store the question, then say so."""
    questions = services_of(interaction).questions
    await questions.submit(asker_of(interaction), NewQuestion(form_value(interaction, FIELD), interview))
    await interaction.response.send_message(embed=embed_of(None, SAVED), ephemeral=True)


def asker_of(interaction: Interaction) -> Asker:
    """Return who uses the bot in which server.

    Raises:
        InvalidInputError: It is not in a server.
    """
    if interaction.guild_id is None:
        raise InvalidInputError("Questions are collected in a server. Ask there.")
    return Asker(interaction.guild_id, interaction.user.id, interaction.user.display_name)


def own_questions(questions: Sequence[Question]) -> discord.Embed:
    """Return the list of somebody's questions, newest first."""
    if not questions:
        return embed_of(None, "You have asked nothing yet. /question ask opens the form.")
    lines = [
        f"**{question.id}** · {STATES[question.state]} · {moment(question.asked_at, 'd')}\n"
        + plain(shorten(question.text, LISTED_LENGTH))
        for question in questions
    ]
    return embed_of(None, "\n\n".join(lines), title="Your questions")
