"""A quote as a picture: the words, who said them and where, in the interview's colour.

The words are as large as the room allows, down to a size that a phone still shows readably. Whatever is text has a
contrast of at least 7:1 to its ground, whichever colour an interview has chosen.
"""

import io
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass, field
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from bot.domain.card_contents import Card, Obstacle, Theme
from bot.domain.fonts import characters_of
from bot.domain.text import one_line, shorten

WIDTH, HEIGHT = 1200, 675
# The contrast that WCAG asks of text (level AAA), and of what is not text.
TEXT_CONTRAST, SHAPE_CONTRAST = 7.0, 3.0
# The sizes of the words in pixels. Discord shows a card on a phone at a third of its size.
LARGEST, SMALLEST, SIZE_STEP = 72, 36, 4
# No text of more characters fits, so it need not be measured.
MOST_CHARACTERS = 1000

_BAR = 16
_LEFT, _RIGHT = 112, 96
_COLUMN = WIDTH - _LEFT - _RIGHT
_TOP, _BOTTOM = 64, 68
_MARK, _MARK_SIZE, _MARK_GAP = "“", 240, 26
_SPEAKER_SIZE, _SOURCE_SIZE = 40, 30
_LINE_HEIGHT = 1.3
_FOOT_HEIGHT = 122
_ROOM = HEIGHT - _TOP - _BOTTOM - _FOOT_HEIGHT

# How much of the accent is in the ground.
_TINT = 0.045

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a card."""

    ground: Colour
    words: Colour
    speaker: Colour
    source: Colour
    shape: Colour


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts of a card, as their files hold them, and the code points that both can show."""

    regular: bytes = field(repr=False)
    strong: bytes = field(repr=False)
    characters: frozenset[int] = field(repr=False)


# Of each theme: the ground before the accent tints it, the words, and the source.
_COLOURS: dict[Theme, tuple[Colour, Colour, Colour]] = {
    Theme.DARK: ((0x17, 0x16, 0x18), (0xF6, 0xF2, 0xEC), (0xBD, 0xB6, 0xAD)),
    Theme.LIGHT: ((0xFB, 0xF7, 0xF0), (0x22, 0x1D, 0x1A), (0x52, 0x4B, 0x44)),
}


def typeface_of(regular: bytes, strong: bytes) -> Typeface:
    """Return a typeface of two font files."""
    return Typeface(regular, strong, characters_of(regular) & characters_of(strong))


