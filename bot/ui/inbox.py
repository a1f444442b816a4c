"""The inbox: a server's questions as a list of pages that filters narrow down, each to be opened as its card.

The list and the card are one private message that changes with each press. What is listed is in the custom ids of its
buttons; the card's way back carries it along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bot.domain.interviews import LONGEST_KEY
from bot.domain.questions import Question, QuestionFilter, QuestionState
from bot.domain.text import one_line, shorten
from bot.services import Services
from bot.services.questions import Page as QuestionPage
from bot.ui.actions import (
    SEPARATOR,
    Interaction,
    action,
    arguments_of,
    button,
    check_admin,
    chosen_number,
    chosen_value,
    custom_id,
    services_of,
    view_of,
)
from bot.ui.look import embed_of, option, plain
from bot.ui.review import INBOX, asked_line, card_of_question, wanted_line

Page = tuple[discord.Embed, discord.ui.View]

# With these, a custom id holds the longest filter.
LONGEST_WORDS: Final = 30
MOST_WANTED: Final = 99_999
LISTED_LENGTH = 180
ANY, YES, NO = "any", "yes", "no"
STATES = {
    QuestionState.OPEN: "open",
    QuestionState.APPROVED: "approved",
    QuestionState.REJECTED: "rejected",
    QuestionState.ANSWERED: "answered",
    QuestionState.WITHDRAWN: "taken back",
}
CHOICES = {state.value: words for state, words in STATES.items()} | {ANY: "in any state, merged ones too"}
NOTHING = "No question is like that."


def filter_of(state: str, *, flagged: bool, words: str, interview: str | None, at_least: int) -> QuestionFilter:
    """Return the filter that somebody chose; the state "any" has those that were merged into others too."""
    # A colon would end the words in a custom id, and no search needs one.
    searched = one_line(words.replace(SEPARATOR, " "))
    states = None if state == ANY else frozenset({QuestionState(state)})
    return QuestionFilter(states, interview or None, None, at_least, flagged, searched, merged=state == ANY)


def _arguments(wanted: QuestionFilter) -> tuple[object, ...]:
    """Return a filter as the arguments of a custom id."""
    state = ANY if wanted.states is None else next(iter(wanted.states)).value
    flagged = YES if wanted.flagged else NO
    return state, flagged, wanted.at_least, wanted.interview or "", wanted.words


def _filter(arguments: Sequence[str]) -> QuestionFilter:
    """Return the filter of a custom id's arguments."""
    return _in_bounds(*arguments_of(_in_bounds, arguments, before=0))


def _in_bounds(state: str, flagged: str, at_least: int, interview: str, words: str) -> QuestionFilter:
    """Return a filter that fits a custom id again, whatever stood in the one that it is from."""
    return filter_of(
        state if state in CHOICES else ANY,
        flagged=flagged == YES,
        words=words[:LONGEST_WORDS],
        interview=interview[:LONGEST_KEY],
        at_least=min(at_least, MOST_WANTED),
    )


def inbox_page(page: QuestionPage, wanted: QuestionFilter, counts: Mapping[QuestionState, int]) -> Page:
    """Return a page of questions under the numbers of all, with the ways to each, to other pages and other states."""
    head = " · ".join(f"{counts.get(state, 0)} {words}" for state, words in STATES.items())
    entries = "\n\n".join(_entry(question) for question in page.questions) or NOTHING
    embed = embed_of(None, f"{head}\n\n{entries}", title="Inbox")
    embed.set_footer(text=_footer(page, wanted))
    items: list[discord.ui.Item[Any]] = []
    if page.questions:
        options = [
            option(f"{each.id}. {each.text}", str(each.id), f"{STATES[each.state]} · {wanted_line(each)}")
            for each in page.questions
        ]
        opening = custom_id("inbox-open", page.number, *_arguments(wanted))
        items.append(discord.ui.Select(custom_id=opening, placeholder="Open a question", options=options, row=0))
    items.append(_state_select(wanted))
    flagged = "Flagged or not" if wanted.flagged else "Flagged only"
    items += [
        _step("Earlier", page.number - 1, wanted, disabled=not page.number),
        _step("Later", page.number + 1, wanted, disabled=page.number + 1 >= page.pages),
        _step(flagged, 0, replace(wanted, flagged=not wanted.flagged)),
    ]
    return embed, view_of(items)


def _entry(question: Question) -> str:
    parts = [STATES[question.state], wanted_line(question)]
    parts += [f"merged into {question.merged_into}"] if question.merged_into is not None else []
    parts += ["**flagged**"] if question.flagged else []
    text = plain(shorten(question.text, LISTED_LENGTH))
    return f"**{question.id}. {text}**\n{asked_line(question)} · {' · '.join(parts)}"


def _footer(page: QuestionPage, wanted: QuestionFilter) -> str:
    """Return how many are listed, by which filter, and where this page is among them."""
    parts = [f"{page.count} listed"]
    parts += ["flagged only"] if wanted.flagged else []
    parts += [f"about {wanted.interview}"] if wanted.interview is not None else []
    parts += [f"wanted by {wanted.at_least} or more"] if wanted.at_least > 1 else []
    parts += [f"with “{wanted.words}”"] if wanted.words else []
    parts += [f"page {page.number + 1} of {page.pages}"] if page.pages > 1 else []
    return " · ".join(parts)


def _state_select(wanted: QuestionFilter) -> discord.ui.Select[Any]:
    options = [option(words.capitalize(), value) for value, words in CHOICES.items()]
    now = str(_arguments(wanted)[0])
    for each in options:
        each.default = each.value == now
    return discord.ui.Select(custom_id=custom_id("inbox-state", *_arguments(wanted)[1:]), options=options, row=1)


def _step(label: str, number: int, wanted: QuestionFilter, *, disabled: bool = False) -> discord.ui.Button[Any]:
    return button(label, INBOX, number, *_arguments(wanted), row=2, disabled=disabled)


async def inbox(services: Services, guild_id: int, wanted: QuestionFilter, number: int = 0) -> Page:
    """Return a page of a server's questions as they are now."""
    page = await services.questions.listed(guild_id, wanted, number)
    return inbox_page(page, wanted, await services.reviewing.counts(guild_id))


async def opened(services: Services, guild_id: int, question_id: int, wanted: QuestionFilter, number: int = 0) -> Page:
    """Return a question's card with the way back to the page of the list that it was picked from.

    Raises:
        NotFoundError: There is no such question.
    """
    question = await services.questions.find(guild_id, question_id)
    back = button("Back", INBOX, number, *_arguments(wanted), row=1)
    return await card_of_question(services.interviews, question, [back])


@action(INBOX)
async def show_inbox(interaction: Interaction, number: int, *arguments: str) -> None:
    """Show a page of the list."""
    await _show(
        interaction, await inbox(services_of(interaction), check_admin(interaction), _filter(arguments), number)
    )


@action("inbox-state")
async def show_state(interaction: Interaction, *arguments: str) -> None:
    """Show the questions in the state that was picked."""
    await show_inbox(interaction, 0, chosen_value(interaction), *arguments)


@action("inbox-open")
async def open_question(interaction: Interaction, number: int, *arguments: str) -> None:
    """Open the question that was picked."""
    services, guild_id, picked = services_of(interaction), check_admin(interaction), chosen_number(interaction)
    await _show(interaction, await opened(services, guild_id, picked, _filter(arguments), number))


async def _show(interaction: Interaction, page: Page) -> None:
    embed, view = page
    await interaction.response.edit_message(content=None, embed=embed, view=view)
