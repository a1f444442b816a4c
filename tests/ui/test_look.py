"""What somebody wrote, as Discord shows it."""

import re

import pytest

from bot.ui.look import plain


@pytest.mark.parametrize("text", ["[a](https://example.org)", "[a](x) [b](https://example.org)", "[a](x) **b** [c](d)"])
def test_no_link_and_no_mark_of_what_somebody_wrote_takes_effect(text: str) -> None:
    assert "](" not in plain(text)
    assert not re.search(r"(?<!\\)\*", plain(text))
    assert re.sub(r"\\(.)", r"\1", plain(text)) == text
