"""How a quote looks."""

import discord

from bot.services.quotes import SourcedQuote
from bot.ui.look import embed_of, plain, source_line


def quote_embed(sourced: SourcedQuote) -> discord.Embed:
    """Return a quote with who said it and where."""
    interview = sourced.interview
    embed = embed_of(interview, f"> {plain(sourced.quote.text)}")
    embed.set_footer(text=source_line(interview, interview.turn(sourced.quote.turn)))
    return embed
