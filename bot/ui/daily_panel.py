"""The panel of a server's daily quote: all that was chosen, when the next ones come, and two forms to change it."""

from collections.abc import Container, Sequence
from typing import Any

import discord

from bot.domain.calendar import DAY_NAMES
from bot.domain.card_contents import Theme
from bot.domain.deliveries import PostOptions
from bot.domain.drafts import Draft
from bot.domain.interviews import Interview
from bot.domain.marks import mark_of
from bot.domain.rotation import Order
from bot.domain.text import shorten
from bot.domain.zones import guess_zone
from bot.services.deliveries import DailyStatus, mark_of_rule
from bot.ui.actions import Interaction, action, button, check_admin, custom_id, services_of, view_of
from bot.ui.deliveries import outcome_line, posts_lines, rule_line
from bot.ui.forms import defaults_of, modal, submission
from bot.ui.look import embed_of, option, plain
from bot.ui.permissions import check_channel, check_role, how_to_grant, missing, needed, visible_channel

Page = tuple[discord.Embed, discord.ui.View]

TITLE = "The daily quote"
NOT_YET = "There is none yet. Choose where and when; you can change everything later."
CHANNEL_GONE = "**The channel is gone, or I may not see it.** Choose another one."
CHANNEL_TYPES = [discord.ChannelType.text, discord.ChannelType.news]
USUAL_TIME = "09:00"
MOST_OPTIONS = 25
TITLE_LENGTH = 60
AS_TEXT = "text"
LOOKS = {AS_TEXT: "As text", Theme.DARK: "As a dark card", Theme.LIGHT: "As a light card"}
ORDERS = {
    Order.SHUFFLED: ("Shuffled", "Anew each time round"),
    Order.SEQUENCE: ("In sequence", "As they were said, one interview after the other"),
}
THREAD, PUBLISH = "thread", "publish"
EXTRAS = {
    THREAD: ("A thread for discussion", "Under each quote"),
    PUBLISH: ("Publish it", "To the servers that follow an announcement channel"),
}
WHEN, WHAT = "daily-when", "daily-what"


def daily_panel(status: DailyStatus | None, interviews: Sequence[Interview], guild: discord.Guild) -> Page:
    """Return what holds of a server's daily quote, with the ways to change it."""
    if status is None:
        return embed_of(None, NOT_YET, title=TITLE), view_of([_open_form("Where and when", WHEN), _back()])
    lines = [rule_line(status.rule), _options_line(status.rule.options, interviews), "", posts_lines(status)]
    lines += [outcome_line(status.last)] if status.last is not None else []
    channel = guild.get_channel(status.rule.channel_id)
    if channel is None:
        lines += ["", CHANNEL_GONE]
    elif lacking := missing(channel, needed(status.rule.options, guild)):
        lines += ["", *how_to_grant(channel, lacking)]
    return embed_of(None, "\n".join(lines), title=TITLE), view_of(_buttons(status))


def _options_line(options: PostOptions, interviews: Sequence[Interview]) -> str:
    chosen = [plain(shorten(each.title, TITLE_LENGTH)) for each in interviews if each.id in options.interviews]
    parts = [
        "From " + (" and ".join(chosen) if chosen else "all interviews"),
        ORDERS[options.order][0].lower(),
        LOOKS[options.card or AS_TEXT].lower(),
    ]
    parts += ["with a thread"] if options.thread else []
    parts += ["published"] if options.publish else []
    mention = f"mentions <@&{options.role_id}>" if options.role_id is not None else "mentions nobody"
    return ", ".join([*parts, mention]) + "."


def _buttons(status: DailyStatus) -> list[discord.ui.Button[Any]]:
    """Return the buttons; the one for the pause names the state that it brings about."""
    resting = status.rule.paused is not None
    return [
        _open_form("Where and when", WHEN),
        _open_form("What and how", WHAT),
        button("Resume" if resting else "Pause", "setup-daily-pause", "no" if resting else "yes"),
        _back(),
    ]


def _open_form(label: str, name: str) -> discord.ui.Button[Any]:
    return button(label, "setup-daily-form", name)


def _back() -> discord.ui.Button[Any]:
    return button("All settings", "setup-all")


def panel_button(row: int) -> discord.ui.Button[Any]:
    """Return the button that leads here."""
    return button("Daily quote", "setup-daily", row=row)


