"""Asks Discord how the bot is doing there: token, clock, and what it may do in the channels that servers chose."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import groupby

import aiohttp
import discord

from bot.domain.checkups import Finding, Place, Verdict, judge_clock
from bot.errors import TokenRefusedError
from bot.ui.permissions import NEEDED, in_words, missing, needed

SECONDS = 15.0
# Each server costs three requests.
MOST_SERVERS = 200
WANTED = discord.Permissions(**dict.fromkeys((*NEEDED, "read_message_history"), True))
GRANT = "In Discord, give it under Edit Channel, Permissions, the bot's role."


async def clock_findings(clock: Callable[[], datetime]) -> list[Finding]:
    """Return what there is to say of this machine's clock, beside the time that Discord puts on its answers."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{discord.http.Route.BASE}/gateway") as response,
        ):
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, OSError, TimeoutError, KeyError, ValueError) as error:
        says = f"Discord can't be reached ({error or 'no answer in time'})"
        return [
            Finding("network", Verdict.FAULT, says, "Check the network, and whether a firewall or proxy is in the way.")
        ]
    return [Finding("network", Verdict.GOOD, "Discord answers"), judge_clock(clock() - theirs)]


async def account_findings(token: str, places: Iterable[Place]) -> AsyncIterator[Finding]:
    """Yield what there is to say of the token, of how to invite the bot, and of the places where it posts."""
    # What is wrong is said here; the library would add that the bot can't speak.
    logging.getLogger("discord").setLevel(logging.ERROR)
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            yield Finding("token", Verdict.FAULT, "Discord refuses it", str(TokenRefusedError()))
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            yield Finding("token", Verdict.FAULT, f"could not be tried ({error})", "Try again in a minute.")
            return
        yield Finding("token", Verdict.GOOD, f"it is that of {client.user}")
        yield _invitation(client)
        by_server = [(guild_id, list(found)) for guild_id, found in groupby(places, key=lambda place: place.guild_id)]
        for guild_id, found in by_server[:MOST_SERVERS]:
            yield await _server(client, guild_id, found)
        if len(by_server) > MOST_SERVERS:
            yield Finding("servers", Verdict.GOOD, f"{len(by_server) - MOST_SERVERS} more were not looked at")


def _invitation(client: discord.Client) -> Finding:
    application = client.application
    if application is None:
        return Finding("invitation", Verdict.WARNING, "not known now", "Try again later.")
    address = discord.utils.oauth_url(application.id, permissions=WANTED, scopes=("bot", "applications.commands"))
    if application.bot_require_code_grant:
        remedy = "In the developer portal, under Bot, switch off Requires OAuth2 Code Grant. Else nobody can invite it."
        return Finding("invitation", Verdict.FAULT, address, remedy)
    return Finding("invitation", Verdict.GOOD, address)


async def _server(client: discord.Client, guild_id: int, places: Iterable[Place]) -> Finding:
    """Return what there is to say of the places in one server."""
    try:
        guild = await client.fetch_guild(guild_id)
        channels = {channel.id: channel for channel in await guild.fetch_channels()}
        me = await guild.fetch_member(client.user.id if client.user is not None else 0)
    except (discord.Forbidden, discord.NotFound):
        says = "the bot is no longer in it"
        return Finding(
            f"server {guild_id}", Verdict.WARNING, says, "Invite it again, or let it be: it is deleted in time."
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        return Finding(f"server {guild_id}", Verdict.WARNING, f"could not be looked at ({error})", "Try again later.")
    guild._add_member(me)  # noqa: SLF001 - what is fetched over HTTP is kept nowhere, and permissions need it
    problems = [problem for place in places for problem in _problems(guild, channels, place)]
    name = f"server {guild.name}"
    if problems:
        return Finding(name, Verdict.FAULT, "; ".join(problems), GRANT)
    return Finding(name, Verdict.GOOD, "may do all that it was set up for")


def _problems(guild: discord.Guild, channels: Mapping[int, discord.abc.GuildChannel], place: Place) -> list[str]:
    channel = channels.get(place.channel_id)
    if channel is None:
        return [f"{place.use}: the channel is gone, or can't be seen"]
    lacking = missing(channel, needed(place.options, guild))
    return [f"{place.use}: {in_words(name)} is missing in #{channel.name}" for name in lacking]
