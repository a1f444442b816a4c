"""`/daily`: a quote every day in a channel, for admins to set, to watch and to try."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.calendar import WEEKDAY_CHOICES
from bot.domain.zones import find_zones
from bot.services.cards import Cards
from bot.services.deliveries import Deliveries
from bot.ui.actions import Interaction
from bot.ui.daily_panel import zone_of
from bot.ui.deliveries import (
    history_page,
    paused_embed,
    picked_note,
    quote_choices,
    rehearsal_embed,
    resumed_embed,
    skip_note,
    status_embed,
    trial,
)
from bot.ui.look import embed_of
from bot.ui.permissions import check_channel, check_role


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class DailyQuotes(commands.GroupCog, group_name="daily", group_description="A quote every day in a channel"):
    """Keeps a server's daily quote."""

    def __init__(self, deliveries: Deliveries, cards: Cards) -> None:
        """Take the service that keeps rules, and the one that draws quotes."""
        self._deliveries = deliveries
        self._cards = cards
        super().__init__()

    # A server can override `default_permissions`; these checks it cannot.
    @app_commands.command(name="set")
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        channel="Where the quote appears",
        time="The time of day, such as 09:00 or 9:30 pm",
        zone="The time zone it is meant in: type a city or a country",
        weekdays="Every day, Monday to Friday, weekend, or such as Mon, Wed, Fri",
    )
    async def set_up(
        self,
        interaction: Interaction,
        channel: discord.TextChannel,
        time: app_commands.Range[str, 1, 20],
        zone: app_commands.Range[str, 1, 64],
        weekdays: app_commands.Range[str, 1, 80] | None = None,
    ) -> None:
        """Post a quote every day in a channel, at a time of your choice."""
        options = await self._deliveries.options(channel.guild.id)
        if isinstance(interaction.user, discord.Member):
            check_role(channel, options, interaction.user)
        check_channel(channel, options)
        status = await self._deliveries.set_daily(channel.guild.id, channel.id, time, zone, weekdays)
        await interaction.response.send_message(embed=status_embed(status), ephemeral=True)

    @set_up.autocomplete("zone")
    async def _zones(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        # The guess shows only while nothing is typed; no other keystroke needs to ask the database.
        status = None if typed else await self._deliveries.status(interaction.guild_id or 0)
        guess = status.rule.zone.key if status is not None else zone_of(interaction)
        return [app_commands.Choice(name=zone.name, value=zone.value) for zone in find_zones(typed, 25, guess)]

    @set_up.autocomplete("weekdays")
    async def _weekdays(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        names = [name for name in WEEKDAY_CHOICES if typed.casefold() in name.casefold()]
        return [app_commands.Choice(name=name, value=name) for name in names]

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def status(self, interaction: Interaction) -> None:
        """See where and when the daily quote appears, and what became of the last one."""
        status = await self._deliveries.status(interaction.guild_id or 0)
        await interaction.response.send_message(embed=status_embed(status), ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def stop(self, interaction: Interaction) -> None:
        """Stop the daily quote of this server."""
        stopped = await self._deliveries.stop_daily(interaction.guild_id or 0)
        text = "The daily quote is stopped. /daily set starts it again." if stopped else "There is no daily quote here."
        await interaction.response.send_message(embed=embed_of(None, text), ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def pause(self, interaction: Interaction) -> None:
        """Let the daily quote rest until you resume it."""
        embed = paused_embed(await self._deliveries.pause(interaction.guild_id or 0))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def resume(self, interaction: Interaction) -> None:
        """End a pause, and take back a skip that is still to come."""
        embed = resumed_embed(await self._deliveries.resume(interaction.guild_id or 0))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def skip(self, interaction: Interaction) -> None:
        """Leave out the next quote, and no other."""
        status, new = await self._deliveries.skip(interaction.guild_id or 0)
        embed, view = skip_note(status, new=new)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @app_commands.command(name="next")
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(quote="Type a few of its words and pick it from the list")
    async def pick_next(self, interaction: Interaction, quote: app_commands.Range[str, 1, 100]) -> None:
        """Choose which quote comes next."""
        status, picked = await self._deliveries.pick(interaction.guild_id or 0, quote)
        embed, view = picked_note(status, picked)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @pick_next.autocomplete("quote")
    async def _quotes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return quote_choices(await self._deliveries.find_quotes(interaction.guild_id or 0, typed, 25))

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def test(self, interaction: Interaction) -> None:
        """See the next quote as it will look, and whether I may post it; nobody else sees it."""
        # A card may take its time.
        await interaction.response.defer(ephemeral=True, thinking=True)
        status, quote = await self._deliveries.preview(interaction.guild_id or 0)
        channel = interaction.guild.get_channel(status.rule.channel_id) if interaction.guild is not None else None
        theme = status.rule.options.card
        card = await self._cards.draw(quote, theme) if theme is not None else None
        await interaction.followup.send(**trial(status, quote, channel, card), ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def history(self, interaction: Interaction) -> None:
        """See what became of each day's quote, newest first."""
        embed, view = history_page(await self._deliveries.history(interaction.guild_id or 0, 0))
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    async def rehearse(self, interaction: Interaction) -> None:
        """See the year ahead: how many quotes, and what happens when the clocks change."""
        embed = rehearsal_embed(await self._deliveries.rehearse(interaction.guild_id or 0))
        await interaction.response.send_message(embed=embed, ephemeral=True)
