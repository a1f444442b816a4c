from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import build_services
from bot.domain.drafts import KEPT_FOR, Draft, DraftKey
from bot.errors import DatabaseError, NotFoundError
from bot.services import drafts as module
from bot.services.drafts import UNSAVED_FOR, Drafts
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


class RefusingDatabase(Database):
    """A database that can be read, and takes nothing while it is told to."""

    refuses = True

    @asynccontextmanager
    async def write(self, rows_of: Collection[int] | None = None) -> AsyncIterator[AsyncConnection]:
        async with super().write(rows_of) as connection:
            yield connection
            if self.refuses:
                raise DatabaseError("Nothing can be saved now.")


@pytest.fixture
async def refusing(database_url: str, database: Database) -> AsyncIterator[RefusingDatabase]:
    refusing = await RefusingDatabase.open(database_url)
    yield refusing
    await refusing.close()


async def refused(drafts: Drafts, key: DraftKey, draft: Draft) -> None:
    with pytest.raises(DatabaseError):
        await drafts.keep(key, draft)


async def test_what_the_database_does_not_take_comes_back_too(refusing: RefusingDatabase, clock: StandingClock) -> None:
    drafts = Drafts(refusing, clock)
    await refused(drafts, KEY, DRAFT)
    assert await drafts.find(KEY) == DRAFT
    refusing.refuses = False
    await drafts.keep(KEY, Draft())
    assert await drafts.find(KEY) == Draft()


async def test_what_the_database_did_not_take_is_as_new_as_what_it_has(
    refusing: RefusingDatabase, clock: StandingClock
) -> None:
    drafts = Drafts(refusing, clock)
    refusing.refuses = False
    await drafts.keep(KEY, Draft())
    refusing.refuses = True
    await refused(drafts, KEY, DRAFT)
    assert await drafts.find(KEY) == DRAFT
    refusing.refuses = False
    await drafts.drop(KEY)
    with pytest.raises(NotFoundError):
        await drafts.find(KEY)


async def test_of_what_the_database_does_not_take_the_newest_are_kept_for_a_while(
    refusing: RefusingDatabase, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNSAVED", 2)
    drafts = Drafts(refusing, clock)
    first, second, third = (replace(KEY, member_id=number) for number in range(3))
    for key in (first, second, first, third):
        await refused(drafts, key, DRAFT)
    assert [await drafts.find(key) for key in (first, third)] == [DRAFT] * 2
    with pytest.raises(NotFoundError):
        await drafts.find(second)
    clock.now += UNSAVED_FOR
    assert await drafts.find(first) == DRAFT
    clock.now += timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        await drafts.find(first)


async def test_who_is_forgotten_leaves_no_draft_here_either(refusing: RefusingDatabase, clock: StandingClock) -> None:
    services = build_services(refusing, clock)
    await refused(services.drafts, KEY, DRAFT)
    other = replace(KEY, member_id=9)
    await refused(services.drafts, other, DRAFT)
    refusing.refuses = False
    await services.privacy.forget(KEY.member_id, with_questions=True)
    with pytest.raises(NotFoundError):
        await services.drafts.find(KEY)
    assert await services.drafts.find(other) == DRAFT
