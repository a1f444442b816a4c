"""The bot coming on line, being refused, coming back, and going."""

import asyncio
import gc
import itertools
import logging
import signal
import traceback
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from bot.app import run_bot
from bot.client import Fireside
from bot.errors import DatabaseError, FiresideError, TokenRefusedError
from bot.loopback import use_loopback
from bot.services import Services
from bot.settings import load_settings
from bot.supervisor import growing_pauses, supervise
from tests.waiting import until
from tests.wire.loopback import TOKEN as ITS_TOKEN
from tests.wire.loopback import LoopbackDiscord

TOKEN = SecretStr(ITS_TOKEN)

pytestmark = pytest.mark.usefixtures("client_on_loopback")


@pytest.fixture
def make_client(services: Services) -> Callable[[], Fireside]:
    return lambda: Fireside(services, guild_ready_timeout=0, heartbeat_timeout=0.5)


def without_pause() -> Iterator[float]:
    return itertools.repeat(0.0)


def test_pauses_grow_up_to_five_minutes() -> None:
    pauses = list(itertools.islice(growing_pauses(), 12))
    assert pauses[0] >= 5  # Discord lets a shard identify itself once in five seconds
    assert all(later == min(2 * earlier, 300) for earlier, later in itertools.pairwise(pauses))
    assert pauses[-1] == 300


async def test_it_comes_on_line_with_its_commands_and_goes_in_time(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside], caplog: pytest.LogCaptureFixture
) -> None:
    stopped = asyncio.Event()
    with caplog.at_level(logging.INFO):
        serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
        await asyncio.wait_for(loopback.gateway.until_online(), 10)
        stopped.set()
        await asyncio.wait_for(serving, 5)

    assert loopback.gateway.online == []
    assert {command["name"] for command in loopback.commands} >= {"ask", "quote", "daily", "question"}
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert ITS_TOKEN not in caplog.text


async def test_sigterm_ends_the_running_bot_in_time(
    loopback: LoopbackDiscord, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    running = asyncio.create_task(run_bot(load_settings(), TOKEN))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    assert loopback.gateway.online == []


async def test_on_line_the_collector_is_spared_what_was_made_at_the_start(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside]
) -> None:
    stopped = asyncio.Event()
    assert gc.get_freeze_count() == 0
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    await until(gc.get_freeze_count)
    stopped.set()
    await asyncio.wait_for(serving, 5)


async def test_a_refused_token_is_said_in_a_sentence_without_the_token(make_client: Callable[[], Fireside]) -> None:
    with pytest.raises(TokenRefusedError) as refused:
        await supervise(make_client, SecretStr("unwelcome"), asyncio.Event())
    assert "DISCORD_TOKEN" in str(refused.value)
    assert "unwelcome" not in str(refused.value)


async def test_a_token_that_was_changed_meanwhile_ends_it(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside]
) -> None:
    serving = asyncio.create_task(supervise(make_client, TOKEN, asyncio.Event()))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    loopback.token = "another"
    await loopback.gateway.close(4004)
    with pytest.raises(TokenRefusedError):
        await asyncio.wait_for(serving, 10)


@pytest.mark.parametrize("code", [4012, 4013, 4014])
async def test_what_discord_refuses_for_good_ends_it_with_a_sentence(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside], code: int
) -> None:
    serving = asyncio.create_task(supervise(make_client, TOKEN, asyncio.Event()))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    await loopback.gateway.close(code)
    with pytest.raises(FiresideError, match="Update") as ended:
        await asyncio.wait_for(serving, 10)
    assert not isinstance(ended.value, TokenRefusedError)


async def test_it_comes_on_line_as_soon_as_there_is_a_network(
    loopback: LoopbackDiscord,
    make_client: Callable[[], Fireside],
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def network_comes_back() -> Iterator[float]:
        yield 0.0
        use_loopback(loopback.address)
        yield 0.0

    use_loopback(f"http://127.0.0.1:{unused_tcp_port}")
    stopped = asyncio.Event()
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped, network_comes_back))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert caplog.text.count("can't be reached") == 2
    assert "Traceback" not in caplog.text


async def test_a_client_that_dies_is_followed_by_another(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside], caplog: pytest.LogCaptureFixture
) -> None:
    stopped = asyncio.Event()
    loopback.gateway.garbled = 1
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped, without_pause))
    await asyncio.wait_for(loopback.gateway.until_online(identified=1), 10)
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert "KeyError" in caplog.text  # what ended it is in the log, with its trace
    loopback.violations.clear()  # without its pause, it identifies itself too soon


