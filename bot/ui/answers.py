"""How an answer, a "did you mean" and an honest nothing look; why it is this answer, and what else it may be.

The words that somebody asked with stand in the last line of a message's footer, so that each of its buttons knows them,
a year later too.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import discord

from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import NEAR, SURE, Band, Reading
from bot.domain.publications import ReaderTurn, short_place_of
from bot.domain.text import pages, sentences, shorten
from bot.errors import NotFoundError
from bot.handling import note_band
from bot.services.answers import NEAREST, Answers, Hit, Reply
from bot.services.gaps import Gaps
from bot.services.guilds import Guilds
from bot.services.interviews import ExchangeRef
from bot.ui.actions import Interaction, action, button, is_private, services_of, show_page, view_of
from bot.ui.interviews import read_button
from bot.ui.look import MAX_LABEL, PAGE_LENGTH, asked_line, asked_words, embed_of, plain, source_line
from bot.ui.questions import ask_author_button, open_form

Page = tuple[discord.Embed, discord.ui.View]

NOT_SURE = "I am not sure. Did you mean one of these?"
NOT_SAID = "The interview does not say. You can ask the author."
WHAT_ELSE = "Did you mean one of these?"
NOTHING_ELSE = "Nothing else comes near. You can ask the author."
NOBODY_ASKED = "I don't know what was asked for this answer. Use /ask again."
KNOWN_WORDS = (
    "**These words are known**: the interviewer's own, or another way to ask. They lead straight to this answer."
)
PICKED = "By these words alone, something else comes nearer. This one was picked by hand."
SHORT_QUESTION = 150
# How many exchanges are looked through for the one that a message shows.
LOOKED_THROUGH = 25
OTHERS = 2
BUTTONS_IN_A_ROW = 5
# An interview has few answers, and a page is cut and marked each time somebody asks for it.
PAGES_REMEMBERED = 512


async def answer(
    interaction: Interaction, question: str, private: bool | None, *, answers: Answers, gaps: Gaps, guilds: Guilds
) -> None:
    """Answer a question, and keep one that found nothing sure; where `private` is None, the server's setting counts."""
    guild_id = interaction.guild_id
    reply = await answers.find(question, guild_id)
    note_band(reply.band)
    if private is None:
        private = (await guilds.settings(guild_id)).answers_private
    await send_reply(interaction, reply, private=private)
    if reply.band is not Band.ANSWER:
        await gaps.record_miss(guild_id, question)


async def send_reply(interaction: Interaction, reply: Reply, *, private: bool) -> None:
    """Show what a question found: an answer to everybody unless it is asked in private, less to the asker alone."""
    if reply.band is Band.ANSWER:
        embed, view = answer_page(reply.hits[0], reply.question, private=private, in_server=_in_server(interaction))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=private)
    else:
        embed, view = _no_answer(reply, in_server=_in_server(interaction))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def _in_server(interaction: Interaction) -> bool:
    return interaction.guild_id is not None


def answer_page(hit: Hit, asked: str, number: int | None = None, *, private: bool, in_server: bool = True) -> Page:
    """Return a page of an answer, counted from 0; without a number, the page with the passage that fits best.

    Args:
        hit: What answers, with its passage.
        asked: The words it was asked with; "" if nobody asked, or nobody knows them any more.
        number: Which page.
        private: Whether one person alone sees it, and can share it with the channel.
        in_server: Whether the author can be asked there.
    """
    interview, exchange = hit.interview, hit.exchange
    text, number, count = _page_of(answer_text(interview, exchange), hit.passage, number)
    embed = embed_of(interview, text, title=exchange.question)
    turn = interview.turn(exchange.answered_in[0])
    if isinstance(turn, ReaderTurn):
        embed.url = None  # where the interview was published, this is not
    embed.set_footer(text=source_line(interview, turn, (number + 1, count)) + asked_line(asked))
    buttons = _answer_buttons(hit, number, count, asked)
    ask = ask_author_button("Ask the author", interview.id, disabled=not in_server)
    if private:
        # Each row is one thought: what to do with this answer, and where to go from it.
        buttons += [button("Share here", "answer-share", *hit.ref, number, row=1, disabled=not in_server)]
        ask.row = 1
        buttons.append(ask)
    elif len(buttons) < BUTTONS_IN_A_ROW:
        buttons.append(ask)
    return embed, view_of(buttons)


