import asyncio
import io
import subprocess
import sys
import time
from itertools import cycle

import pytest
from PIL import Image

from bot.domain import cards as drawing
from bot.domain.card_contents import Obstacle, Theme
from bot.domain.interviews import NEUTRAL_COLOUR, Interview
from bot.domain.quotes import Quote, find_quotes
from bot.services.cards import Cards, card_of
from bot.services.quotes import SourcedQuote
from tests.samples import bundled, interview


def sourced(interview: Interview, number: int = 0) -> SourcedQuote:
    return SourcedQuote(find_quotes(interview)[number], interview)


def test_a_card_says_who_said_it_and_where() -> None:
    card = card_of(sourced(bundled()))
    assert card.speaker == "François Chollet"
    assert card.source.endswith("of 24 · PyImageSearch, 2018 · An interview with François Chollet")
    assert card.accent == bundled().colour


def test_an_interview_without_a_colour_has_the_houses_own() -> None:
    assert card_of(sourced(interview())).accent == NEUTRAL_COLOUR


async def test_every_quote_of_the_bundled_interview_is_drawn() -> None:
    for number, theme in zip(range(len(find_quotes(bundled()))), cycle(Theme), strict=False):
        png = await Cards().draw(sourced(bundled(), number), theme)
        assert isinstance(png, bytes)
        assert Image.open(io.BytesIO(png)).format == "PNG"


async def test_what_cannot_be_drawn_is_told() -> None:
    tea = interview()
    assert await Cards().draw(SourcedQuote(Quote("tea", "a1", "Tea 🍵"), tea)) is Obstacle.CHARACTERS
    assert await Cards().draw(SourcedQuote(Quote("tea", "a1", "Tea. " * 500), tea)) is Obstacle.LENGTH


async def test_others_are_served_while_a_card_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> bytes:
        time.sleep(0.2)
        return b""

    monkeypatch.setattr(drawing, "draw_card", slow)
    card = asyncio.create_task(Cards().draw(sourced(interview())))
    turns = 0
    while not card.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns >= 5


def test_what_draws_is_not_loaded_before_a_card_is_wanted() -> None:
    script = "import sys, bot.__main__, bot.client; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
