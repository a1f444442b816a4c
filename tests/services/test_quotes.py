from random import Random

import pytest

from bot.domain.quotes import find_quotes
from bot.errors import NotFoundError
from bot.services.interviews import Interviews
from bot.services.quotes import Quotes
from bot.storage.database import Database
from tests.samples import TEA, interview


def chance() -> Random:
    return Random(7)  # noqa: S311 - the same every time


async def test_every_quote_of_every_interview_may_come(database: Database) -> None:
    tea, coffee = interview(), interview("coffee", ["Coffee has never needed a grandmother nor a boat."])
    interviews = Interviews(database)
    await interviews.load([tea, coffee])
    quotes = Quotes(interviews, chance())
    seen = [await quotes.any() for _ in range(100)]
    assert {sourced.quote for sourced in seen} == {*find_quotes(tea), *find_quotes(coffee)}
    assert {sourced.interview for sourced in seen if sourced.quote.text in TEA} == {tea}


async def test_the_same_chance_gives_the_same_quotes(database: Database) -> None:
    interviews = Interviews(database)
    await interviews.load([interview()])
    one, other = Quotes(interviews, chance()), Quotes(interviews, chance())
    assert [await one.any() for _ in range(20)] == [await other.any() for _ in range(20)]


@pytest.mark.parametrize("answers", [[], ["Too short."]])
async def test_nothing_to_quote_is_said(database: Database, answers: list[str]) -> None:
    interviews = Interviews(database)
    await interviews.load([interview(answers=answers)] if answers else [])
    with pytest.raises(NotFoundError):
        await Quotes(interviews, chance()).any()