def answer_text(interview: Interview, exchange: Exchange) -> str:
    """Return the whole answer of an exchange; where several people answer, each is named before their words."""
    turns = interview.answer_turns(exchange)
    if len({turn.speaker for turn in turns}) == 1:
        return interview.answer(exchange)
    return "\n\n".join(f"{interview.speaker(turn).name}: {turn.text}" for turn in turns)


@lru_cache(maxsize=PAGES_REMEMBERED)
def _page_of(answer: str, passage: str, number: int | None) -> tuple[str, int, int]:
    """Return a page of an answer as it is shown, its number, and how many there are."""
    texts = pages(answer, PAGE_LENGTH)
    passage = _on_one_page(passage, texts)
    if number is None:
        number = next((n for n, text in enumerate(texts) if passage and passage in text), 0)
    number = min(max(number, 0), len(texts) - 1)
    return _emphasised(texts[number], passage), number, len(texts)


def _on_one_page(passage: str, texts: Sequence[str]) -> str:
    """Return a passage, or the first of its sentences where a page ends within it; "" where no page has that."""
    begins = (passage, *sentences(passage)[:1])
    return next((begin for begin in begins if any(begin in text for text in texts)), "")


def _emphasised(page: str, passage: str) -> str:
    """Return a page with the passage that fits best in bold."""
    text, wanted = plain(page), plain(passage)
    if not wanted or wanted not in text or wanted == text:
        return text
    return text.replace(wanted, f"**{wanted}**", 1)


def _answer_buttons(hit: Hit, number: int, count: int, asked: str) -> list[discord.ui.Button[Any]]:
    interview, exchange = hit.interview, hit.exchange
    buttons = []
    if count > 1:
        following = (number + 1) % count
        label = "Next page" if following else "First page"
        buttons.append(button(label, "answer-page", *hit.ref, following, style=discord.ButtonStyle.primary))
    first, last = interview.number(exchange.asked_in), interview.number(exchange.answered_in[-1])
    buttons.append(read_button("Earlier", interview, first - 1))
    buttons.append(read_button("Later", interview, last + 1))
    if asked:
        buttons.append(button("Not this?", "answer-others", *hit.ref))
        buttons.append(button("Why?", "answer-why", *hit.ref))
    return buttons


async def _shown(interaction: Interaction, interview: str, exchange: str) -> tuple[Hit, str]:
    """Return the exchange of the message whose button was pressed, and the words it was asked with.

    Its passage is that which fits these words best.

    Raises:
        NotFoundError: The exchange is no longer there.
    """
    answers = services_of(interaction).answers
    ref, asked = ExchangeRef(interview, exchange), asked_words(interaction.message)
    if asked:
        reply = await answers.find(asked, interaction.guild_id, LOOKED_THROUGH)
        for hit in reply.hits:
            if hit.ref == ref:
                return hit, asked
    return await answers.exchange(ref, interaction.guild_id), asked


@action("answer-page")
async def turn_page(interaction: Interaction, interview: str, exchange: str, number: int) -> None:
    """Turn the page: in place for who asked, privately for everybody else."""
    hit, asked = await _shown(interaction, interview, exchange)
    private, own = is_private(interaction), _asked_by_user(interaction)
    embed, view = answer_page(hit, asked, number, private=private or not own, in_server=_in_server(interaction))
    await show_page(interaction, embed, view, in_place=private or own)


def _asked_by_user(interaction: Interaction) -> bool:
    origin = interaction.message.interaction_metadata if interaction.message is not None else None
    return origin is not None and origin.user.id == interaction.user.id


@action("answer-share")
async def share(interaction: Interaction, interview: str, exchange: str, number: int) -> None:
    """Show a private answer to everybody in the channel."""
    hit, asked = await _shown(interaction, interview, exchange)
    embed, view = answer_page(hit, asked, number, private=False, in_server=_in_server(interaction))
    await interaction.response.send_message(embed=embed, view=view)


@action("answer-others")
async def show_others(interaction: Interaction, interview: str, exchange: str) -> None:
    """Show the next two that may be meant, to who presses alone."""
    asked = _known_words(interaction)
    reply = await services_of(interaction).answers.find(asked, interaction.guild_id)
    others = [hit for hit in reply.hits if hit.ref != ExchangeRef(interview, exchange)][:OTHERS]
    text = WHAT_ELSE if others else NOTHING_ELSE
    embed, view = _choice(text, asked, others, interview, in_server=_in_server(interaction))
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def _known_words(interaction: Interaction) -> str:
    asked = asked_words(interaction.message)
    if not asked:
        raise NotFoundError(NOBODY_ASKED)
    return asked


