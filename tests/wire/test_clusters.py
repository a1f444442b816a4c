"""Several processes, each with shards of its own, on one database: each server has one of them, whichever ends."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import ask_health, open_services
from bot.domain.deliveries import LEASE
from bot.domain.shards import Shards, shard_of
from bot.storage.locks import NamedLock
from bot.storage.presence import SHARDS, lent_locks
from tests.databases import rows
from tests.postgres import Postgres, own_server
from tests.waiting import until
from tests.wire.bot import FIRESIDE, LONGEST, Bot, run_bot
from tests.wire.conftest import Server, people, settled
from tests.wire.loopback import LoopbackDiscord

# As users start it, but for pauses that nobody here has to wait for.
IN_HASTE = """
from datetime import timedelta
from bot.services import presence, rounds
from bot.__main__ import main

presence.LOOK_EVERY, presence.IDENTIFY_EVERY, presence.ASK_EVERY = 0.2, 0.5, 0.05
rounds.ASK_AGAIN = timedelta(seconds=0.2)
main()
"""
QUICK = ("-c", IN_HASTE, "run")
QUESTION, ANSWER = "Why did you create Keras?", "February / March 2015"
SYNC = "PUT /applications/{application}/commands"

_guild_numbers = itertools.count(1 << 30)


@dataclass(slots=True)
class Cluster:
    """Processes on one database and one Discord."""

    discord: LoopbackDiscord
    url: str
    folder: Path
    ports: Callable[[], int]
    stack: AsyncExitStack
    of_process: dict[str, int] = field(default_factory=dict)
    kills: int = 0

    def server(self, shard: int, of: int) -> Server:
        """Return a new server that belongs to a shard."""
        number = next(each for each in _guild_numbers if each % of == shard) << 22
        assert shard_of(number, of) == shard
        return Server(self.discord, self.discord.world.add_guild(number=number), *people())

    async def start(self, name: str, program: Sequence[str] = QUICK, **settings: str) -> Bot:
        """Start a process; each has a folder and a port of its own."""
        (self.folder / name).mkdir(exist_ok=True)
        port = self.of_process[name] = self.ports()
        settings = {"HEALTH_PORT": str(port)} | settings
        return await self.stack.enter_async_context(
            run_bot(self.folder / name, self.discord, self.url, program, **settings)
        )

    async def kill(self, bot: Bot) -> None:
        """End a process as a power cut does."""
        self.kills += 1
        await bot.kill()

    async def until_online(self, count: int, identified: int = 0) -> None:
        """Wait until so many shards listen, and so many have identified themselves so far."""
        async with asyncio.timeout(LONGEST):
            await self.discord.gateway.until_online(count, identified=identified)

    async def health(self, name: str) -> dict[str, Any]:
        """Return what a process says of itself."""
        address = f"http://127.0.0.1:{self.of_process[name]}/health"
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            document: dict[str, Any] = await response.json()
            return document | {"code": response.status}

    async def until_leads(self, name: str) -> None:
        """Wait until a process leads."""

        async def leads() -> bool:
            with suppress(OSError, aiohttp.ClientError):  # it may be about to begin
                return bool((await self.health(name))["leads"])
            return False

        await until(leads)

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query finds in the database."""
        return rows(self.url, query)


@pytest.fixture(scope="module")
def loaded(postgres: Postgres) -> Iterator[str]:
    """A database with the bundled interview."""

    async def make() -> None:
        async with open_services(made):
            pass

    made = postgres.new_database()
    asyncio.run(make())
    yield made
    postgres.drop(made)


@pytest.fixture
def url(postgres: Postgres, loaded: str) -> Iterator[str]:
    copied = postgres.new_database(loaded)
    yield copied
    postgres.drop(copied)


