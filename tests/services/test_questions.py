import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.questions import (
    DISCORD_EPOCH_MS,
    Asker,
    Event,
    NewQuestion,
    Question,
    QuestionFilter,
    QuestionRules,
    QuestionState,
    Recipient,
)
from bot.errors import DatabaseError, InvalidInputError, NotAllowedError, NotFoundError
from bot.services.interviews import Interviews
from bot.services.questions import PAGE_SIZE, Questions
from bot.storage.database import Database
from tests.conftest import StandingClock
from tests.samples import interview

GUILD = 2**63 - 1
MIRA, TOM = Asker(GUILD, 2**63 - 2, "Mira"), Asker(GUILD, 5, "=Tom")
MILK = "What about milk in tea?"


@pytest.fixture
async def questions(database: Database, clock: StandingClock) -> Questions:
    interviews = Interviews(database)
    await interviews.load([interview(), interview("coffee")])
    return Questions(database, interviews, clock)


async def asked(questions: Questions, asker: Asker = MIRA, text: str = MILK, **new: Any) -> Question:
    return await questions.submit(asker, NewQuestion(text, **new))


async def unlimited(questions: Questions) -> None:
    await questions.set_rules(GUILD, QuestionRules(a_member=0, a_day=0))


class TestSubmit:
    async def test_is_kept_when_it_returns(self, questions: Questions, database_url: str, clock: StandingClock) -> None:
        question = await asked(questions, text=f"  {MILK}\n")
        other = await Database.open(database_url)
        kept = await Questions(other, Interviews(other), clock).find(GUILD, question.id)
        await other.close()
        assert kept == question
        assert (kept.member_id, kept.asked_by, kept.text, kept.asked_at) == (MIRA.member_id, "Mira", MILK, clock.now)

    @pytest.mark.parametrize(("about", "kept"), [("", "tea"), ("coffee", "coffee"), ("gone", "tea")])
    async def test_is_about_an_interview_that_is_there(self, questions: Questions, about: str, kept: str) -> None:
        assert (await asked(questions, interview=about)).interview == kept

    async def test_works_without_any_interview(self, database: Database, clock: StandingClock) -> None:
        assert (await asked(Questions(database, Interviews(database), clock))).interview is None

    @pytest.mark.parametrize("typed", ["", "Why?", " " * 20, "x" * 1001])
    async def test_what_is_too_short_or_too_long_is_not_kept(self, questions: Questions, typed: str) -> None:
        with pytest.raises(InvalidInputError):
            await asked(questions, text=typed)
        assert (await questions.mine(GUILD, MIRA.member_id)).questions == ()

    async def test_what_cannot_be_kept_is_said(self, questions: Questions, database: Database) -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE questions RENAME TO gone")
        with pytest.raises(DatabaseError):
            await asked(questions)

    async def test_many_at_once_are_all_kept(self, questions: Questions) -> None:
        await unlimited(questions)
        found = await asyncio.gather(*(asked(questions, text=f"{MILK} {number}") for number in range(30)))
        assert len({question.id for question in found}) == 30
        assert (await questions.listed(GUILD, QuestionFilter(), 0)).count == 30


