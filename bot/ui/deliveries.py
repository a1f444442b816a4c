"""The daily quote in a channel, and how its state is told to admins."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.calendar import ClockChange, DailyRule, weekdays_text
from bot.domain.deliveries import REFUSED_DAYS, Delivery, DeliveryState
from bot.domain.quotes import Quote
from bot.domain.text import counted, shorten
from bot.errors import InvalidInputError
from bot.services.deliveries import NO_RULE, DailyStatus, HistoryPage, Rehearsal, Resumed
from bot.services.dispatcher import HistoryClosedError, PostFailedError, PostRefusedError
from bot.services.quotes import SourcedQuote
from bot.ui.actions import Interaction, action, button, check_admin, services_of, view_of
from bot.ui.look import embed_of, moment, plain
from bot.ui.quotes import quote_embed, quote_page

NEEDED = ("view_channel", "send_messages", "embed_links")
OUTCOMES = {
    DeliveryState.CLAIMED: "is being posted",
    DeliveryState.WAITING: "could not be posted yet; it is tried again",
    DeliveryState.SENT: "was posted",
    DeliveryState.MISSED: "was missed: I was away, or Discord had trouble, until it was too late",
    DeliveryState.SKIPPED: "was skipped",
    DeliveryState.FAILED: "could not be posted",
    DeliveryState.UNKNOWN: "may or may not have been posted",
}
HISTORY = OUTCOMES | {
    DeliveryState.MISSED: "missed",
    DeliveryState.SKIPPED: "skipped",
}
MAX_CHOICE = 100
LISTED_LENGTH = 60
LONGEST_PROBLEM = 150
# Longer than the library itself tries again, and much shorter than the lease of a claim.
LONGEST_SEND = 40.0
# Discord's clock and ours need not agree on when a post was first tried.
CLOCKS_DIFFER = timedelta(minutes=2)
MOST_READ = 500
MANY_REQUESTS = 429
SERVER_ERRORS = 500
UNAUTHORIZED = 401

log = logging.getLogger(__name__)


class ChannelPoster:
    """Posts quotes with the bot's client."""

    def __init__(self, client: commands.AutoShardedBot) -> None:
        """Take the client that is on line."""
        self._client = client

    async def post(self, delivery: Delivery, quote: SourcedQuote) -> int:
        """Post a quote and return the message's id.

        Raises:
            PostRefusedError: The channel is gone, or the bot may not write there.
            PostFailedError: Discord could not take it now; the nonce keeps a repeated post from doubling.
        """
        channel = self._client.get_partial_messageable(delivery.channel_id, guild_id=delivery.guild_id)
        embed, view = quote_page(quote)
        try:
            async with asyncio.timeout(LONGEST_SEND):
                message = await channel.send(embed=embed, view=view, nonce=delivery.nonce)
        except discord.HTTPException as error:
            raise _judged(error) from error
        except aiohttp.ClientConnectorError as error:
            raise PostFailedError(str(error), in_doubt=False) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error) or "Discord did not answer in time") from error
        return message.id

    async def find(self, delivery: Delivery, quote: SourcedQuote) -> int | None:
        """Return the message's id if the post has been in its channel since it was first in doubt.

        Raises:
            HistoryClosedError: The channel's messages can't be read, or there are too many.
            PostFailedError: Discord can't tell now.
        """
        channel = self._readable(delivery)
        since = (delivery.doubted_at or delivery.claimed_at) - CLOCKS_DIFFER
        count = 0
        try:
            async with asyncio.timeout(LONGEST_SEND):
                async for message in channel.history(limit=MOST_READ, after=since, oldest_first=True):
                    count += 1
                    if self._is_post(message, quote):
                        return message.id
        except (discord.Forbidden, discord.NotFound) as error:
            raise HistoryClosedError(error.text) from error
        except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise PostFailedError(str(error) or "Discord did not answer in time", in_doubt=False) from error
        if count == MOST_READ:
            raise HistoryClosedError("too much was written since to look whether it is there")
        return None

    def _readable(self, delivery: Delivery) -> discord.TextChannel:
        """Return a delivery's channel, whose messages the bot may read: else Discord would show none, and no error."""
        guild = self._client.get_guild(delivery.guild_id)
        # Before it is on line, the bot knows no server at all.
        if not self._client.is_ready() or (guild is not None and guild.unavailable):
            raise PostFailedError("Discord does not show the server just now", in_doubt=False)
        channel = guild.get_channel_or_thread(delivery.channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.TextChannel):
            raise HistoryClosedError("the channel is gone")
        granted = channel.permissions_for(guild.me)
        if not (granted.view_channel and granted.read_message_history):
            raise HistoryClosedError("without Read Message History I can't look whether it is there")
        return channel

    def _is_post(self, message: discord.Message, quote: SourcedQuote) -> bool:
        """Return whether a message is this quote, posted by the bot itself and not as an answer to /quote."""
        ours = self._client.user is not None and message.author.id == self._client.user.id
        unasked = message.interaction_metadata is None and message.type is discord.MessageType.default
        shown = message.embeds[0].description if message.embeds else None
        return ours and unasked and shown == quote_embed(quote).description

    async def tell_paused(self, delivery: Delivery) -> None:
        """Tell admins of a server that its quote is paused, where they may see it; or nobody, but the log."""
        guild = self._client.get_guild(delivery.guild_id)
        for place in _places(guild) if guild is not None else ():
            try:
                async with asyncio.timeout(LONGEST_SEND):
                    channel = await self._client.create_dm(place) if isinstance(place, discord.Object) else place
                    await channel.send(embed=paused_note(delivery))
            except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.info("Could not tell server %d of its pause there: %s", delivery.guild_id, error)
            else:
                return
        log.warning("Nobody could be told that the daily quote of server %d is paused", delivery.guild_id)


