"""How a quote looks, wherever it is posted, and what the buttons under it do; what a search for quotes finds.

What is under a quote names it by three keys, so that it works on last year's message and after the interview was
loaded anew.
"""

import io
from collections.abc import Sequence
from typing import Any, cast

import discord

from bot.domain.card_contents import Obstacle
from bot.domain.deliveries import DeliveryState
from bot.domain.text import pages, shorten
from bot.errors import InvalidInputError
from bot.services.answers import Hit
from bot.services.cards import card_of
from bot.services.deliveries import Today
from bot.services.quotes import Context, QuoteRef, SourcedQuote
from bot.ui.actions import (
    NOT_PICKED,
    Interaction,
    action,
    button,
    chosen_value,
    custom_id,
    is_private,
    services_of,
    show_page,
    view_of,
)
from bot.ui.answers import answer, answer_page
from bot.ui.forms import filled_in, modal
from bot.ui.interviews import turn_page
from bot.ui.look import PAGE_LENGTH, asked_line, asked_words, embed_of, moment, option, plain, source_line, url_of
from bot.ui.pages import page_line, steps

Page = tuple[discord.Embed, discord.ui.View]

HEART = "♥"
FIELD = "question"
LONGEST_QUESTION = 300
MAX_PLACEHOLDER = 100
# Short enough that a page of nothing but asterisks, each with its backslash, still fits an embed.
LISTED_LENGTH = 250
LISTED_SOURCE = 80
FOUND_ON_A_PAGE = 5
IN_YOUR_WORDS = "In your own words"
NOTHING_FOUND = "No quote speaks of that. Other words may find one; /ask looks through the whole interview."
NO_DAILY = "There is no daily quote here. /quote show gives you one now."
MISSED_TODAY = "There is no quote for today. The next one comes"
ON_ITS_WAY = "Today's quote is on its way to"
COMES_TODAY = "Today's quote is not out yet. It comes"

MAX_ALT_TEXT = 1024
NO_CARD = {
    Obstacle.LENGTH: "This one is too long for a card.",
    Obstacle.CHARACTERS: "This one has characters that I can't draw on a card.",
}


def quote_embed(sourced: SourcedQuote) -> discord.Embed:
    """Return a quote with who said it and where."""
    embed = embed_of(sourced.interview, f"> {plain(sourced.quote.text)}")
    embed.set_footer(text=quote_source(sourced))
    return embed


def card_file(sourced: SourcedQuote, png: bytes) -> discord.File:
    """Return a quote's card to attach, with all that stands on it as alt text."""
    return discord.File(io.BytesIO(png), "quote.png", description=card_in_words(sourced))


def card_in_words(sourced: SourcedQuote) -> str:
    """Return what a quote's card says, for those who don't see it."""
    card = card_of(sourced)
    return shorten(f"“{card.text}” {card.speaker}. {card.source}", MAX_ALT_TEXT)


async def send_card(interaction: Interaction, sourced: SourcedQuote, card: bytes | Obstacle) -> None:
    """Show a quote's card after a deferral; where it can't be drawn, the quote as text and the reason."""
    if isinstance(card, Obstacle):
        await interaction.followup.send(NO_CARD[card], embed=quote_embed(sourced))
    else:
        await interaction.followup.send(file=card_file(sourced, card))


def quote_source(sourced: SourcedQuote) -> str:
    """Return who said a quote and where, or only who published it where the interview no longer has the turn."""
    interview, turn = sourced.interview, sourced.turn
    return source_line(interview, turn) if turn is not None else interview.imprint


def quote_page(sourced: SourcedQuote, *more: discord.ui.Button[Any]) -> Page:
    """Return a quote with what is under every quote: its context, a question about it, the heart; and some more."""
    return quote_embed(sourced), view_of([*quote_buttons(sourced), *more])


def quote_buttons(sourced: SourcedQuote) -> list[discord.ui.Button[Any]]:
    """Return the buttons under a quote."""
    gone = sourced.turn is None
    return [
        button("Read in context", "quote-context", *sourced.ref, disabled=gone),
        button("Ask about this", "quote-ask", *sourced.ref, disabled=gone),
        button(heart_label(sourced.favourites), "quote-heart", *sourced.ref),
    ]


def heart_label(count: int) -> str:
    """Return what is on the heart that so many members have pressed."""
    return f"{HEART} {count}" if count else HEART


@action("quote-context")
async def read_in_context(interaction: Interaction, interview: str, turn: str, key: str) -> None:
    """Open the exchange of a quote at its page, for who presses alone."""
    place = await services_of(interaction).quotes.context(QuoteRef(interview, turn, key), interaction.guild_id)
    embed, view = context_page(place, in_server=interaction.guild_id is not None)
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


def context_page(place: Context, *, in_server: bool) -> Page:
    """Return the page of the exchange, or of the turn where that answers in none, on which a quote stands."""
    if place.exchange is not None:
        hit = Hit(place.interview, place.exchange, passage=place.passage)
        return answer_page(hit, "", private=True, in_server=in_server)
    texts = pages(place.turn.text, PAGE_LENGTH)
    page = next((n for n, text in enumerate(texts) if place.passage and place.passage in text), 0)
    return turn_page(place.interview, place.interview.number(place.turn.id), page)


@action("quote-ask")
async def ask_about(interaction: Interaction, interview: str, turn: str, key: str) -> None:
    """Open a field for a question about a quote, in which the host's own question shows what may be asked."""
    place = await services_of(interaction).quotes.context(QuoteRef(interview, turn, key), interaction.guild_id)
    host = place.exchange.question if place.exchange is not None else IN_YOUR_WORDS
    await interaction.response.send_modal(_ask_form(host))


