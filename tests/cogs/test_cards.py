"""`/quote card` in a simulated Discord."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.domain.card_contents import Theme
from bot.domain.cards import HEIGHT, WIDTH, palette_of
from bot.domain.quotes import Quote
from bot.domain.text import excerpt
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.quotes import SourcedQuote
from bot.ui.quotes import MAX_ALT_TEXT, card_in_words
from tests.conftest import World
from tests.samples import interview


async def card_in(world: World, **options: str) -> tuple[Any, Image.Image]:
    """Return the attachment that somebody gets for a card, and its picture."""
    result = await world.member.slash(world.channel, "quote card", **options)
    (attachment,) = result.response.attachments
    return attachment, Image.open(io.BytesIO(await attachment.read()))


def picked(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> SourcedQuote:
    """Have the next quote be this one."""
    tea = interview()
    sourced = SourcedQuote(Quote(tea.id, "a1", text), tea)

    async def the_one(_: int | None) -> SourcedQuote:
        return sourced

    monkeypatch.setattr(world.client.services.quotes, "any", the_one)
    return sourced


@pytest.mark.parametrize(("options", "theme"), [({}, Theme.DARK), ({"theme": "light"}, Theme.LIGHT)])
async def test_a_card_is_a_picture_in_the_interviews_colour(
    world: World, services: Services, options: dict[str, str], theme: Theme
) -> None:
    accent = (await services.interviews.library()).interview().colour
    assert accent is not None

    attachment, image = await card_in(world, **options)

    assert (attachment.filename, attachment.content_type) == ("quote.png", "image/png")
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    palette = palette_of(accent, theme)
    assert image.getpixel((0, 0)) == palette.shape
    assert image.getpixel((WIDTH - 1, 0)) == palette.ground


async def test_a_cards_alt_text_is_all_that_stands_on_it(world: World, services: Services) -> None:
    interview = (await services.interviews.library()).interview()

    attachment, _ = await card_in(world)

    quote, _, source = attachment.description.removeprefix("“").rpartition("” ")
    assert any(excerpt(interview.answer(exchange), quote) for exchange in interview.exchanges)
    assert source.startswith("François Chollet. Turn ")
    assert source.endswith(" · PyImageSearch, 2018 · An interview with François Chollet")


def test_alt_text_has_room_for_the_longest_names_and_titles() -> None:
    tea = interview()
    guest = tea.people[1].model_copy(update={"name": "N" * 300})
    tea = tea.model_copy(update={"people": (tea.people[0], guest), "title": "T" * 300, "publisher": "P" * 300})
    words = card_in_words(SourcedQuote(Quote(tea.id, "a1", "Q" * 300), tea))
    assert len(words) <= MAX_ALT_TEXT
    assert "Q" * 300 in words
    assert "N" * 300 in words


@pytest.mark.parametrize("text", ["Tea is *good* 🍵", "Tea is good. " * 90])
async def test_what_cannot_be_drawn_is_shown_as_text(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    picked(world, monkeypatch, text)

    result = await world.member.slash(world.channel, "quote card")

    assert result.response.attachments == []
    assert "card" in result.response.content
    assert result.response.embeds[0].description.removeprefix("> ").replace("\\", "") == text
    assert world.said_wrong() == []


async def test_without_quotes_only_who_asked_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: int | None) -> SourcedQuote:
        raise NotFoundError("There is nothing to quote yet.")

    monkeypatch.setattr(world.client.services.quotes, "any", nothing)
    result = await world.member.slash(world.channel, "quote card")
    assert result.ephemeral
    assert world.said_wrong()