@pytest.fixture
async def cluster(
    loopback: LoopbackDiscord, url: str, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> AsyncIterator[Cluster]:
    loopback.gateway.identify_every = 0.3
    async with AsyncExitStack() as stack:
        cluster = Cluster(loopback, url, tmp_path, unused_tcp_port_factory, stack)
        yield cluster
    # Who is killed right after it has identified itself tells nobody that it has: Discord does.
    assert loopback.gateway.hurried <= cluster.kills


async def answered(*servers: Server) -> bool:
    """Return whether the next question in each of some servers is answered, once."""
    uses = [await server.use("ask", question=QUESTION) for server in servers]
    return all(ANSWER in use.text and len(use.messages) == 1 for use in uses)


HALVES = [
    {"SHARD_COUNT": "4", "CLUSTER_COUNT": "2", "CLUSTER_INDEX": "0"},
    {"SHARD_COUNT": "4", "CLUSTER_COUNT": "2", "CLUSTER_INDEX": "1"},
]


async def test_each_process_answers_its_own_servers_and_goes_on_when_the_other_is_killed(cluster: Cluster) -> None:
    servers = [cluster.server(shard, 4) for shard in range(4)]
    first = await cluster.start("first", **HALVES[0])
    await cluster.until_leads("first")
    await cluster.start("second", **HALVES[1])
    await cluster.until_online(4)
    assert await answered(*servers)
    member = servers[0].member
    private = cluster.discord.world.private_channel(member.id)
    assert ANSWER in (await settled(await cluster.discord.use("ask", member, private, question=QUESTION))).text
    healths = [await cluster.health(name) for name in ("first", "second")]
    assert [each["leads"] for each in healths] == [True, False]
    assert [each["shards"]["count"] for each in healths] == [4, 4]
    assert [each["shards"]["up"] for each in healths] == [{"0": True, "1": True}, {"2": True, "3": True}]
    assert cluster.discord.requests[SYNC] == 1

    # As if the one that leads were of another version.
    cluster.query("UPDATE facts SET value = 'others' WHERE name = 'commands_hash'")
    await cluster.kill(first)
    assert await answered(*servers[2:])
    await cluster.until_leads("second")

    await until(lambda: cluster.discord.requests[SYNC] == 2)

    await cluster.start("first", **HALVES[0])
    await cluster.until_online(4, identified=6)
    assert await answered(*servers)
    assert (await cluster.health("first"))["leads"] is False
    assert cluster.discord.requests[SYNC] == 2
    # Who answers a second time is refused.
    assert set(cluster.discord.statuses) <= {200, 201, 204}


async def test_a_process_whose_shards_are_taken_waits_and_takes_over(cluster: Cluster) -> None:
    servers = [cluster.server(shard, 2) for shard in range(2)]
    both = {"SHARD_COUNT": "2", "SHARD_IDS": "0,1"}
    first = await cluster.start("first", **both)
    await cluster.until_online(2)
    second = await cluster.start("second", **both)
    await second.until_logged("Shards 0, 1")
    third = await cluster.start("third", SHARD_COUNT="2", SHARD_IDS="1")
    await third.until_logged("Shard 1 ")
    other_count = await cluster.start("fourth", SHARD_COUNT="3", SHARD_IDS="2")
    await other_count.until_logged("SHARD_COUNT=2")
    health = await cluster.health("second")
    assert (health["code"], health["leads"], health["shards"]["up"]) == (200, False, {"0": False, "1": False})
    assert health["standby"]
    well, words = await asyncio.to_thread(ask_health, cluster.of_process["fourth"])
    assert well
    assert "SHARD_COUNT=2" in words
    for standby in (third, other_count):
        assert await standby.stop() == 0
    assert cluster.discord.gateway.identified == 2

    await cluster.kill(first)
    await cluster.until_online(2, identified=4)
    assert await answered(*servers)
    assert (await cluster.health("second"))["standby"] is None
    await cluster.until_leads("second")
    assert second.log.count("Shards 0, 1") == 1


async def test_no_connection_is_open_while_it_waits_for_its_turn_to_identify(cluster: Cluster) -> None:
    gateway = cluster.discord.gateway
    sessions = "pg_stat_activity JOIN pg_locks USING (pid)"
    last_asked = f"SELECT query FROM {sessions} WHERE classid = {SHARDS} AND datname = current_database()"  # noqa: S608

    async def asks(what: str) -> None:
        await until(lambda: [query for (query,) in cluster.query(last_asked) if what in query])

    async with lent_locks(cluster.url) as locks:
        assert await locks.take(NamedLock.IDENTIFY)
        await cluster.start("first", SHARD_COUNT="2", SHARD_IDS="1")
        await cluster.until_leads("first")
        for what in ("SELECT 1", "pg_try_advisory_lock"):
            await asks(what)
        assert not gateway.sockets
    await cluster.until_online(1)


async def test_who_lost_its_shards_to_another_ends_to_be_started_again(cluster: Cluster) -> None:
    bot = await cluster.start("first", SHARD_COUNT="1")
    await cluster.until_online(1)
    ours = Shards(1, (0,))
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    holder = f"locktype = 'advisory' AND classid = {SHARDS} AND {here}"
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {holder}"  # noqa: S608
    async with lent_locks(cluster.url) as locks:
        assert str(await locks.take_shards(ours)) == "Shard 0 is run by another process"

        async def taken() -> bool:
            cluster.query(ended)
            return await locks.take_shards(ours) is None

        await until(taken)
        assert await asyncio.wait_for(bot.process.wait(), LONGEST) == 1
        assert "took over" in bot.log
        assert "Traceback" not in bot.log


async def test_no_quote_is_lost_or_posted_twice_around_a_kill(cluster: Cluster) -> None:
    servers = [cluster.server(number % 4, 4) for number in range(60)]
    due = datetime.now(UTC) - timedelta(minutes=30)
    async with open_services(cluster.url, lambda: datetime.now(UTC) - timedelta(hours=1)) as services:
        for server in servers:
            await services.deliveries.set_daily(server.guild.id, server.channel.id, f"{due:%H:%M}", "UTC")
    posts = cluster.discord.world.posts
    first = await cluster.start("first", **HALVES[0])
    await cluster.start("second", **HALVES[1])

    await until(lambda: len(posts()) > 3)
    await cluster.kill(first)

    # What the second one has claimed it settles; the rest was the first one's.
    async def is_at_rest() -> bool:
        before = cluster.query("SELECT guild_id, state FROM deliveries ORDER BY 1")
        await asyncio.sleep(1.5)
        return before == cluster.query("SELECT guild_id, state FROM deliveries ORDER BY 1")

    await until(is_at_rest)
    over = f"claimed_at - {LEASE // timedelta(milliseconds=1)}"
    cluster.query(f"UPDATE deliveries SET claimed_at = {over} WHERE state = 'claimed'")  # noqa: S608
    await cluster.start("first", **HALVES[0])

    sent = "SELECT count(*) FROM deliveries WHERE state = 'sent'"
    await until(lambda: cluster.query(sent) == [(len(servers),)], every=0.05)
    assert Counter(len(server.channel.messages) for server in servers) == {1: len(servers)}
    assert cluster.query("SELECT count(*) FROM deliveries") == [(len(servers),)]


async def test_after_the_database_was_away_each_has_its_shards_again(
    loopback: LoopbackDiscord, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    with own_server() as postgres:
        async with AsyncExitStack() as stack:
            cluster = Cluster(loopback, postgres.new_database(), tmp_path, unused_tcp_port_factory, stack)
            server = cluster.server(0, 1)
            first = await cluster.start("first")
            await cluster.until_online(1)
            second = await cluster.start("second")
            await second.until_logged("Shard 0 ")
            await asyncio.to_thread(postgres.stop)
            await first.until_logged("is lost until")
            assert (await cluster.health("first"))["code"] == 503
            await asyncio.to_thread(postgres.start)
            await first.until_logged("holds what it held")
            await cluster.until_leads("first")
            assert await answered(server)
            assert (await cluster.health("second"))["standby"]
            assert second.process.returncode is None
            assert loopback.gateway.identified == 1


async def test_processes_take_turns_to_identify(cluster: Cluster) -> None:
    cluster.discord.gateway.identify_every = 5.0
    for number in range(2):
        await cluster.start(f"process {number}", FIRESIDE, SHARD_COUNT="2", SHARD_IDS=str(number))
    await cluster.until_online(2)
