"""Cards in the background, with a board that does what Discord may do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.privacy import ASKER_KEPT_FOR, REFUSED_KEPT_FOR
from bot.domain.questions import Asker, NewQuestion, Question, QuestionRules, QuestionState
from bot.domain.shards import Shards
from bot.errors import DatabaseError
from bot.services import Services
from bot.services.dispatcher import PostFailedError
from bot.services.reviewing import BATCH, FIRST_PAUSE, LOOK_EVERY, Card, CardRefusedError, Reviewing
from bot.storage.database import Database
from bot.storage.questions import cards_of_member, set_card
from tests.conftest import StandingClock

GUILD, OTHER, ROOM, ROOM_OF_OTHER, TOM = 1, 2, 11, 22, 5


@dataclass
class FakeBoard:
    """Keeps what was posted; some channels refuse everything, some questions fail once."""

    closed: set[int] = field(default_factory=set)
    failing: set[int] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    posted: list[int] = field(default_factory=list)
    shown: dict[int, Question] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    closed_to_removal: bool = False

    async def post(self, channel_id: int, question: Question) -> int:
        await asyncio.sleep(0)
        if channel_id in self.closed:
            self.refused.append(question.id)
            raise CardRefusedError("Send Messages is missing")
        if question.id in self.failing:
            self.failing.remove(question.id)
            raise TimeoutError
        self.posted.append(question.id)
        self.shown[question.id] = question
        return 1000 + question.id

    async def redraw(self, channel_id: int, message_id: int, question: Question) -> None:
        await asyncio.sleep(0)
        if channel_id in self.closed:
            raise CardRefusedError("Missing Access")
        if question.id in self.failing:
            self.failing.remove(question.id)
            raise TimeoutError
        assert message_id == 1000 + question.id
        self.shown[question.id] = question

    async def remove(self, channel_id: int, message_id: int) -> None:
        if channel_id in self.closed:
            raise TimeoutError
        if self.closed_to_removal:
            raise PostFailedError("Discord is away")
        self.removed.append(message_id)


@pytest.fixture
async def board(services: Services) -> FakeBoard:
    for guild, room in ((GUILD, ROOM), (OTHER, ROOM_OF_OTHER)):
        await services.questions.set_rules(guild, QuestionRules(review_channel_id=room, a_member=0, a_day=0))
    return FakeBoard()


async def ask(services: Services, guild: int = GUILD, text: str = "What about milk in tea?") -> Question:
    return await services.questions.submit(Asker(guild, 7, "Mira"), NewQuestion(text))


async def cards_of(services: Services, member_id: int) -> list[Card]:
    async with services.reviewing._database.read() as connection:
        return [Card(*row) for row in await cards_of_member(connection, member_id)]


async def rest(reviewing: Reviewing, board: FakeBoard) -> None:
    """Work until nothing is to do for a while."""
    for _ in range(100):
        if await reviewing.work(board):
            return
    raise AssertionError("it never rests")


async def test_a_new_question_gets_its_card_at_once_and_only_one(services: Services, board: FakeBoard) -> None:
    await rest(services.reviewing, board)
    question = await ask(services)
    for _ in range(2):
        services.reviewing.show(GUILD, question.id)
        await rest(services.reviewing, board)
    assert board.posted == [question.id]


async def test_after_a_restart_what_has_no_card_yet_gets_one(
    services: Services, board: FakeBoard, database_url: str, clock: StandingClock
) -> None:
    first = await ask(services)
    services.reviewing.show(GUILD, first.id)
    await rest(services.reviewing, board)
    second = await ask(services)
    other = await Database.open(database_url)
    await rest(Reviewing(other, clock), board)
    await other.close()
    assert board.posted == [first.id, second.id]


async def test_another_process_looks_after_its_own_servers(
    services: Services, board: FakeBoard, database: Database, clock: StandingClock
) -> None:
    second = Shards(2, (1,))
    theirs, ours = [await ask(services, guild) for guild in (GUILD, OTHER)]
    assert not any(second.own(guild) for guild in (GUILD, OTHER))
    await rest(Reviewing(database, clock, second), board)
    assert board.posted == []
    await rest(Reviewing(database, clock, Shards(2, (0,))), board)
    assert sorted(board.posted) == [theirs.id, ours.id]


async def test_what_needs_no_card_gets_none(services: Services, board: FakeBoard) -> None:
    decided, merged, target = [await ask(services) for _ in range(3)]
    nowhere = await ask(services, 3)
    await services.questions.approve(GUILD, decided.id, TOM)
    await services.questions.merge(GUILD, merged.id, target.id, TOM)
    services.reviewing.show(GUILD, 999)
    services.reviewing.show(3, nowhere.id)
    await rest(services.reviewing, board)
    assert board.posted == [target.id]


async def test_a_missing_permission_loses_no_card_and_holds_up_no_other_server(
    services: Services, board: FakeBoard, clock: StandingClock
) -> None:
    board.closed.add(ROOM)
    mine = [await ask(services) for _ in range(BATCH + 2)]
    theirs = await ask(services, OTHER)
    await rest(services.reviewing, board)
    assert board.posted == [theirs.id]
    assert board.refused == [mine[0].id]  # the others would fare no better
    board.closed.clear()
    await rest(services.reviewing, board)
    assert board.posted == [theirs.id]  # nobody asks Discord again and again
    clock.now += LOOK_EVERY
    await rest(services.reviewing, board)
    assert set(board.posted) == {theirs.id, *(each.id for each in mine)}


async def test_a_new_place_is_looked_at_now(services: Services, board: FakeBoard) -> None:
    question = await ask(services, 3)
    await rest(services.reviewing, board)
    await services.questions.set_rules(3, QuestionRules(review_channel_id=33))
    services.reviewing.look_again()
    await rest(services.reviewing, board)
    assert board.posted == [question.id]


async def test_an_error_costs_one_card_some_time_and_no_other_anything(
    services: Services, board: FakeBoard, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await ask(services), await ask(services)
    board.failing.add(first.id)
    await rest(services.reviewing, board)
    assert board.posted == [second.id]
    assert any(str(first.id) in record.getMessage() for record in caplog.records)
    clock.now += LOOK_EVERY
    await rest(services.reviewing, board)
    assert board.posted == [second.id, first.id]


async def test_a_clock_that_was_set_back_stops_nothing(
    services: Services, board: FakeBoard, clock: StandingClock
) -> None:
    await rest(services.reviewing, board)
    clock.forward(days=-400)
    question = await ask(services)
    await rest(services.reviewing, board)
    assert board.posted == [question.id]


async def test_a_decision_is_shown_and_so_is_what_counts_for_another(services: Services, board: FakeBoard) -> None:
    target, merged = (
        await ask(services),
        await services.questions.submit(Asker(GUILD, 8, "Ann"), NewQuestion("What about milk in my tea?")),
    )
    await rest(services.reviewing, board)
    await services.questions.merge(GUILD, merged.id, target.id, TOM)
    services.reviewing.show(GUILD, merged.id)
    await rest(services.reviewing, board)
    assert board.shown[merged.id].merged_into == target.id
    assert board.shown[target.id].wanted_by == 2


async def test_what_changes_while_its_card_is_posted_is_shown_as_it_is_after(
    services: Services, board: FakeBoard
) -> None:
    question = await ask(services)

    class Slow(FakeBoard):
        async def post(self, channel_id: int, question: Question) -> int:
            await services.questions.approve(GUILD, question.id, TOM)
            return await super().post(channel_id, question)

    slow = Slow()
    await rest(services.reviewing, slow)
    assert slow.shown[question.id].state is QuestionState.APPROVED


async def test_a_crowd_in_one_server_lets_others_through(services: Services, board: FakeBoard) -> None:
    crowd = [await ask(services) for _ in range(4 * BATCH)]
    theirs = await ask(services, OTHER)
    await services.reviewing.work(board)
    assert theirs.id in board.posted
    assert len(board.posted) == BATCH + 1
    await rest(services.reviewing, board)
    assert sorted(board.posted) == sorted([theirs.id, *(each.id for each in crowd)])


@pytest.mark.parametrize("with_questions", [True, False])
async def test_who_is_forgotten_is_on_no_card_any_more(
    services: Services, board: FakeBoard, with_questions: bool
) -> None:
    alone, wanted = await ask(services), await ask(services, OTHER)
    await services.questions.want(OTHER, 9, wanted.id)
    await rest(services.reviewing, board)
    await services.privacy.forget(7, with_questions=with_questions)
    services.reviewing.show(GUILD, alone.id)  # who says it again does not undo it
    await rest(services.reviewing, board)
    assert board.removed == ([1000 + alone.id] if with_questions else [])
    left = [wanted.id] if with_questions else [alone.id, wanted.id]
    assert [board.shown[number].member_name for number in left] == [None] * len(left)
    assert await cards_of(services, 7) == []


async def test_a_card_that_cannot_be_removed_is_logged_and_stops_nothing(
    services: Services, board: FakeBoard, caplog: pytest.LogCaptureFixture
) -> None:
    board.closed.add(ROOM)
    services.reviewing.refresh([Card(GUILD, 998, ROOM, 1001), Card(OTHER, 999, ROOM_OF_OTHER, 1002)])
    await rest(services.reviewing, board)
    assert board.removed == [1002]
    assert "998" in caplog.text


async def test_the_states_are_counted_without_what_was_merged(services: Services) -> None:
    one, two, three = [await ask(services) for _ in range(3)]
    await services.questions.approve(GUILD, one.id, TOM)
    await services.questions.merge(GUILD, two.id, three.id, TOM)
    assert await services.reviewing.counts(GUILD) == {QuestionState.APPROVED: 1, QuestionState.OPEN: 1}
    assert await services.reviewing.counts(OTHER) == {}


class TestTwoAtOnce:
    """Over the real service: of two moderators, one decides, and the other learns it."""

    async def test_one_approves_and_one_rejects(self, services: Services) -> None:
        question = await ask(services)
        seen = QuestionState.OPEN
        one, other = await asyncio.gather(
            services.questions.approve(GUILD, question.id, TOM, seen),
            services.questions.reject(GUILD, question.id, 6, "Off the topic.", seen),
        )
        assert sorted([one.done, other.done]) == [False, True]
        assert one.question.state == other.question.state
        assert len(await services.questions.history(GUILD, question.id)) == 2

    async def test_twenty_press_the_same(self, services: Services) -> None:
        question = await ask(services)
        presses = (services.questions.approve(GUILD, question.id, who, QuestionState.OPEN) for who in range(1, 21))
        assert [review.done for review in await asyncio.gather(*presses)].count(True) == 1

    async def test_two_merge_each_into_the_other(self, services: Services) -> None:
        one, other = await ask(services), await ask(services)
        results = await asyncio.gather(
            services.questions.merge(GUILD, one.id, other.id, TOM),
            services.questions.merge(GUILD, other.id, one.id, 6),
            return_exceptions=True,
        )
        found = [await services.questions.find(GUILD, each.id) for each in (one, other)]
        assert [each.is_waiting for each in found].count(True) == 1
        assert len(results) == 2


async def test_what_is_forgotten_in_time_is_forgotten_on_its_card_too(
    services: Services, board: FakeBoard, clock: StandingClock
) -> None:
    rejected, merged, waiting = [await ask(services, text=f"What about {count} cups of tea?") for count in range(3)]
    await services.questions.merge(GUILD, merged.id, rejected.id, TOM)
    for question in (rejected, merged):
        async with services.reviewing._database.write() as connection:
            await set_card(connection, question.id, ROOM, 1000 + question.id)
    await services.questions.reject(GUILD, rejected.id, TOM, "No.")
    await rest(services.reviewing, board)
    clock.now += ASKER_KEPT_FOR + timedelta(seconds=1)
    await services.retention.tidy()
    await rest(services.reviewing, board)
    assert {number: each.member_name for number, each in board.shown.items()} == {
        rejected.id: None,
        merged.id: None,
        waiting.id: "Mira",
    }
    board.shown.clear()
    await services.retention.tidy()
    await rest(services.reviewing, board)
    assert board.shown == {}
    clock.now += REFUSED_KEPT_FOR - ASKER_KEPT_FOR
    await services.retention.tidy()
    await rest(services.reviewing, board)
    assert sorted(board.removed) == [1000 + rejected.id, 1000 + merged.id]


async def test_a_new_channel_while_cards_are_posted_is_no_error(services: Services, board: FakeBoard) -> None:
    question = await ask(services)

    class Saved(FakeBoard):
        async def post(self, channel_id: int, question: Question) -> int:
            services.reviewing.look_again()  # an admin saves the rules meanwhile
            return await super().post(channel_id, question)

    saved = Saved()
    await rest(services.reviewing, saved)
    assert saved.posted == [question.id]


async def test_a_change_that_discord_did_not_take_is_shown_later(
    services: Services, board: FakeBoard, clock: StandingClock
) -> None:
    question = await ask(services)
    await rest(services.reviewing, board)
    board.failing.add(question.id)
    await services.questions.approve(GUILD, question.id, TOM)
    services.reviewing.show(GUILD, question.id)
    await rest(services.reviewing, board)
    assert board.shown[question.id].state is QuestionState.OPEN
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    await rest(services.reviewing, board)
    assert board.shown[question.id].state is QuestionState.APPROVED


class Meanwhile(FakeBoard):
    """A board on which something happens while the first card is posted."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._happens: Callable[[], Awaitable[None]] | None = happens

    async def post(self, channel_id: int, question: Question) -> int:
        happens, self._happens = self._happens, None
        if happens is not None:
            await happens()
        return await super().post(channel_id, question)


