"""What somebody typed into a form, kept from before it is checked until it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TypeVar

from bot.errors import InvalidInputError

# Whoever has not come back to a form by then does not want it any more.
KEPT_FOR = timedelta(days=30)
# Of Discord's ids; with one more, a database would not take every one.
MOST_DIGITS = 19
MOST = 2**63 - 1
NOT_CHOSEN = "I can't use what was chosen in the form. Choose again, from the list."
E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class DraftKey:
    """Whose draft of which form it is; in a direct message the server is 0."""

    member_id: int
    guild_id: int
    form: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of a form with what was chosen or typed in each, and what the form was opened for."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    arguments: Sequence[str] = ()

    def text(self, name: str, default: str = "") -> str:
        """Return what was typed into a field, or the one thing that was chosen; the default where nothing was."""
        values = self.fields.get(name) or [default]
        return values[0]

    def number(self, name: str) -> int | None:
        """Return the number, or the id of Discord's, that was chosen in a field; None where nothing was.

        Raises:
            InvalidInputError: It is none.
        """
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text) <= MOST):
            raise InvalidInputError(NOT_CHOSEN)
        return int(text)

    def one_of(self, name: str, kind: type[E], default: E | None = None) -> E:
        """Return which of an enumeration was chosen in a field; the default where nothing was.

        Raises:
            InvalidInputError: It is none of them, or nothing was, and there is no default.
        """
        text = self.text(name)
        if not text and default is not None:
            return default
        try:
            return kind(text)
        except ValueError:
            raise InvalidInputError(NOT_CHOSEN) from None

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return all that was chosen in a field."""
        return tuple(self.fields.get(name, ()))
