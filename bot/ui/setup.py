"""The panel of a server's settings: what holds now, a line each, and a button to change it."""

from typing import Any

import discord

from bot.domain.gaps import KEPT_FOR
from bot.domain.guilds import GuildSettings
from bot.domain.questions import QuestionRules
from bot.services.deliveries import DailyStatus
from bot.ui.actions import Interaction, action, button, check_admin, services_of, view_of
from bot.ui.daily_panel import panel_button
from bot.ui.look import embed_of, moment
from bot.ui.question_rules import rules_button, rules_line

PUBLIC = "**Answers are public.** When `/ask` is sure, everybody in the channel sees it; all else, who asked alone."
PRIVATE = "**Answers are private.** Who asks sees the answer alone, and can share it with the channel."
KEPT = (
    f"**Questions without an answer are kept**, for {KEPT_FOR.days} days: their words, and nobody's name. "
    "`/gaps` shows them."
)
NOT_KEPT = "**Questions without an answer are not kept.** `/gaps` has nothing to show."
NO_QUOTE = "**The daily quote is off.**"
YES, NO = "yes", "no"


def setup_panel(
    settings: GuildSettings, daily: DailyStatus | None, rules: QuestionRules
) -> tuple[discord.Embed, discord.ui.View]:
    """Return the panel with what holds in a server, and a button for each line that can be changed here."""
    lines = [
        PRIVATE if settings.answers_private else PUBLIC,
        KEPT if settings.keep_misses else NOT_KEPT,
        _daily_line(daily),
        rules_line(rules),
    ]
    return embed_of(None, "\n\n".join(lines), title="This server's settings"), view_of(_buttons(settings))


def _daily_line(status: DailyStatus | None) -> str:
    if status is None:
        return NO_QUOTE
    rule = status.rule
    if rule.paused is not None:
        return f"**The daily quote is paused**, in <#{rule.channel_id}>."
    return (
        f"**The daily quote is on**, in <#{rule.channel_id}> at {rule.at:%H:%M} ({rule.zone.key}). "
        f"Next: {moment(status.upcoming.due)}."
    )


def _buttons(settings: GuildSettings) -> list[discord.ui.Button[Any]]:
    """Return the buttons; each names the state that it brings about, whatever holds when it is pressed."""
    private = ("Make answers public", NO) if settings.answers_private else ("Make answers private", YES)
    keep = ("Forget questions, keep none", NO) if settings.keep_misses else ("Keep questions without an answer", YES)
    return [
        button(private[0], "setup-private", private[1], row=0),
        button(keep[0], "setup-keep", keep[1], row=1),
        panel_button(row=2),
        rules_button(row=2),
    ]


@action("setup-all")
async def show_all(interaction: Interaction) -> None:
    """Show the panel of all settings in place of another one."""
    await _redraw(interaction, check_admin(interaction))


@action("setup-private")
async def set_private(interaction: Interaction, private: str) -> None:
    """Make answers private or public, then show what holds."""
    guild_id = check_admin(interaction)
    await services_of(interaction).guilds.set_answers_private(guild_id, private=private == YES)
    await _redraw(interaction, guild_id)


@action("setup-keep")
async def set_keep(interaction: Interaction, keep: str) -> None:
    """Keep questions without an answer, or forget them and keep none, then show what holds."""
    guild_id = check_admin(interaction)
    await services_of(interaction).guilds.set_keep_misses(guild_id, keep=keep == YES)
    await _redraw(interaction, guild_id)


async def _redraw(interaction: Interaction, guild_id: int) -> None:
    services = services_of(interaction)
    embed, view = setup_panel(
        await services.guilds.settings(guild_id),
        await services.deliveries.status(guild_id),
        await services.questions.rules(guild_id),
    )
    await interaction.response.edit_message(embed=embed, view=view)