@action("setup-daily")
async def show_panel(interaction: Interaction) -> None:
    """Show the panel in place of the one of all settings."""
    check_admin(interaction)
    await _redraw(interaction)


@action("setup-daily-pause")
async def set_pause(interaction: Interaction, pause: str) -> None:
    """Pause the daily quote or resume it, then show what holds."""
    deliveries, guild_id = services_of(interaction).deliveries, check_admin(interaction)
    await (deliveries.pause(guild_id) if pause == "yes" else deliveries.resume(guild_id))
    await _redraw(interaction)


@action("setup-daily-form")
async def open_form(interaction: Interaction, name: str) -> None:
    """Open one of the two forms, filled in with what holds."""
    services, guild_id = services_of(interaction), check_admin(interaction)
    status = await services.deliveries.status(guild_id)
    form = await (
        when_form(interaction, _when_now(interaction, status))
        if name == WHEN
        else what_form(interaction, _what_now(status))
    )
    await interaction.response.send_modal(form)


async def _redraw(interaction: Interaction) -> None:
    services, guild = services_of(interaction), interaction.guild
    assert guild is not None  # noqa: S101 - `check_admin` has seen to it
    library = await services.interviews.library()
    embed, view = daily_panel(await services.deliveries.status(guild.id), library.interviews, guild)
    await interaction.response.edit_message(content=None, embed=embed, view=view)


def _when_now(interaction: Interaction, status: DailyStatus | None) -> Draft:
    if status is None:
        here = [str(interaction.channel_id)] if isinstance(interaction.channel, discord.TextChannel) else []
        zone = [zone_of(interaction) or ""]
        return Draft({"channel": here, "time": [USUAL_TIME], "zone": zone, "weekdays": DAY_NAMES})
    rule = status.rule
    days = [DAY_NAMES[day] for day in sorted(rule.weekdays)]
    return Draft(
        {"channel": [str(rule.channel_id)], "time": [f"{rule.at:%H:%M}"], "zone": [rule.zone.key], "weekdays": days}
    )


def zone_of(interaction: Interaction) -> str | None:
    """Return in which zone somebody probably lives, by their language and their server's."""
    locales = (interaction.locale, interaction.guild_locale)
    return guess_zone([locale.value for locale in locales if locale is not None])


async def when_form(interaction: Interaction, draft: Draft, *_: str) -> discord.ui.Modal:
    """Return the form for where and when the quote comes."""
    channel = discord.ui.ChannelSelect[Any](
        custom_id="channel",
        channel_types=CHANNEL_TYPES,
        required=True,
        default_values=defaults_of(draft, "channel", discord.SelectDefaultValueType.channel),
    )
    time = discord.ui.TextInput[Any](custom_id="time", default=draft.text("time") or None, max_length=20)
    zone = discord.ui.TextInput[Any](
        custom_id="zone", placeholder="Berlin", default=draft.text("zone") or None, max_length=64
    )
    weekdays = discord.ui.Select[Any](
        custom_id="weekdays",
        min_values=1,
        max_values=len(DAY_NAMES),
        options=[
            discord.SelectOption(label=name, value=name, default=name in draft.chosen("weekdays")) for name in DAY_NAMES
        ],
    )
    fields = [
        discord.ui.Label[Any](text="Channel", component=channel),
        discord.ui.Label[Any](text="Time", description="Such as 09:00 or 9:30 pm", component=time),
        discord.ui.Label[Any](text="Time zone", description="A city, or a name such as Europe/Berlin", component=zone),
        discord.ui.Label[Any](text="Weekdays", component=weekdays),
    ]
    status = await services_of(interaction).deliveries.status(check_admin(interaction))
    return modal("Where and when", custom_id(WHEN, mark_of_rule(status.rule if status is not None else None)), fields)


def _check(interaction: Interaction, channel_id: int, options: PostOptions) -> None:
    """Refuse what the bot can't do in a channel, or who chooses it may not."""
    channel = visible_channel(interaction.guild, channel_id)
    assert isinstance(interaction.user, discord.Member)  # noqa: S101 - whoever uses it does so in a server
    check_role(channel, options, interaction.user)
    check_channel(channel, options)