class TestRules:
    async def test_a_member_asks_so_many_in_a_day(self, questions: Questions, clock: StandingClock) -> None:
        for _ in range(3):
            await asked(questions)
        with pytest.raises(NotAllowedError):
            await asked(questions)
        await asked(questions, TOM)
        clock.forward(days=1, seconds=1)
        await asked(questions)

    async def test_a_server_asks_so_many_in_a_day(self, questions: Questions) -> None:
        await questions.set_rules(GUILD, QuestionRules(a_day=2))
        await asked(questions)
        await asked(questions, TOM)
        with pytest.raises(NotAllowedError):
            await asked(questions, Asker(GUILD, 99, "Ana"))
        await asked(questions, Asker(GUILD - 1, 99, "Ana"))

    async def test_from_when_and_until_when(self, questions: Questions, clock: StandingClock) -> None:
        opens, closes = clock.now + timedelta(hours=1), clock.now + timedelta(hours=2)
        await questions.set_rules(GUILD, QuestionRules(opens_at=opens, closes_at=closes))
        for now, allowed in (
            (opens - timedelta(seconds=1), False),
            (opens, True),
            (closes - timedelta(seconds=1), True),
            (closes, False),
        ):
            clock.now = now
            with nullcontext() if allowed else pytest.raises(NotAllowedError):
                await asked(questions)

    async def test_whom_questions_are_for(self, questions: Questions) -> None:
        with pytest.raises(NotAllowedError):
            await asked(questions, recipient=Recipient.HOST)
        await questions.set_rules(GUILD, QuestionRules(recipients=(Recipient.HOST,)))
        assert (await asked(questions, recipient=Recipient.HOST)).recipient is Recipient.HOST
        with pytest.raises(NotAllowedError):
            await asked(questions)

    async def test_how_old_an_account_is(self, questions: Questions, clock: StandingClock) -> None:
        await questions.set_rules(GUILD, QuestionRules(account_days=7))
        week_old = round((clock.now - timedelta(days=7)).timestamp() * 1000) - DISCORD_EPOCH_MS
        await asked(questions, Asker(GUILD, week_old << 22, "Ana"))
        with pytest.raises(NotAllowedError):
            await asked(questions, Asker(GUILD, (week_old + 1) << 22, "Ben"))

    async def test_who_is_blocked_asks_nothing_and_wants_nothing(self, questions: Questions) -> None:
        question = await asked(questions, TOM)
        assert await questions.block(GUILD, MIRA.member_id, 1)
        assert not await questions.block(GUILD, MIRA.member_id, 1)
        assert await questions.blocked(GUILD) == [MIRA.member_id]
        with pytest.raises(NotAllowedError):
            await asked(questions)
        with pytest.raises(NotAllowedError):
            await questions.want(GUILD, MIRA.member_id, question.id)
        assert await questions.unblock(GUILD, MIRA.member_id)
        assert not await questions.unblock(GUILD, MIRA.member_id)
        await asked(questions)

    @pytest.mark.parametrize(
        "wrong",
        [
            QuestionRules(recipients=()),
            QuestionRules(a_member=-1),
            QuestionRules(opens_at=datetime(2026, 3, 2, tzinfo=UTC), closes_at=datetime(2026, 3, 2, tzinfo=UTC)),
        ],
    )
    async def test_rules_that_contradict_themselves_are_refused(
        self, questions: Questions, wrong: QuestionRules
    ) -> None:
        with pytest.raises(InvalidInputError):
            await questions.set_rules(GUILD, wrong)
        assert await questions.rules(GUILD) == QuestionRules()


class TestMine:
    async def test_newest_first_a_page_at_a_time(self, questions: Questions) -> None:
        await unlimited(questions)
        numbers = [(await asked(questions, text=f"{MILK} {number}")).id for number in range(PAGE_SIZE + 2)]
        await asked(questions, TOM)
        pages = [await questions.mine(GUILD, MIRA.member_id, number) for number in range(2)]
        assert [question.id for page in pages for question in page.questions] == numbers[::-1]
        assert [page.pages for page in pages] == [2, 2]
        assert (await questions.mine(GUILD - 1, MIRA.member_id)).questions == ()

    async def test_ones_own_can_be_changed_until_others_have_to_do_with_it(self, questions: Questions) -> None:
        question = await asked(questions)
        assert (await questions.edit(MIRA, question.id, f" {MILK} And sugar? ")).text == f"{MILK} And sugar?"
        with pytest.raises(NotFoundError):
            await questions.edit(TOM, question.id, "Something else entirely")
        await questions.want(GUILD, TOM.member_id, question.id)
        with pytest.raises(InvalidInputError):
            await questions.edit(MIRA, question.id, "Something else entirely")
        await questions.unwant(GUILD, TOM.member_id, question.id)
        await questions.approve(GUILD, question.id, 1)
        with pytest.raises(InvalidInputError):
            await questions.edit(MIRA, question.id, "Something else entirely")
        assert (await questions.find(GUILD, question.id)).text == f"{MILK} And sugar?"

    async def test_what_others_want_stays_without_who_asked_it(self, questions: Questions) -> None:
        alone, shared = await asked(questions), await asked(questions)
        await questions.want(GUILD, TOM.member_id, shared.id)
        for question in (alone, shared):
            await questions.withdraw(GUILD, MIRA.member_id, question.id)
        assert (await questions.find(GUILD, alone.id)).state is QuestionState.WITHDRAWN
        kept = await questions.find(GUILD, shared.id)
        assert (kept.state, kept.member_id, kept.asked_by, kept.wanted_by) == (QuestionState.OPEN, None, None, 1)


