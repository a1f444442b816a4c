"""Marks of what somebody has seen, by which it is noticed that somebody else has changed it meanwhile."""

import hashlib

from bot.errors import InvalidInputError


def mark_of(*state: object) -> str:
    """Return 8 characters that stand for a state."""
    return hashlib.blake2b(repr(state).encode(), digest_size=4).hexdigest()


def check_seen(seen: str | None, holds: str, refusal: str) -> None:
    """Refuse a change by somebody who has seen another state than the one that holds; without a mark, none.

    Args:
        seen: The mark of what they have seen.
        holds: The mark of what holds.
        refusal: The sentence for them, as `changed_meanwhile` makes it.

    Raises:
        InvalidInputError: Somebody else was faster.
    """
    if seen is not None and seen != holds:
        raise InvalidInputError(refusal)


def changed_meanwhile(what: str, remedy: str) -> str:
    """Return what somebody reads who was not the first to change something."""
    return f"Somebody else changed {what} meanwhile, so nothing is changed now. {remedy}"
