"""The panel of a server's rules for questions: who takes them, when, how many, where they go, and who may not ask."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot.domain.deliveries import PostOptions
from bot.domain.drafts import Draft
from bot.domain.marks import mark_of
from bot.domain.question_rules import moment_typed, parse_limit, parse_moment
from bot.domain.questions import QuestionRules, Recipient
from bot.domain.text import counted
from bot.domain.zones import parse_zone
from bot.errors import NotFoundError
from bot.ui.actions import (
    OLDER,
    Interaction,
    action,
    button,
    check_admin,
    chosen_number,
    custom_id,
    services_of,
    view_of,
)
from bot.ui.daily_panel import CHANNEL_TYPES, zone_of
from bot.ui.forms import Opener, defaults_of, modal, submission
from bot.ui.look import embed_of, moment
from bot.ui.permissions import NEEDED, check_channel, how_to_grant, missing, visible_channel
from bot.ui.review import RECIPIENTS

Page = tuple[discord.Embed, discord.ui.View]

TITLE = "The readers' questions"
WHO, WHERE, LIMITS = "rules-who", "rules-where", "rules-limits"
REVIEW, ANSWERS = "review", "answers"
BLOCKED_SHOWN = 40
DEFAULT_ZONE = "UTC"
LIMIT_FIELDS = {
    "member": ("A member, in 24 hours", "How many questions; 0 for any number"),
    "day": ("The whole server, in 24 hours", "How many questions; 0 for any number"),
    "age": ("Days that an account is old", "Accounts that are younger may not ask; 0 for any age"),
}


def rules_line(rules: QuestionRules) -> str:
    """Return what holds in one line."""
    parts = [f"**Questions go to {_takers(rules)}**", _open_words(rules)]
    parts += [f"review in <#{rules.review_channel_id}>"] if rules.review_channel_id is not None else []
    parts += [f"answers in <#{rules.answer_channel_id}>"] if rules.answer_channel_id is not None else []
    parts += [f"{rules.a_member} a day a member"] if rules.a_member else []
    return ", ".join(parts) + "."


def _takers(rules: QuestionRules) -> str:
    return " and ".join(RECIPIENTS[each] for each in rules.recipients)


def _open_words(rules: QuestionRules) -> str:
    opens = f"from {moment(rules.opens_at)}" if rules.opens_at is not None else ""
    closes = f"until {moment(rules.closes_at)}" if rules.closes_at is not None else ""
    return " ".join(filter(None, (opens, closes))) or "at any time"


def rules_panel(rules: QuestionRules, guild: discord.Guild) -> Page:
    """Return what holds for a server's questions, with the ways to change it."""
    lines = [
        f"They go to {_takers(rules)}, {_open_words(rules)}.",
        _limits_line(rules),
        "",
        _place_line("New questions are shown", rules.review_channel_id, "New questions wait in `/inbox`."),
        _place_line("Answers are posted", rules.answer_channel_id, "Answers are posted in no channel."),
        *_troubles(rules, guild),
    ]
    items = [
        button("Who and when", "rules-form", WHO),
        button("Where", "rules-form", WHERE),
        button("Limits", "rules-form", LIMITS),
        button("Blocked", "rules-blocked"),
        button("All settings", "setup-all"),
    ]
    return embed_of(None, "\n".join(lines), title=TITLE), view_of(items)


def _limits_line(rules: QuestionRules) -> str:
    member = counted(rules.a_member, "question") if rules.a_member else "any number of questions"
    server = str(rules.a_day) if rules.a_day else "any number"
    line = f"In 24 hours, a member may ask {member}, and the whole server {server}."
    return line + (f" Accounts have to be {counted(rules.account_days, 'day')} old." if rules.account_days else "")


def _place_line(what: str, channel_id: int | None, otherwise: str) -> str:
    return f"{what} in <#{channel_id}>." if channel_id is not None else otherwise


def _troubles(rules: QuestionRules, guild: discord.Guild) -> list[str]:
    """Return a line for each thing that keeps the channels from doing what they are for."""
    lines = []
    for channel_id in dict.fromkeys((rules.review_channel_id, rules.answer_channel_id)):
        channel = guild.get_channel(channel_id) if channel_id is not None else None
        if channel is not None:
            lines += how_to_grant(channel, missing(channel, NEEDED))
        elif channel_id is not None:
            lines.append(f"**<#{channel_id}> is gone, or I may not see it.** Choose another one.")
    review = guild.get_channel(rules.review_channel_id) if rules.review_channel_id is not None else None
    if review is not None and review.permissions_for(guild.default_role).view_channel:
        lines.append(f"**Everybody can read {review.mention}**, and with it who asked what.")
    return ["", *lines] if lines else []


