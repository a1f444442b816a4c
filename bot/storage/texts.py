"""Columns of text: what one kind of database would refuse, none takes.

PostgreSQL keeps no NUL and SQLite does; neither keeps half a character. So what can't be kept is refused before either
is asked, wherever it comes from and whether it is to be kept or looked for.
"""

from typing import Any

from sqlalchemy import Column, TypeDecorator
from sqlalchemy import String as SqlString
from sqlalchemy import Text as SqlText
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeEngine

from bot.domain.text import not_text
from bot.errors import InvalidInputError


class NotTextError(InvalidInputError, DontWrapMixin):
    """A text has a character that can't be kept."""


class _Checked(TypeDecorator[str]):
    """Text that is refused where it can't be kept."""

    impl: type[SqlString] = SqlText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        """Return the text as it is.

        Raises:
            NotTextError: A character of it can't be kept.
        """
        if value is not None and (found := not_text(value)) is not None:
            raise NotTextError(f"That has a character that can't be kept, U+{ord(found):04X}. Take it out.")
        return value


class Text(_Checked):
    """Text of any length."""

    cache_ok = True


class String(_Checked):
    """Text of limited length."""

    impl = SqlString
    cache_ok = True


def kind_of(column: Column[Any]) -> TypeEngine[Any]:
    """Return a column's type as SQLAlchemy knows it, beneath what is checked here."""
    kind: TypeEngine[Any] = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind
