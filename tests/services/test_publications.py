"""Answers that are published, changed and taken back, over a real database."""

import asyncio
import itertools
from dataclasses import dataclass, field

import pytest

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.matching import Band
from bot.domain.packs import Pack, PackQuestion, Theme, write_pack
from bot.domain.publications import A_READER, Change, Outcome, ReaderTurn, is_of_readers
from bot.domain.questions import Asker, Event, NewQuestion, Notify, Question, QuestionState, Recipient, Wish
from bot.errors import InvalidInputError, NotFoundError
from bot.services import Services
from bot.services.dispatcher import PostFailedError
from bot.services.interviews import ExchangeRef
from bot.services.publications import mark_of_answer
from bot.services.quotes import SourcedQuote
from tests.conftest import StandingClock
from tests.samples import bundled

GUILD, OTHER_GUILD, ADMIN = 81384788765712384, 81384788765712385, 5
MIRA, TOM, ADA = (Asker(GUILD, number, name) for number, name in ((11, "Mira"), (12, "Tom"), (13, "Ada")))
DOGS = "Do zebras ever dream about marmalade sandwiches?"
ANSWER = "Every zebra that I have ever met dreams about marmalade and about nothing else at all."
BETTER = "No zebra would ever admit in public that it dreams about marmalade."
REF = bundled().id
MEMBERS = itertools.count(100)


async def asked(
    services: Services,
    text: str = DOGS,
    who: Asker | None = None,
    *,
    anonymous: bool = False,
    wish: Wish | None = None,
) -> Question:
    who = who or Asker(GUILD, next(MEMBERS), "Mira")
    return await services.questions.submit(who, NewQuestion(text, anonymous=anonymous, wish=wish or Wish()))


async def published(services: Services, text: str = ANSWER, *, quotable: bool = True) -> Question:
    question = await asked(services)
    await services.publications.publish(GUILD, question.id, text, quotable, ADMIN)
    return question


async def state(services: Services, question: Question) -> QuestionState:
    return (await services.questions.find(question.guild_id, question.id)).state


async def band(services: Services, guild_id: int | None = GUILD, text: str = DOGS) -> Band:
    return (await services.answers.find(text, guild_id)).band


