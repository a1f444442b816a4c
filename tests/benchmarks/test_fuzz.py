"""A small part of `make fuzz`, and what it has found."""

from collections.abc import Callable
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz import fuzz
from bot.domain.drafts import Draft
from bot.domain.questions import Notify
from bot.errors import InvalidInputError, NotFoundError
from bot.ui.actions import arguments_of, button
from tests.conftest import World

PAYLOADS = 420
SHORT_OF_A_SENTENCE = "Something went wrong"


def test_hostile_payloads_end_in_sentences() -> None:
    results = fuzz(PAYLOADS, seed=11, advance=lambda: None)
    assert {each.name: dict(each.failures) for each in results if each.failures} == {}
    assert sum(each.payloads for each in results) == PAYLOADS
    assert all(each.accepted for each in results)


# What a custom id gives to its action --------------------------------------------------------------------------


async def press(interaction: Any, number: int, words: str, way: Notify = Notify.NO, *rest: str) -> None: ...


def test_arguments_come_as_their_action_takes_them() -> None:
    assert arguments_of(press, ["7", "seven"]) == [7, "seven"]
    assert arguments_of(press, ["7", "seven", "dm", "and", "more"]) == [7, "seven", Notify.DM, "and", "more"]


@pytest.mark.parametrize(
    "given_arguments",
    [[], ["7"], ["seven", "x"], ["-7", "x"], ["٣", "x"], ["9" * 5000, "x"], ["7", "x", "pigeon"], ["7\n", "x"]],
)
def test_what_an_action_does_not_take_is_refused(given_arguments: list[str]) -> None:
    with pytest.raises(NotFoundError):
        arguments_of(press, given_arguments)


@given(st.lists(st.text(), max_size=5))
def test_no_argument_is_anything_but_taken_or_refused(given_arguments: list[str]) -> None:
    try:
        number, *_ = arguments_of(press, given_arguments)
    except NotFoundError:
        return
    assert 0 <= number < 10**9


@given(st.text())
def test_what_was_chosen_in_a_form_fits_or_is_refused(text: str) -> None:
    draft = Draft({"field": [text]})
    for read in (lambda: draft.number("field"), lambda: draft.one_of("field", Notify, Notify.NO)):
        check_read(read)


def check_read(read: Callable[[], object]) -> None:
    try:
        assert read() in {None, *Notify} or str(read()).isdecimal()
    except InvalidInputError:
        return


def test_ids_of_discord_are_numbers_in_a_form() -> None:
    assert Draft({"channel": ["1475000000000000000"]}).number("channel") == 1475000000000000000
    assert Draft().number("channel") is None
    with pytest.raises(InvalidInputError):
        Draft({"channel": [str(2**63)]}).number("channel")


@pytest.mark.parametrize(
    "name",
    ["review-approve:seven", "review-approve", "gaps:99999999999", "top-tell:1:0:pigeon", "read:x:1:1:1"],
)
async def test_a_forged_button_gets_a_sentence(world: World, name: str) -> None:
    post = await world.in_public(discord.ui.Button(label="Press", custom_id=name))
    result = await world.admin.click(post, label="Press")
    assert result.ephemeral
    assert SHORT_OF_A_SENTENCE not in (result.response.content or "")
    assert world.said_wrong()


@pytest.mark.parametrize("name", ["taught:-1", "gaps:-1", "daily-history:-1:0", "taught:999999999"])
async def test_a_page_that_there_is_not_is_shown_as_one_that_there_is(world: World, name: str) -> None:
    post = await world.in_public(discord.ui.Button(label="Press", custom_id=name))
    result = await world.admin.click(post, label="Press")
    keys = [item["custom_id"] for row in result.response.components for item in row["components"]]
    assert keys
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", ["quote-found", "shelf-context", "rules-block", "gap-teach", "inbox-open"])
async def test_a_select_with_a_value_that_it_never_had_gets_a_sentence(world: World, name: str) -> None:
    arguments = {"gap-teach": ("x", 0), "inbox-open": (0, "any", "no", 1, "", "")}.get(name, ())
    options = [discord.SelectOption(label="x", value="not/what/it/should/be")]
    key = button("x", name, *arguments).custom_id or ""
    post = await world.in_public(discord.ui.Select[Any](custom_id=key, options=options))
    result = await world.admin.select(post, values=["not/what/it/should/be"])
    assert SHORT_OF_A_SENTENCE not in (result.response.content or "")
    assert world.said_wrong()
