"""What the bot needs in a channel for a server's quotes, and how it tells an admin what is missing."""

from collections.abc import Iterable

import discord

from bot.domain.deliveries import PostOptions
from bot.errors import InvalidInputError

NEEDED = ("view_channel", "send_messages", "embed_links")
CARD, THREAD, HISTORY = "attach_files", "create_public_threads", "read_message_history"
MENTION = "mention_everyone"
# As Discord's settings call them, where that is not the name of the flag.
NAMES = {MENTION: "Mention @everyone, @here, and All Roles"}
PLACE = "Edit Channel, Permissions, my role"


def needed(options: PostOptions, guild: discord.Guild) -> tuple[str, ...]:
    """Return the permissions that a server's quotes need in their channel."""
    role = guild.get_role(options.role_id) if options.role_id is not None else None
    extras = {
        CARD: options.card is not None,
        THREAD: options.thread,
        MENTION: role is not None and not role.mentionable,
    }
    return (*NEEDED, *(name for name, wanted in extras.items() if wanted))


def missing(channel: discord.abc.GuildChannel, names: Iterable[str]) -> list[str]:
    """Return which of some permissions the bot lacks in a channel."""
    granted = channel.permissions_for(channel.guild.me)
    return [name for name in names if not getattr(granted, name)]


def in_words(name: str) -> str:
    """Return a permission as Discord's settings call it."""
    return NAMES.get(name) or name.replace("_", " ").title()


def how_to_grant(channel: discord.abc.GuildChannel, names: Iterable[str]) -> list[str]:
    """Return a sentence for each of some missing permissions: its name, and where to grant it."""
    return [
        f"**{in_words(name)} is missing** in {channel.mention}: give it under {PLACE}"
        + (", or let anyone mention the role under Server Settings, Roles." if name == MENTION else ".")
        for name in names
    ]


def visible_channel(guild: discord.Guild | None, channel_id: int) -> discord.abc.GuildChannel:
    """Return a channel that was picked.

    Raises:
        InvalidInputError: The bot does not see it.
    """
    channel = guild.get_channel(channel_id) if guild is not None else None
    if channel is None:
        raise InvalidInputError(f"I can't see <#{channel_id}>. Give me View Channel there, or choose another one.")
    return channel


def check_channel(channel: discord.abc.GuildChannel, options: PostOptions) -> None:
    """Refuse a channel in which the bot can't post as a server wants it.

    Raises:
        InvalidInputError: Nobody can follow it, or a permission is missing: a sentence names each, and where to
            grant it.
    """
    if options.publish and not (isinstance(channel, discord.TextChannel) and channel.is_news()):
        raise InvalidInputError(
            f"{channel.mention} is no announcement channel, so nothing can be published from it. "
            "Leave that out, or make it one: Edit Channel, Overview, Announcement Channel."
        )
    if lacking := missing(channel, needed(options, channel.guild)):
        sentences = how_to_grant(channel, lacking)
        raise InvalidInputError("\n".join(["I may not post there as you want it.", *sentences, "Then set it again."]))


def check_role(channel: discord.abc.GuildChannel, options: PostOptions, member: discord.Member) -> None:
    """Refuse a role that a server's quotes shall mention where who wants that may not mention it there.

    Raises:
        InvalidInputError: It is everyone, or the bot would be a way around a permission that somebody lacks.
    """
    role = channel.guild.get_role(options.role_id) if options.role_id is not None else None
    if role is None:
        return
    if role.is_default():
        raise InvalidInputError("I never mention everyone. Choose a role that people take by themselves.")
    if not role.mentionable and not channel.permissions_for(member).mention_everyone:
        raise InvalidInputError(
            f"You may not mention {role.mention} yourself, so I don't for you. "
            "Let anyone mention it under Server Settings, Roles, or ask somebody who may."
        )