def _judged(error: discord.HTTPException) -> Exception:
    """Return what an answer of Discord means for a post: refused, or failed with or without doubt."""
    if error.status >= SERVER_ERRORS:
        return PostFailedError(str(error))
    if error.status in {MANY_REQUESTS, UNAUTHORIZED}:
        return PostFailedError(str(error), in_doubt=False)
    return PostRefusedError(error.text)


def _places(guild: discord.Guild) -> Iterator[discord.TextChannel | discord.Object]:
    """Yield where admins of a server may see a message: channels that may be written to, at last the owner."""
    for channel in (guild.system_channel, guild.public_updates_channel):
        if channel is not None and not _missing(channel, NEEDED):
            yield channel
    if guild.owner_id is not None:
        yield discord.Object(guild.owner_id)


def _missing(channel: discord.abc.GuildChannel, names: Iterable[str]) -> list[str]:
    """Return which permissions the bot lacks in a channel, as Discord's settings call them."""
    granted = channel.permissions_for(channel.guild.me)
    return [name.replace("_", " ").title() for name in names if not getattr(granted, name)]


def paused_note(delivery: Delivery) -> discord.Embed:
    """Return what admins are told when the bot has paused a server's quote."""
    text = (
        f"I could not post the daily quote in <#{delivery.channel_id}> on {REFUSED_DAYS} days in a row, so it is "
        f"paused. Discord says: {plain((delivery.problem or 'nothing').rstrip('.'))}.\n"
        "`/daily test` names what is missing. When it is mended, `/daily resume` starts it again."
    )
    return embed_of(None, text, title="The daily quote is paused")


def check_permissions(channel: discord.TextChannel) -> None:
    """Refuse a channel in which the bot may not post.

    Raises:
        InvalidInputError: A permission is missing; the sentence names each, and where to give it.
    """
    if missing := _missing(channel, NEEDED):
        raise InvalidInputError(
            f"I may not post in {channel.mention} yet. Give me {' and '.join(missing)} there: "
            "Edit Channel, Permissions, my role. Then set it again."
        )


def status_embed(status: DailyStatus | None) -> discord.Embed:
    """Return a server's daily quote as it stands."""
    if status is None:
        return embed_of(None, NO_RULE)
    return embed_of(None, _rule_line(status.rule) + "\n" + _posts_lines(status) + _last_line(status.last))


def _rule_line(rule: DailyRule) -> str:
    when = weekdays_text(rule.weekdays)
    days = {"every day": when, "weekend": "at the weekend", "Monday to Friday": f"from {when}"}.get(when, f"on {when}")
    return f"A quote {days} in <#{rule.channel_id}> at {rule.at:%H:%M} ({rule.zone.key})."