def rules_button(row: int) -> discord.ui.Button[Any]:
    """Return the button that leads here."""
    return button("Questions", "setup-rules", row=row)


@action("setup-rules")
async def show_rules(interaction: Interaction) -> None:
    """Show the panel in place of another one."""
    await _redraw(interaction, check_admin(interaction))


async def _redraw(interaction: Interaction, guild_id: int) -> None:
    guild = interaction.guild
    assert guild is not None  # noqa: S101 - `check_admin` has seen to it
    embed, view = rules_panel(await services_of(interaction).questions.rules(guild_id), guild)
    await interaction.response.edit_message(content=None, embed=embed, view=view)


@action("rules-form")
async def open_form(interaction: Interaction, name: str) -> None:
    """Open one of the forms, filled in with what holds."""
    rules = await services_of(interaction).questions.rules(check_admin(interaction))
    if name not in FORMS:
        raise NotFoundError(OLDER)
    opener, fill_in = FORMS[name]
    await interaction.response.send_modal(await opener(interaction, await fill_in(interaction, rules)))


async def _form(
    interaction: Interaction, title: str, name: str, fields: Sequence[discord.ui.Label[Any]]
) -> discord.ui.Modal:
    """Return a form which is refused when it is sent if the rules are others by then."""
    rules = await services_of(interaction).questions.rules(check_admin(interaction))
    return modal(title, custom_id(name, mark_of(rules)), fields)


async def _save(interaction: Interaction, seen: str, **changes: Any) -> None:
    """Store some changes, if nobody was faster, then show what holds."""
    services, guild_id = services_of(interaction), check_admin(interaction)
    rules = replace(await services.questions.rules(guild_id), **changes)
    await services.questions.set_rules(guild_id, rules, seen)
    services.reviewing.look_again()
    await _redraw(interaction, guild_id)


def _text_field(draft: Draft, name: str, label: str, description: str, **options: Any) -> discord.ui.Label[Any]:
    text = discord.ui.TextInput[Any](custom_id=name, required=False, default=draft.text(name) or None, **options)
    return discord.ui.Label[Any](text=label, description=description, component=text)


# Who and when ----------------------------------------------------------------------------------------------


async def _who_now(interaction: Interaction, rules: QuestionRules) -> Draft:
    daily = await services_of(interaction).deliveries.status(check_admin(interaction))
    zone = daily.rule.zone if daily is not None else ZoneInfo(zone_of(interaction) or DEFAULT_ZONE)
    return Draft(
        {
            "recipients": [each.value for each in rules.recipients],
            "opens": [moment_typed(rules.opens_at, zone)],
            "closes": [moment_typed(rules.closes_at, zone)],
            "zone": [zone.key],
        }
    )


async def who_form(interaction: Interaction, draft: Draft, *_: str) -> discord.ui.Modal:
    """Return the form for who takes questions, and from when until when."""
    recipients = discord.ui.CheckboxGroup[Any](
        custom_id="recipients",
        options=[
            discord.CheckboxGroupOption(
                label=words.capitalize(), value=each.value, default=each.value in draft.chosen("recipients")
            )
            for each, words in RECIPIENTS.items()
        ],
    )
    fields = [
        discord.ui.Label[Any](text="Who takes questions", component=recipients),
        _text_field(draft, "opens", "From", "2026-12-01 or 2026-12-01 18:00; empty: now", max_length=40),
        _text_field(draft, "closes", "Until", "A date alone: to its end; empty: without an end", max_length=40),
        _text_field(draft, "zone", "Time zone", "A city, or a name such as Europe/Berlin", max_length=64),
    ]
    return await _form(interaction, "Who and when", WHO, fields)


@submission(WHO, who_form)
async def save_who(interaction: Interaction, draft: Draft, seen: str) -> None:
    """Store who takes questions, and when."""
    check_admin(interaction)
    zone = parse_zone(draft.text("zone") or DEFAULT_ZONE)
    await _save(
        interaction,
        seen,
        recipients=tuple(each for each in Recipient if each.value in draft.chosen("recipients")),
        opens_at=parse_moment(draft.text("opens"), zone),
        closes_at=parse_moment(draft.text("closes"), zone, ends=True),
    )


# Where -----------------------------------------------------------------------------------------------------


async def _where_now(_: Interaction, rules: QuestionRules) -> Draft:
    places = {REVIEW: rules.review_channel_id, ANSWERS: rules.answer_channel_id}
    return Draft({name: [] if channel_id is None else [str(channel_id)] for name, channel_id in places.items()})


