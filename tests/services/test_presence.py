"""A process among others, with locks that do what a database may do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot.domain.shards import Shards
from bot.errors import DatabaseError, ShardsTakenError
from bot.services import presence
from bot.services.presence import Presence
from bot.storage.locks import NamedLock
from bot.storage.presence import Rivals
from tests.waiting import until

SHARDS = Shards(2, (1,))
A_LONG_TIME = 10.0


@dataclass
class FakeLocks:
    """Answers as it is told, and knows what is held."""

    rivals: Rivals | None = None
    away: bool = False
    led: bool = False
    held: set[NamedLock] = field(default_factory=set)
    asked: int = 0

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            self.held.clear()
            raise DatabaseError("It is away.")

    async def take_shards(self, shards: Shards) -> Rivals | None:
        assert shards == SHARDS
        self._ask()
        return self.rivals

    async def take(self, name: NamedLock) -> bool:
        self._ask()
        if name is NamedLock.LEADER and self.led:
            return False
        self.held.add(name)
        return True

    async def ask(self) -> None:
        self._ask()

    async def give_back(self, name: NamedLock) -> None:
        self.held.discard(name)

    def holds(self, name: NamedLock) -> bool:
        return name in self.held


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(presence, "ASK_EVERY", 0.001)
    monkeypatch.setattr(presence, "COME_BACK", 0.05)
    monkeypatch.setattr(presence, "IDENTIFY_EVERY", 0.05)


def more(locks: FakeLocks) -> Callable[[], bool]:
    """Return what says whether the database was asked some more."""
    begun = locks.asked
    return lambda: locks.asked > begun + 2


async def test_the_only_process_leads_and_waits_for_nobody() -> None:
    only = Presence()
    assert only.leads()
    assert await only.enter(asyncio.Event())
    assert only.waits_for is None


async def test_it_stands_by_until_the_other_ends(caplog: pytest.LogCaptureFixture) -> None:
    locks, stopped = FakeLocks(Rivals((1,))), asyncio.Event()
    ours = Presence(SHARDS, locks)
    entering = asyncio.create_task(ours.enter(stopped))
    await until(lambda: ours.waits_for == "Shard 1 is run by another process")
    await until(more(locks))
    assert not ours.leads()
    locks.rivals = None
    assert await asyncio.wait_for(entering, A_LONG_TIME)
    assert ours.waits_for is None
    assert ours.leads()
    assert len([record for record in caplog.records if "another process" in record.message]) == 1


async def test_it_stops_while_it_stands_by() -> None:
    locks, stopped = FakeLocks(Rivals(counts=(3,))), asyncio.Event()
    ours = Presence(SHARDS, locks)
    entering = asyncio.create_task(ours.enter(stopped))
    await until(lambda: ours.waits_for == "Another process runs with SHARD_COUNT=3")
    stopped.set()
    assert not await asyncio.wait_for(entering, A_LONG_TIME)


async def test_who_stands_by_lets_the_other_come_back_first() -> None:
    locks, loop = FakeLocks(Rivals((1,))), asyncio.get_running_loop()
    entering = asyncio.create_task(Presence(SHARDS, locks).enter(asyncio.Event()))
    await until(more(locks))
    locks.away = True
    # However long it was away: the other one has as much time from when it is back.
    begun = loop.time()
    await until(lambda: loop.time() - begun > 2.5 * presence.COME_BACK)
    back_at = loop.time()
    locks.away, locks.rivals = False, None
    assert await asyncio.wait_for(entering, A_LONG_TIME)
    assert loop.time() - back_at >= presence.COME_BACK


async def test_a_database_that_comes_back_is_asked_again_and_the_lead_is_let_go_meanwhile() -> None:
    locks, stopped = FakeLocks(), asyncio.Event()
    ours = Presence(SHARDS, locks)
    assert await ours.enter(stopped)
    async with ours.kept(stopped):
        locks.away = True
        await until(lambda: not ours.leads())
        locks.away, locks.led = False, True
        await until(more(locks))
        assert not ours.leads()
        locks.led = False
        await until(ours.leads)
        assert not stopped.is_set()


async def test_who_finds_others_in_its_place_ends() -> None:
    locks, stopped = FakeLocks(), asyncio.Event()
    ours = Presence(SHARDS, locks)
    assert await ours.enter(stopped)
    locks.rivals = Rivals((1,))

    async def work() -> None:
        async with ours.kept(stopped):
            await asyncio.wait_for(stopped.wait(), A_LONG_TIME)

    with pytest.raises(ShardsTakenError, match="Shard 1 "):
        await work()


async def test_what_ends_the_work_ends_the_watch_and_is_not_hidden() -> None:
    ours = Presence(SHARDS, FakeLocks())
    with pytest.raises(ZeroDivisionError):
        async with ours.kept(asyncio.Event()):
            raise ZeroDivisionError


async def test_shards_identify_one_after_the_other() -> None:
    locks, stopped, loop = FakeLocks(), asyncio.Event(), asyncio.get_running_loop()
    ours = Presence(SHARDS, locks)
    assert await ours.enter(stopped)
    async with ours.kept(stopped):
        await ours.turn_to_identify(initial=True)
        await until(more(locks))  # its connection is being opened
        assert locks.holds(NamedLock.IDENTIFY)
        await ours.identify(initial=True)
        begun = loop.time()
        assert locks.holds(NamedLock.IDENTIFY)
        await asyncio.wait_for(ours.turn_to_identify(initial=True), A_LONG_TIME)
        assert loop.time() - begun >= presence.IDENTIFY_EVERY - 0.001
        await ours.identify(initial=True)
        # One whose session has ended, and whose connection stands.
        await ours.identify(initial=False)
        assert loop.time() - begun >= 2 * presence.IDENTIFY_EVERY - 0.002
        await until(lambda: not locks.holds(NamedLock.IDENTIFY))


async def test_a_turn_that_is_not_used_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LONGEST_TO_OPEN", 0.05)
    locks, stopped = FakeLocks(), asyncio.Event()
    ours = Presence(SHARDS, locks)
    assert await ours.enter(stopped)
    async with ours.kept(stopped):
        await ours.turn_to_identify(initial=True)
        await until(lambda: not locks.holds(NamedLock.IDENTIFY))


async def test_without_the_database_a_shard_identifies_all_the_same() -> None:
    ours = Presence(SHARDS, FakeLocks(away=True))
    await asyncio.wait_for(ours.turn_to_identify(initial=True), A_LONG_TIME)
    await asyncio.wait_for(ours.identify(initial=True), A_LONG_TIME)