def _posts_lines(status: DailyStatus) -> str:
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


def _last_line(last: Delivery | None) -> str:
    if last is None:
        return ""
    problem = f" Discord says: {_said(last.problem)}." if last.problem else ""
    return f"\nThe one for {last.local_date:%Y-%m-%d} {OUTCOMES[last.state]}.{problem}"


def _said(problem: str) -> str:
    return plain(shorten(problem, LONGEST_PROBLEM).rstrip("."))


def paused_embed(status: DailyStatus) -> discord.Embed:
    """Return that a server's quote is paused, and what that means."""
    text = _posts_lines(status) + " What it leaves out meanwhile is not made up for."
    return embed_of(None, text, title="The daily quote is paused")


def resumed_embed(resumed: Resumed) -> discord.Embed:
    """Return what a resumption has changed, and what is in force."""
    done = ["The pause is over."] if resumed.was_paused else []
    done += ["The quote that was skipped comes after all."] if resumed.was_skipped else []
    text = " ".join(done) or "It was not paused, and nothing was skipped."
    return embed_of(None, f"{text}\n{_posts_lines(resumed.status)}")


def skip_note(status: DailyStatus, *, new: bool) -> tuple[discord.Embed, discord.ui.View]:
    """Return which post is skipped, with the way to take that back."""
    if status.skipped is None:
        return embed_of(None, _posts_lines(status)), view_of([])
    which = moment(status.skipped.due)
    text = f"The quote of {which} is skipped." if new else f"The quote of {which} is skipped already."
    text += f" The next one comes {moment(status.upcoming.due)}."
    return embed_of(None, text), view_of([button("Undo", "daily-unskip")])


@action("daily-unskip")
async def unskip(interaction: Interaction) -> None:
    """Take back the skip, then show what is in force."""
    status, undone = await services_of(interaction).deliveries.undo_skip(check_admin(interaction))
    text = "It is not skipped." if undone else "Nothing is skipped any more."
    embed = embed_of(None, f"{text}\n{_posts_lines(status)}")
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
    status: DailyStatus, quote: SourcedQuote, channel: discord.abc.GuildChannel | None
) -> tuple[discord.Embed, discord.Embed]:
    """Return whether the bot may post in a server's channel, and the next quote as it will look there."""
    lines = ["Only you see this. Below is the next quote as it will look.", _posts_lines(status)]
    if channel is None:
        lines.append("**The channel is gone, or I may not see it.** Choose one with `/daily set`.")
    else:
        lines += _permission_lines(channel)
    return embed_of(None, "\n".join(lines), title="This is a test"), quote_embed(quote)


def _permission_lines(channel: discord.abc.GuildChannel) -> list[str]:
    place = "Edit Channel, Permissions, my role"
    lines = [
        f"**{name} is missing** in {channel.mention}: give it under {place}." for name in _missing(channel, NEEDED)
    ]
    lines = lines or [f"I may post in {channel.mention}: View Channel, Send Messages and Embed Links are there."]
    if _missing(channel, ["read_message_history"]):
        lines.append("Read Message History would help: with it I can look whether a doubtful quote has arrived.")
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
    if entry.message_id is not None:
        place = f"https://discord.com/channels/{entry.guild_id}/{entry.channel_id}/{entry.message_id}"
        words = f": {plain(shorten(entry.quote.text, LISTED_LENGTH))}" if entry.quote is not None else ""
        return f"**{day}** [posted]({place}){words}"
    problem = f" ({_said(entry.problem)})" if entry.problem else ""
    return f"**{day}** {HISTORY[entry.state]}{problem}"


@action("daily-history")
async def turn_history(interaction: Interaction, number: str, _: str) -> None:
    """Show another page of the ledger."""
    guild_id = check_admin(interaction)
    embed, view = history_page(await services_of(interaction).deliveries.history(guild_id, int(number)))
    await interaction.response.edit_message(embed=embed, view=view)


def rehearsal_embed(year: Rehearsal) -> discord.Embed:
    """Return the year ahead: how many posts among how many quotes, and what happens when the clocks change."""
    count = len(year.posts)
    lines = [_rule_line(year.rule)]
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