async def where_form(interaction: Interaction, draft: Draft, *_: str) -> discord.ui.Modal:
    """Return the form for the two channels."""
    fields = [
        _channel_field(draft, REVIEW, "Review", "Where each new question is shown to you; none: in /inbox alone"),
        _channel_field(draft, ANSWERS, "Answers", "Where each answer is posted; none: nowhere"),
    ]
    return await _form(interaction, "Where", WHERE, fields)


def _channel_field(draft: Draft, name: str, label: str, description: str) -> discord.ui.Label[Any]:
    select = discord.ui.ChannelSelect[Any](
        custom_id=name,
        channel_types=CHANNEL_TYPES,
        required=False,
        min_values=0,
        default_values=defaults_of(draft, name, discord.SelectDefaultValueType.channel),
    )
    return discord.ui.Label[Any](text=label, description=description, component=select)


@submission(WHERE, where_form)
async def save_where(interaction: Interaction, draft: Draft, seen: str) -> None:
    """Store the two channels, if the bot may post there."""
    check_admin(interaction)
    await _save(
        interaction,
        seen,
        review_channel_id=_usable_channel(interaction, draft.number(REVIEW)),
        answer_channel_id=_usable_channel(interaction, draft.number(ANSWERS)),
    )


def _usable_channel(interaction: Interaction, picked: int | None) -> int | None:
    """Return the id of a channel that was picked.

    Raises:
        InvalidInputError: The bot does not see it, or may not post there.
    """
    if picked is None:
        return None
    channel = visible_channel(interaction.guild, picked)
    check_channel(channel, PostOptions())
    return channel.id


# Limits ----------------------------------------------------------------------------------------------------


async def _limits_now(_: Interaction, rules: QuestionRules) -> Draft:
    numbers = {"member": rules.a_member, "day": rules.a_day, "age": rules.account_days}
    return Draft({name: [str(number)] for name, number in numbers.items()})


async def limits_form(interaction: Interaction, draft: Draft, *_: str) -> discord.ui.Modal:
    """Return the form for the limits."""
    fields = [_text_field(draft, name, *texts, max_length=20) for name, texts in LIMIT_FIELDS.items()]
    return await _form(interaction, "Limits", LIMITS, fields)


@submission(LIMITS, limits_form)
async def save_limits(interaction: Interaction, draft: Draft, seen: str) -> None:
    """Store the limits."""
    check_admin(interaction)
    numbers = {name: parse_limit(draft.text(name), label) for name, (label, _) in LIMIT_FIELDS.items()}
    await _save(interaction, seen, a_member=numbers["member"], a_day=numbers["day"], account_days=numbers["age"])


FORMS: Mapping[str, tuple[Opener, Callable[[Interaction, QuestionRules], Awaitable[Draft]]]] = {
    WHO: (who_form, _who_now),
    WHERE: (where_form, _where_now),
    LIMITS: (limits_form, _limits_now),
}


# Blocked ---------------------------------------------------------------------------------------------------


def blocked_panel(blocked: Sequence[int]) -> Page:
    """Return who may not ask, with the ways to block somebody and to let them ask again."""
    lines = [f"- <@{member_id}>" for member_id in blocked[:BLOCKED_SHOWN]]
    if more := len(blocked) - len(lines):
        lines.append(f"- and {more} more")
    text = "\n".join(["These may not ask, nor want a question too:", *lines]) if lines else "Everybody may ask."
    items: list[discord.ui.Item[Any]] = [_member_select("Block somebody", "rules-block", row=0)]
    items += [_member_select("Let somebody ask again", "rules-unblock", row=1)] if lines else []
    items.append(button("Back", "setup-rules", row=2))
    return embed_of(None, text, title="Blocked"), view_of(items)


def _member_select(placeholder: str, name: str, row: int) -> discord.ui.UserSelect[Any]:
    return discord.ui.UserSelect(custom_id=custom_id(name), placeholder=placeholder, row=row)


@action("rules-blocked")
async def show_blocked(interaction: Interaction) -> None:
    """Show who may not ask."""
    await _show_blocked(interaction, check_admin(interaction))


@action("rules-block")
async def block(interaction: Interaction) -> None:
    """Let the member who was picked ask no more."""
    guild_id = check_admin(interaction)
    await services_of(interaction).questions.block(guild_id, chosen_number(interaction), interaction.user.id)
    await _show_blocked(interaction, guild_id)


@action("rules-unblock")
async def unblock(interaction: Interaction) -> None:
    """Let the member who was picked ask again."""
    guild_id = check_admin(interaction)
    await services_of(interaction).questions.unblock(guild_id, chosen_number(interaction))
    await _show_blocked(interaction, guild_id)


async def _show_blocked(interaction: Interaction, guild_id: int) -> None:
    embed, view = blocked_panel(await services_of(interaction).questions.blocked(guild_id))
    await interaction.response.edit_message(content=None, embed=embed, view=view)
