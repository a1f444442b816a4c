"""How a quote looks."""

import io

import discord

from bot.domain.cards import Obstacle
from bot.domain.text import shorten
from bot.services.cards import card_of
from bot.services.quotes import SourcedQuote
from bot.ui.actions import Interaction
from bot.ui.look import embed_of, plain, source_line

MAX_ALT_TEXT = 1024
NO_CARD = {
    Obstacle.LENGTH: "This one is too long for a card.",
    Obstacle.CHARACTERS: "This one has characters that I can't draw on a card.",
}


def quote_embed(sourced: SourcedQuote) -> discord.Embed:
    """Return a quote with who said it and where."""
    interview = sourced.interview
    embed = embed_of(interview, f"> {plain(sourced.quote.text)}")
    embed.set_footer(text=source_line(interview, interview.turn(sourced.quote.turn)))
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
