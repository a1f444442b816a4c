"""The daily quote in a channel, and how its state is told to admins."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import discord
from discord import app_commands

from bot.domain.calendar import ClockChange, DailyRule, weekdays_text
from bot.domain.card_contents import Obstacle
from bot.domain.deliveries import Delivery, DeliveryState, PostOptions
from bot.domain.quotes import Quote
from bot.domain.text import counted, shorten
from bot.services.deliveries import NO_RULE, DailyStatus, HistoryPage, Rehearsal, Resumed
from bot.services.quotes import SourcedQuote
from bot.ui.actions import Interaction, action, button, check_admin, services_of, view_of
from bot.ui.look import embed_of, moment, plain, url_of
from bot.ui.permissions import HISTORY, how_to_grant, in_words, missing, needed
from bot.ui.quotes import card_file, quote_embed

OUTCOMES = {
    DeliveryState.CLAIMED: "is being posted",
    DeliveryState.WAITING: "could not be posted yet; it is tried again",
    DeliveryState.SENT: "was posted",
    DeliveryState.MISSED: "was missed: I was away, or Discord had trouble, until it was too late",
    DeliveryState.SKIPPED: "was skipped",
    DeliveryState.FAILED: "could not be posted",
    DeliveryState.UNKNOWN: "may or may not have been posted",
}
LEDGER = OUTCOMES | {
    DeliveryState.MISSED: "missed",
    DeliveryState.SKIPPED: "skipped",
}
MAX_CHOICE = 100
LISTED_LENGTH = 60
LONGEST_PROBLEM = 150


def status_embed(status: DailyStatus | None) -> discord.Embed:
    """Return a server's daily quote as it stands."""
    if status is None:
        return embed_of(None, NO_RULE)
    lines = [rule_line(status.rule), posts_lines(status)]
    lines += [outcome_line(status.last)] if status.last is not None else []
    return embed_of(None, "\n".join(lines))


def rule_line(rule: DailyRule) -> str:
    """Return on which days, where and when a server has its quote."""
    when = weekdays_text(rule.weekdays)
    days = {"every day": when, "weekend": "at the weekend", "Monday to Friday": f"from {when}"}.get(when, f"on {when}")
    return f"A quote {days} in <#{rule.channel_id}> at {rule.at:%H:%M} ({rule.zone.key})."


def posts_lines(status: DailyStatus) -> str:
    """Return when the next posts come; or that they don't, and why."""
    if (pause := status.rule.paused) is not None:
        why = f" Discord says: {_said(pause.problem)}." if pause.problem else ""
        return f"**Paused** since {moment(pause.since)}.{why} `/daily resume` starts it again."
    first, *others = status.posts
    text = f"Next: {moment(first.due)} ({moment(first.due, 'R')}).\n"
    text += "Then: " + ", ".join(moment(post.due, "d") for post in others) + "."
    if status.skipped is not None:
        text += f"\nSkipped: {moment(status.skipped.due)}. `/daily resume` takes that back."
    return text


def outcome_line(last: Delivery) -> str:
    """Return what became of a day's quote, and why."""
    said = f" Discord says: {_said(last.problem)}." if last.problem else ""
    return f"The one for {last.local_date:%Y-%m-%d} {OUTCOMES[last.state]}.{said}"


def _said(problem: str) -> str:
    return plain(shorten(problem, LONGEST_PROBLEM).rstrip("."))


def paused_embed(status: DailyStatus) -> discord.Embed:
    """Return that a server's quote is paused, and what that means."""
    text = posts_lines(status) + " What it leaves out meanwhile is not made up for."
    return embed_of(None, text, title="The daily quote is paused")


def resumed_embed(resumed: Resumed) -> discord.Embed:
    """Return what a resumption has changed, and what is in force."""
    done = ["The pause is over."] if resumed.was_paused else []
    done += ["The quote that was skipped comes after all."] if resumed.was_skipped else []
    text = " ".join(done) or "It was not paused, and nothing was skipped."
    return embed_of(None, f"{text}\n{posts_lines(resumed.status)}")


def skip_note(status: DailyStatus, *, new: bool) -> tuple[discord.Embed, discord.ui.View]:
    """Return which post is skipped, with the way to take that back."""
    if status.skipped is None:
        return embed_of(None, posts_lines(status)), view_of([])
    which = moment(status.skipped.due)
    text = f"The quote of {which} is skipped." if new else f"The quote of {which} is skipped already."
    text += f" The next one comes {moment(status.upcoming.due)}."
    return embed_of(None, text), view_of([button("Undo", "daily-unskip")])


@action("daily-unskip")
async def unskip(interaction: Interaction) -> None:
    """Take back the skip, then show what is in force."""
    status, undone = await services_of(interaction).deliveries.undo_skip(check_admin(interaction))
    text = "It is not skipped." if undone else "Nothing is skipped any more."
    embed = embed_of(None, f"{text}\n{posts_lines(status)}")
    await interaction.response.edit_message(embed=embed, view=None)


def quote_choices(found: Iterable[tuple[str, Quote]]) -> list[app_commands.Choice[Any]]:
    """Return quotes as Discord lists them while an admin types."""
    return [app_commands.Choice(name=shorten(quote.text, MAX_CHOICE), value=key) for key, quote in found]


