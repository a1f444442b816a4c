"""What somebody typed into a form, kept from before it is checked until it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

# Whoever has not come back to a form by then does not want it any more.
KEPT_FOR = timedelta(days=30)


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

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return all that was chosen in a field."""
        return tuple(self.fields.get(name, ()))
