"""What members read while the bot's PostgreSQL server is away, hangs or is full, and that all works again after it."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import psycopg
import pytest
import pytest_asyncio

from bot.app import open_services
from bot.storage.locks import NAMESPACE, NamedLock
from tests.databases import rows
from tests.postgres import Postgres, connect, own_server
from tests.waiting import until
from tests.wire.bot import run_bot
from tests.wire.conftest import Running, Server, people
from tests.wire.interactions import WINDOW_SECONDS, Use
from tests.wire.loopback import LoopbackDiscord

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Why did you create Keras?"
ANSWER = "February / March 2015"
UNKNOWN = "Do zebras ever dream about marmalade sandwiches?"
FOR_THE_AUTHOR = "Which of your own papers would you burn?"

Fault = Callable[[Postgres], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def away(server: Postgres) -> AsyncIterator[None]:
    """Let the server be stopped."""
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def hanging(server: Postgres) -> AsyncIterator[None]:
    """Let the server and all its processes stand still, as a machine does that swaps."""
    pids = processes_of(server)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def full(server: Postgres) -> AsyncIterator[None]:
    """Let others take every connection that the server has, and the bot's own be cut."""
    with taken(server) as connections:
        yield
    assert connections


@contextmanager
def taken(server: Postgres) -> Iterator[list[psycopg.Connection[object]]]:
    connections: list[psycopg.Connection[object]] = []
    try:
        with connect(server.address) as admin:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'fireside%'"
            admin.execute(cut)
            while True:
                try:
                    connections.append(connect(server.address))
                except psycopg.OperationalError:
                    break
            admin.execute(cut)  # what it got meanwhile
            yield connections
    finally:
        for connection in connections:
            connection.close()


def processes_of(server: Postgres) -> list[int]:
    """Return the server's first process and all that it has made, the first one first."""
    first: int = server.handle.get_postmaster_info().pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    return [first, *map(int, children)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server on this machine, which can be stopped."""
    with own_server() as server:
        server.execute("ALTER SYSTEM SET max_connections = 24")
        server.stop()
        server.start()
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(postgres: Postgres) -> str:
    """A database with the bundled interview."""
    url = postgres.new_database()
    async with open_services(url):
        pass
    return url


@pytest.fixture(scope="module")
def health_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_postgres(url: str, health_port: int, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    async with (
        LoopbackDiscord().serve() as loopback,
        run_bot(folder, loopback, url, HEALTH_PORT=str(health_port)) as bot,
    ):
        await bot.until_online()
        yield Running(bot, loopback)
    assert loopback.violations == []


@pytest.fixture
def running(on_postgres: Running) -> Running:
    """The one bot of this module, with what it logs from now on."""
    on_postgres.read = len(on_postgres.bot.log)
    return on_postgres


def in_time(use: Use) -> bool:
    """Return whether somebody read a sentence for them alone before Discord would have said that the bot failed."""
    return use.private and use.seconds < WINDOW_SECONDS and bool(use.text)


async def answers_again(server: Server) -> bool:
    return ANSWER in (await server.use("ask", question=QUESTION)).text


@pytest.mark.parametrize("fault", [away, hanging, full])
async def test_what_is_used_meanwhile_is_answered_in_time_and_all_works_again_after_it(
    running: Running, postgres: Postgres, url: str, fault: Fault
) -> None:
    server = await running.server()
    missed = await server.use("ask", question=UNKNOWN)
    form = await server.press("Ask the author", missed)
    assert "Saved" in (await server.fill_in(await server.press("Ask the author", missed))).text
    async with fault(postgres):
        asked = await server.use("ask", question=QUESTION)
        pressed = await server.press("Ask the author", missed)
        opened = await server.use("question ask")
        sent = await server.fill_in(form, question=FOR_THE_AUTHOR)
        assert all(in_time(use) for use in (asked, sent))
        assert all(use.reply is not None and use.seconds < WINDOW_SECONDS for use in (pressed, opened))
    await until(lambda: answers_again(server), every=0.2)
    texts = f"SELECT text FROM questions WHERE guild_id = {server.guild.id} ORDER BY id"  # noqa: S608
    stored = [text for (text,) in await asyncio.to_thread(rows, url, texts)]
    assert stored[0] == UNKNOWN
    if FOR_THE_AUTHOR not in stored:
        assert "Saved" not in sent.text
        await until(lambda: "Open it again" in str(sent.messages[-1]))
        again = await server.press("Open it again", sent)
        assert FOR_THE_AUTHOR in str(again.form)
        assert "Saved" in (await server.fill_in(again, question=FOR_THE_AUTHOR)).text
    assert "Unexpected error" not in running.log


async def test_health_says_that_it_is_away_and_is_well_again(
    running: Running, postgres: Postgres, health_port: int
) -> None:
    async def problems() -> list[str]:
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"http://127.0.0.1:{health_port}/health")
            found: list[str] = (await answer.json())["problems"]
            return found

    async def is_well() -> bool:
        return await problems() == []

    await until(is_well, every=0.2)  # one that has just identified itself waits for its servers
    async with away(postgres):
        for _ in range(3):
            assert await problems() == ["The database does not answer."]
        says = ("bot.storage.database", "bot.health", "Traceback")
        assert len([line for line in running.log.splitlines() if any(each in line for each in says)]) == 1
    await until(is_well, every=0.2)
    assert await answers_again(await running.server())


async def test_one_that_is_started_first_waits_for_it(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    async with LoopbackDiscord().serve() as loopback, AsyncExitStack() as stack:
        guild = loopback.world.add_guild()
        async with away(postgres):
            bot = await stack.enter_async_context(run_bot(tmp_path, loopback, url))
            await bot.until_logged("Trying again in 2 s")
        await bot.until_online()
        assert await answers_again(Server(loopback, guild, *people()))
        assert "Traceback" not in bot.log
        assert await bot.stop() == 0


async def test_one_that_waits_for_it_ends_when_it_is_told_to(postgres: Postgres, url: str, tmp_path: Path) -> None:
    async with (
        LoopbackDiscord().serve() as loopback,
        away(postgres),
        run_bot(tmp_path, loopback, url) as bot,
    ):
        await bot.until_logged("Trying again")
        assert await bot.stop() == 0


async def test_one_that_waits_for_anothers_migration_ends_when_it_is_told_to(url: str, tmp_path: Path) -> None:
    with connect(url) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", (NAMESPACE, int(NamedLock.MIGRATION)))
        async with LoopbackDiscord().serve() as loopback, run_bot(tmp_path, loopback, url) as bot:
            await bot.until_logged("Another process migrates")
            assert await bot.stop() == 0
            assert "Traceback" not in bot.log