def draw_card(card: Card, typeface: Typeface) -> bytes | Obstacle:
    """Return a card as a PNG file, or why it can't be drawn."""
    text, speaker, source = (_drawable(part) for part in (card.text, card.speaker, card.source))
    if not {ord(character) for character in text + speaker + source} <= typeface.characters:
        return Obstacle.CHARACTERS
    fitted = _fit(text, typeface) if len(text) <= MOST_CHARACTERS else None
    if fitted is None:
        return Obstacle.LENGTH
    font, lines = fitted
    palette = palette_of(card.accent, card.theme)
    image = Image.new("RGB", (WIDTH, HEIGHT), palette.ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, _BAR - 1, HEIGHT), fill=palette.shape)
    _draw_words(draw, lines, font, typeface, palette)
    _draw_foot(draw, speaker, source, typeface, palette)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def palette_of(accent: str, theme: Theme) -> Palette:
    """Return the colours of a card; an accent that would be hard to read is made darker or lighter until it is not."""
    plain_ground, words, source = _COLOURS[theme]
    own = (int(accent[1:3], 16), int(accent[3:5], 16), int(accent[5:7], 16))
    red, green, blue = (round(a + (b - a) * _TINT) for a, b in zip(plain_ground, own, strict=True))
    ground = (red, green, blue)
    return Palette(
        ground=ground,
        words=_readable(words, ground, TEXT_CONTRAST),
        speaker=_readable(own, ground, TEXT_CONTRAST),
        source=_readable(source, ground, TEXT_CONTRAST),
        shape=_readable(own, ground, SHAPE_CONTRAST),
    )


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG has it, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(colour: Colour, ground: Colour, least: float) -> Colour:
    """Return the colour of the same hue, and as near in lightness as can be, that has enough contrast to the ground."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in colour))
    # Black or white, whichever stands out more, has a contrast of more than 4.5 to any ground, and of 7 to those here.
    end = max(0, 1, key=lambda lightness: contrast((255 * lightness,) * 3, ground))
    nearer = (lightness + (end - lightness) * step / 100 for step in range(101))
    shades = (tuple(round(255 * channel) for channel in hls_to_rgb(hue, shade, saturation)) for shade in nearer)
    return next((red, green, blue) for red, green, blue in shades if contrast((red, green, blue), ground) >= least)


def _drawable(text: str) -> str:
    """Return a text on one line, letters and their accents in one, without characters that show nothing."""
    whole = unicodedata.normalize("NFC", one_line(text))
    return "".join(character for character in whole if unicodedata.category(character) != "Cf")


def _fit(text: str, typeface: Typeface) -> tuple[ImageFont.FreeTypeFont, list[str]] | None:
    """Return the largest font in which a text has room, and its lines; None where it has none in the smallest."""
    mark_height = _MARK_GAP + _mark_box(typeface)[3]
    for size in range(LARGEST, SMALLEST - 1, -SIZE_STEP):
        font = _font(typeface.regular, size)
        lines = _wrap(text.split(" "), font)
        if lines is not None and mark_height + len(lines) * size * _LINE_HEIGHT <= _ROOM:
            return font, lines
    return None


def _wrap(words: Sequence[str], font: ImageFont.FreeTypeFont) -> list[str] | None:
    """Return lines that are about equally long, as few as the column allows; None where a word is too wide for it."""
    widths, space = [font.getlength(word) for word in words], font.getlength(" ")
    if max(widths) > _COLUMN:
        return None
    fewest = len(_breaks(widths, space, _COLUMN))
    narrowest = bisect_left(range(_COLUMN), True, key=lambda width: len(_breaks(widths, space, width)) <= fewest)
    starts = [*_breaks(widths, space, narrowest), len(words)]
    return [" ".join(words[start:end]) for start, end in pairwise(starts)]


def _breaks(widths: Sequence[float], space: float, column: float) -> list[int]:
    """Return the number of the first word of each line, if as many words as fit go on a line."""
    starts, taken = [0], 0.0
    for number, width in enumerate(widths):
        if number > starts[-1] and taken + width > column:
            starts.append(number)
            taken = 0.0
        taken += width + space
    return starts


def _draw_words(
    draw: ImageDraw.ImageDraw,
    lines: Sequence[str],
    font: ImageFont.FreeTypeFont,
    typeface: Typeface,
    palette: Palette,
) -> None:
    """Draw the quotation mark and the words below it, in the middle of the room above the foot."""
    mark_left, mark_top, _, mark_height = _mark_box(typeface)
    line_height = font.size * _LINE_HEIGHT
    top = _TOP + (_ROOM - mark_height - _MARK_GAP - len(lines) * line_height) / 2
    mark = _font(typeface.strong, _MARK_SIZE)
    draw.text((_LEFT - mark_left, top - mark_top), _MARK, palette.shape, mark, anchor="ls")
    # A line's letters stand on a baseline that leaves a quarter of the line below it.
    baseline = top + mark_height + _MARK_GAP + line_height * 0.75
    for number, line in enumerate(lines):
        draw.text((_LEFT, round(baseline + number * line_height)), line, palette.words, font, anchor="ls")


def _draw_foot(draw: ImageDraw.ImageDraw, speaker: str, source: str, typeface: Typeface, palette: Palette) -> None:
    """Draw who said it, and below where it was said."""
    bottom = HEIGHT - _BOTTOM
    strong, regular = _font(typeface.strong, _SPEAKER_SIZE), _font(typeface.regular, _SOURCE_SIZE)
    draw.text((_LEFT, bottom - 48), _clip(speaker, strong), palette.speaker, strong, anchor="ls")
    draw.text((_LEFT, bottom), _clip(source, regular), palette.source, regular, anchor="ls")


def _clip(text: str, font: ImageFont.FreeTypeFont) -> str:
    """Return as much of a text as one line of the column holds, marked with an ellipsis where it is not all."""
    if font.getlength(text) <= _COLUMN:
        return text
    longest = bisect_left(range(len(text)), True, key=lambda limit: font.getlength(text[:limit] + "…") > _COLUMN)
    return shorten(text, longest)


def _mark_box(typeface: Typeface) -> tuple[int, int, int, int]:
    """Return where the ink of the quotation mark begins, left and top, seen from its baseline; its width and height."""
    font = _font(typeface.strong, _MARK_SIZE)
    left, _, right, height = font.getmask(_MARK).getbbox()
    return left, round(font.getbbox(_MARK, anchor="ls")[1]), right - left, height


def _font(file: bytes, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(file), size)
