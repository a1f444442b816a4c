"""What only PostgreSQL does: several processes at once, writers side by side, and a server that goes away."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import make_url, text

from bot.errors import DatabaseAwayError, DatabaseError
from bot.storage.changes import RememberedLookups
from bot.storage.database import Database
from bot.storage.engines import engine_of
from bot.storage.facts import Fact, read_fact, write_fact
from bot.storage.faults import REMEDIES, Fault
from bot.storage.locks import NAMESPACE, NamedLock
from bot.storage.migrating import newest_revision, revisions
from tests.databases import rows
from tests.postgres import Postgres, connect, own_server
from tests.processes import LONGEST, ROOT
from tests.waiting import until

pytestmark = pytest.mark.only("postgresql")

FACT = Fact.LIBRARY_REVISION
# What a client sends first that wants TLS.
SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
OPEN = (
    "import asyncio, logging, sys\n"
    "from bot.storage.database import Database\n"
    "logging.basicConfig(level=logging.INFO)\n"
    "async def main():\n"
    "    database = await Database.open(sys.argv[1])\n"
    "    await database.close()\n"
    "print('ready', flush=True)\n"
    "sys.stdin.readline()\n"
    "asyncio.run(main())\n"
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await Database.open(url)
    yield database
    await database.close()


async def put(database: Database, text: str, rows_of: Collection[int] | None = None) -> None:
    async with database.write(rows_of) as connection:
        await write_fact(connection, FACT, text)


async def value(database: Database) -> str | None:
    async with database.read() as connection:
        return await read_fact(connection, FACT)


@pytest.fixture
async def two(database: Database, database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """The databases of two processes."""
    other = await Database.open(database_url)
    yield database, other
    await other.close()


async def until_waiting(url: str, number: int = 1) -> None:
    """Wait until so many sessions wait for a lock of Fireside's."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    await until(lambda: rows(url, waiting) == [(number,)])


