"""What a font can show."""

from struct import unpack_from

_WINDOWS, _FULL_UNICODE = 3, 10


def characters_of(font: bytes) -> frozenset[int]:
    """Return the code points for which a TrueType or OpenType font has a glyph.

    A ValueError says that it has no map of the whole of Unicode, which every font of this century has.
    """
    table = _table(font, b"cmap")
    for number in range(unpack_from(">H", font, table + 2)[0]):
        platform, encoding, offset = unpack_from(">HHL", font, table + 4 + 8 * number)
        if (platform, encoding) == (_WINDOWS, _FULL_UNICODE):
            return _segmented_coverage(font, table + offset)
    raise ValueError("The font has no map of the whole of Unicode.")


def _table(font: bytes, name: bytes) -> int:
    """Return where a table of a font begins."""
    for number in range(unpack_from(">H", font, 4)[0]):
        tag, _, offset, _ = unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag == name:
            return int(offset)
    raise ValueError(f"The font has no table {name.decode()}.")


def _segmented_coverage(font: bytes, start: int) -> frozenset[int]:
    """Return the code points of a map in format 12: groups of a first, a last, and the first one's glyph."""
    (count,) = unpack_from(">L", font, start + 12)
    groups = (unpack_from(">LLL", font, start + 16 + 12 * number) for number in range(count))
    return frozenset(code for first, last, _ in groups for code in range(first, last + 1))
