from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.drafts import KEPT_FOR, Draft, DraftKey
from bot.errors import NotFoundError
from bot.services.drafts import Drafts
from bot.storage.database import Database
from tests.conftest import StandingClock

KEY = DraftKey(1, 2, "question")
DRAFT = Draft({"text": ["“Why?”\n\N{PILE OF POO}"], "tags": ["a", "b"], "none": []}, ("key", ""))


@pytest.fixture
def drafts(database: Database, clock: StandingClock) -> Drafts:
    return Drafts(database, clock)


async def test_a_draft_comes_back_as_it_was(drafts: Drafts) -> None:
    await drafts.keep(KEY, DRAFT)
    found = await drafts.find(KEY)
    assert found == DRAFT
    assert (found.text("text"), found.text("none", "-"), found.text("other")) == (DRAFT.fields["text"][0], "-", "")
    assert found.chosen("tags") == ("a", "b")


async def test_the_later_draft_of_a_form_takes_the_place_of_the_earlier_and_of_no_other(drafts: Drafts) -> None:
    others = [replace(KEY, member_id=9), replace(KEY, guild_id=9), replace(KEY, form="other")]
    for key in (KEY, *others):
        await drafts.keep(key, DRAFT)
    await drafts.keep(KEY, Draft())
    assert await drafts.find(KEY) == Draft()
    await drafts.drop(KEY)
    with pytest.raises(NotFoundError):
        await drafts.find(KEY)
    assert [await drafts.find(key) for key in others] == [DRAFT] * 3


async def test_what_nobody_came_back_to_is_forgotten(drafts: Drafts, clock: StandingClock) -> None:
    await drafts.keep(KEY, DRAFT)
    clock.now += KEPT_FOR
    await drafts.keep(replace(KEY, form="another"), DRAFT)
    assert await drafts.find(KEY) == DRAFT
    clock.now += timedelta(seconds=1)
    await drafts.keep(replace(KEY, form="a third"), DRAFT)
    with pytest.raises(NotFoundError):
        await drafts.find(KEY)
