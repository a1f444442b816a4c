"""What the bot says of itself."""

import discord

from bot.domain.interviews import Interview
from bot.ui.look import embed_of, plain


def about_embed(version: str, interviews: tuple[Interview, ...], support_url: str | None) -> discord.Embed:
    """Return what Fireside is, whose words it quotes, its version, and where to report a problem."""
    sources = "\n".join(f"- {_source(interview)}" for interview in interviews) or "- none is loaded yet"
    report = support_url or "Tell an admin of this server."
    embed = embed_of(
        None,
        "Fireside lets you ask an interview in your own words. It quotes what was said, names the turn, and says so "
        "when the interview has no answer. It writes no answers of its own.\n\n"
        f"**Whose words**\n{sources}\n\n**Report a problem**\n{report}\n\n"
        "`/privacy` shows what is kept about you, and deletes it.",
        title="About Fireside",
    )
    embed.set_footer(text=f"Fireside {version} · MIT licence, the interviews belong to their publishers")
    return embed


def _source(interview: Interview) -> str:
    title = plain(interview.title)
    linked = f"[{title}]({interview.source})" if interview.source else title
    return f"{linked} · {plain(interview.imprint)}"
