"""What is on the card of a quote; drawing it is in `cards.py`, and takes a library that most servers never need."""

from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    """Whether a card is light on dark or dark on light."""

    DARK = "dark"
    LIGHT = "light"


class Obstacle(StrEnum):
    """Why a quote does not become a card."""

    LENGTH = "length"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Card:
    """What is on a card; the accent is a colour such as "#d00000"."""

    text: str
    speaker: str
    source: str
    accent: str
    theme: Theme = Theme.DARK
