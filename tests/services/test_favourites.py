import asyncio
from random import Random

import pytest

from bot.domain.quotes import Quote, find_quotes
from bot.domain.text import excerpt
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.favourites import PAGE_SIZE, Favourites
from bot.services.interviews import Interviews
from bot.services.quotes import QuoteRef, Quotes
from bot.storage.database import Database
from tests.conftest import StandingClock
from tests.samples import TEA, bundled, interview

MIRA, TOM = 2**63 - 1, 5
CUP, BOAT = Quote("tea", "a3", TEA[2]), Quote("tea", "a2", TEA[1])
OTHER = "Coffee has never needed a grandmother nor a boat."


def ref(quote: Quote) -> QuoteRef:
    return QuoteRef(quote.interview, quote.turn, quote.key)


@pytest.fixture
async def interviews(database: Database) -> Interviews:
    interviews = Interviews(database)
    await interviews.load([interview()])
    return interviews


@pytest.fixture
def favourites(database: Database, interviews: Interviews, clock: StandingClock) -> Favourites:
    quotes = Quotes(interviews, Random(7))  # noqa: S311 - nothing here is left to chance
    return Favourites(database, interviews, quotes, clock)


async def shelf(favourites: Favourites, member_id: int, number: int = 0) -> list[str]:
    return [kept.favourite.quote.text for kept in (await favourites.page(member_id, number)).kept]


async def test_a_press_keeps_and_the_next_takes_back_for_each_member(favourites: Favourites) -> None:
    assert await favourites.toggle(MIRA, ref(CUP)) == 1
    assert await favourites.toggle(TOM, ref(CUP)) == 2
    assert await favourites.toggle(MIRA, ref(CUP)) == 1
    assert (await shelf(favourites, MIRA), await shelf(favourites, TOM)) == ([], [CUP.text])


async def test_presses_at_the_same_moment_are_taken_one_after_another(favourites: Favourites) -> None:
    await asyncio.gather(*(favourites.toggle(member, ref(CUP)) for member in (MIRA, TOM, MIRA)))
    assert (await shelf(favourites, MIRA), await shelf(favourites, TOM)) == ([], [CUP.text])


async def test_a_quote_says_how_many_members_keep_it(favourites: Favourites, interviews: Interviews) -> None:
    await favourites.toggle(MIRA, ref(CUP))
    sourced = await Quotes(interviews, Random(7)).find(ref(CUP))  # noqa: S311
    assert sourced.favourites == 0
    assert (await favourites.counted(sourced)).favourites == 1


async def test_the_shelf_is_newest_first_by_the_page(services: Services, clock: StandingClock) -> None:
    quotes = find_quotes(bundled())[: PAGE_SIZE + 1]
    for quote in quotes:
        await services.favourites.toggle(MIRA, ref(quote))
        clock.forward(seconds=1)
    first, second = [await services.favourites.page(MIRA, number) for number in (0, 1)]
    assert [kept.favourite.quote for kept in (*first.kept, *second.kept)] == list(reversed(quotes))
    assert (first.number, first.pages, second.number) == (0, 2, 1)
    assert all(kept.turn is not None and excerpt(kept.turn.text, kept.favourite.quote.text) for kept in first.kept)

    await services.favourites.remove(MIRA, quotes[0].key)
    await services.favourites.remove(MIRA, quotes[0].key)
    assert (await services.favourites.page(MIRA, 1)).number == 0


async def test_an_empty_shelf_is_one_empty_page(favourites: Favourites) -> None:
    page = await favourites.page(MIRA, 3)
    assert (page.kept, page.number, page.pages) == ((), 0, 1)


async def test_a_favourite_outlives_a_reload_and_can_be_taken_back_but_not_anew(
    favourites: Favourites, interviews: Interviews
) -> None:
    for quote in (CUP, BOAT):
        await favourites.toggle(MIRA, ref(quote))
    await interviews.load([interview(answers=[TEA[0], OTHER])])

    there = {kept.favourite.quote: kept for kept in (await favourites.page(MIRA, 0)).kept}
    assert set(there) == {CUP, BOAT}
    assert there[CUP].turn is None
    assert there[BOAT].turn is not None

    with pytest.raises(NotFoundError):
        await favourites.toggle(TOM, ref(CUP))
    with pytest.raises(NotFoundError):
        await favourites.toggle(TOM, ref(BOAT))
    assert await favourites.toggle(MIRA, ref(CUP)) == 0
    with pytest.raises(NotFoundError):
        await favourites.toggle(MIRA, ref(CUP))
    assert await shelf(favourites, MIRA) == [BOAT.text]


async def test_a_quote_of_an_interview_that_is_not_here_is_shown_by_its_words(
    favourites: Favourites, database: Database
) -> None:
    await favourites.toggle(MIRA, ref(CUP))
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE favourites SET interview_key = 'coffee'")
    (kept,) = (await favourites.page(MIRA, 0)).kept
    assert (kept.favourite.quote.text, kept.interview, kept.turn) == (CUP.text, None, None)


async def test_the_last_favourite_leaves_nothing_of_a_member(favourites: Favourites, database: Database) -> None:
    await favourites.toggle(MIRA, ref(CUP))
    await favourites.remove(MIRA, CUP.key)
    async with database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT count(*) FROM favourites")).scalar_one()
    assert rows == 0
