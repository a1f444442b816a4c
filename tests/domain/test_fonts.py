from struct import pack

import pytest

from bot.domain.fonts import characters_of


def font(tables: dict[bytes, bytes]) -> bytes:
    """Return a font file with those tables, and nothing that draws."""
    directory, body = b"", b""
    for name, table in tables.items():
        directory += pack(">4sLLL", name, 0, 12 + 16 * len(tables) + len(body), len(table))
        body += table
    return pack(">LHHHH", 0x00010000, len(tables), 0, 0, 0) + directory + body


def character_map(platform: int, encoding: int, *groups: tuple[int, int]) -> bytes:
    """Return a table of one character map in format 12."""
    listed = b"".join(pack(">LLL", first, last, 1) for first, last in groups)
    return (
        pack(">HHHHL", 0, 1, platform, encoding, 12) + pack(">HHLLL", 12, 0, 16 + len(listed), 0, len(groups)) + listed
    )


def test_every_character_of_every_group_is_found() -> None:
    data = font({b"OS/2": b"any", b"cmap": character_map(3, 10, (65, 67), (0x1F600, 0x1F600))})
    assert characters_of(data) == {65, 66, 67, 0x1F600}


@pytest.mark.parametrize("tables", [{}, {b"OS/2": b"any"}, {b"cmap": character_map(3, 1, (65, 67))}])
def test_a_font_without_a_map_of_unicode_is_refused(tables: dict[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="The font has no"):
        characters_of(font(tables))