@pytest.mark.parametrize("code", [4010, 4011])
async def test_a_client_with_the_wrong_shards_is_followed_by_one_that_asks_for_them(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside], caplog: pytest.LogCaptureFixture, code: int
) -> None:
    stopped = asyncio.Event()
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped, without_pause))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    loopback.gateway.shards = 2
    await loopback.gateway.close(code)
    await asyncio.wait_for(loopback.gateway.until_online(2, identified=3), 20)
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert "Traceback" not in caplog.text
    loopback.violations.clear()  # without its pause, it identifies itself too soon


async def test_silence_is_noticed_and_the_session_is_resumed(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside]
) -> None:
    stopped = asyncio.Event()
    loopback.gateway.heartbeat_seconds = 0.2
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    loopback.gateway.silent = True
    await asyncio.wait_for(loopback.gateway.until_offline(), 10)
    loopback.gateway.silent = False
    await asyncio.wait_for(loopback.gateway.until_online(resumed=1), 20)
    stopped.set()
    await asyncio.wait_for(serving, 5)


async def test_stopping_before_discord_has_answered_ends_too(make_client: Callable[[], Fireside]) -> None:
    stopped = asyncio.Event()
    stopped.set()
    await asyncio.wait_for(supervise(make_client, TOKEN, stopped), 5)


async def test_stopping_while_it_waits_for_the_next_try_ends_it_at_once(
    make_client: Callable[[], Fireside], unused_tcp_port: int
) -> None:
    waiting, stopped = asyncio.Event(), asyncio.Event()

    def forever() -> Iterator[float]:
        waiting.set()
        yield 1e6

    use_loopback(f"http://127.0.0.1:{unused_tcp_port}")
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped, forever))
    await asyncio.wait_for(waiting.wait(), 10)
    stopped.set()
    await asyncio.wait_for(serving, 5)


async def test_commands_that_discord_does_not_take_keep_it_from_nothing(
    loopback: LoopbackDiscord, make_client: Callable[[], Fireside], services: Services
) -> None:
    stopped = asyncio.Event()
    refusal = loopback.faults.refuse("PUT /applications/.*", 400)
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    await until(services.commands.known)  # it is sent again as soon as it is on line
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert refusal.seen == 1
    assert loopback.commands


@pytest.mark.parametrize("status", [401, 403, 404, None])
async def test_no_error_at_the_start_has_the_token_in_its_trace(
    loopback: LoopbackDiscord,
    make_client: Callable[[], Fireside],
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
) -> None:
    def end() -> Iterator[float]:
        stopped.set()
        yield 0.0

    stopped, met = asyncio.Event(), list[Exception]()
    monkeypatch.setattr("bot.supervisor._explain", met.append)
    if status is None:
        use_loopback(f"http://127.0.0.1:{unused_tcp_port}")
    else:
        loopback.faults.refuse("GET /users/@me", status)
    try:
        await asyncio.wait_for(supervise(make_client, TOKEN, stopped, end), 10)
    except TokenRefusedError as refusal:
        met.append(refusal)
    trace = "\n".join(map(whole_trace, met))
    assert "bot/supervisor.py" in trace
    assert ITS_TOKEN not in trace


def whole_trace(error: BaseException | None) -> str:
    """Return the local variables in the traces of an error and those that led to it, but those of the tests."""
    parts = []
    while error is not None:
        stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        parts += [f"{frame.filename} {frame.locals}" for frame in stack if "/tests/" not in frame.filename]
        error = error.__cause__ or error.__context__
    return "\n".join(parts)


async def test_nothing_is_under_way_any_more_when_it_has_ended(
    loopback: LoopbackDiscord,
    make_client: Callable[[], Fireside],
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, stopped, ended = asyncio.Event(), asyncio.Event(), []

    async def compare(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    monkeypatch.setattr(services.retention, "compare", compare)
    monkeypatch.setattr("bot.client.LAST_POST_SECONDS", 0.1)
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
    await asyncio.wait_for(begun.wait(), 10)
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert ended == [True]


async def test_a_database_that_can_not_say_which_commands_are_known_keeps_it_from_nothing(
    loopback: LoopbackDiscord,
    make_client: Callable[[], Fireside],
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(_: str) -> None:
        raise DatabaseError("That could not be saved just now.")

    monkeypatch.setattr(services.commands, "remember", refuse)
    stopped = asyncio.Event()
    serving = asyncio.create_task(supervise(make_client, TOKEN, stopped))
    await asyncio.wait_for(loopback.gateway.until_online(), 10)
    stopped.set()
    await asyncio.wait_for(serving, 5)
    assert loopback.commands
