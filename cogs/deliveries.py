"""`/daily`: a quote every day in a channel, for admins to set."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.calendar import find_zones
from bot.services.deliveries import Deliveries
from bot.ui.actions import Interaction
from bot.ui.deliveries import check_permissions, status_embed
from bot.ui.look import embed_of


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class DailyQuotes(commands.GroupCog, group_name="daily", group_description="A quote every day in a channel"):
    """Keeps a server's daily quote."""

    def __init__(self, deliveries: Deliveries) -> None:
        """Take the service that keeps rules."""
        self._deliveries = deliveries
        super().__init__()

    # A server can override `default_permissions`; these checks it cannot.
    @app_commands.command(name="set")
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        channel="Where the quote appears",
        time="The time of day, such as 09:00 or 9:30 pm",
        zone="The time zone it is meant in: type a city",
    )
    async def set_up(
        self,
        interaction: Interaction,
        channel: discord.TextChannel,
        time: app_commands.Range[str, 1, 20],
        zone: app_commands.Range[str, 1, 64],
    ) -> None:
        """Post a quote every day in a channel, at a time of your choice."""
        check_permissions(channel)
        status = await self._deliveries.set_daily(channel.guild.id, channel.id, time, zone)
        await interaction.response.send_message(embed=status_embed(status), ephemeral=True)

    @set_up.autocomplete("zone")
    async def _zones(self, _: Interaction, typed: str) -> list[app_commands.Choice[Any]]:
        return [app_commands.Choice(name=name, value=name) for name in find_zones(typed, 25)]

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
