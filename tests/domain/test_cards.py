import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.domain.card_contents import Card, Obstacle, Theme
from bot.domain.cards import (
    HEIGHT,
    SHAPE_CONTRAST,
    TEXT_CONTRAST,
    WIDTH,
    Colour,
    contrast,
    draw_card,
    palette_of,
)
from bot.services.cards import bundled_typeface

LATIN = "Every cup deserves four minutes in which nobody looks at a telephone."
GREEK = "Ἓν οἶδα ὅτι οὐδὲν οἶδα, κι όμως η σιωπή είναι χρυσός."
CYRILLIC = "Все счастливые семьи похожи друг на друга. Їжак і ґанок чекали на світанок."
CARD = Card(LATIN, "Gustav Guest", "Turn 2 of 6 · An interview about tea · The Kettle, 2018", "#d00000")

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
themes = st.sampled_from(Theme)


def drawn(card: Card) -> Image.Image:
    """Return a card as whoever opens the file sees it."""
    png = draw_card(card, bundled_typeface())
    assert isinstance(png, bytes)
    assert len(png) < 300_000
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (WIDTH, HEIGHT))
    return image


def colours_in(image: Image.Image) -> dict[Colour, int]:
    counted = image.getcolors(WIDTH * HEIGHT)
    assert counted is not None
    return {colour: count for count, colour in counted if isinstance(colour, tuple) and len(colour) == 3}


def ink(image: Image.Image, ground: Colour) -> tuple[int, int, int, int]:
    """Return the box of all that is drawn to the right of the bar."""
    part = image.crop((16, 0, WIDTH, HEIGHT))
    box = ImageChops.difference(part, Image.new("RGB", part.size, ground)).getbbox()
    assert box is not None
    return box


@given(colours, themes)
def test_whatever_the_accent_text_can_be_read(accent: str, theme: Theme) -> None:
    palette = palette_of(accent, theme)
    for colour in (palette.words, palette.speaker, palette.source):
        assert contrast(colour, palette.ground) >= TEXT_CONTRAST
    assert contrast(palette.shape, palette.ground) >= SHAPE_CONTRAST


@given(colours, themes)
def test_words_stand_out_more_than_their_source(accent: str, theme: Theme) -> None:
    palette = palette_of(accent, theme)
    assert contrast(palette.words, palette.ground) > contrast(palette.source, palette.ground)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((255, 255, 255), (0x76, 0x76, 0x76)) == pytest.approx(4.54, abs=0.005)
    assert contrast((9, 9, 9), (9, 9, 9)) == 1


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert palette_of("#0000a0", Theme.LIGHT).speaker == (0, 0, 0xA0)
    assert palette_of("#fff6c0", Theme.DARK).shape == (0xFF, 0xF6, 0xC0)


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("text", [LATIN, GREEK, CYRILLIC, "Tea.", LATIN * 4])
def test_a_card_shows_words_speaker_source_and_accent(text: str, theme: Theme) -> None:
    card = replace(CARD, text=text, theme=theme)
    found, palette = colours_in(drawn(card)), palette_of(card.accent, theme)
    assert max(found, key=lambda colour: found[colour]) == palette.ground
    # Solid pixels of each colour, beside those at the letters' soft edges.
    for colour in (palette.words, palette.speaker, palette.source, palette.shape):
        assert found[colour] > 100


@pytest.mark.parametrize("text", ["Tea.", LATIN, LATIN * 4, "Wimmmmmmmmmmmmmmmmmm " * 6])
def test_margins_stay_empty(text: str) -> None:
    card = replace(CARD, text=text, speaker="Gustav " * 30, source="Turn 2 of 6 · " + "A long title " * 40)
    left, top, right, bottom = ink(drawn(card), palette_of(card.accent, card.theme).ground)
    assert left >= 90
    assert top >= 60
    assert right <= WIDTH - 16 - 90
    assert bottom <= HEIGHT - 50


def test_a_short_quote_is_larger_than_a_long_one() -> None:
    words = palette_of(CARD.accent, CARD.theme).words
    short, long = (
        colours_in(drawn(replace(CARD, text=text)))[words] for text in ("Tea is tea, I say.", "Tea is tea, I say. " * 9)
    )
    assert long < 6 * short


@pytest.mark.parametrize("text", ["Tea is good. " * 60, "A" * 200])
def test_what_has_no_room_in_readable_letters_is_no_card(text: str) -> None:
    assert draw_card(replace(CARD, text=text), bundled_typeface()) is Obstacle.LENGTH


@pytest.mark.parametrize("foreign", ["Tea 🍵", "お茶はおいしい。", "الشاي لذيذ", "תה", "ชา"])
def test_what_the_font_lacks_is_no_card(foreign: str) -> None:
    assert draw_card(replace(CARD, text=foreign), bundled_typeface()) is Obstacle.CHARACTERS
    assert draw_card(replace(CARD, speaker=foreign), bundled_typeface()) is Obstacle.CHARACTERS
    assert draw_card(replace(CARD, source=foreign), bundled_typeface()) is Obstacle.CHARACTERS


def test_accents_set_apart_and_marks_that_show_nothing_make_no_difference() -> None:
    plain = draw_card(replace(CARD, text="The café is open."), bundled_typeface())
    assert draw_card(replace(CARD, text="The cafe\u0301\n is\u200b o\u00adpen."), bundled_typeface()) == plain


def test_the_same_card_is_the_same_file() -> None:
    assert draw_card(CARD, bundled_typeface()) == draw_card(CARD, bundled_typeface())
    assert draw_card(CARD, bundled_typeface()) != draw_card(replace(CARD, theme=Theme.LIGHT), bundled_typeface())
