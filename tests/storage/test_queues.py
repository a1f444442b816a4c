import asyncio
import gc
from collections import Counter
from random import Random

import pytest
from sqlalchemy.exc import TimeoutError as QueueTimeoutError

from bot.storage import queues
from bot.storage.queues import Queues
from tests.processes import LONGEST


async def turns(times: int = 1) -> None:
    """Let all others go on, so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_those_of_one_id_have_their_turns_in_the_order_they_came() -> None:
    lines, order = Queues(), []

    async def write(number: int) -> None:
        async with lines.turn([7, number % 3]):
            await turns(number % 4)
            order.append(number)

    await asyncio.gather(*map(write, range(20)))
    assert order == list(range(20))


async def test_those_without_a_common_id_wait_for_nobody() -> None:
    lines = Queues()
    async with asyncio.timeout(LONGEST), lines.turn([1, 2]), lines.turn([3]), lines.turn([]), lines.turn([]):
        pass


async def test_an_id_that_is_named_twice_is_one() -> None:
    async with asyncio.timeout(LONGEST), Queues().turn([5, 5]):
        pass


@pytest.mark.parametrize("seed", range(30))
async def test_whoever_gives_up_nobody_waits_for_ever_or_has_a_turn_with_another(seed: int) -> None:
    random, lines, inside, done = Random(seed), Queues(), Counter[int](), Counter[str]()  # noqa: S311 - not for secrets

    async def write(ids: list[int]) -> None:
        try:
            async with lines.turn(ids):
                inside.update(set(ids))
                assert max(inside.values(), default=0) <= 1
                try:
                    await turns(random.randrange(4))
                finally:
                    inside.subtract(set(ids))
            done["had"] += 1
        except asyncio.CancelledError:
            done["gave up"] += 1
            raise

    tasks = [asyncio.create_task(write(random.choices(range(6), k=random.randrange(5)))) for _ in range(120)]
    for task in random.sample(tasks, 40):
        await turns(random.randrange(3))
        task.cancel()
    async with asyncio.timeout(LONGEST):
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(each) for each in ended} <= {type(None), asyncio.CancelledError}
    assert done["had"] >= 80
    del task, tasks, ended
    await turns()
    gc.collect()
    assert not lines._locks, "nothing is kept of ids that nobody writes for"


async def test_who_waits_too_long_is_told_and_keeps_nobody_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Queues()
    async with lines.turn([2]):
        monkeypatch.setattr(queues, "BUSY_TIMEOUT_MS", 1)
        with pytest.raises(QueueTimeoutError):
            async with lines.turn([1, 2]):
                pass
        async with lines.turn([1]):
            pass
