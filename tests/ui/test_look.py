"""What somebody wrote, as Discord shows it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import readable
from bot.ui.actions import button
from bot.ui.look import asked_line, option, plain


@pytest.mark.parametrize("text", ["[a](https://example.org)", "[a](x) [b](https://example.org)", "[a](x) **b** [c](d)"])
def test_no_link_and_no_mark_of_what_somebody_wrote_takes_effect(text: str) -> None:
    assert "](" not in plain(text)
    assert not re.search(r"(?<!\\)\*", plain(text))
    assert re.sub(r"\\(.)", r"\1", plain(text)) == text


def as_shown(text: str) -> str:
    """Return what Discord shows of a text whose every mark has its backslash."""
    return re.sub(r"\\([\\*_~|`<(#>-])", r"\1", text)


@given(st.text(st.sampled_from("ab *_~|`<>[]()\\#->\n:/@&!.h1"), max_size=60))
def test_what_somebody_wrote_is_shown_as_it_is(text: str) -> None:
    shown = plain(text)
    assert as_shown(shown) == as_shown(readable(text)) or "\\" in text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*`|~<]", shown)
    assert "](" not in shown


@pytest.mark.parametrize(
    "text",
    ["# big", "-# small", "> said", ">>> said", "- one", "  - one", "a\n# big", "<@501>", "<x:/**b**>", "||hidden||"],
)
def test_every_mark_of_what_somebody_wrote_has_its_backslash(text: str) -> None:
    sign = re.search(r"[#><|-]", text)
    assert sign is not None
    assert "\\" + sign[0] in plain(text)
    assert as_shown(plain(text)) == text


def test_an_address_leads_where_it_says() -> None:
    text = "See https://example.org/a_b-c?d=e_f."
    assert plain(text) == text


@pytest.mark.parametrize("hiding", ["\u202e", "\u2067", "\u200b", "\u2060", "\0", "\x1b", "\ufeff"])
def test_nothing_that_turns_or_hides_text_is_shown(hiding: str) -> None:
    written = f"mira{hiding}"
    assert plain(written) == plain("mira")
    assert button(written, "read").label == option(written, "x").label == "mira"
    assert asked_line(written).endswith("mira")


def test_joiners_stay() -> None:
    for text in ("👩\u200d💻", "می\u200cخواهم", "a\u0301", "two\nlines\tand a tab"):
        assert readable(text) == text
