"""Quotes as pictures."""

import asyncio
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.card_contents import Card, Obstacle, Theme
from bot.domain.interviews import NEUTRAL_COLOUR
from bot.domain.publications import ReaderTurn, place_of
from bot.services.quotes import SourcedQuote

if TYPE_CHECKING:
    from bot.domain.cards import Typeface

# Servers that want their quote in one minute often want the same; a card is some 60 kB.
CARDS_KEPT = 64
FONTS = Path(__file__).resolve().parent.parent / "fonts"


class Cards:
    """Draws quotes."""

    async def draw(self, sourced: SourcedQuote, theme: Theme = Theme.DARK) -> bytes | Obstacle:
        """Return a quote's card as a PNG file, or why it can't be drawn; it takes a tenth of a second in a thread."""
        return await asyncio.to_thread(_draw, card_of(sourced, theme))


def card_of(sourced: SourcedQuote, theme: Theme = Theme.DARK) -> Card:
    """Return what is on a quote's card."""
    interview = sourced.interview
    turn = interview.turn(sourced.quote.turn)
    place = place_of(interview, turn)
    publisher = "" if isinstance(turn, ReaderTurn) else f" · {interview.imprint}"
    return Card(
        text=sourced.quote.text,
        speaker=interview.speaker(turn).name,
        # The title comes last: a long one is cut, and who published it is still there.
        source=f"{place[0].upper()}{place[1:]}{publisher} · {interview.title}",
        accent=interview.colour or NEUTRAL_COLOUR,
        theme=theme,
    )


@lru_cache(CARDS_KEPT)
def _draw(card: Card) -> bytes | Obstacle:
    # What draws is loaded with the first card: where none is wanted, it takes no memory.
    from bot.domain.cards import draw_card  # noqa: PLC0415

    return draw_card(card, bundled_typeface())


@cache
def bundled_typeface() -> "Typeface":
    """Return the typeface that comes with the bot; its files are read when the first card is drawn."""
    from bot.domain.cards import typeface_of  # noqa: PLC0415

    return typeface_of(
        (FONTS / "GentiumBookPlus-Regular.ttf").read_bytes(), (FONTS / "GentiumBookPlus-Bold.ttf").read_bytes()
    )