def picked_note(status: DailyStatus, quote: SourcedQuote) -> tuple[discord.Embed, discord.ui.View]:
    """Return the quote that comes next because an admin picked it, with the way to take that back."""
    embed = quote_embed(quote)
    embed.title = "This one comes next"
    when = "when the quote is resumed" if status.rule.paused else moment(status.upcoming.due)
    embed.description = f"{embed.description}\n\nIt comes {when}. The quote whose turn it was comes after it."
    return embed, view_of([button("Undo", "daily-unpick")])


@action("daily-unpick")
async def unpick(interaction: Interaction) -> None:
    """Take back the choice, then show the quote whose turn it is."""
    quote = await services_of(interaction).deliveries.unpick(check_admin(interaction))
    embed = quote_embed(quote)
    embed.title = "The quote whose turn it is comes next"
    await interaction.response.edit_message(embed=embed, view=None)


def trial(
    status: DailyStatus, quote: SourcedQuote, channel: discord.abc.GuildChannel | None, card: bytes | Obstacle | None
) -> dict[str, Any]:
    """Return a message with whether the bot may post in a server's channel, and the next quote as it will look."""
    lines = ["Only you see this. Below is the next quote as it will look.", posts_lines(status)]
    if status.rule.options.role_id is not None:
        lines.append(f"It mentions <@&{status.rule.options.role_id}>.")
    if channel is None:
        lines.append("**The channel is gone, or I may not see it.** Choose one with `/daily set`.")
    else:
        lines += permission_lines(channel, status.rule.options)
    note = embed_of(None, "\n".join(lines), title="This is a test")
    if isinstance(card, bytes):
        return {"embed": note, "file": card_file(quote, card)}
    return {"embeds": [note, quote_embed(quote)]}


def permission_lines(channel: discord.abc.GuildChannel, options: PostOptions) -> list[str]:
    """Return whether the bot may post in a channel as a server wants it; what is missing, and where to grant it."""
    names = needed(options, channel.guild)
    granted = " and ".join([", ".join(map(in_words, names[:-1])), in_words(names[-1])])
    lines = how_to_grant(channel, missing(channel, names)) or [f"I may post in {channel.mention}: I have {granted}."]
    if missing(channel, [HISTORY]):
        lines.append(f"{in_words(HISTORY)} would help: with it I can look whether a doubtful quote has arrived.")
    return lines


def history_page(page: HistoryPage) -> tuple[discord.Embed, discord.ui.View]:
    """Return a page of the ledger, with the ways to newer and older days."""
    lines = [_history_line(entry) for entry in page.entries]
    embed = embed_of(None, "\n".join(lines) or "No day is entered yet.", title="What became of each day")
    if page.number or page.more:
        embed.set_footer(text=f"page {page.number + 1}")
    items = [
        button("Newer", "daily-history", max(page.number - 1, 0), 0, disabled=page.number == 0),
        button("Older", "daily-history", page.number + 1, 1, disabled=not page.more),
    ]
    return embed, view_of(items)


def _history_line(entry: Delivery) -> str:
    day = f"{entry.local_date:%a} {entry.local_date.day} {entry.local_date:%b %Y}"
    problem = f" ({_said(entry.problem)})" if entry.problem else ""
    if entry.message_id is not None:
        place = url_of(entry.guild_id, entry.channel_id, entry.message_id)
        words = f": {plain(shorten(entry.quote.text, LISTED_LENGTH))}" if entry.quote is not None else ""
        return f"**{day}** [posted]({place}){words}{problem}"
    return f"**{day}** {LEDGER[entry.state]}{problem}"


@action("daily-history")
async def turn_history(interaction: Interaction, number: int, _: str) -> None:
    """Show another page of the ledger."""
    guild_id = check_admin(interaction)
    embed, view = history_page(await services_of(interaction).deliveries.history(guild_id, max(number, 0)))
    await interaction.response.edit_message(embed=embed, view=view)


def rehearsal_embed(year: Rehearsal) -> discord.Embed:
    """Return the year ahead: how many posts among how many quotes, and what happens when the clocks change."""
    count = len(year.posts)
    lines = [rule_line(year.rule)]
    if year.rule.paused is not None:
        lines.append("It is paused; this is the year if you resume it now.")
    lines.append(
        f"From {_day(year.posts[0].local_date)} to {_day(year.posts[-1].local_date)}: {counted(count, 'quote')}."
    )
    if year.quotes:
        lines.append(
            f"The interviews have {year.quotes} to choose from, so each comes about {_times(count, year.quotes)}."
        )
    lines += [_change_line(change, year.rule) for change in year.changes]
    if not year.changes:
        lines.append(f"The clocks of {year.rule.zone.key} do not change in that time.")
    return embed_of(None, "\n".join(lines), title="The year ahead")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _times(count: int, quotes: int) -> str:
    times = round(count / quotes)
    return "once at most" if times < 1 else "once" if times == 1 else f"{times} times"


def _change_line(change: ClockChange, rule: DailyRule) -> str:
    minutes = abs(int(change.by.total_seconds())) // 60
    length = counted(minutes // 60, "hour") if minutes % 60 == 0 else counted(minutes, "minute")
    way = "forward" if change.by.total_seconds() > 0 else "back"
    text = f"**{change.local_date:%A}, {_day(change.local_date)}**: the clocks go {way} by {length}. "
    if change.post is None:
        return text + "There is no quote that day."
    if change.skipped:
        return text + f"{rule.at:%H:%M} does not exist that day; the quote comes {moment(change.post.due)}."
    if change.repeated:
        return text + f"{rule.at:%H:%M} comes twice; the quote comes the first time, {moment(change.post.due)}."
    return text + f"The quote comes at {rule.at:%H:%M} all the same, {moment(change.post.due)}."
