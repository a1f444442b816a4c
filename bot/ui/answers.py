"""How an answer, a "did you mean" and an honest nothing look."""

from typing import Any

import discord

from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import Band
from bot.domain.text import pages, shorten
from bot.services.answers import NEAREST, Hit, Reply
from bot.services.interviews import ExchangeRef
from bot.ui.actions import Interaction, action, button, is_private, services_of, show_page, view_of
from bot.ui.interviews import read_button
from bot.ui.look import MAX_LABEL, PAGE_LENGTH, embed_of, plain, source_line
from bot.ui.questions import ask_author_button

NOT_SURE = "I am not sure. Did you mean one of these?"
NOT_SAID = "The interview does not say. You can ask the author."


async def send_reply(interaction: Interaction, reply: Reply, *, private: bool) -> None:
    """Show what a question found: an answer to everybody unless it is asked in private, less to the asker alone."""
    if reply.band is Band.ANSWER:
        embed, view = answer_page(reply.hits[0], private=private)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=private)
    else:
        embed, view = _no_answer(reply, in_server=interaction.guild_id is not None)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def answer_page(hit: Hit, number: int | None = None, *, private: bool) -> tuple[discord.Embed, discord.ui.View]:
    """Return a page of an answer, counted from 0; without a number, the page with the passage that fits best.

    A private one can be shared with the channel.
    """
    interview, exchange = hit.interview, hit.exchange
    texts = pages(answer_text(interview, exchange), PAGE_LENGTH)
    if number is None:
        number = next((n for n, text in enumerate(texts) if hit.passage and hit.passage in text), 0)
    number = min(max(number, 0), len(texts) - 1)
    embed = embed_of(interview, _emphasised(texts[number], hit.passage), title=exchange.question)
    turn = interview.turn(exchange.answered_in[0])
    embed.set_footer(text=source_line(interview, turn, (number + 1, len(texts))))
    buttons = _answer_buttons(hit, number, len(texts))
    if private:
        buttons.append(button("Share here", "answer-share", *hit.ref, number))
    return embed, view_of(buttons)


def answer_text(interview: Interview, exchange: Exchange) -> str:
    """Return the whole answer of an exchange; where several people answer, each is named before their words."""
    turns = interview.answer_turns(exchange)
    if len({turn.speaker for turn in turns}) == 1:
        return interview.answer(exchange)
    return "\n\n".join(f"{interview.speaker(turn).name}: {turn.text}" for turn in turns)


def _emphasised(page: str, passage: str) -> str:
    """Return a page with the passage that fits best in bold."""
    text, wanted = plain(page), plain(passage)
    if not wanted or wanted not in text or wanted == text:
        return text
    return text.replace(wanted, f"**{wanted}**", 1)


def _answer_buttons(hit: Hit, number: int, count: int) -> list[discord.ui.Button[Any]]:
    interview, exchange = hit.interview, hit.exchange
    buttons = []
    if count > 1:
        following = (number + 1) % count
        label = "Next page" if following else "First page"
        buttons.append(button(label, "answer-page", *hit.ref, following, style=discord.ButtonStyle.primary))
    first, last = interview.number(exchange.asked_in), interview.number(exchange.answered_in[-1])
    buttons.append(read_button("Earlier", interview, first - 1))
    buttons.append(read_button("Later", interview, last + 1))
    return buttons


@action("answer-page")
async def turn_page(interaction: Interaction, interview: str, exchange: str, number: str) -> None:
    """Turn the page: in place for who asked, privately for everybody else."""
    hit = await services_of(interaction).answers.exchange(ExchangeRef(interview, exchange))
    private, own = is_private(interaction), _asked_by_user(interaction)
    embed, view = answer_page(hit, int(number), private=private or not own)
    await show_page(interaction, embed, view, in_place=private or own)


def _asked_by_user(interaction: Interaction) -> bool:
    origin = interaction.message.interaction_metadata if interaction.message is not None else None
    return origin is not None and origin.user.id == interaction.user.id


@action("answer-share")
async def share(interaction: Interaction, interview: str, exchange: str, number: str) -> None:
    """Show a private answer to everybody in the channel."""
    hit = await services_of(interaction).answers.exchange(ExchangeRef(interview, exchange))
    embed, view = answer_page(hit, int(number), private=False)
    await interaction.response.send_message(embed=embed, view=view)


def _no_answer(reply: Reply, *, in_server: bool) -> tuple[discord.Embed, discord.ui.View]:
    """Return what somebody sees whose question found nothing sure; their words stay in the footer for the form."""
    near = reply.hits[:NEAREST] if reply.band is Band.SUGGEST else ()
    embed = embed_of(None, NOT_SURE if near else NOT_SAID)
    embed.set_footer(text=reply.question)
    choices = [
        button(f"{number}. " + shorten(hit.exchange.question, MAX_LABEL - 3), "answer-choose", *hit.ref, row=number - 1)
        for number, hit in enumerate(near, start=1)
    ]
    label = "None of these: ask the author" if near else "Ask the author"
    interview = reply.hits[0].interview.id if reply.hits else ""
    # Questions are collected by server: a form that opens elsewhere would only lose what is typed into it.
    ask = ask_author_button(label, interview, row=len(choices), disabled=not in_server)
    return embed, view_of([*choices, ask])


@action("answer-choose")
async def choose(interaction: Interaction, interview: str, exchange: str) -> None:
    """Show the exchange that was meant, in place of the choice."""
    hit = await services_of(interaction).answers.exchange(ExchangeRef(interview, exchange))
    embed, view = answer_page(hit, private=True)
    await interaction.response.edit_message(embed=embed, view=view)
