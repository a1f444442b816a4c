"""What becomes of what is too much: for one member, for all of them, and for what was read too late."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr

from bot.admission import BUSY, SLOW_DOWN
from bot.client import Fireside
from bot.domain.admission import USES_AT_ONCE, Line, Room
from bot.services import Services
from bot.supervisor import supervise
from tests.wire import interactions
from tests.wire.conftest import Server, Start, settled
from tests.wire.interactions import Use
from tests.wire.loopback import TOKEN, LoopbackDiscord
from tests.wire.state import Member, snowflake

QUESTION = "Why did you create Keras?"
ONE_BY_ONE = Room(at_first=1, fewest=1, most=1, waiting=1, wait_seconds=1000)


async def acknowledged(use: Use) -> Use:
    await asyncio.wait_for(use.acknowledged.wait(), 30)
    return use


def is_told(use: Use, text: bytes) -> bool:
    return bool(use.reply == json.loads(text))


async def test_a_flood_of_one_member_is_their_own_trouble(start: Start, server: Server) -> None:
    await start()
    discord, place = server.discord, (server.channel, server.guild)
    flood = [await discord.use("about", server.member, *place) for _ in range(int(USES_AT_ONCE) * 2)]
    other = await discord.use("about", server.admin, *place)
    assert not is_told(await settled(other), SLOW_DOWN)
    limited = [is_told(await settled(use), SLOW_DOWN) for use in flood]
    assert not any(limited[:30])
    assert any(limited)
    assert all(use.private for use, is_limited in zip(flood, limited, strict=True) if is_limited)


async def test_what_was_read_too_late_is_told_so_at_once(
    start: Start, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start()
    for _ in range(2):
        answered = await server.use("ask", question=QUESTION)
        assert not is_told(answered, BUSY)
    with monkeypatch.context() as patch:
        patch.setattr(interactions, "snowflake", lambda: snowflake() - (2000 << 22))
        late = await server.use("ask", question=QUESTION)
        pressed = await server.press("Why?", answered)
        typed = await server.discord.type("ask", server.member, server.channel, server.guild, question="keras")
        assert (await settled(typed)).choices == []
    assert is_told(late, BUSY)
    assert is_told(pressed, BUSY)
    assert late.private
    assert not is_told(await server.use("ask", question=QUESTION), BUSY)


@pytest.fixture
async def client(client_on_loopback: None, loopback: LoopbackDiscord, services: Services) -> AsyncIterator[Fireside]:
    """The bot in this process, on line, which handles one thing at once and lets one wait."""
    client, stopped = Fireside(services, guild_ready_timeout=0), asyncio.Event()
    client.gate.line = Line(ONE_BY_ONE)
    serving = asyncio.create_task(supervise(lambda: client, SecretStr(TOKEN), stopped))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    yield client
    stopped.set()
    await asyncio.wait_for(serving, 10)


@pytest.fixture
def let_go(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function without whose call no question is answered."""
    find, may = services.answers.find, asyncio.Event()

    async def find_later(question: str, guild_id: int | None = None) -> object:
        await may.wait()
        return await find(question, guild_id)

    monkeypatch.setattr(services.answers, "find", find_later)
    return may.set


async def ask(server: Server, count: int) -> list[Use]:
    """Let so many members ask, each once."""
    place = server.channel, server.guild
    return [
        await server.discord.use("ask", Member(snowflake(), f"member {number}"), *place, question=QUESTION)
        for number in range(count)
    ]


async def test_one_is_handled_one_waits_and_the_others_are_told_at_once(
    client: Fireside, server: Server, let_go: Callable[[], None]
) -> None:
    first, second, *others = await ask(server, 6)
    assert all([is_told(await acknowledged(use), BUSY) for use in others])
    assert not first.acknowledged.is_set()
    assert (client.gate.handled, client.gate.waiting, client.gate.shed) == (1, 1, 4)
    let_go()
    for use in (first, second):
        assert "February / March 2015" in (await settled(use)).text
    assert (client.gate.admitted, client.gate.waiting, client.gate.untold) == (2, 0, 0)


async def test_who_has_waited_too_long_is_told_though_nothing_else_happens(
    client: Fireside, server: Server, let_go: Callable[[], None]
) -> None:
    first, second, third = await ask(server, 3)
    await acknowledged(third)
    client.gate.line.room = Room(wait_seconds=0)
    assert is_told(await acknowledged(second), BUSY)
    let_go()
    assert not is_told(await settled(first), BUSY)


async def test_what_can_not_be_told_or_read_keeps_nobody_else_from_an_answer(
    client: Fireside, server: Server, let_go: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    let_go()
    broken = {"type": 2, "id": str(snowflake()), "token": "x", "user": {"id": "1"}}
    await server.discord.gateway.tell("INTERACTION_CREATE", broken, server.guild.id)
    assert "February / March 2015" in (await server.use("ask", question=QUESTION)).text
    assert "could not be read" in caplog.text

    server.discord.faults.refuse("POST /interactions/.*", 404, 10062)
    client.gate.line.room = Room(wait_seconds=-1)
    await ask(server, 1)
    told = (await ask(server, 1))[0]
    assert is_told(await acknowledged(told), BUSY)
    assert client.gate.untold == 1