def _ask_form(placeholder: str) -> discord.ui.Modal:
    text = discord.ui.TextInput[Any](
        custom_id=FIELD, placeholder=shorten(placeholder, MAX_PLACEHOLDER), min_length=1, max_length=LONGEST_QUESTION
    )
    field = discord.ui.Label[Any](text="Your question", component=text)
    return modal("Ask the interview", custom_id("quote-ask-form"), [field])


@action("quote-ask-form", form=True)
async def submit_question(interaction: Interaction) -> None:
    """Answer the question as `/ask` does."""
    services = services_of(interaction)
    question = filled_in(interaction).text(FIELD)
    await answer(interaction, question, None, answers=services.answers, gaps=services.gaps, guilds=services.guilds)


@action("quote-heart")
async def press_heart(interaction: Interaction, interview: str, turn: str, key: str) -> None:
    """Make a quote a favourite of who presses, or take that back; the message shows how many have it now."""
    ref, favourites = QuoteRef(interview, turn, key), services_of(interaction).favourites
    count = await favourites.toggle(interaction.user.id, ref, interaction.guild_id)
    # The message keeps what else is under it, whichever version of the bot has sent it.
    view = discord.ui.View.from_message(cast("discord.Message", interaction.message), timeout=None)
    for item in view.children:
        if isinstance(item, discord.ui.Button) and item.custom_id == custom_id("quote-heart", interview, turn, key):
            item.label = heart_label(count)
    view.stop()
    await interaction.response.edit_message(view=view)


def listed_quote(number: int, text: str, source: str) -> str:
    """Return an entry of a list of quotes: its number, the quote, who said it and where."""
    return f"**{number}.** {plain(shorten(text, LISTED_LENGTH))}\n{plain(shorten(source, LISTED_SOURCE))}"


def quote_option(number: int, text: str, value: str) -> discord.SelectOption:
    """Return the option by which an entry of a list of quotes is picked."""
    return option(f"{number}. {text}", value)


def found_page(words: str, found: Sequence[SourcedQuote], number: int) -> Page:
    """Return a page of the quotes that a search has found, best first, counted from 0."""
    if not found:
        embed = embed_of(None, NOTHING_FOUND)
        embed.set_footer(text=asked_line(words).strip())
        return embed, view_of([])
    count = -(-len(found) // FOUND_ON_A_PAGE)
    number = min(max(number, 0), count - 1)
    first = number * FOUND_ON_A_PAGE
    shown = list(enumerate(found[first : first + FOUND_ON_A_PAGE], start=first + 1))
    text = "\n\n".join(listed_quote(place, each.quote.text, quote_source(each)) for place, each in shown)
    embed = embed_of(None, text, title="Quotes")
    embed.set_footer(text=(page_line(number, count) + asked_line(words)).strip())
    select = discord.ui.Select[Any](
        custom_id=custom_id("quote-found"),
        placeholder="Show one",
        options=[quote_option(place, each.quote.text, "/".join(each.ref)) for place, each in shown],
        row=0,
    )
    return embed, view_of([select, *steps("quote-search", number, count, row=1)])


@action("quote-search")
async def turn_found(interaction: Interaction, number: int) -> None:
    """Show another page of what a search has found; its words stand in the footer."""
    words = asked_words(interaction.message)
    found = await services_of(interaction).quotes.search(words, interaction.guild_id)
    embed, view = found_page(words, found, number)
    await show_page(interaction, embed, view, in_place=is_private(interaction))


def ref_of(picked: str) -> QuoteRef:
    """Return the quote that an option of a select names.

    Raises:
        InvalidInputError: It names none.
    """
    if picked.count("/") != len(QuoteRef._fields) - 1:
        raise InvalidInputError(NOT_PICKED)
    return QuoteRef(*picked.split("/"))


@action("quote-found")
async def show_found(interaction: Interaction) -> None:
    """Show the quote that was picked, to who picks alone, with the way to show it to everybody."""
    services = services_of(interaction)
    ref = ref_of(chosen_value(interaction))
    sourced = await services.favourites.counted(await services.quotes.find(ref, interaction.guild_id))
    share = button("Share here", "quote-share", *ref, row=1, disabled=interaction.guild_id is None)
    embed, view = quote_page(sourced, share)
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


@action("quote-share")
async def share(interaction: Interaction, interview: str, turn: str, key: str) -> None:
    """Show a quote to everybody in the channel."""
    services = services_of(interaction)
    sourced = await services.quotes.find(QuoteRef(interview, turn, key), interaction.guild_id)
    embed, view = quote_page(await services.favourites.counted(sourced))
    await interaction.response.send_message(embed=embed, view=view)


def today_page(today: Today) -> Page:
    """Return a server's quote of today with the way to its message, or when one comes."""
    post = today.post
    if post is not None and today.quote is not None:
        url = url_of(post.guild_id, post.channel_id, post.message_id)
        return quote_page(today.quote, discord.ui.Button(label="Go to the message", url=url, row=1))
    if post is not None and post.state in {DeliveryState.CLAIMED, DeliveryState.WAITING}:
        return embed_of(None, f"{ON_ITS_WAY} <#{post.channel_id}>."), view_of([])
    if today.status is None:
        return embed_of(None, NO_DAILY), view_of([])
    upcoming = today.status.upcoming
    begin = COMES_TODAY if upcoming.local_date == today.date else MISSED_TODAY
    text = f"{begin} {moment(upcoming.due, 'R')} in <#{today.status.rule.channel_id}>. /quote show gives you one now."
    return embed_of(None, text), view_of([])
