"""How a database is reached: its address, and connections that are set up as Fireside needs them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sqlalchemy import URL, Connection, event, make_url, pool
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import DatabaseError
from bot.storage.backups import read_only_uri

BUSY_TIMEOUT_MS = 10_000
# Seconds. A server that answers nothing is as good as gone.
CONNECT_TIMEOUT, COMMAND_TIMEOUT = 5, 30
# Who holds locks by a connection has to notice soon that it is broken.
LOCK_TIMEOUT = 5
POOL_SIZE, POOL_OVERFLOW = 5, 10
# How many of these connections may be those of writers, who may have to wait for each other.
WRITERS = 10
# All that a process has of a server at once, with the connection that hears of changes and the one that tries it out.
MOST_CONNECTIONS = POOL_SIZE + POOL_OVERFLOW + 3
# What pg_stat_activity calls the connections, and the one that hears of changes.
_NAME, LISTENER = "fireside", "fireside listener"
# What every session of PostgreSQL is told. A process that stalled within a transaction may hold up others only so long;
# one whose machine is gone is noticed in half a minute, so that another can do its work; also where it was being sent
# something, for which TCP would try for a quarter of an hour. Measured between two network namespaces, by a cut link:
# 31 s either way; without the last setting 51 s, and more than 100 s.
_SESSION = {
    "jit": "off",  # it costs more than any query here takes
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
LAST_PORT = 65535
# What an address may say behind its question mark: what the driver takes as text, and Fireside does not say itself.
_OPTIONS = (
    "host",
    "port",
    "user",
    "password",
    "database",
    "passfile",
    "service",
    "servicefile",
    "ssl",
    "target_session_attrs",
    "krbsrvname",
    "gsslib",
    "prepared_statement_cache_size",
)


def address_of(url: str, said_in: str = "DATABASE_URL") -> URL:
    """Return an SQLAlchemy address, checked; where it was said stands in the error.

    Raises:
        DatabaseError: It is no address of a database that Fireside can work with.
    """
    try:
        address = make_url(url)
        # Each connection to :memory: would have a database of its own.
        in_memory = address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}
        address.get_dialect()().create_connect_args(address)  # which reads its ports and other numbers
        usable = address.drivername in _DRIVERS and not in_memory and (address.port or 0) <= LAST_PORT
    except (ArgumentError, ModuleNotFoundError, ValueError):
        usable = False
    if not usable:
        hint = (
            " One of PostgreSQL begins with postgresql+asyncpg:// here."
            if url.startswith(("postgres:", "postgresql:"))
            else ""
        )
        raise DatabaseError(
            f"{said_in} is not an address of a database, such as sqlite+aiosqlite:///data/fireside.db or "
            f"postgresql+asyncpg://fireside@localhost/fireside.{hint}"
        )
    if "@" in (address.host or ""):
        raise DatabaseError(f"{said_in} has an @ in its password. Write that as %40, a % as %25, and a / as %2F.")
    return address if is_sqlite(address) else _as_driver_says(address, said_in)


def _as_driver_says(address: URL, said_in: str) -> URL:
    """Return a PostgreSQL address whose options are the driver's: providers hand out those of PostgreSQL's own."""
    options = {"ssl" if name == "sslmode" else name: value for name, value in address.query.items()}
    if unknown := sorted(options.keys() - set(_OPTIONS)):
        raise DatabaseError(
            f"{said_in} says {', '.join(unknown)} behind its question mark, which Fireside has no use for. Take that "
            f"out of it. What may stand there: sslmode, {', '.join(_OPTIONS)}."
        )
    return address.set(query=options)


def is_sqlite(address: URL) -> bool:
    """Return whether a database is an SQLite file."""
    return address.get_backend_name() == "sqlite"


def sqlite_file(url: str, said_in: str = "DATABASE_URL") -> Path | None:
    """Return the file of an SQLite database by its SQLAlchemy address, or None for another database.

    Raises:
        DatabaseError: It is no address of a database.
    """
    return file_of(address_of(url, said_in))


def file_of(address: URL) -> Path | None:
    """Return the file of an SQLite database; another has none."""
    if not is_sqlite(address):
        return None
    name = str(address.database)
    return Path(url2pathname(urlsplit(name).path)) if name.startswith("file:") else Path(name)


def name_of(address: URL) -> str:
    """Return what to call a database in a sentence: its file, or its address without the password."""
    return str(file_of(address) or address.set(query={}).render_as_string(hide_password=True))


def engine_of(address: URL, *, migrating: bool = False) -> AsyncEngine:
    """Return what opens connections to a database; for a migration, they wait as long as it takes."""
    return _sqlite_engine(address, migrating) if is_sqlite(address) else _postgres_engine(address, migrating)


def lasting_engine(address: URL) -> AsyncEngine:
    """Return what opens a connection to PostgreSQL that outlives its transactions: each statement is one."""
    engine = _unpooled_engine(address, _NAME, LOCK_TIMEOUT)
    return _telling(engine, _SESSION).execution_options(isolation_level="AUTOCOMMIT")


def reader_of(address: URL) -> AsyncEngine:
    """Return what opens connections that can't change a database, and wait as long as it takes."""
    file = file_of(address)
    if file is None:
        return seeing_one_state(_postgres_engine(address, migrating=True))
    unchanged = URL.create(address.drivername, database=read_only_uri(file), query={"uri": "true"})
    return create_async_engine(unchanged, poolclass=pool.NullPool, hide_parameters=True)