class TestOpen:
    async def test_of_four_processes_at_once_one_migrates_and_the_others_wait(self, database_url: str) -> None:
        pipe = asyncio.subprocess.PIPE
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", OPEN, database_url, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
            )
            for _ in range(4)
        ]
        for process in processes:
            assert process.stdout is not None
            assert await asyncio.wait_for(process.stdout.readline(), LONGEST) == b"ready\n"
        ended = await asyncio.wait_for(asyncio.gather(*(process.communicate(b"\n") for process in processes)), LONGEST)
        said = [errors.decode() for _, errors in ended]
        assert [process.returncode for process in processes] == [0] * 4, said
        assert sum("Migrated the database" in each for each in said) == 1
        assert rows(database_url, "SELECT version_num FROM alembic_version") == [(newest_revision(),)]

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"username": "nobody"}, "nobody"),
            ({"database": "nothing"}, "nothing"),
            ({"query": {"host": "/nowhere"}}, "can't be reached"),
            ({"query": {}, "host": "127.0.0.1", "port": 1}, "can't be reached"),
            ({"query": {"connect_timeout": "10"}}, "connect_timeout"),
            ({"query": {"port": "abc"}}, "not an address"),
            ({"query": {"ssl": "bogus"}}, "verify-full"),
            ({"query": {"sslmode": "bogus"}}, "verify-full"),
            ({"query": {"target_session_attrs": "bogus"}}, "bogus"),
        ],
    )
    async def test_what_is_wrong_is_said(self, database_url: str, wrong: dict[str, object], said: str) -> None:
        url = make_url(database_url).set(password="s3cret")
        with pytest.raises(DatabaseError) as caught:
            await Database.open(url.set(**wrong).render_as_string(hide_password=False))  # type: ignore[arg-type]
        assert said in str(caught.value)
        assert "s3cret" not in str(caught.value)
        # A server may come back by itself; a mistake in the address stays.
        assert isinstance(caught.value, DatabaseAwayError) is (said == "can't be reached")

    async def test_a_database_that_belongs_to_somebody_else(self, own_postgres: Postgres, own_url: str) -> None:
        own_postgres.execute("CREATE ROLE guest LOGIN")
        address = make_url(own_url).set(username="guest").render_as_string(hide_password=False)
        with pytest.raises(DatabaseError, match="createdb --owner") as caught:
            await Database.open(address)
        assert not isinstance(caught.value, DatabaseAwayError)

    @pytest.mark.parametrize(
        ("query", "asked"), [("sslmode=require", True), ("ssl=require", True), ("sslmode=disable", False)]
    )
    async def test_tls_is_asked_for_where_the_address_says_so(
        self, unused_tcp_port: int, query: str, asked: bool
    ) -> None:
        began: list[bytes] = []

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            began.append(await reader.readexactly(8))
            writer.write(b"N")
            writer.close()

        async with await asyncio.start_server(refuse, "127.0.0.1", unused_tcp_port):
            with pytest.raises(DatabaseAwayError):
                await Database.open(f"postgresql+asyncpg://me@127.0.0.1:{unused_tcp_port}/x?{query}")
        assert [each == SSL_REQUEST for each in began] == [asked]

    async def test_without_the_driver_it_says_what_brings_it(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "asyncpg", None)
        with pytest.raises(DatabaseError) as caught:
            await Database.open(database_url)
        assert re.search(r"asyncpg.*extra postgres", str(caught.value))

    async def test_nothing_is_migrated_under_a_bot_that_runs_with_an_older_version(self, database_url: str) -> None:
        before = revisions()[-2]
        await (await Database.open(database_url)).close()
        rows(database_url, f"UPDATE alembic_version SET version_num = '{before}'")  # noqa: S608
        with connect(database_url) as bot:
            bot.execute("SELECT pg_advisory_lock_shared(%s, %s)", (NAMESPACE, int(NamedLock.BOT)))
            with pytest.raises(DatabaseAwayError):
                await Database.open(database_url)
        assert rows(database_url, "SELECT version_num FROM alembic_version") == [(before,)]

    async def test_who_waits_too_long_for_a_migration_says_so(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.storage.migrating.TURN_TRIES", 2)
        with connect(database_url) as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", (NAMESPACE, int(NamedLock.MIGRATION)))
            with pytest.raises(DatabaseAwayError, match="migrates"):
                await Database.open(database_url)
        await (await Database.open(database_url)).close()


class TestWrite:
    @staticmethod
    async def waits(
        url: str, first: tuple[Database, Collection[int] | None], then: tuple[Database, Collection[int] | None]
    ) -> bool:
        """Return whether a second writer waits until a first one has ended."""
        entered = asyncio.Event()

        async def second() -> None:
            async with then[0].write(then[1]):
                entered.set()

        async with first[0].write(first[1]):
            task = asyncio.create_task(second())
            waiting = asyncio.create_task(until_waiting(url))
            inside = asyncio.create_task(entered.wait())
            await asyncio.wait({waiting, inside}, return_when=asyncio.FIRST_COMPLETED)
            waited = not entered.is_set()
            waiting.cancel()
            inside.cancel()
        await asyncio.wait_for(task, LONGEST)
        return waited

    @pytest.mark.parametrize(
        ("first", "then", "waited"),
        [
            (None, None, True),
            (None, [1], True),
            ([1], None, True),
            ([1], [1], True),
            ([1, 2], [3, 2], True),
            ([1], [2], False),
            ([1, 3], [2, 4], False),
            ([], [1], False),
            ([], None, True),
            ([2**63 - 1], [2**63 - 1], True),
        ],
    )
    async def test_waits_for_whom_it_has_to(
        self,
        two: tuple[Database, Database],
        database_url: str,
        first: list[int] | None,
        then: list[int] | None,
        waited: bool,
    ) -> None:
        one, other = two
        assert await self.waits(database_url, (one, first), (other, then)) is waited
        if not set(first or ()) & set(then or ()):  # those of one process wait before they ask the server
            assert await self.waits(database_url, (one, first), (one, then)) is waited

    async def test_in_whatever_order_ids_are_given_nobody_waits_for_ever(self, two: tuple[Database, Database]) -> None:
        counted = 0

        async def change(database: Database, ids: list[int]) -> None:
            nonlocal counted
            async with database.write(ids):
                counted += 1

        ids = [[1, 2, 3], [3, 2, 1], [2, 1, 3]]
        await asyncio.gather(*(change(database, each) for _ in range(10) for database in two for each in ids))
        assert counted == 60

    async def test_who_waits_for_a_busy_server_keeps_no_others_of_its_process_waiting(
        self, two: tuple[Database, Database], database_url: str
    ) -> None:
        one, other = two
        async with other.write([1]):
            waiting = [asyncio.create_task(put(one, "of the busy one", [1, number])) for number in range(2, 30)]
            await until_waiting(database_url)
            async with asyncio.timeout(LONGEST / 10):
                await put(one, "of another", [50])
            assert not any(task.done() for task in waiting)
            assert await value(one) == "of another"
        await asyncio.wait_for(asyncio.gather(*waiting), LONGEST)

    async def test_who_may_change_anything_has_a_turn_among_many_who_change_something(
        self, two: tuple[Database, Database]
    ) -> None:
        busy = True

        async def write_on(database: Database, guild_id: int) -> None:
            while busy:
                await put(database, "something", [guild_id])

        writers = [asyncio.create_task(write_on(each, guild_id)) for each in two for guild_id in range(12)]
        async with asyncio.timeout(LONGEST):
            await asyncio.gather(*(put(each, "anything") for each in two for _ in range(12)))
            busy = False
            await asyncio.gather(*writers)

    async def test_whoever_gives_up_all_others_write_and_nobody_waits_for_ever(
        self, two: tuple[Database, Database]
    ) -> None:
        random, written = Random(11), Counter[str]()  # noqa: S311 - not for secrets

        async def write(database: Database, ids: list[int] | None) -> None:
            async with database.write(ids):
                await asyncio.sleep(0)
            written["whole"] += 1

        ids = [random.choice([None, *[random.choices(range(5), k=random.randrange(4))] * 6]) for _ in range(150)]
        tasks = [asyncio.create_task(write(random.choice(two), each)) for each in ids]
        for task in random.sample(tasks, 40):
            await until(lambda: True)
            task.cancel()
        async with asyncio.timeout(LONGEST):
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(write(database, None) for database in two))
        assert {type(each) for each in ended} <= {type(None), asyncio.CancelledError}
        assert written["whole"] >= 112

    async def test_what_is_read_within_is_what_those_before_it_wrote(self, two: tuple[Database, Database]) -> None:
        async def count_up(database: Database) -> None:
            async with database.write([5]) as connection:
                count = int(await read_fact(connection, FACT) or 0)
                await asyncio.sleep(0)
                await write_fact(connection, FACT, str(count + 1))

        await asyncio.gather(*(count_up(database) for _ in range(30) for database in two))
        assert await value(two[0]) == "60"

    async def test_reads_wait_for_nobody_and_write_nothing(self, two: tuple[Database, Database]) -> None:
        one, other = two
        async with one.write() as connection:
            await write_fact(connection, FACT, "under way")
            assert await value(other) is None
        with pytest.raises(DatabaseError):
            async with other.read() as connection:
                await write_fact(connection, FACT, "late")
        assert await value(other) == "under way"

    async def test_a_reader_sees_one_state_whatever_another_process_writes(
        self, two: tuple[Database, Database]
    ) -> None:
        one, other = two
        async with one.read() as connection:
            assert await read_fact(connection, FACT) is None
            await put(other, "after")
            assert await read_fact(connection, FACT) is None
        assert await value(one) == "after"