@submission(WHEN, when_form)
async def save_when(interaction: Interaction, draft: Draft, seen: str) -> None:
    """Store where and when the quote comes, if the bot may post there, then show what holds."""
    deliveries, guild_id = services_of(interaction).deliveries, check_admin(interaction)
    channel_id = draft.number("channel") or 0
    _check(interaction, channel_id, await deliveries.options(guild_id))
    days = ", ".join(draft.chosen("weekdays"))
    await deliveries.set_daily(guild_id, channel_id, draft.text("time"), draft.text("zone"), days, seen)
    await _redraw(interaction)


def _what_now(status: DailyStatus | None) -> Draft:
    options = status.rule.options if status is not None else PostOptions()
    extras = [name for name, wanted in ((THREAD, options.thread), (PUBLISH, options.publish)) if wanted]
    fields = {
        "interviews": options.interviews,
        "order": [options.order.value],
        "looks": [options.card or AS_TEXT],
        "role": [str(options.role_id)] if options.role_id is not None else [],
        "extras": extras,
    }
    return Draft(fields)


async def what_form(interaction: Interaction, draft: Draft, *_: str) -> discord.ui.Modal:
    """Return the form for what is quoted and how it looks; with one interview there is none to choose."""
    interviews = await _shown_interviews(interaction)
    order = discord.ui.RadioGroup[Any](
        custom_id="order",
        options=[
            discord.RadioGroupOption(label=label, value=value, description=what, default=value in draft.chosen("order"))
            for value, (label, what) in ORDERS.items()
        ],
    )
    looks = discord.ui.RadioGroup[Any](
        custom_id="looks",
        options=[
            discord.RadioGroupOption(label=label, value=value, default=value in draft.chosen("looks"))
            for value, label in LOOKS.items()
        ],
    )
    role = discord.ui.RoleSelect[Any](
        custom_id="role",
        min_values=0,
        default_values=defaults_of(draft, "role", discord.SelectDefaultValueType.role),
    )
    extras = discord.ui.CheckboxGroup[Any](
        custom_id="extras",
        required=False,
        min_values=0,
        options=[
            discord.CheckboxGroupOption(
                label=label, value=value, description=what, default=value in draft.chosen("extras")
            )
            for value, (label, what) in EXTRAS.items()
        ],
    )
    fields = [
        discord.ui.Label[Any](text="Order", component=order),
        discord.ui.Label[Any](text="Looks", component=looks),
        discord.ui.Label[Any](text="Role to mention", description="None chosen: nobody is mentioned", component=role),
        discord.ui.Label[Any](text="Extras", component=extras),
    ]
    if len(interviews) > 1:
        fields.insert(0, _interviews_field(interviews, draft.chosen("interviews")))
    seen = mark_of(await services_of(interaction).deliveries.options(check_admin(interaction)))
    return modal("What and how", custom_id(WHAT, seen), fields)


async def _shown_interviews(interaction: Interaction) -> Sequence[Interview]:
    return (await services_of(interaction).interviews.library()).interviews[:MOST_OPTIONS]


def _interviews_field(interviews: Sequence[Interview], chosen: Container[str]) -> discord.ui.Label[Any]:
    options = [option(each.title, each.id) for each in interviews]
    for each in options:
        each.default = each.value in chosen
    select = discord.ui.Select[Any](
        custom_id="interviews", required=False, min_values=0, max_values=len(options), options=options
    )
    return discord.ui.Label[Any](text="Interviews", description="None chosen: all of them", component=select)


@submission(WHAT, what_form)
async def save_what(interaction: Interaction, draft: Draft, seen: str) -> None:
    """Store what is quoted and how it looks, if the bot may do all that in the channel, then show what holds."""
    deliveries, guild_id = services_of(interaction).deliveries, check_admin(interaction)
    before = (await deliveries.options(guild_id)).interviews
    shown = [each.id for each in await _shown_interviews(interaction)]
    options = PostOptions(
        # What did not fit the form stays chosen.
        interviews=(*draft.chosen("interviews"), *(key for key in before if key not in shown)),
        order=draft.one_of("order", Order),
        card=None if draft.text("looks") == AS_TEXT else draft.one_of("looks", Theme),
        thread=THREAD in draft.chosen("extras"),
        role_id=draft.number("role"),
        publish=PUBLISH in draft.chosen("extras"),
    )
    status = await deliveries.status(guild_id)
    if status is not None:
        _check(interaction, status.rule.channel_id, options)
    await deliveries.set_options(guild_id, options, seen)
    await _redraw(interaction)
