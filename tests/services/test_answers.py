import pytest

from bot.app import build_services
from bot.domain.matching import Band
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.answers import MAX_SUGGESTION_LENGTH, MAX_SUGGESTIONS, NEAREST
from bot.services.interviews import ExchangeRef
from bot.storage.database import Database
from tests.conftest import StandingClock
from tests.samples import bundled, interview


async def test_every_question_of_the_host_is_answered_by_its_exchange(services: Services) -> None:
    for exchange in bundled().exchanges:
        reply = await services.answers.find(exchange.question)
        assert reply.question == exchange.question
        assert reply.band is Band.ANSWER
        assert reply.hits[0].exchange == exchange
        assert reply.hits[0].interview == bundled()
        assert 0 < reply.confidence <= 1


async def test_hits_are_best_first_and_their_passages_verbatim(services: Services) -> None:
    reply = await services.answers.find("Why did you create Keras?")
    scores = [hit.score for hit in reply.hits]
    assert scores == sorted(scores, reverse=True)
    assert 1 < len(reply.hits) <= NEAREST + 1
    for hit in reply.hits:
        asked = hit.interview.turn(hit.exchange.asked_in).text
        assert hit.passage in asked or hit.passage in hit.interview.answer(hit.exchange)


async def test_another_subject_is_not_in_the_interview(services: Services) -> None:
    assert (await services.answers.find("Which cheese goes with red wine?")).band is Band.NONE


@pytest.mark.parametrize(
    "question",
    ["what is his salary", "who made PyTorch", "is he married", "does he have a dog", "when was Google founded"],
)
async def test_near_misses_on_the_interviews_own_topics_are_not_answered(services: Services, question: str) -> None:
    assert (await services.answers.find(question)).band is not Band.ANSWER


async def test_nothing_is_found_in_no_words(services: Services) -> None:
    for question in ("", " ", "?", "the of and", "🫖" * 500, "x" * 5000, "\x00"):
        reply = await services.answers.find(question)
        assert reply.band is Band.NONE
        assert reply.hits == ()


async def test_an_empty_library_answers_nothing(database: Database, clock: StandingClock) -> None:
    answers = build_services(database, clock).answers
    assert (await answers.find("Why tea?")).band is Band.NONE
    assert await answers.suggest("") == []


async def test_suggestions_fit_into_discords_list(services: Services) -> None:
    for typed in ("", "k", "keras", "deep learning", "x" * 100):
        found = await services.answers.suggest(typed)
        assert len(found) <= MAX_SUGGESTIONS
        assert len(set(found)) == len(found)
        assert all(1 <= len(text) <= MAX_SUGGESTION_LENGTH for text in found)


async def test_what_is_suggested_leads_to_its_exchange(services: Services) -> None:
    for text in await services.answers.suggest(""):
        best = (await services.answers.find(text)).hits[0]
        assert best.exchange.question.startswith(text.rstrip("…")[:40])


async def test_more_exchanges_than_fit_are_cut(database: Database, clock: StandingClock) -> None:
    services = build_services(database, clock)
    await services.interviews.load([interview(answers=[f"Answer number {number}." for number in range(40)])])
    assert len(await services.answers.suggest("")) == MAX_SUGGESTIONS


async def test_an_exchange_by_its_keys(services: Services) -> None:
    exchange = bundled().exchanges[3]
    hit = await services.answers.exchange(ExchangeRef(bundled().id, exchange.id))
    assert hit.exchange == exchange
    assert hit.ref == ExchangeRef(bundled().id, exchange.id)


@pytest.mark.parametrize("ref", [ExchangeRef(bundled().id, "gone"), ExchangeRef("gone", bundled().exchanges[0].id)])
async def test_an_exchange_that_is_gone(services: Services, ref: ExchangeRef) -> None:
    with pytest.raises(NotFoundError):
        await services.answers.exchange(ref)
