import asyncio
from datetime import timedelta

import pytest

from bot.errors import DatabaseAwayError
from bot.services import rounds as module
from bot.services.rounds import Rounds
from tests.waiting import until

A_LONG_TIME = 10.0
LONG, SHORT = timedelta(days=1), timedelta()


async def test_sleeps_between_rounds_until_it_is_woken_or_stopped() -> None:
    rounds, done = Rounds("Nothing", SHORT), []

    async def work() -> timedelta:
        done.append(rounds.stopping)
        return LONG

    running = asyncio.create_task(rounds.run(work))
    await until(lambda: rounds.asleep)
    rounds.wake()
    await until(lambda: len(done) == 2 and rounds.asleep)
    rounds.stop()
    await asyncio.wait_for(running, A_LONG_TIME)
    assert done == [False, False]


async def test_goes_on_when_it_is_begun_again_after_a_stop() -> None:
    rounds, done = Rounds("Nothing", SHORT), []

    async def work() -> timedelta:
        done.append(rounds.stopping)
        rounds.stop()
        return LONG

    for _ in range(2):
        await asyncio.wait_for(rounds.run(work), A_LONG_TIME)
    assert done == [False, False]


async def test_woken_during_a_round_begins_another_at_once() -> None:
    rounds, done = Rounds("Nothing", SHORT), []

    async def work() -> timedelta:
        done.append(1)
        rounds.wake() if len(done) == 1 else rounds.stop()
        return LONG

    await asyncio.wait_for(rounds.run(work), A_LONG_TIME)
    assert len(done) == 2


async def test_stopped_before_it_begins_does_nothing() -> None:
    rounds = Rounds("Nothing", SHORT)
    rounds.stop()

    async def work() -> timedelta:
        raise AssertionError

    await asyncio.wait_for(rounds.run(work), A_LONG_TIME)


async def test_a_round_that_fails_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    rounds, failures = Rounds("The dishes", SHORT), [OSError("no water"), KeyError("sponge")]

    async def work() -> timedelta:
        if failures:
            raise failures.pop(0)
        rounds.stop()
        return LONG

    await asyncio.wait_for(rounds.run(work), A_LONG_TIME)
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["The dishes could not be seen to; trying again"] * 2
    assert "no water" in caplog.text


async def test_what_a_database_refuses_is_tried_again_and_has_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    rounds, failures = Rounds("The dishes", SHORT), [DatabaseAwayError("Try again.")]

    async def work() -> timedelta:
        if failures:
            raise failures.pop()
        rounds.stop()
        return LONG

    await asyncio.wait_for(rounds.run(work), A_LONG_TIME)
    (record,) = caplog.records
    assert (record.levelname, record.exc_info) == ("WARNING", None)


async def test_cancelled_ends_its_sleep_as_well() -> None:
    rounds = Rounds("Nothing", SHORT)

    async def work() -> timedelta:
        return LONG

    running = asyncio.create_task(rounds.run(work))
    await until(lambda: rounds.asleep)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    await until(lambda: not rounds.asleep, every=0)


async def test_what_one_process_does_for_all_begins_as_soon_as_it_is_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_AGAIN", SHORT)
    leads, asked, done = False, 0, []

    def ours() -> bool:
        nonlocal asked
        asked += 1
        return leads

    async def work() -> timedelta:
        done.append(asked)
        return LONG

    rounds = Rounds("Nothing", SHORT, ours)
    running = asyncio.create_task(rounds.run(work))
    await until(lambda: asked > 3)
    assert done == []
    assert not rounds.overdue
    leads = True
    await until(lambda: done and rounds.asleep)
    rounds.stop()
    await asyncio.wait_for(running, A_LONG_TIME)
    assert len(done) == 1