async def test_a_card_that_could_not_be_stored_is_stored_soon_and_not_posted_again(
    services: Services, board: FakeBoard, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await ask(services)
    reviewing = services.reviewing

    async def goes_away() -> None:
        monkeypatch.setattr(reviewing._database, "write", away)

    board = Meanwhile(goes_away)
    assert await reviewing.work(board) == FIRST_PAUSE
    monkeypatch.setattr(reviewing._database, "read", away)
    clock.now += FIRST_PAUSE
    with pytest.raises(DatabaseError):
        await reviewing.work(board)
    monkeypatch.undo()
    await services.questions.approve(GUILD, question.id, TOM)
    reviewing.show(GUILD, question.id)
    await rest(reviewing, board)
    assert board.posted == [question.id]
    assert board.shown[question.id].state is QuestionState.APPROVED
    assert [card.message_id for card in await cards_of(services, 7)] == [1000 + question.id]


def away(*_: object) -> None:
    raise DatabaseError("That could not be done just now.")


@pytest.mark.parametrize("refuses", [False, True])
async def test_the_card_of_a_question_that_is_deleted_while_it_is_posted_goes(
    services: Services, board: FakeBoard, clock: StandingClock, refuses: bool
) -> None:
    await ask(services)

    async def is_deleted() -> None:
        await services.privacy.forget(7, with_questions=True)
        board.closed_to_removal = refuses

    board = Meanwhile(is_deleted)
    await rest(services.reviewing, board)
    board.closed_to_removal = False
    clock.now += FIRST_PAUSE
    await rest(services.reviewing, board)
    assert board.posted == [1]
    assert board.removed == [1001]


async def test_the_card_of_a_deleted_question_goes_as_soon_as_discord_takes_it(
    services: Services, board: FakeBoard, clock: StandingClock
) -> None:
    board.closed.add(ROOM)
    services.reviewing.refresh([Card(GUILD, 999, ROOM, 1999)])
    await rest(services.reviewing, board)
    board.closed.clear()
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    await rest(services.reviewing, board)
    assert board.removed == [1999]


async def test_what_is_deleted_goes_even_where_another_card_is_refused(services: Services, board: FakeBoard) -> None:
    board.closed.add(ROOM)
    await ask(services)
    services.reviewing.show(GUILD, 1)
    services.reviewing.refresh([Card(GUILD, 999, 33, 1999)])
    await rest(services.reviewing, board)
    assert board.removed == [1999]