class TestPublish:
    async def test_an_open_question_is_approved_and_answered(self, services: Services, clock: StandingClock) -> None:
        question = await asked(services)
        answer = await services.publications.publish(GUILD, question.id, f" {ANSWER}\n", True, ADMIN)
        assert (answer.text, answer.quotable, answer.published_at) == (ANSWER, True, clock.now)
        assert await state(services, question) is QuestionState.ANSWERED
        kinds = [event.kind for event in await services.questions.history(GUILD, question.id)]
        assert kinds == [Event.ASKED, Event.APPROVED, Event.ANSWERED]
        assert (await services.questions.find(GUILD, question.id)).reviewed_by == ADMIN

    async def test_the_same_again_changes_nothing(self, services: Services) -> None:
        question = await published(services)
        library = await services.interviews.library(GUILD)
        await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        assert await services.interviews.library(GUILD) is library
        assert len(await services.publications.history(GUILD, question.id)) == 1

    async def test_another_text_is_an_edit(self, services: Services, clock: StandingClock) -> None:
        question = await published(services)
        first = clock.now
        clock.forward(days=1)
        answer = await services.publications.publish(GUILD, question.id, BETTER, False, ADMIN + 1)
        assert (answer.text, answer.quotable) == (BETTER, False)
        assert (answer.published_at, answer.edited_at) == (first, clock.now)
        versions = await services.publications.history(GUILD, question.id)
        assert [(each.kind, each.text, each.actor_id, each.at) for each in versions] == [
            (Change.PUBLISHED, ANSWER, ADMIN, first),
            (Change.EDITED, BETTER, ADMIN + 1, clock.now),
        ]

    @pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
    async def test_an_empty_or_endless_answer_is_refused(self, services: Services, text: str) -> None:
        question = await asked(services)
        with pytest.raises(InvalidInputError):
            await services.publications.publish(GUILD, question.id, text, True, ADMIN)
        assert await state(services, question) is QuestionState.OPEN

    async def test_what_waits_for_no_answer_gets_none(self, services: Services) -> None:
        rejected, merged, root = await asked(services), await asked(services), await asked(services)
        await services.questions.reject(GUILD, rejected.id, ADMIN, "No.")
        await services.questions.merge(GUILD, merged.id, root.id, ADMIN)
        for question in (rejected, merged):
            with pytest.raises(InvalidInputError):
                await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        for guild_id, number in ((OTHER_GUILD, root.id), (GUILD, 999)):
            with pytest.raises(NotFoundError):
                await services.publications.publish(guild_id, number, ANSWER, True, ADMIN)
        assert await services.publications.published(GUILD) == []

    async def test_two_at_once_give_one_answer(self, services: Services) -> None:
        question = await asked(services)
        texts = [ANSWER, BETTER]
        await asyncio.gather(
            *(services.publications.publish(GUILD, question.id, text, True, ADMIN) for text in texts * 3)
        )
        (publication,) = await services.publications.published(GUILD)
        versions = await services.publications.history(GUILD, question.id)
        assert publication.answer.text == versions[-1].text
        assert [each.kind for each in versions].count(Change.PUBLISHED) == 1
        kinds = [event.kind for event in await services.questions.history(GUILD, question.id)]
        assert kinds.count(Event.ANSWERED) == 1

    async def test_who_saw_another_answer_changes_nothing(self, services: Services) -> None:
        question = await asked(services)
        seen = mark_of_answer(None)
        await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN, seen=seen)
        with pytest.raises(InvalidInputError):
            await services.publications.publish(GUILD, question.id, BETTER, True, ADMIN, seen=seen)
        with pytest.raises(InvalidInputError):
            await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN, seen=seen)
        with pytest.raises(InvalidInputError):
            await services.publications.retract(GUILD, question.id, ADMIN, seen=seen)
        (publication,) = await services.publications.published(GUILD)
        assert publication.answer.text == ANSWER


class TestRetract:
    async def test_is_shown_nowhere_and_kept(self, services: Services) -> None:
        question = await published(services)
        await services.publications.retract(GUILD, question.id, ADMIN)
        assert await state(services, question) is QuestionState.APPROVED
        assert await services.publications.published(GUILD) == []
        answer = await services.publications.find(GUILD, question.id)
        assert answer is not None
        assert not answer.is_published
        assert [each.kind for each in await services.publications.history(GUILD, question.id)] == [
            Change.PUBLISHED,
            Change.RETRACTED,
        ]

    async def test_publishing_it_again_restores_it(self, services: Services, clock: StandingClock) -> None:
        question = await published(services)
        first = clock.now
        await services.publications.retract(GUILD, question.id, ADMIN)
        clock.forward(days=1)
        answer = await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        assert (answer.published_at, answer.edited_at, answer.retracted_at) == (first, None, None)
        assert (await services.publications.history(GUILD, question.id))[-1].kind is Change.RESTORED
        assert await band(services) is Band.ANSWER

    async def test_only_what_is_published_is_edited_or_retracted(self, services: Services) -> None:
        question = await asked(services)
        with pytest.raises(NotFoundError):
            await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        await services.publications.retract(GUILD, question.id, ADMIN)
        for change in (
            services.publications.edit(GUILD, question.id, BETTER, True, ADMIN),
            services.publications.retract(GUILD, question.id, ADMIN),
        ):
            with pytest.raises(NotFoundError):
                await change
        assert await services.publications.find(GUILD, (await asked(services)).id) is None
        with pytest.raises(NotFoundError):
            await services.publications.find(OTHER_GUILD, question.id)


