from random import Random

import pytest

from bot.domain.quotes import Quote, find_quotes
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.interviews import Interviews
from bot.services.quotes import MOST_FOUND, QuoteRef, Quotes
from bot.storage.database import Database
from tests.samples import TEA, bundled, interview


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("keras", "Keras"),
        ("research comunity", "research community"),
        ("trols", "trolls"),
        ("knowlege", "knowledge"),
        ("why do people act in bad fath", "act in bad faith"),
    ],
)
async def test_a_search_finds_the_quotes_that_say_so_misspelt_words_too(
    services: Services, words: str, said: str
) -> None:
    found = await services.quotes.search(words)
    assert said in found[0].quote.text
    assert len({sourced.quote for sourced in found}) == len(found) <= MOST_FOUND


async def test_a_search_finds_the_quotes_of_the_exchange_that_answers(services: Services) -> None:
    found = await services.quotes.search("open sorce")
    assert found
    assert "t12" in {sourced.quote.turn for sourced in found}


@pytest.mark.parametrize("words", ["sourdough", "the", "?", "🔥"])
async def test_a_search_for_what_nobody_speaks_of_finds_nothing(services: Services, words: str) -> None:
    assert await services.quotes.search(words) == []


async def test_a_search_knows_what_was_loaded_since(database: Database) -> None:
    interviews = Interviews(database)
    quotes = Quotes(interviews, chance())
    assert await quotes.search("grandmother") == []
    await interviews.load([interview()])
    assert [sourced.quote.text for sourced in await quotes.search("grandmother")] == [TEA[1]]


def ref(interview: str, turn: str, text: str) -> QuoteRef:
    return QuoteRef(interview, turn, Quote(interview, turn, text).key)


async def test_a_quote_is_found_by_its_keys_with_the_exchange_it_answers_in(services: Services) -> None:
    for quote in find_quotes(bundled()):
        keys = QuoteRef(quote.interview, quote.turn, quote.key)
        sourced, place = await services.quotes.find(keys), await services.quotes.context(keys)
        assert (sourced.quote, sourced.ref) == (quote, keys)
        assert place.exchange is not None
        assert quote.turn in place.exchange.answered_in
        assert place.quote == quote
        assert place.passage in place.turn.text
        assert place.passage in quote.text


async def test_what_is_no_longer_picked_as_a_quote_is_found_as_long_as_it_is_said(database: Database) -> None:
    interviews = Interviews(database)
    await interviews.load([interview(answers=["Too short. It was."])])
    quotes = Quotes(interviews, chance())
    sourced = await quotes.find(ref("tea", "a1", "Too short."))
    assert (sourced.quote.text, sourced.turn is not None) == ("Too short.", True)

    changed = await quotes.context(ref("tea", "a1", "Too long."))
    assert (changed.turn.id, changed.quote, changed.passage) == ("a1", None, "")
    with pytest.raises(NotFoundError):
        await quotes.find(ref("tea", "a1", "Too long."))
    for gone in (ref("tea", "a9", "Too short."), ref("coffee", "a1", "Too short.")):
        with pytest.raises(NotFoundError):
            await quotes.context(gone)