async def test_what_takes_too_long_is_not_taken_for_a_server_that_is_away(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.storage.engines.COMMAND_TIMEOUT", 0.5)
    async with opened(database_url) as database:

        async def sleep() -> None:
            async with database.read() as connection:
                await connection.execute(text("SELECT pg_sleep(60)"))

        with pytest.raises(DatabaseAwayError):  # at the start, it is waited for all the same
            await sleep()
        assert REMEDIES[Fault.HELD_UP] in caplog.text
        assert await value(database) is None


async def test_a_server_that_does_not_answer_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.storage.engines.CONNECT_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = make_url(f"postgresql+asyncpg://me@127.0.0.1:{silent.getsockname()[1]}/x")
        database = Database(engine_of(address), RememberedLookups(address))
        with pytest.raises(DatabaseAwayError, match=Fault.AWAY.value):
            await Database.open(address.render_as_string())
        with pytest.raises(DatabaseAwayError):
            await value(database)
    await database.close()
    assert REMEDIES[Fault.AWAY] in caplog.text


@pytest.fixture
def fleeting() -> Iterator[Postgres]:
    """A server that may be stopped without anybody else's loss."""
    with own_server() as server:
        yield server


async def test_a_server_that_goes_away_is_said_and_all_works_again_when_it_is_back(fleeting: Postgres) -> None:
    async with opened(fleeting.new_database()) as database:
        await put(database, "before")

        async def lose() -> None:
            async with database.write() as connection:
                await write_fact(connection, FACT, "lost")
                await asyncio.to_thread(fleeting.stop)

        with pytest.raises(DatabaseError, match="saved"):
            await lose()
        with pytest.raises(DatabaseError, match="looked up"):
            await value(database)
        with pytest.raises(DatabaseError, match="saved"):
            await put(database, "while it was away")

        await asyncio.to_thread(fleeting.start)
        assert await value(database) == "before"
        await put(database, "after")
        assert await value(database) == "after"


async def test_a_server_that_goes_away_within_a_read_is_said(fleeting: Postgres) -> None:
    async with opened(fleeting.new_database()) as database:

        async def lose() -> None:
            async with database.read() as connection:
                await read_fact(connection, FACT)
                await asyncio.to_thread(fleeting.stop)
                await read_fact(connection, FACT)

        with pytest.raises(DatabaseError, match="looked up"):
            await lose()
        await asyncio.to_thread(fleeting.start)
        assert await value(database) is None


def runs(pid: int) -> bool:
    """Return whether a process does anything; one that nobody asked how it ended does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_an_own_server_is_left_however_its_process_ends(ends: signal.Signals) -> None:
    code = (
        "import signal, time; from tests.postgres import own_server\n"
        # Whoever is started in the background by a shell ignores it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with own_server() as server: print(server.address.query['host'], flush=True); time.sleep(1000)"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        data = Path(process.stdout.readline().strip())
        server = int((data / "postmaster.pid").read_text().split()[0])
        process.send_signal(ends)
        try:
            process.wait(LONGEST)
        finally:
            process.kill()
    until = time.monotonic() + LONGEST
    while (data.parent.exists() or runs(server)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not data.parent.exists()
    assert not runs(server)