def seeing_one_state(engine: AsyncEngine) -> AsyncEngine:
    """Return an engine of PostgreSQL's whose transactions only read, each as things were when it began."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite_engine(address: URL, migrating: bool) -> AsyncEngine:
    """Return an engine whose every connection has the pragmas and begins its transactions itself."""
    # Parameters hold what members wrote: no error in the log may show them.
    engine = create_async_engine(address, poolclass=pool.NullPool if migrating else None, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            # With foreign keys in force, rebuilding a table in a migration deletes its children.
            cursor.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        except Exception:
            connection.close()  # the pool doesn't know it yet, so nobody else would end its thread
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that only later turns into a write fails as "locked" instead of waiting.
        writes = migrating or connection.get_execution_options().get("fireside_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def listening_engine_of(address: URL) -> AsyncEngine:
    """Return what opens the connection on which a process hears from a PostgreSQL server; it is nobody else's."""
    return _telling(_unpooled_engine(address, LISTENER), _SESSION)


def _unpooled_engine(address: URL, name: str, command_timeout: float | None = None) -> AsyncEngine:
    return _server_engine(address, name, command_timeout, poolclass=pool.NullPool)


def _server_engine(address: URL, name: str, command_timeout: float | None, **pooling: Any) -> AsyncEngine:
    """Return an engine of PostgreSQL's, pooled in some way, to which a timeout is that of a command."""
    settings = {"application_name": name}
    arguments = {"timeout": CONNECT_TIMEOUT, "command_timeout": command_timeout, "server_settings": settings}
    engine = create_async_engine(address, hide_parameters=True, connect_args=arguments, **pooling)

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: object, positional: list[Any], named: dict[str, Any]) -> Any:
        try:
            return dialect.connect(*positional, **named)
        except TimeoutError as error:
            raise ConnectionError(f"it answered nothing for {CONNECT_TIMEOUT} seconds") from error

    return engine


def _telling(engine: AsyncEngine, settings: dict[str, str]) -> AsyncEngine:
    """Return an engine whose new sessions are told some settings first: at their start, PgBouncer would refuse them."""
    told = (json.dumps(settings),)

    @event.listens_for(engine.sync_engine, "connect")
    def tell(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT set_config(key, value, false) FROM json_each_text($1::text::json)", told)
            connection.commit()
        except BaseException:
            connection.terminate()  # the pool doesn't know it yet, so nobody else would end it
            raise
        cursor.close()

    return engine


def _postgres_engine(address: URL, migrating: bool) -> AsyncEngine:
    if migrating:
        return _unpooled_engine(address, _NAME)
    pooling = {"pool_size": POOL_SIZE, "max_overflow": POOL_OVERFLOW, "pool_timeout": BUSY_TIMEOUT_MS / 1000}
    engine = _server_engine(address, _NAME, COMMAND_TIMEOUT, **pooling)

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, _record: object, _proxy: object) -> None:
        # After the server was away, whoever comes first gets a connection that works. The driver has seen that it was
        # closed; to ask the server each time takes as long as most of what is looked up.
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server has closed it")

    return _telling(engine, _SESSION | {"lock_timeout": str(BUSY_TIMEOUT_MS)})
