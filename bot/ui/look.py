"""What all embeds have in common: colour, source line, pages, harmless text."""

import re
from datetime import datetime

import discord

from bot.domain.interviews import NEUTRAL_COLOUR, Interview, Turn
from bot.domain.publications import ReaderTurn, place_of
from bot.domain.text import one_line, readable, shorten

MAX_TITLE = 256
MAX_LABEL = 80
MAX_OPTION = 100  # of a select: its label, value and description
PAGE_LENGTH = 1200
ASKED = "Asked: "
# An address would lead elsewhere with a backslash in it. What hides an address needs "](".
_MARKUP = re.compile(
    r"(?P<address>https?://[^\s<>`|*~\\()\[\]]+)|[\\*_~|`<]|(?<=\])\("
    r"|^(?P<indent>[^\S\n]*)(?:#{1,3}|-#?|>(?:>>)?)(?=\s)",
    re.MULTILINE,
)
NEUTRAL = discord.Colour.from_str(NEUTRAL_COLOUR)


def embed_of(interview: Interview | None, text: str, *, title: str | None = None) -> discord.Embed:
    """Return an embed with a text, in the interview's colour; its title leads to where the interview was published."""
    colour = discord.Colour.from_str(interview.colour) if interview and interview.colour else NEUTRAL
    short = shorten(plain(title), MAX_TITLE) if title else None
    source = str(interview.source) if short and interview and interview.source else None
    return discord.Embed(title=short, url=source, description=text, colour=colour)


def plain(text: str) -> str:
    """Return a text so that Discord shows it as it is: marks, mentions and links that hide where they lead too."""
    return _MARKUP.sub(_as_it_is, readable(text))


def _as_it_is(found: re.Match[str]) -> str:
    indent = found["indent"] or ""
    return found["address"] or f"{indent}\\{found[0].removeprefix(indent)}"


def source_line(interview: Interview, turn: Turn, page: tuple[int, int] | None = None) -> str:
    """Return who speaks, where in the interview, who published it; and the page where there are several.

    What readers asked since was published in the server alone.
    """
    parts = [interview.speaker(turn).name, place_of(interview, turn)]
    if not isinstance(turn, ReaderTurn):
        parts.append(interview.imprint)
    if page is not None and page[1] > 1:
        parts.append(f"page {page[0]} of {page[1]}")
    return readable(" · ".join(parts))


def option(label: str, value: str, description: str | None = None) -> discord.SelectOption:
    """Return an option of a select, its label and description cut to what Discord takes."""
    short = shorten(readable(description), MAX_OPTION) if description else None
    return discord.SelectOption(label=shorten(readable(label), MAX_OPTION), value=value, description=short)


def asked_line(asked: str) -> str:
    """Return the last line of a footer, which keeps the words that somebody asked with for the message's buttons."""
    return f"\n{ASKED}{one_line(readable(asked))}" if asked else ""


def asked_words(message: discord.Message | None) -> str:
    """Return the words that a message's footer keeps, or "" where it keeps none."""
    footer = message.embeds[0].footer.text if message is not None and message.embeds else None
    last = (footer or "").rpartition("\n")[2]
    return last.removeprefix(ASKED) if last.startswith(ASKED) else ""


def url_of(guild_id: int | None, *place: object) -> str:
    """Return the address of a server; with the ids of a channel and a message, that of the message."""
    return "/".join(["https://discord.com/channels", *map(str, (guild_id, *place))])


def moment(instant: datetime, style: discord.utils.TimestampStyle = "f") -> str:
    """Return an instant as Discord shows it to each reader in their own time zone."""
    return discord.utils.format_dt(instant, style)