def _no_answer(reply: Reply, *, in_server: bool) -> Page:
    """Return what somebody sees whose question found nothing sure."""
    near = reply.hits[:NEAREST] if reply.band is Band.SUGGEST else ()
    interview = reply.hits[0].interview.id if reply.hits else ""
    return _choice(NOT_SURE if near else NOT_SAID, reply.question, near, interview, in_server=in_server)


def _choice(text: str, asked: str, hits: Sequence[Hit], interview: str, *, in_server: bool) -> Page:
    """Return a choice of exchanges, and the way to the author if none of them is meant."""
    embed = embed_of(None, text)
    embed.set_footer(text=asked_line(asked).strip())
    choices = [
        button(f"{number}. " + shorten(hit.exchange.question, MAX_LABEL - 3), "answer-choose", *hit.ref, row=number - 1)
        for number, hit in enumerate(hits, start=1)
    ]
    # Questions are collected by server: a form that opens elsewhere would only lose what is typed into it.
    if choices:
        style = discord.ButtonStyle.primary
        label = "None of these: ask the author"
        ask = button(label, "answer-none", interview, style=style, row=len(choices), disabled=not in_server)
    else:
        ask = ask_author_button("Ask the author", interview, disabled=not in_server)
    return embed, view_of([*choices, ask])


@action("answer-choose")
async def choose(interaction: Interaction, interview: str, exchange: str) -> None:
    """Show the exchange that was meant, in place of the choice."""
    hit, asked = await _shown(interaction, interview, exchange)
    embed, view = answer_page(hit, asked, private=True, in_server=_in_server(interaction))
    await interaction.response.edit_message(embed=embed, view=view)


@action("answer-none")
async def refuse(interaction: Interaction, interview: str) -> None:
    """Open the form for the author, and keep that nothing which was shown is what the person meant."""
    asked = asked_words(interaction.message)
    await open_form(interaction, interview)
    await services_of(interaction).gaps.record_miss(interaction.guild_id, asked, refused=True)


@action("answer-why")
async def explain(interaction: Interaction, interview: str, exchange: str) -> None:
    """Say to who presses why the answer is this one."""
    asked = _known_words(interaction)
    reply = await services_of(interaction).answers.find(asked, interaction.guild_id)
    embed = why_this(reply, ExchangeRef(interview, exchange))
    await interaction.response.send_message(embed=embed, ephemeral=True)


def why_this(reply: Reply, shown: ExchangeRef) -> discord.Embed:
    """Return what made an exchange the answer to a question: the words, how sure it is, and what else came near."""
    first = bool(reply.hits) and reply.hits[0].ref == shown
    parts = [_sureness(reply.confidence) if first else PICKED]
    if first:
        parts += _words_of(reply.readings)
    if others := [hit for hit in reply.hits if hit.ref != shown][:NEAREST]:
        turns = (f"- {_place(hit)}: {_short_question(hit)}" for hit in others)
        parts.append("\n".join(["**What else comes near**", *turns]))
    embed = embed_of(None, "\n\n".join(parts), title="Why this answer?")
    embed.set_footer(text=asked_line(reply.question).strip())
    return embed


def _sureness(confidence: float) -> str:
    if confidence == 1:
        return KNOWN_WORDS
    sure, ask_back = round(100 * SURE), round(100 * NEAR)
    # Never 100: that is for words which are known.
    percent = min(round(100 * confidence), 99)
    return (
        f"**{percent} in 100 sure.** From {sure} on it is shown as the answer, from {ask_back} on you are asked back."
    )


def _words_of(readings: Sequence[Reading]) -> list[str]:
    """Return what was made of the question's telling words; one that was taken for another says so."""
    found, missing = ([_word(each) for each in readings if each.found is is_found] for is_found in (True, False))
    lines = [("**Your words that it speaks of:**", found), ("**Not found in it:**", missing)]
    return [f"{label} {', '.join(words)}" for label, words in lines if words]


def _word(reading: Reading) -> str:
    typed = plain(reading.typed)
    return typed if reading.meant == reading.typed else f"{typed} (read as {plain(reading.meant)})"


def _place(hit: Hit) -> str:
    return short_place_of(hit.interview, hit.interview.turn(hit.exchange.asked_in))


def _short_question(hit: Hit) -> str:
    return plain(shorten(hit.exchange.question, SHORT_QUESTION))
