"""Word of answers, sent over a real database through a stand-in for Discord that fails as it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.nonces import NONCE_FRESH
from bot.domain.privacy import NOTICES_KEPT_FOR
from bot.domain.publications import (
    LEASE,
    MOST_ATTEMPTS,
    Channel,
    Letter,
    NoticeState,
    PostedAt,
    pause_after,
)
from bot.domain.questions import Asker, NewQuestion, Notify, Question, Wish
from bot.domain.shards import Shards, shard_of
from bot.services import Services
from bot.services.dispatcher import PostFailedError, PostRefusedError
from bot.services.notices import BATCH, LETTERS_A_SECOND, Notices
from bot.services.publications import Publications
from bot.storage.database import Database
from bot.storage.questions import change_question
from tests.conftest import StandingClock
from tests.waiting import until

GUILD, OTHER_GUILD, ADMIN = 81384788765712384, 81384788765712385, 5
POST_CHANNEL, CHANNEL = 901, 902
MIRA, TOM, ADA = (Asker(GUILD, number, name) for number, name in ((11, "Mira"), (12, "Tom"), (13, "Ada")))
DOGS = "Do zebras ever dream about marmalade sandwiches?"
ANSWER, BETTER = "Every one of them does.", "None of them does."
DM = Wish(Notify.DM, CHANNEL)
HERE = Wish(Notify.CHANNEL, CHANNEL)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Discord:
    """Where the network would begin: what arrived, by nonce, and what goes wrong."""

    arrived: dict[str, Letter] = field(default_factory=dict)
    tried: list[Letter] = field(default_factory=list)
    problem: Callable[[Letter], BaseException | None] = lambda _: None
    lost: bool = False  # what arrives is not confirmed
    while_sending: Callable[[], object] = lambda: None

    async def send(self, letter: Letter) -> PostedAt | None:
        self.tried.append(letter)
        if self.lost:
            self.arrived.setdefault(letter.nonce, letter)
        if (problem := self.problem(letter)) is not None:
            raise problem
        result = self.while_sending()
        if asyncio.iscoroutine(result):
            await result
        # Discord takes a nonce that it knows for the message that it has.
        assert letter.kind is Channel.MEND or letter.nonce not in self.arrived or self.lost
        self.arrived[letter.nonce if letter.kind is not Channel.MEND else f"mend {len(self.tried)}"] = letter
        return PostedAt(POST_CHANNEL, 777) if letter.kind is Channel.POST else None

    def kinds(self) -> list[Channel]:
        return [letter.kind for letter in self.arrived.values()]

    def to(self, member: Asker) -> list[Letter]:
        return [letter for letter in self.arrived.values() if member.member_id in letter.members]


@pytest.fixture
def discord() -> Discord:
    return Discord()


async def answered(services: Services, wish: Wish = DM, *, post: bool = False) -> Question:
    if post:
        rules = await services.questions.rules(GUILD)
        await services.questions.set_rules(GUILD, replace(rules, answer_channel_id=POST_CHANNEL))
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=wish))
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    return question


async def states(database_url: str) -> dict[int, NoticeState]:
    database = await Database.open(database_url)
    async with database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT member_id, state FROM notices")).mappings()
        found = {row["member_id"]: NoticeState(row["state"]) for row in rows}
    await database.close()
    return found


async def test_the_post_comes_first_and_each_is_told_once(services: Services, discord: Discord) -> None:
    rules = await services.questions.rules(GUILD)
    await services.questions.set_rules(GUILD, replace(rules, answer_channel_id=POST_CHANNEL))
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=DM))
    await services.questions.want(GUILD, TOM.member_id, question.id, DM)
    await services.questions.want(GUILD, ADA.member_id, question.id, Wish())
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    for _ in range(3):
        await services.publications.send_due(discord)
    assert discord.kinds() == [Channel.POST, Channel.DM, Channel.DM]
    (to_mira,), (to_tom,) = discord.to(MIRA), discord.to(TOM)
    assert discord.to(ADA) == []
    assert to_mira.publication.answer.post == PostedAt(POST_CHANNEL, 777)
    assert (to_mira.asked, to_tom.asked) == (DOGS, None)
    assert len(discord.tried) == 3


async def test_those_who_asked_in_one_channel_share_a_message(services: Services, discord: Discord) -> None:
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=HERE))
    await services.questions.want(GUILD, TOM.member_id, question.id, HERE)
    await services.questions.want(GUILD, ADA.member_id, question.id, Wish(Notify.CHANNEL, CHANNEL + 1))
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    await services.publications.send_due(discord)
    told = {letter.channel_id: set(letter.members) for letter in discord.tried}
    assert told == {CHANNEL: {MIRA.member_id, TOM.member_id}, CHANNEL + 1: {ADA.member_id}}
    assert discord.kinds() == [Channel.MENTION] * 2


async def test_who_asked_anonymously_is_never_mentioned(
    services: Services, discord: Discord, database_url: str
) -> None:
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=DM, anonymous=True))
    database = await Database.open(database_url)
    async with database.write() as connection:  # such a wish is refused by now; it may have been stored before
        await change_question(connection, question, notify=Notify.CHANNEL, channel_id=CHANNEL)
    await database.close()
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    await services.publications.send_due(discord)
    assert discord.kinds() == [Channel.DM]


async def test_who_asked_what_was_merged_is_told_with_their_own_words(services: Services, discord: Discord) -> None:
    root = await services.questions.submit(MIRA, NewQuestion(DOGS))
    merged = await services.questions.submit(TOM, NewQuestion("What do zebras dream about?", wish=DM))
    await services.questions.merge(GUILD, merged.id, root.id, ADMIN)
    await services.publications.publish(GUILD, root.id, ANSWER, True, ADMIN)
    await services.publications.send_due(discord)
    (letter,) = discord.tried
    assert (letter.members, letter.asked) == ((TOM.member_id,), merged.text)


async def test_a_refusal_is_not_tried_again_and_stops_nobody(
    services: Services, discord: Discord, database_url: str
) -> None:
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=DM))
    await services.questions.want(GUILD, TOM.member_id, question.id, DM)
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    discord.problem = lambda letter: PostRefusedError("50007") if MIRA.member_id in letter.members else None
    for _ in range(2):
        await services.publications.send_due(discord)
    assert await states(database_url) == {MIRA.member_id: NoticeState.REFUSED, TOM.member_id: NoticeState.SENT}
    assert len(discord.tried) == 2


async def test_trouble_is_tried_again_for_a_day_with_growing_pauses(
    services: Services, discord: Discord, clock: StandingClock, database_url: str
) -> None:
    await answered(services)
    begin = clock.now
    discord.problem = lambda _: PostFailedError("503", in_doubt=False)
    for attempt in range(1, MOST_ATTEMPTS):
        pause = await services.publications.send_due(discord)
        assert len(discord.tried) == attempt
        assert pause <= timedelta(minutes=1)
        clock.now += pause_after(attempt) - timedelta(seconds=1)
        await services.publications.send_due(discord)
        assert len(discord.tried) == attempt
        clock.forward(seconds=1)
    assert timedelta(hours=20) < clock.now - begin < timedelta(hours=28)
    await services.publications.send_due(discord)
    assert await states(database_url) == {MIRA.member_id: NoticeState.REFUSED}


async def test_what_discord_forgives_arrives(services: Services, discord: Discord, clock: StandingClock) -> None:
    await answered(services)
    discord.problem = lambda _: PostFailedError("503", in_doubt=False)
    await services.publications.send_due(discord)
    discord.problem = lambda _: None
    clock.now += pause_after(1)
    await services.publications.send_due(discord)
    assert discord.kinds() == [Channel.DM]


async def test_a_post_in_trouble_does_not_hold_up_word_of_it_for_long(
    services: Services, discord: Discord, clock: StandingClock
) -> None:
    await answered(services, post=True)
    discord.problem = lambda letter: PostFailedError("503", in_doubt=False) if letter.kind is Channel.POST else None
    await services.publications.send_due(discord)
    assert discord.kinds() == []
    for _ in range(10):
        clock.forward(minutes=1)
        await services.publications.send_due(discord)
    assert discord.kinds() == [Channel.DM]


@pytest.mark.parametrize("arrives", [True, False])
async def test_what_was_cut_off_is_sent_again_while_its_nonce_guards_it(
    services: Services, discord: Discord, clock: StandingClock, database_url: str, arrives: bool
) -> None:
    await answered(services)
    discord.lost = arrives
    discord.problem = lambda _: Killed()
    with pytest.raises(Killed):
        await services.publications.send_due(discord)
    assert await states(database_url) == {MIRA.member_id: NoticeState.CLAIMED}
    discord.problem = lambda _: None
    clock.now += LEASE - timedelta(seconds=1)
    await services.publications.send_due(discord)
    assert len(discord.tried) == 1
    clock.forward(seconds=1)
    await services.publications.send_due(discord)
    first, second = discord.tried
    assert first.nonce == second.nonce
    assert len(discord.arrived) == 1
    assert await states(database_url) == {MIRA.member_id: NoticeState.SENT}


async def test_what_was_cut_off_longer_ago_is_never_sent_twice(
    services: Services, discord: Discord, clock: StandingClock, database_url: str
) -> None:
    await answered(services)
    discord.problem = lambda _: Killed()
    with pytest.raises(Killed):
        await services.publications.send_due(discord)
    discord.problem = lambda _: None
    clock.now += NONCE_FRESH
    for _ in range(3):
        await services.publications.send_due(discord)
        clock.forward(hours=1)
    assert len(discord.tried) == 1
    assert await states(database_url) == {MIRA.member_id: NoticeState.UNKNOWN}


async def test_in_doubt_it_is_tried_while_its_nonce_guards_it_and_then_no_more(
    services: Services, discord: Discord, clock: StandingClock, database_url: str
) -> None:
    await answered(services)
    begin = clock.now
    discord.problem = lambda _: PostFailedError("timed out")
    last = begin
    for _ in range(40):
        before = len(discord.tried)
        pause = await services.publications.send_due(discord)
        last = clock.now if len(discord.tried) > before else last
        clock.now += max(pause, timedelta(seconds=5))
    assert 2 <= len(discord.tried) < 12
    assert last - begin < NONCE_FRESH
    assert len({letter.nonce for letter in discord.tried}) == 1
    assert await states(database_url) == {MIRA.member_id: NoticeState.UNKNOWN}


async def test_two_processes_send_it_once(
    services: Services, discord: Discord, clock: StandingClock, database_url: str
) -> None:
    await answered(services, post=True)
    other = await Database.open(database_url)
    theirs = Publications(other, clock)
    for _ in range(2):
        await asyncio.gather(services.publications.send_due(discord), theirs.send_due(discord))
    await other.close()
    assert sorted(letter.kind for letter in discord.tried) == [Channel.DM, Channel.POST]


async def test_an_error_of_its_own_stops_no_other(
    services: Services, discord: Discord, caplog: pytest.LogCaptureFixture
) -> None:
    await answered(services)
    theirs = await services.questions.submit(Asker(OTHER_GUILD, 21, "Eve"), NewQuestion(DOGS, wish=DM))
    await services.publications.publish(OTHER_GUILD, theirs.id, ANSWER, True, ADMIN)
    discord.problem = lambda letter: ZeroDivisionError() if MIRA.member_id in letter.members else None
    await services.publications.send_due(discord)
    assert [letter.members for letter in discord.arrived.values()] == [(21,)]
    assert "ZeroDivisionError" in caplog.text


class TestMend:
    async def test_an_edit_changes_the_post_and_tells_nobody_again(self, services: Services, discord: Discord) -> None:
        question = await answered(services, post=True)
        await services.publications.send_due(discord)
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.send_due(discord)
        await services.publications.send_due(discord)
        assert discord.kinds() == [Channel.POST, Channel.DM, Channel.MEND]
        assert discord.tried[-1].publication.answer.text == BETTER
        assert discord.tried[-1].publication.answer.post == PostedAt(POST_CHANNEL, 777)

    async def test_it_is_the_same_when_who_was_told_is_forgotten(
        self, services: Services, discord: Discord, clock: StandingClock, database_url: str
    ) -> None:
        question = await answered(services, post=True)
        await services.publications.send_due(discord)
        clock.now += NOTICES_KEPT_FOR + timedelta(seconds=1)
        await services.retention.tidy()
        assert await states(database_url) == {0: NoticeState.SENT}
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.send_due(discord)
        await services.publications.retract(GUILD, question.id, ADMIN)
        await services.publications.send_due(discord)
        assert [letter.kind for letter in discord.tried] == [Channel.POST, Channel.DM, Channel.MEND, Channel.MEND]

    async def test_taking_back_strikes_the_post_and_tells_nobody_who_was_not_told(
        self, services: Services, discord: Discord
    ) -> None:
        question = await answered(services, post=True)
        discord.problem = lambda letter: PostFailedError("503", in_doubt=False) if letter.kind is Channel.DM else None
        await services.publications.send_due(discord)
        discord.problem = lambda _: None
        await services.publications.retract(GUILD, question.id, ADMIN)
        await services.publications.send_due(discord)
        assert discord.kinds() == [Channel.POST, Channel.MEND]
        assert not discord.tried[-1].publication.answer.is_published

    async def test_what_is_restored_is_posted_as_before_and_told_to_those_who_wait(
        self, services: Services, discord: Discord, clock: StandingClock
    ) -> None:
        question = await answered(services, post=True)
        await services.publications.send_due(discord)
        await services.publications.retract(GUILD, question.id, ADMIN)
        await services.questions.want(GUILD, TOM.member_id, question.id, DM)
        await services.publications.send_due(discord)
        clock.forward(hours=1)
        await services.publications.publish(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.send_due(discord)
        assert len(discord.to(MIRA)) == len(discord.to(TOM)) == 1
        assert discord.kinds().count(Channel.POST) == 1
        assert discord.kinds().count(Channel.MEND) == 2

    async def test_what_is_changed_while_it_is_sent_is_mended(
        self, services: Services, discord: Discord, database_url: str
    ) -> None:
        question = await answered(services, Wish(), post=True)
        discord.while_sending = lambda: services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.send_due(discord)
        assert discord.kinds() == [Channel.POST, Channel.MEND]
        assert discord.tried[-1].publication.answer.text == BETTER
        assert await states(database_url) == {0: NoticeState.SENT}

    async def test_trouble_is_tried_again_and_a_cut_is_made_good(
        self, services: Services, discord: Discord, clock: StandingClock, database_url: str
    ) -> None:
        question = await answered(services, Wish(), post=True)
        await services.publications.send_due(discord)
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        for problem in (PostFailedError("timed out"), PostFailedError("503", in_doubt=False)):
            discord.problem = lambda _, problem=problem: problem  # type: ignore[misc]
            await services.publications.send_due(discord)
            clock.forward(hours=2)
        discord.problem = lambda _: Killed()
        with pytest.raises(Killed):
            await services.publications.send_due(discord)
        discord.problem = lambda _: None
        clock.now += LEASE
        await services.publications.send_due(discord)
        assert discord.kinds() == [Channel.POST, Channel.MEND]
        assert await states(database_url) == {0: NoticeState.SENT}

    async def test_a_post_that_may_not_be_changed_is_changed_later(self, services: Services, discord: Discord) -> None:
        question = await answered(services, Wish(), post=True)
        await services.publications.send_due(discord)
        discord.problem = lambda _: PostRefusedError("50013")
        await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
        await services.publications.send_due(discord)
        discord.problem = lambda _: None
        await services.publications.retract(GUILD, question.id, ADMIN)
        await services.publications.send_due(discord)
        assert discord.kinds() == [Channel.POST, Channel.MEND]


async def test_publishing_wakes_the_round_and_stopping_ends_it(services: Services, discord: Discord) -> None:
    running = asyncio.create_task(services.publications.run(discord))
    await asyncio.sleep(0)
    await answered(services)
    await until(lambda: discord.arrived)
    services.publications.stop()
    await running


async def test_what_was_not_begun_is_left_to_the_next_start(
    services: Services, discord: Discord, clock: StandingClock, database_url: str
) -> None:
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=DM))
    await services.questions.want(GUILD, TOM.member_id, question.id, DM)
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    discord.while_sending = services.publications.stop
    await services.publications.send_due(discord)
    assert len(discord.arrived) == 1
    assert sorted((await states(database_url)).values()) == [NoticeState.PENDING, NoticeState.SENT]
    discord.while_sending = lambda: None
    await Publications(services.publications._database, clock).send_due(discord)
    assert len(discord.arrived) == 2


async def test_who_has_many_to_tell_stops_at_once_and_leaves_what_was_not_begun(
    services: Services, discord: Discord, database: Database, database_url: str, clock: StandingClock
) -> None:
    question = await services.questions.submit(MIRA, NewQuestion(DOGS, wish=DM))
    for number in range(20, 40):
        await services.questions.want(GUILD, number, question.id, DM)
    await services.publications.publish(GUILD, question.id, ANSWER, True, ADMIN)
    # A small part of many: a minute for all of them.
    notices = Notices(database, clock, Shards(60, (shard_of(GUILD, 60),)))
    discord.while_sending = notices.rounds.stop
    await asyncio.wait_for(notices.send_due(discord), 10)
    assert len(discord.arrived) == 1
    assert set((await states(database_url)).values()) == {NoticeState.PENDING, NoticeState.SENT}


def test_what_is_claimed_at_once_is_sent_long_before_anybody_takes_it_back(
    database: Database, clock: StandingClock
) -> None:
    for of in (1, 10, 1000, 100_000):
        notices = Notices(database, clock, Shards(of))
        assert 1 <= notices.batch <= BATCH
        assert notices.batch == 1 or notices.batch * of / LETTERS_A_SECOND < NONCE_FRESH.total_seconds() / 2


async def test_a_post_that_was_refused_is_tried_again_with_the_next_change(
    services: Services, discord: Discord
) -> None:
    discord.problem = lambda _: PostRefusedError("Missing Permissions")
    question = await answered(services, post=True)
    await services.publications.send_due(discord)
    discord.problem = lambda _: None
    await services.publications.edit(GUILD, question.id, "In other words.", True, ADMIN)
    await services.publications.send_due(discord)
    (post,) = discord.arrived.values()
    assert (post.kind, post.publication.answer.text) == (Channel.POST, "In other words.")


async def test_each_process_sends_word_to_its_own_servers(
    services: Services, discord: Discord, database: Database, database_url: str, clock: StandingClock
) -> None:
    number = shard_of(GUILD, 2)
    ours, theirs = (Notices(database, clock, Shards(2, (each,))) for each in (number, 1 - number))
    question = await answered(services)
    discord.problem = lambda _: Killed()
    with pytest.raises(Killed):
        await ours.send_due(discord)
    discord.problem = lambda _: None
    clock.now += NONCE_FRESH + timedelta(seconds=1)
    await theirs.send_due(discord)
    assert (await states(database_url))[MIRA.member_id] is NoticeState.CLAIMED
    await services.publications.edit(GUILD, question.id, BETTER, True, ADMIN)
    discord.tried.clear()
    await ours.send_due(discord)
    assert (await states(database_url))[MIRA.member_id] is NoticeState.UNKNOWN
