"""What the tests share: a real database file, a clock that stands where it is put, the bot in a simulated Discord."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from hypothesis import settings

from bot.app import open_services
from bot.client import Fireside
from bot.domain.interviews import Interview
from bot.loopback import use_loopback
from bot.services import Services
from bot.services.interviews import Library, TaughtAlias, build_library
from bot.storage.database import Database
from bot.ui.actions import view_of
from tests.databases import KINDS, POSTGRESQL, SQLITE, Databases, PostgresDatabases, SqliteFiles
from tests.postgres import Postgres, lent_server, own_server
from tests.processes import CHOSEN
from tests.wire.loopback import LoopbackDiscord
from tests.wire.openapi import description_at_hand

# How long a test takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# Whole processes over real sockets, and a browser: minutes in all.
WHOLE = {"benchmarks", "browser", "command_line", "wire"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, help="write the browser tests' screenshots for the README there")
    parser.addoption("--database", choices=KINDS, help="the kind on which all tests run, not only storage and services")
    parser.addoption("--everything", action="store_true", help="the tests that take minutes too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(kind): the database is of one kind, because the test is about that kind")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests of storage and services run on both kinds of database, others on the one that is chosen."""
    if "database_kind" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--database")
    on_both = metafunc.definition.path.parent.name in {"storage", "services"}
    kinds = [chosen] if chosen else KINDS if on_both else [SQLITE]
    only = metafunc.definition.get_closest_marker("only")
    metafunc.parametrize(
        "database_kind", [kind for kind in kinds if only is None or kind in only.args], scope="session"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless everything is wanted, or its folder or file was named."""
    if config.getoption("--everything"):
        return
    named = {Path(argument.partition("::")[0]).resolve() for argument in config.args}
    named -= {(config.rootpath / folder).resolve() for folder in (".", *config.getini("testpaths"))}
    left_out = {item for item in items if takes_long(item) and named.isdisjoint({item.path, *item.path.parents})}
    config.hook.pytest_deselected(items=sorted(left_out, key=str))
    items[:] = [item for item in items if item not in left_out]


def takes_long(item: pytest.Item) -> bool:
    """Return whether a test needs whole processes, a browser, or a PostgreSQL server beside the database chosen."""
    assert isinstance(item, pytest.Function)
    kind = item.callspec.params.get("database_kind") if hasattr(item, "callspec") else None
    only = item.get_closest_marker("only")
    on_postgres = POSTGRESQL in {kind, *(only.args if only else ())} and not item.config.getoption("--database")
    needs_server = {"postgres", "own_postgres"} & set(item.fixturenames)
    return bool(item.path.parent.name in WHOLE or on_postgres or needs_server)


@dataclass
class StandingClock:
    """A clock that tests move by hand."""

    now: datetime = field(default=datetime(2026, 3, 2, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with lent_server() as server:
        yield server


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the module's own on this machine, which can be stopped."""
    with own_server() as server:
        yield server


@pytest.fixture
def own_url(own_postgres: Postgres) -> Iterator[str]:
    """The address of an empty database on that server."""
    url = own_postgres.new_database()
    yield url
    own_postgres.drop(url)


@pytest.fixture(scope="session")
def databases(database_kind: str, request: pytest.FixtureRequest) -> Databases:
    """What makes databases of the kind that the test runs on."""
    return SqliteFiles() if database_kind == SQLITE else PostgresDatabases(request.getfixturevalue("postgres"))


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the test's one database: with the bundled interview for the services, else with empty tables.

    A test that wants neither services nor a database finds nothing there.
    """
    made = next((name for name in ("services", "database") if name in request.fixturenames), None)
    like = {"services": "loaded_database", "database": "empty_database", None: None}[made]
    url = databases.new(tmp_path, request.getfixturevalue(like) if like else None)
    yield url
    databases.forget(url)


@pytest.fixture
def loaded_url(databases: Databases, loaded_database: str, tmp_path: Path) -> Iterator[str]:
    """The address of the test's one database, with the bundled interview, for processes to work with."""
    url = databases.new(tmp_path, loaded_database)
    yield url
    databases.forget(url)


@pytest.fixture
def for_processes(database_kind: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes of the test work with a database of the kind that the test runs on."""
    if database_kind != SQLITE:
        monkeypatch.setenv(CHOSEN, database_url)


@pytest.fixture(scope="session")
def empty_database(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that is migrated and has nothing in it, made once; tests work on copies of it."""

    async def make(url: str) -> None:
        database = await Database.open(url)
        await database.close()

    url = databases.new(tmp_path_factory.mktemp("empty"))
    asyncio.run(make(url))
    yield url
    databases.forget(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session", autouse=True)
def each_library_built_once() -> Iterator[None]:
    """Lend the library that was built of equal interviews before: none ever changes, and building takes the longest."""
    built = lru_cache(maxsize=8)(build_library)

    def lend(revision: int, interviews: tuple[Interview, ...], taught: Iterable[TaughtAlias] = ()) -> Library:
        return built(revision, interviews, tuple(taught))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.services.interviews.build_library", lend)
        yield


@pytest.fixture(scope="session")
def loaded_database(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the bundled interview, made once; tests work on copies of it."""

    async def make(url: str) -> None:
        async with open_services(url):
            pass

    url = databases.new(tmp_path_factory.mktemp("loaded"))
    asyncio.run(make(url))
    yield url
    databases.forget(url)


@pytest.fixture
async def services(database_url: str, clock: StandingClock) -> AsyncIterator[Services]:
    async with open_services(database_url, clock) as services:
        yield services


@dataclass
class World:
    """A server with a channel, and who is in it."""

    env: simcord.Env
    client: Fireside
    guild: Any
    channel: Any
    member: Any
    admin: Any

    async def restart(self, client: Fireside) -> None:
        """Let the bot go and come back as another process would."""
        await self.client.close()
        await self.env.restart_bot(client)
        self.client = client

    async def in_public(self, *items: discord.ui.Item[Any]) -> discord.Message:
        """Return a message in the channel with buttons or selects that the bot would show to one person alone."""
        return await self.client.get_partial_messageable(self.channel.id).send("x", view=view_of(items))

    def said_wrong(self) -> list[str]:
        """Return the errors the bot met since the last call; a test that expects none need not ask."""
        return [str(error) for error in self.env.errors]


def buttons_of(message: Any) -> dict[str, dict[str, Any]]:
    """Return the buttons of a message as Discord has them, by label."""
    rows = message.components
    return {item["label"]: item for row in rows for item in row["components"] if item["type"] == 2}


@pytest.fixture
def simcord_bot(services: Services) -> Fireside:
    return Fireside(services, "https://example.org/help", shard_count=1)


@pytest.fixture
async def world(simcord_env: simcord.Env, simcord_bot: Fireside) -> AsyncIterator[World]:
    """The real bot, on line in a simulated Discord, with the bundled interview."""
    guild = simcord_env.create_guild("Readers")
    admins = guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    world = World(
        env=simcord_env,
        client=simcord_bot,
        guild=guild,
        channel=guild.create_text_channel("interviews"),
        member=guild.add_member(simcord_env.create_user("mira")),
        admin=guild.add_member(simcord_env.create_user("tom"), roles=[admins]),
    )
    yield world
    await world.client.close()


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    """A small Discord that listens; at the end, nothing of what it was asked may have been wrong."""
    async with LoopbackDiscord(description=description_at_hand()).serve() as loopback:
        yield loopback
    assert loopback.violations == []


@pytest.fixture
def client_on_loopback(loopback: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the clients of this process reach the loopback Discord, and undo afterwards what they do to all of it."""
    monkeypatch.setattr(discord.http.Route, "BASE", "")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", None)
    monkeypatch.setattr(discord.asset.Asset, "BASE", "")
    use_loopback(loopback.address)
    yield
    gc.unfreeze()
