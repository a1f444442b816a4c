import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.matching import Band
from bot.errors import NotFoundError
from bot.services.interviews import ExchangeRef, Interviews
from bot.storage.database import Database
from bot.storage.interviews import Stored
from tests.samples import TEA, interview


@pytest.fixture
def interviews(database: Database) -> Interviews:
    return Interviews(database)


class TestLibrary:
    async def test_empty_says_what_to_do(self, interviews: Interviews) -> None:
        library = await interviews.library()
        assert await interviews.is_empty()
        assert library.quotes == ()
        with pytest.raises(NotFoundError) as caught:
            library.interview()
        assert "python -m bot import" in str(caught.value)

    async def test_holds_what_was_loaded(self, interviews: Interviews) -> None:
        tea, coffee = interview(), interview("coffee")
        await interviews.load([tea, coffee])
        library = await interviews.library()
        assert not await interviews.is_empty()
        assert library.interviews == (tea, coffee)
        assert library.interview() == tea
        assert library.interview("coffee") == coffee
        assert library.exchange(ExchangeRef("coffee", "e2")) == (coffee, coffee.exchanges[1])

    @pytest.mark.parametrize("ref", [ExchangeRef("tea", "e9"), ExchangeRef("milk", "e1")])
    async def test_what_is_gone_is_said(self, interviews: Interviews, ref: ExchangeRef) -> None:
        await interviews.load([interview()])
        library = await interviews.library()
        with pytest.raises(NotFoundError):
            library.exchange(ref)

    async def test_is_kept_while_nothing_changes(self, interviews: Interviews) -> None:
        await interviews.load([interview()])
        library = await interviews.library()
        assert await interviews.load([interview()]) == [Stored.UNCHANGED]
        assert await interviews.library() is library

    async def test_is_built_once_for_all_who_ask_at_once(self, interviews: Interviews) -> None:
        await interviews.load([interview()])
        libraries = await asyncio.gather(*(interviews.library() for _ in range(8)))
        assert all(library is libraries[0] for library in libraries)

    async def test_follows_a_change(self, interviews: Interviews) -> None:
        await interviews.load([interview()])
        before = await interviews.library()
        assert await interviews.load([interview(answers=TEA[:2])]) == [Stored.CHANGED]
        library = await interviews.library()
        assert library.revision > before.revision
        assert [quote.text for quote in library.quotes] == list(TEA[:2])

    async def test_follows_a_change_of_another_process(self, interviews: Interviews, database_url: str) -> None:
        await interviews.load([interview()])
        asked = "Where do zeppelins sleep?"
        assert (await interviews.library()).matcher.find(asked).band is Band.NONE
        other = await Database.open(database_url)
        await Interviews(other).load([interview("zeppelin", ["All zeppelins sleep in hangars by the lake."])])
        await other.close()
        assert (await interviews.library()).matcher.find(asked).matches[0].key.interview == "zeppelin"


class TestLoad:
    async def test_says_what_it_did(self, interviews: Interviews) -> None:
        await interviews.load([interview()])
        steps: list[str] = []
        outcomes = await interviews.load(
            [interview(), interview("coffee"), interview(answers=TEA[:1])], lambda: steps.append("step")
        )
        assert outcomes == [Stored.UNCHANGED, Stored.NEW, Stored.CHANGED]
        assert len(steps) == 3

    async def test_of_nothing(self, interviews: Interviews) -> None:
        assert await interviews.load([]) == []

    async def test_is_all_or_nothing(self, interviews: Interviews) -> None:
        nobodys = interview("coffee").model_copy(update={"publisher": None})
        with pytest.raises(IntegrityError):
            await interviews.load([interview(), nobodys])
        assert await interviews.is_empty()
