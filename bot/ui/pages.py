"""The ways between the pages of a list, which are counted from 0, and which of them is shown."""

from typing import Any

import discord

from bot.ui.actions import button


def steps(name: str, number: int, count: int, row: int) -> list[discord.ui.Button[Any]]:
    """Return the ways to the pages before and after one of `count`, counted from 0; none where it is the only one."""
    if count == 1:
        return []
    return [
        button("Earlier", name, number - 1, row=row, disabled=number == 0),
        button("Later", name, number + 1, row=row, disabled=number + 1 == count),
    ]


def page_line(number: int, count: int) -> str:
    """Return which page of how many is shown, or "" where there is only one."""
    return f"page {number + 1} of {count}" if count > 1 else ""