class TestReview:
    @pytest.mark.parametrize("first", [True, False])
    async def test_two_moderators_at_once_have_one_result(self, questions: Questions, first: bool) -> None:
        question = await asked(questions)
        acts = [questions.approve(GUILD, question.id, 1), questions.reject(GUILD, question.id, 2, "Off topic")]
        results = await asyncio.gather(*(acts if first else acts[::-1]))
        # A later decision may overrule an earlier one, but of two alike one does nothing.
        again = await asyncio.gather(*(questions.approve(GUILD, question.id, each) for each in (3, 4)))
        assert any(result.done for result in results)
        assert sum(result.done for result in again) <= 1
        kinds = [event.kind for event in await questions.history(GUILD, question.id)]
        assert kinds.count(Event.APPROVED) == sum(
            result.done for result in (*results, *again) if result.question.state is QuestionState.APPROVED
        )

    async def test_who_decided_when_is_kept(self, questions: Questions, clock: StandingClock) -> None:
        question = await asked(questions)
        clock.forward(hours=1)
        review = await questions.reject(GUILD, question.id, 7, "  Off topic ")
        assert (review.question.reason, review.question.reviewed_by, review.question.reviewed_at) == (
            "Off topic",
            7,
            clock.now,
        )
        reopened = (await questions.reopen(GUILD, question.id, 8)).question
        assert (reopened.state, reopened.reason, reopened.reviewed_by) == (QuestionState.OPEN, None, None)
        events = await questions.history(GUILD, question.id)
        assert [(event.kind, event.actor_id) for event in events] == [
            (Event.ASKED, None),
            (Event.REJECTED, 7),
            (Event.REOPENED, 8),
        ]

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    async def test_a_rejection_needs_a_reason(self, questions: Questions, reason: str) -> None:
        question = await asked(questions)
        with pytest.raises(InvalidInputError):
            await questions.reject(GUILD, question.id, 7, reason)
        assert (await questions.find(GUILD, question.id)).state is QuestionState.OPEN

    async def test_a_merge_adds_up_who_wants_it_and_is_undone_whole(self, questions: Questions) -> None:
        one, other = await asked(questions), await asked(questions, TOM)
        for member in (TOM.member_id, 77):
            await questions.want(GUILD, member, one.id)
        await questions.want(GUILD, 78, other.id)
        assert (await questions.merge(GUILD, other.id, one.id, 1)).done
        assert not (await questions.merge(GUILD, other.id, one.id, 1)).done
        assert (await questions.find(GUILD, one.id)).wanted_by == 4
        assert not (await questions.approve(GUILD, other.id, 1)).done
        assert (await questions.want(GUILD, 79, other.id)).id == one.id
        with pytest.raises(InvalidInputError):
            await questions.merge(GUILD, one.id, other.id, 1)
        assert (await questions.unmerge(GUILD, other.id, 1)).question.wanted_by == 2
        assert (await questions.find(GUILD, one.id)).wanted_by == 4

    async def test_what_was_asked_is_kept_beside_what_was_mended(self, questions: Questions) -> None:
        question = await asked(questions, text="Waht about milk in tea?")
        mended = (await questions.mend(GUILD, question.id, 1, MILK)).question
        assert (mended.text, mended.original) == (MILK, "Waht about milk in tea?")
        again = (await questions.mend(GUILD, question.id, 1, f"{MILK} Please.")).question
        assert again.original == "Waht about milk in tea?"
        back = (await questions.mend(GUILD, question.id, 1, "Waht about milk in tea?")).question
        assert back.original is None
        assert not (await questions.mend(GUILD, question.id, 1, "Waht about milk in tea?")).done

    async def test_what_its_asker_changes_after_it_was_mended_is_their_own_again(self, questions: Questions) -> None:
        question = await questions.submit(MIRA, NewQuestion("Waht about milk in tea?"))
        await questions.mend(GUILD, question.id, 1, MILK)
        changed = await questions.edit(MIRA, question.id, "Which tea do you drink?")
        assert changed.original is None
        assert await questions.find(GUILD, question.id) == changed

    async def test_a_flag_is_set_and_taken_away_once(self, questions: Questions) -> None:
        question = await asked(questions)
        for flagged in (True, False):
            assert (await questions.flag(GUILD, question.id, 1, flagged=flagged)).question.flagged is flagged
            assert not (await questions.flag(GUILD, question.id, 1, flagged=flagged)).done

    async def test_a_question_of_another_server_is_not_there(self, questions: Questions) -> None:
        question = await asked(questions)
        for act in (
            questions.approve(GUILD - 1, question.id, 1),
            questions.want(GUILD - 1, 5, question.id),
            questions.find(GUILD - 1, question.id),
            questions.history(GUILD - 1, question.id),
            questions.withdraw(GUILD - 1, MIRA.member_id, question.id),
        ):
            with pytest.raises(NotFoundError):
                await act


async def test_fifty_members_and_two_moderators_at_once_lose_nothing(
    questions: Questions, database_url: str, clock: StandingClock
) -> None:
    await unlimited(questions)
    question = await asked(questions)
    other = await Database.open(database_url)
    elsewhere = Questions(other, Interviews(other), clock)
    services = (questions, elsewhere)

    async def member(number: int) -> None:
        for service in services:
            await service.want(GUILD, 1000 + number, question.id)
        await asked(services[number % 2], Asker(GUILD, 1000 + number, str(number)), f"{MILK} {number}")

    async def moderator(number: int) -> None:
        for each in range(10):
            await services[number].flag(GUILD, question.id, number, flagged=each % 2 == 0)

    await asyncio.gather(*(member(number) for number in range(50)), moderator(0), moderator(1))
    await other.close()
    assert (await questions.find(GUILD, question.id)).wanted_by == 51
    assert (await questions.listed(GUILD, QuestionFilter())).count == 51