class TestLibrary:
    async def test_a_server_finds_its_answers_and_no_other_does(self, services: Services) -> None:
        base = await services.interviews.library()
        question = await published(services)
        reply = await services.answers.find(DOGS, GUILD)
        assert reply.band is Band.ANSWER
        hit = reply.hits[0]
        assert hit.interview.answer(hit.exchange) == ANSWER
        assert hit.ref == ExchangeRef(REF, f"reader-{question.id}")
        for elsewhere in (None, OTHER_GUILD):
            assert await services.interviews.library(elsewhere) is base
            assert await band(services, elsewhere) is not Band.ANSWER
            with pytest.raises(NotFoundError):
                await services.answers.exchange(hit.ref, elsewhere)

    async def test_each_server_has_its_own(self, services: Services) -> None:
        await published(services)
        theirs = await services.questions.submit(Asker(OTHER_GUILD, 21, "Eve"), NewQuestion(DOGS))
        await services.publications.publish(OTHER_GUILD, theirs.id, BETTER, True, ADMIN)
        for guild_id, text in ((GUILD, ANSWER), (OTHER_GUILD, BETTER)):
            library = (await services.interviews.libraries([GUILD, OTHER_GUILD]))[guild_id]
            assert library is await services.interviews.library(guild_id)
            told = [turn.text for turn in library.interview().turns if isinstance(turn, ReaderTurn)]
            assert told == [DOGS, text]

    async def test_who_has_no_patience_gets_what_was_there_before(self, services: Services) -> None:
        interviews = services.interviews
        base, question = await interviews.library(), await published(services)
        interviews.patience = 0
        assert await interviews.library(GUILD) is base
        interviews.patience = None
        before = await interviews.library(GUILD)
        assert before is not base
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        interviews.patience = 0
        assert await interviews.library(GUILD) is before
        interviews.patience = None
        after = await interviews.library(GUILD)
        assert after not in {base, before}
        interviews.patience = 0
        assert await interviews.library(GUILD) is after

    async def test_it_follows_each_change_at_once(self, services: Services) -> None:
        question = await published(services)
        before = await services.interviews.library(GUILD)
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        hit = (await services.answers.find(DOGS, GUILD)).hits[0]
        assert hit.interview.answer(hit.exchange) == BETTER
        await services.publications.retract(GUILD, question.id, ADMIN)
        assert await band(services) is not Band.ANSWER
        assert before.interview().turns[-1].text == ANSWER  # who holds it is not disturbed

    async def test_it_is_built_once_for_all_who_ask_at_once(self, services: Services) -> None:
        await published(services)
        libraries = await asyncio.gather(*(services.interviews.library(GUILD) for _ in range(8)))
        assert all(library is libraries[0] for library in libraries)

    async def test_who_gives_up_waiting_takes_it_from_nobody(self, services: Services) -> None:
        await published(services)
        waiting = [asyncio.create_task(services.interviews.library(GUILD)) for _ in range(2)]
        await asyncio.sleep(0.001)
        waiting[0].cancel()
        assert len((await waiting[1]).interview().exchanges) == 13

    async def test_one_that_could_not_be_built_is_built_anew(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await published(services)
        for name in ("extend_library", "build_matcher"):
            with monkeypatch.context() as patch:
                patch.setattr(f"bot.services.interviews.{name}", lambda *_: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    await services.interviews.library(GUILD)
        assert await band(services) is Band.ANSWER

    async def test_a_crowd_that_only_quotes_needs_no_index(self, services: Services) -> None:
        await published(services)
        quoted = (await services.interviews.libraries([GUILD]))[GUILD]
        assert ANSWER in [quote.text for quote in quoted.quotes]
        assert "matcher" not in vars(quoted)
        assert await services.interviews.library(GUILD) is quoted
        assert "matcher" in vars(quoted)

    async def test_few_are_kept(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.services.interviews.SERVERS_KEPT", 1)
        await published(services)
        theirs = await services.questions.submit(Asker(OTHER_GUILD, 21, "Eve"), NewQuestion(DOGS))
        await services.publications.publish(OTHER_GUILD, theirs.id, BETTER, True, ADMIN)
        mine = await services.interviews.library(GUILD)
        assert await services.interviews.library(GUILD) is mine
        await services.interviews.library(OTHER_GUILD)
        assert await services.interviews.library(GUILD) is not mine

    async def test_a_change_of_the_interview_keeps_the_answers(self, services: Services) -> None:
        await published(services)
        await services.interviews.load([bundled().model_copy(update={"title": "Another title"})])
        library = await services.interviews.library(GUILD)
        assert library.interview().title == "Another title"
        assert await band(services) is Band.ANSWER

    async def test_merged_wordings_find_the_answer(self, services: Services) -> None:
        question = await asked(services)
        other = "Which breakfast spread occupies striped horses at night?"
        merged = await asked(services, other, TOM)
        await services.questions.merge(GUILD, merged.id, question.id, ADMIN)
        await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        assert await band(services, text=other) is Band.ANSWER
        assert other in await services.answers.suggest("striped horses", GUILD)
        assert other not in await services.answers.suggest("striped horses")

    @pytest.mark.parametrize("anonymous", [True, False])
    async def test_only_who_gave_a_name_is_named(self, services: Services, anonymous: bool) -> None:
        question = await asked(services, anonymous=anonymous)
        await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
        interview = (await services.interviews.library(GUILD)).interview()
        turn = interview.turn(f"reader-{question.id}-q")
        assert interview.speaker(turn).name == (A_READER if anonymous else "Mira")

    async def test_the_host_answers_what_was_for_the_host(self, services: Services) -> None:
        question = await asked(services)
        rules = await services.questions.rules(GUILD)
        await services.questions.set_rules(GUILD, type(rules)(recipients=(Recipient.INTERVIEWEE, Recipient.HOST)))
        for_host = await services.questions.submit(MIRA, NewQuestion(DOGS, recipient=Recipient.HOST))
        for each in (question, for_host):
            await services.publications.publish(GUILD, each.id, ANSWER, True, ADMIN)
        interview = (await services.interviews.library(GUILD)).interview()
        names = [interview.speaker(interview.turn(f"reader-{each.id}-a")).name for each in (question, for_host)]
        assert names == ["François Chollet", "Adrian Rosebrock"]

    @pytest.mark.parametrize("quotable", [True, False])
    async def test_only_what_may_be_quoted_is(self, services: Services, quotable: bool) -> None:
        question = await published(services, quotable=quotable)
        quotes = (await services.interviews.library(GUILD)).quotes
        ours = [quote for quote in quotes if quote.turn == f"reader-{question.id}-a"]
        assert [quote.text for quote in ours] == ([ANSWER] if quotable else [])
        assert (ANSWER in [found.quote.text for found in await services.quotes.search("marmalade", GUILD)]) is quotable
        assert ANSWER not in [found.quote.text for found in await services.quotes.search("marmalade")]

    async def test_what_was_quoted_is_no_longer_there_once_it_may_not_be(self, services: Services) -> None:
        await published(services)
        (sourced,) = [found for found in await services.quotes.search("marmalade", GUILD) if found.quote.text == ANSWER]
        ref = sourced.ref
        await services.favourites.toggle(MIRA.member_id, ref, GUILD)
        assert (await services.quotes.find(ref, GUILD)).quote.text == ANSWER
        with pytest.raises(NotFoundError):
            await services.quotes.find(ref, OTHER_GUILD)
        question_id = int(ref.turn.split("-")[1])
        await services.publications.edit(GUILD, question_id, ANSWER, False, ADMIN)
        with pytest.raises(NotFoundError):
            await services.quotes.find(ref, GUILD)
        await services.publications.retract(GUILD, question_id, ADMIN)
        (kept,) = (await services.favourites.page(MIRA.member_id, 0, GUILD)).kept
        assert kept.turn is None
        assert kept.favourite.quote.text == ANSWER

    async def test_a_gap_can_be_taught_an_answer_of_the_server(self, services: Services) -> None:
        question = await published(services)
        other = "striped breakfast fantasies at midnight"
        await services.gaps.record_miss(GUILD, other)
        (gap,) = (await services.gaps.page(GUILD, 0)).gaps
        ref = ExchangeRef(REF, f"reader-{question.id}")
        assert ref in [place.ref for place in await services.gaps.choices(gap.gap, GUILD)]
        taught = await services.gaps.teach(GUILD, gap.gap.key, ref, ADMIN, everywhere=False)
        assert taught.place is not None
        assert "asked by readers" in taught.place.where
        assert await band(services, text=other) is Band.ANSWER
        await services.publications.retract(GUILD, question.id, ADMIN)
        assert await band(services, text=other) is not Band.ANSWER


@dataclass
class Board:
    """A channel that keeps what is quoted there, or fails for now."""

    quoted: list[SourcedQuote] = field(default_factory=list)
    problem: Exception | None = None

    async def post(self, _: Delivery, quote: SourcedQuote) -> int:
        if self.problem is not None:
            raise self.problem
        self.quoted.append(quote)
        return 1

    async def find(self, _: Delivery, __: SourcedQuote) -> int | None:
        return None

    async def finish(self, _: Delivery, __: int) -> str | None:
        return None

    async def tell_paused(self, _: Delivery) -> None:
        raise AssertionError


class TestDaily:
    @pytest.fixture
    async def wanted(self, services: Services, clock: StandingClock) -> Question:
        """A question whose answer comes next in its server, an hour from now on the clock, which is then."""
        question = await published(services)
        for guild_id in (GUILD, OTHER_GUILD):
            await services.deliveries.set_daily(guild_id, 9, "09:00", "UTC")
        (_, quote), *_ = await services.deliveries.find_quotes(GUILD, "marmalade", 5)
        await services.deliveries.pick(GUILD, quote.key)
        assert await services.deliveries.find_quotes(OTHER_GUILD, "marmalade", 5) == []
        with pytest.raises(InvalidInputError):
            await services.deliveries.pick(OTHER_GUILD, quote.key)
        clock.forward(hours=1)
        return question

    async def test_an_answer_is_quoted_in_its_server_alone(self, services: Services, wanted: Question) -> None:
        board = Board()
        await services.deliveries.post_due(board)
        turns = {quoted.quote.turn: quoted for quoted in board.quoted}
        assert len(board.quoted) == 2
        assert turns.pop(f"reader-{wanted.id}-a").turn is not None
        assert not any(is_of_readers(turn) for turn in turns)
        today = await services.deliveries.today(GUILD)
        assert today.quote is not None
        assert today.quote.quote.text == ANSWER

    async def test_what_is_taken_back_before_it_is_out_does_not_come(
        self, services: Services, wanted: Question, clock: StandingClock
    ) -> None:
        board = Board(problem=PostFailedError("503", in_doubt=False))
        await services.deliveries.post_due(board)
        await services.publications.retract(GUILD, wanted.id, ADMIN)
        board.problem = None
        clock.forward(minutes=1)
        await services.deliveries.post_due(board)
        assert [is_of_readers(quoted.quote.turn) for quoted in board.quoted] == [False]
        page = await services.deliveries.history(GUILD, 0)
        assert [entry.state for entry in page.entries] == [DeliveryState.FAILED]


def file_of(*answers: tuple[Question, str]) -> bytes:
    """Return a file as it comes back from an author who has written these answers."""
    questions = tuple(PackQuestion(each.id, each.text, None, 1, None, text, True) for each, text in answers)
    return write_pack(Pack("k1", "Zebras", "François", (Theme("Zebras", questions),))).encode()


class TestFile:
    async def test_it_says_what_it_would_do_and_does_it_once(self, services: Services) -> None:
        new, changed, same, rejected = [await asked(services) for _ in range(4)]
        await services.publications.publish(GUILD, changed.id, ANSWER, True, ADMIN)
        await services.publications.publish(GUILD, same.id, ANSWER, True, ADMIN)
        await services.questions.reject(GUILD, rejected.id, ADMIN, "No.")
        long = await asked(services, "What is the longest answer that you can think of?")
        answers = [(new, ANSWER), (changed, BETTER), (same, ANSWER), (rejected, ANSWER), (long, "word " * 801)]
        plan = await services.publications.plan(GUILD, file_of(*answers))
        expected = [Outcome.NEW, Outcome.CHANGED, Outcome.SAME, Outcome.REFUSED, Outcome.REFUSED]
        assert [each.outcome for each in plan.answers] == expected
        assert all(each.why for each in plan.of(Outcome.REFUSED))
        assert plan.of(Outcome.CHANGED)[0].before == ANSWER
        assert await state(services, new) is QuestionState.OPEN

        applied = await services.publications.apply(GUILD, plan, ADMIN)
        assert [each.outcome for each in applied.answers] == expected
        texts = {each.question.id: each.answer.text for each in await services.publications.published(GUILD)}
        assert texts == {new.id: ANSWER, changed.id: BETTER, same.id: ANSWER}

        library = await services.interviews.library(GUILD)
        again = await services.publications.apply(GUILD, plan, ADMIN)
        assert not again.of(Outcome.NEW)
        assert not again.of(Outcome.CHANGED)
        assert await services.interviews.library(GUILD) is library

    async def test_what_was_merged_answers_the_one_that_stands_for_it(self, services: Services) -> None:
        root, merged, alone, second = [await asked(services, f"{DOGS} {number}") for number in range(4)]
        await services.questions.merge(GUILD, merged.id, root.id, ADMIN)
        await services.questions.merge(GUILD, second.id, alone.id, ADMIN)
        # Its own answer counts, wherever in the file it stands.
        file = file_of((merged, BETTER), (root, ANSWER), (second, BETTER))
        plan = await services.publications.plan(GUILD, file)
        assert [each.outcome for each in plan.answers] == [Outcome.REFUSED, Outcome.NEW, Outcome.NEW]
        await services.publications.apply(GUILD, plan, ADMIN)
        texts = {each.question.id: each.answer.text for each in await services.publications.published(GUILD)}
        assert texts == {root.id: ANSWER, alone.id: BETTER}
        again = await services.publications.plan(GUILD, file_of((merged, BETTER)))
        assert again.answers[0].outcome is Outcome.REFUSED

    async def test_what_changed_since_it_was_shown_is_left_alone(self, services: Services) -> None:
        first, second, third = [await asked(services) for _ in range(3)]
        await services.publications.publish(GUILD, second.id, ANSWER, True, ADMIN)
        file = file_of(*((each, BETTER) for each in (first, second, third)))
        plan = await services.publications.plan(GUILD, file)
        await services.publications.publish(GUILD, first.id, ANSWER, True, ADMIN)
        await services.publications.edit(GUILD, second.id, "Something else.", True, ADMIN)
        await services.questions.reject(GUILD, third.id, ADMIN, "No.")
        applied = await services.publications.apply(GUILD, plan, ADMIN)
        assert [each.outcome for each in applied.answers] == [Outcome.REFUSED] * 3
        texts = {each.question.id: each.answer.text for each in await services.publications.published(GUILD)}
        assert texts == {first.id: ANSWER, second.id: "Something else."}

    async def test_of_another_server_nothing_is_answered(self, services: Services) -> None:
        question = await asked(services)
        plan = await services.publications.plan(OTHER_GUILD, file_of((question, ANSWER)))
        assert plan.answers == ()
        assert [ANSWER in each.text for each in plan.unplaced] == [True]

    async def test_it_is_all_or_nothing(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        questions = [await asked(services) for _ in range(2)]
        plan = await services.publications.plan(GUILD, file_of(*((each, ANSWER) for each in questions)))
        calls = []

        async def failing(*_: object, **__: object) -> None:
            calls.append(1)
            if len(calls) == 2:
                raise KeyError

        monkeypatch.setattr("bot.storage.publishing.add_version", failing)
        with pytest.raises(KeyError):
            await services.publications.apply(GUILD, plan, ADMIN)
        assert await services.publications.published(GUILD) == []
        assert [await state(services, each) for each in questions] == [QuestionState.OPEN] * 2


async def test_choices_are_found_by_their_words_and_their_number(services: Services) -> None:
    question, other = await asked(services), await asked(services, "What is the best thing about trains?")
    await services.questions.want(GUILD, TOM.member_id, other.id, Wish(Notify.DM))
    states = frozenset({QuestionState.OPEN})

    async def found(typed: str) -> list[int]:
        return [each.id for each in await services.publications.choices(GUILD, typed, states, 25)]

    assert await found("") == [other.id, question.id]
    assert await found("zebras") == [question.id]
    assert await found(str(question.id)) == [question.id]
    assert await found("9" * 30) == []
    await services.questions.reject(GUILD, question.id, ADMIN, "No.")
    assert await found(str(question.id)) == []
