"""What two processes do to the same rows at the same time comes out as if one had waited for the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import cycle

import pytest

from bot.domain.drafts import Draft, DraftKey
from bot.domain.gaps import KEPT_FOR
from bot.domain.privacy import REFUSED_KEPT_FOR
from bot.domain.publications import Letter, PostedAt
from bot.domain.questions import Asker, NewQuestion, Notify, Question, QuestionRules, QuestionState, Wish
from bot.errors import DatabaseError, InvalidInputError, NotAllowedError, NotFoundError
from bot.services import Services
from bot.services.dispatcher import Pace
from bot.services.publications import mark_of_answer
from bot.services.quotes import QuoteRef
from bot.storage.database import Database
from bot.storage.interviews import count_up_library_revision, library_revision
from tests.at_once import at_once, processes
from tests.conftest import StandingClock
from tests.databases import rows

GUILD, OTHER, ADMIN, MEMBER = 81384788765712384, 81384788765712999, 5, 700
MIRA = Asker(GUILD, MEMBER, "Mira")
MILK = "What about milk in the tea?"
MANY = 50


@pytest.fixture
async def both(services: Services, database_url: str, clock: StandingClock) -> AsyncIterator[list[Services]]:
    async with processes(database_url, clock, 1) as others:
        yield [services, *others]


def turns(both: list[Services], count: int) -> list[Services]:
    """Return so many processes, of which each comes again and again."""
    return [process for process, _ in zip(cycle(both), range(count), strict=False)]


async def ask(services: Services, asker: Asker = MIRA, text: str = MILK, wish: Wish | None = None) -> Question:
    return await services.questions.submit(asker, NewQuestion(text, wish=wish or Wish()))


async def unlimited(services: Services) -> None:
    await services.questions.set_rules(GUILD, QuestionRules(a_member=0, a_day=0))


class TestQuestions:
    async def test_everybody_who_wants_one_is_counted_once(self, both: list[Services], database_url: str) -> None:
        question = await ask(both[0])
        wanting = [
            process.questions.want(GUILD, MEMBER + 1 + number // 2, question.id)
            for number, process in enumerate(turns(both, 2 * MANY))
        ]
        done, refused = await at_once(wanting)
        assert refused == []
        assert max(each.wanted_by for each in done) == 1 + MANY
        assert (await both[1].questions.find(GUILD, question.id)).wanted_by == 1 + MANY
        assert rows(database_url, "SELECT count(*) FROM me_toos") == [(MANY,)]

    async def test_a_members_limit_of_a_day_holds(self, both: list[Services]) -> None:
        await both[0].questions.set_rules(GUILD, QuestionRules(a_member=3, a_day=0))
        done, refused = await at_once(ask(process) for process in turns(both, 10))
        assert len(done) == 3
        assert {type(each) for each in refused} == {NotAllowedError}

    async def test_a_servers_limit_of_a_day_holds(self, both: list[Services]) -> None:
        await both[0].questions.set_rules(GUILD, QuestionRules(a_member=0, a_day=4))
        askers = [Asker(GUILD, MEMBER + number, "x") for number in range(10)]
        done, _ = await at_once(ask(process, asker) for process, asker in zip(turns(both, 10), askers, strict=True))
        assert len(done) == 4

    async def test_a_form_is_used_once(self, both: list[Services], database_url: str) -> None:
        await unlimited(both[0])
        key = DraftKey(MEMBER, GUILD, "question")
        await both[0].drafts.keep(key, Draft())
        done, refused = await at_once(
            process.questions.submit(MIRA, NewQuestion(MILK), key) for process in turns(both, 6)
        )
        assert len(done) == 1
        assert {type(each) for each in refused} == {NotFoundError}
        assert rows(database_url, "SELECT count(*) FROM questions") == [(1,)]

    async def test_only_one_moderator_decides(self, both: list[Services], database_url: str) -> None:
        question = await ask(both[0])
        decisions = [
            process.questions.approve(GUILD, question.id, ADMIN + number, QuestionState.OPEN)
            if number % 3
            else process.questions.reject(GUILD, question.id, ADMIN + number, "No.", QuestionState.OPEN)
            for number, process in enumerate(turns(both, 8))
        ]
        done, refused = await at_once(decisions)
        assert (len([review for review in done if review.done]), refused) == (1, [])
        assert rows(database_url, "SELECT count(*) FROM question_events") == [(2,)]

    async def test_two_are_never_merged_into_each_other(self, both: list[Services]) -> None:
        first, second = await ask(both[0]), await ask(both[0])
        await at_once(
            (
                both[0].questions.merge(GUILD, first.id, second.id, ADMIN),
                both[1].questions.merge(GUILD, second.id, first.id, ADMIN),
            )
        )
        found = [await both[0].questions.find(GUILD, each.id) for each in (first, second)]
        assert len([each for each in found if each.merged_into is None]) == 1

    async def test_a_member_is_blocked_once(self, both: list[Services]) -> None:
        done, refused = await at_once(process.questions.block(GUILD, MEMBER, ADMIN) for process in turns(both, 6))
        assert (sorted(done), refused) == ([False] * 5 + [True], [])
        assert await both[0].questions.blocked(GUILD) == [MEMBER]

    async def test_a_comment_is_taken_once(self, both: list[Services], database_url: str) -> None:
        done, refused = await at_once(process.asking.take_comments(GUILD) for process in turns(both, 4))
        assert refused == []
        new = [sum(each.new for each in taken) for taken in done]
        assert sorted(new)[:3] == [0, 0, 0]
        assert rows(database_url, "SELECT count(*), count(DISTINCT comment_key) FROM questions") == [(max(new),) * 2]
        assert max(new) > 1

    async def test_changes_of_many_are_all_counted_up(self, both: list[Services], database_url: str) -> None:
        await unlimited(both[0])
        before = rows(database_url, "SELECT questions_revision FROM guilds") or [(0,)]
        askers = [Asker(GUILD, MEMBER + number, "x") for number in range(20)]
        await at_once(ask(process, asker) for process, asker in zip(turns(both, 20), askers, strict=True))
        ((after,),) = rows(database_url, "SELECT questions_revision FROM guilds")
        assert after == before[0][0] + 20


class TestAnswers:
    async def test_one_is_published_once(self, both: list[Services], database_url: str) -> None:
        question = await ask(both[0], wish=Wish(Notify.DM))
        done, refused = await at_once(
            process.publications.publish(GUILD, question.id, "With milk.", True, ADMIN) for process in turns(both, 6)
        )
        assert refused == []
        assert len({answer.id for answer in done}) == 1
        assert rows(database_url, "SELECT count(*) FROM answer_versions") == [(1,)]
        assert rows(database_url, "SELECT member_id FROM notices") == [(MEMBER,)]
        assert rows(database_url, "SELECT answers_revision FROM guilds") == [(1,)]

    async def test_who_was_slower_reads_that(self, both: list[Services]) -> None:
        question = await ask(both[0])
        done, refused = await at_once(
            process.publications.publish(GUILD, question.id, f"{number} milks.", True, ADMIN, seen=mark_of_answer(None))
            for number, process in enumerate(turns(both, 4))
        )
        assert len(done) == 1
        assert {type(each) for each in refused} == {InvalidInputError}

    async def test_each_letter_is_sent_once(self, both: list[Services], database_url: str) -> None:
        await unlimited(both[0])
        for number in range(3):
            question = await ask(both[0], Asker(GUILD, MEMBER + number, "x"), wish=Wish(Notify.DM))
            for more in range(40):
                await both[0].questions.want(GUILD, 2000 + 100 * number + more, question.id, Wish(Notify.DM))
            await both[0].publications.publish(GUILD, question.id, "With milk.", True, ADMIN)
        sent: list[int] = []

        class Sender:
            async def send(self, letter: Letter) -> PostedAt | None:
                sent.extend(letter.members)
                await asyncio.sleep(0)
                return None

        for process in both:
            process.publications._notices._pace = Pace(1_000_000)
        _, refused = await at_once(process.publications.send_due(Sender()) for process in both)
        assert refused == []
        assert len(sent) == len(set(sent)) == 3 * 41
        assert rows(database_url, "SELECT DISTINCT state FROM notices") == [("sent",)]


class TestMembers:
    async def test_a_favourite_is_there_or_not_and_never_twice(self, both: list[Services], database_url: str) -> None:
        quote = (await both[0].interviews.library()).quotes[0]
        ref = QuoteRef(quote.interview, quote.turn, quote.key)
        members = [MEMBER + number for number in range(10)]
        done, refused = await at_once(
            process.favourites.toggle(member, ref) for member in members for process in turns(both, 3)
        )
        assert (len(done), refused) == (30, [])
        kept = rows(database_url, "SELECT member_id FROM favourites ORDER BY member_id")
        assert [member for (member,) in kept] == sorted({member for (member,) in kept})

    async def test_of_drafts_the_last_is_kept(self, both: list[Services], database_url: str) -> None:
        key = DraftKey(MEMBER, GUILD, "question")
        drafts = [Draft({"text": [str(number)]}) for number in range(10)]
        _, refused = await at_once(
            process.drafts.keep(key, draft) for process, draft in zip(turns(both, 10), drafts, strict=True)
        )
        assert refused == []
        assert rows(database_url, "SELECT count(*) FROM drafts") == [(1,)]

    async def test_who_is_forgotten_meanwhile_leaves_nothing_half(
        self, both: list[Services], database_url: str
    ) -> None:
        await unlimited(both[0])
        question = await ask(both[0], Asker(GUILD, 1, "x"))
        _, refused = await at_once(
            [
                *(ask(process) for process in turns(both, 5)),
                *(process.questions.want(GUILD, MEMBER, question.id) for process in both),
                both[1].privacy.forget(MEMBER, with_questions=True),
            ]
        )
        assert refused == []
        wanting = rows(database_url, "SELECT count(*) FROM me_toos")[0][0]
        assert (await both[0].questions.find(GUILD, question.id)).wanted_by == 1 + wanting


class TestGaps:
    async def test_what_was_asked_in_vain_is_counted_each_time(self, both: list[Services], database_url: str) -> None:
        async def vain(process: Services, number: int) -> None:
            for guild_id in (GUILD, OTHER)[:: 1 if number % 2 else -1]:
                await process.gaps.record_miss(guild_id, "does he like coffee")
            await process.gaps.save()

        _, refused = await at_once(vain(process, number) for number, process in enumerate(turns(both, 20)))
        assert refused == []
        assert rows(database_url, "SELECT count, count(*) FROM misses GROUP BY count") == [(20, 2)]

    async def test_a_wording_is_taught_to_one_exchange(self, both: list[Services], database_url: str) -> None:
        await both[0].gaps.record_miss(GUILD, "which vessel carries him")
        await both[0].gaps.save()
        key = (await both[0].gaps.page(GUILD, 0)).gaps[0].gap.key
        refs = list((await both[0].interviews.library()).exchanges)[:4]
        done, refused = await at_once(
            process.gaps.teach(GUILD, key, ref, ADMIN, everywhere=False)
            for process, ref in zip(turns(both, 4), refs, strict=True)
        )
        # Who comes late finds that it is taught already.
        assert done
        assert {type(each) for each in refused} <= {NotFoundError}
        assert rows(database_url, "SELECT count(*) FROM taught_aliases") == [(1,)]
        assert rows(database_url, "SELECT taught_revision FROM guilds") == [(len(done),)]

    async def test_old_ones_are_forgotten_while_others_come(
        self, both: list[Services], database_url: str, clock: StandingClock
    ) -> None:
        async def vain(process: Services) -> None:
            for guild_id in (GUILD, OTHER):
                await process.gaps.record_miss(guild_id, "does he like coffee")
            await process.gaps.save()

        await vain(both[0])
        clock.now += KEPT_FOR + timedelta(seconds=1)
        _, refused = await at_once(
            doing for process in turns(both, 6) for doing in (vain(process), process.gaps.forget_old())
        )
        assert refused == []
        assert rows(database_url, "SELECT DISTINCT count FROM misses") == [(6,)]


class TestServers:
    async def test_two_processes_enter_one_at_once(self, both: list[Services], database_url: str) -> None:
        doings = [
            *(process.guilds.set_answers_private(GUILD, private=True) for process in both),
            *(process.deliveries.set_daily(GUILD, 7, "09:00", "UTC") for process in both),
            *(process.guilds.set_keep_misses(GUILD, keep=False) for process in both),
        ]
        _, refused = await at_once(doings)
        assert refused == []
        assert rows(database_url, "SELECT id, daily_minute FROM guilds") == [(GUILD, 540)]
        settings = await both[1].guilds.settings(GUILD)
        assert (settings.answers_private, settings.keep_misses) == (True, False)

    async def test_a_post_is_skipped_once(self, both: list[Services], database_url: str) -> None:
        await both[0].deliveries.set_daily(GUILD, 7, "09:00", "UTC")
        done, refused = await at_once(process.deliveries.skip(GUILD) for process in turns(both, 4))
        assert refused == []
        assert sorted(new for _, new in done) == [False, False, False, True]
        assert rows(database_url, "SELECT count(*) FROM deliveries") == [(1,)]

    async def test_what_is_too_old_goes_whoever_tidies(
        self, both: list[Services], database_url: str, clock: StandingClock
    ) -> None:
        await unlimited(both[0])
        for number in range(30):
            question = await ask(both[0], Asker(GUILD, MEMBER + number, "x"))
            await both[0].questions.reject(GUILD, question.id, ADMIN, "No.")
        clock.now += REFUSED_KEPT_FOR + timedelta(seconds=1)
        _, refused = await at_once(process.retention.tidy() for process in both)
        assert refused == []
        assert rows(database_url, "SELECT count(*) FROM questions") == [(0,)]

    async def test_the_revision_of_the_library_counts_each_change(self, database: Database, database_url: str) -> None:
        other = await Database.open(database_url)

        async def change(database: Database) -> None:
            async with database.write([]) as connection:
                await count_up_library_revision(connection)

        await at_once(change(each) for each in (database, other) * 10)
        async with database.read() as connection:
            assert await library_revision(connection) == 20
        await other.close()


@pytest.mark.only("postgresql")
async def test_who_writes_of_one_server_does_not_wait_for_another(database: Database, database_url: str) -> None:
    other = await Database.open(database_url)
    async with database.write([GUILD]):
        async with asyncio.timeout(10), other.write([OTHER]):
            pass
        with pytest.raises((TimeoutError, DatabaseError)):
            async with asyncio.timeout(0.5), other.write([GUILD]):
                pass
    await other.close()
