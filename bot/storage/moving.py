"""All rows of a database, moved into another one of either kind: in batches, so that any of them may be the last.

Every batch is a transaction of the target's. What is being moved is written into the target before the first one: by
that a target is known whose rows are not all there yet, which no bot opens, and that it is the same source when a move
goes on. Where it goes on, the largest key in the target says.
"""

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    String,
    Table,
    collate,
    exists,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from bot.domain.text import not_text
from bot.errors import DatabaseError
from bot.storage.database import opening
from bot.storage.engines import address_of, engine_of, file_of, is_sqlite, name_of, reader_of
from bot.storage.facts import Fact, forget_fact, read_fact, write_fact
from bot.storage.faults import REMEDIES, Fault, cause_of, fault_of, server_fault_of
from bot.storage.locks import NamedLock, take_lock
from bot.storage.migrating import current_revision, migrate, newest_revision
from bot.storage.tables import facts, metadata
from bot.storage.texts import kind_of

# Rows a transaction: few enough to be held in memory several times, and enough that waiting for the disk counts little.
BATCH = 5_000
EMPTY_ONE = "Name an empty database: for SQLite a file that is not there, for PostgreSQL one that was just created."
# How rows are written out to be summed up: in the same way for every kind of database.
_as_text = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

_GIVEN = {
    "sqlite": text("SELECT seq FROM sqlite_sequence WHERE name = :name"),
    "postgresql": text("SELECT pg_sequence_last_value(pg_get_serial_sequence(CAST(:name AS text), 'id')::regclass)"),
}
_CONTINUE = text("SELECT setval(pg_get_serial_sequence(CAST(:name AS text), 'id'), CAST(:number AS bigint))")
_FORGET_SQLITE = text("DELETE FROM sqlite_sequence WHERE name = :name")
_CONTINUE_SQLITE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)")
LARGEST_INTEGER = 2**31 - 1

Row = Sequence[Any]
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and the checksum of all that is in them."""

    rows: int
    checksum: str


class Side:
    """One of the two databases of a move, with its one connection: PostgreSQL's locks are that connection's."""

    def __init__(self, address: URL, connection: AsyncConnection, state: object) -> None:
        """Take an address, a connection on which nothing has begun, and the state before it was opened.

        Use `open_source` and `open_target`.
        """
        self.name = name_of(address)
        self.is_sqlite = is_sqlite(address)
        self._address = address
        self._connection = connection
        self._state = state

    def check_unchanged(self) -> None:
        """Refuse a file that somebody has written to since it was opened; PostgreSQL's locks keep everybody from that.

        Raises:
            DatabaseError: Somebody has.
        """
        if _state_of(self._address) != self._state:
            raise DatabaseError(
                f"Somebody else has written to {self.name} while it was moved. See that nobody does. {EMPTY_ONE}"
            )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Lend the connection inside a transaction.

        Raises:
            DatabaseError: The database can't do it; the message says what to do.
        """
        try:
            async with self._connection.begin():
                yield self._connection
        except (DBAPIError, OSError) as error:
            fault = fault_of(error) if self.is_sqlite else server_fault_of(error)
            remedy = "" if fault in {None, Fault.OTHER} else f" {REMEDIES[fault]}"
            says = cause_of(error).partition("\n")[0]
            raise DatabaseError(
                f"{self.name} stopped the move: {says}.{remedy} The same command goes on where it ended."
            ) from error


# Opening


@asynccontextmanager
async def open_source(url: str) -> AsyncIterator[Side]:
    """Lend the database that is moved, which nobody else uses and nothing changes.

    Raises:
        DatabaseError: It can't be opened, is in use, or is not as this version has it; the message says what to do.
    """
    address = address_of(url, "--from")
    file = file_of(address)
    if file is not None and not file.is_file():
        raise DatabaseError(f"There is no database at {file}, so there is nothing to move.")
    async with _side_of(address, reading=True) as side:
        async with side.transaction() as connection:
            _check_revision(side.name, await connection.run_sync(current_revision))
            if await read_fact(connection, Fact.MOVE) is not None:
                raise DatabaseError(f"Not all of what was to be moved into {side.name} is there. Let that end first.")
        yield side


@asynccontextmanager
async def open_target(url: str) -> AsyncIterator[Side]:
    """Lend the database that another one is moved to: made and migrated, and alone with it.

    Raises:
        DatabaseError: It can't be opened, is in use, or is filled otherwise; the message says what to do.
    """
    address = address_of(url, "--to")
    with opening(address):
        await migrate(address, _refuse_filled)
    async with _side_of(address) as side:
        yield side


@asynccontextmanager
async def _side_of(address: URL, *, reading: bool = False) -> AsyncIterator[Side]:
    with opening(address):
        state = _state_of(address)
        engine = reader_of(address) if reading else engine_of(address, migrating=True)
        connection = await engine.connect()
    try:
        if not is_sqlite(address):
            async with connection.begin():
                taken = [await take_lock(connection, name) for name in (NamedLock.BOT, NamedLock.WRITING)]
            if not all(taken):
                raise DatabaseError(
                    f"Fireside runs with the database {name_of(address)}, or writes to it, or moves it. "
                    "Stop it first, everywhere."
                )
        yield Side(address, connection, state)
    finally:
        await connection.close()
        await engine.dispose()


def _state_of(address: URL) -> list[tuple[int, int]]:
    """Return what is another after each write to an SQLite file: its commands need no lock of the bot's."""
    file = file_of(address)
    if file is None:
        return []
    # Whoever only reads may leave an empty -wal.
    there = [each.stat() for each in (file, Path(f"{file}-wal")) if each.exists()]
    return [(each.st_size, each.st_mtime_ns) for each in there if each.st_size]


def _check_revision(name: str, revision: str | None) -> None:
    newest = newest_revision()
    if revision is None:
        raise DatabaseError(f"{name} is not a database of Fireside's. Name the one to move with --from.")
    if revision > newest:
        raise DatabaseError(f"{name} is at revision {revision}, newer than this Fireside's {newest}. Update Fireside.")
    if revision < newest:
        raise DatabaseError(
            f"{name} is at revision {revision}, older than {newest}. Start the bot with it once, which updates it, and "
            "stop it again."
        )


async def _refuse_filled(connection: AsyncConnection) -> None:
    """Refuse a database of ours with rows that no unfinished move has brought."""
    if await read_fact(connection, Fact.MOVE) is not None:
        return
    there = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    for table in metadata.sorted_tables:
        if table.name in there and await connection.scalar(select(exists().select_from(table))):
            raise DatabaseError(
                f"The database to move to is in use: its table {table.name} has rows. Nothing was changed. {EMPTY_ONE}"
            )


# Reading


def _key_of(table: Table, *, like_sqlite: bool) -> list[ColumnElement[Any]]:
    """Return what a table's rows are put in order by, which is the same order in every kind of database."""
    return [
        collate(column, "C") if isinstance(kind_of(column), String) and not like_sqlite else column
        for column in table.primary_key
    ]


def _key_in(table: Table, row: Row) -> Row:
    columns = list(table.columns)
    return [row[columns.index(column)] for column in table.primary_key]


def _rows_of(table: Table) -> Select[Any]:
    """Return the query for all that is moved of a table."""
    return select(table).where(facts.c.name != Fact.MOVE) if table is facts else select(table)


async def _batches(side: Side, table: Table, after: Row | None = None) -> AsyncIterator[list[Row]]:
    """Yield the rows of a table in the order of their key, from the one after a key on."""
    key = _key_of(table, like_sqlite=side.is_sqlite)
    query = _rows_of(table).order_by(*key).limit(BATCH)
    while True:
        beyond = query if after is None else query.where(tuple_(*key) > tuple_(*after))
        async with side.transaction() as connection:
            try:
                rows = (await connection.execute(beyond)).all()
            except (OperationalError, ValueError) as error:
                await _name_unreadable(connection, table, beyond, error)
                raise
        if rows:
            yield list(rows)
        if len(rows) < BATCH:
            return
        after = _key_in(table, rows[-1])


async def _name_unreadable(connection: AsyncConnection, table: Table, batch: Select[Any], error: Exception) -> None:
    """Look for the value in a batch that can't be read as what it should be, such as text that is not UTF-8.

    Raises:
        DatabaseError: It names the place.
    """
    key = list(table.primary_key)
    for row in (await connection.execute(batch.with_only_columns(*key))).all():
        for column in table.columns:
            value = select(column).where(tuple_(*key) == tuple_(*row))
            try:
                (await connection.execute(value)).all()
            except (OperationalError, ValueError):
                raise _misfit(table, row, column, f"it can't be read as {kind_of(column)}") from error


def _misfit(table: Table, key: Row, column: Column[Any], why: str) -> DatabaseError:
    names = ", ".join(f"{part.name} {value}" for part, value in zip(table.primary_key, key, strict=True))
    return DatabaseError(
        f"In the table {table.name}, the row with {names} has a value in the column {column.name} that can't be moved: "
        f"{why}. Change it in the database that is moved, then start anew. Nothing was moved."
    )


def _check_values(table: Table, rows: Collection[Row], *, for_postgresql: bool) -> None:
    """Refuse what SQLite holds in a column and the other side would not, before anything is moved.

    Raises:
        DatabaseError: It names the row, the column and why.
    """
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
        if _why_misfit(column, values, for_postgresql=for_postgresql) is None:
            continue
        for row, value in zip(rows, values, strict=True):
            if why := _why_misfit(column, (value,), for_postgresql=for_postgresql):
                raise _misfit(table, _key_in(table, row), column, why)


def _why_misfit(column: Column[Any], values: Collection[Any], *, for_postgresql: bool) -> str | None:
    """Return what is wrong with some of the values of a column, or None."""
    kind = kind_of(column)
    if isinstance(kind, JSON):
        return _why_not_json(values)
    given = [value for value in values if value is not None]
    if set(map(type, given)) - {kind.python_type}:
        return f"it is no {kind.python_type.__name__}"
    if isinstance(kind, String):
        return _why_not_text(given, kind.length if for_postgresql else None)
    is_small = for_postgresql and kind.python_type is int and not isinstance(kind, BigInteger)
    if is_small and max(map(abs, given), default=0) > LARGEST_INTEGER:
        return f"it is not between -{LARGEST_INTEGER} and {LARGEST_INTEGER}"
    return None


def _why_not_json(values: Collection[Any]) -> str | None:
    try:
        _as_text(values)
    except ValueError:
        return "it has a number that JSON does not know"
    return None


def _why_not_text(values: Collection[str], length: int | None) -> str | None:
    if (found := not_text("".join(values))) is not None:
        return f"it has a character that can't be kept, U+{ord(found):04X}"
    too_long = length is not None and max(map(len, values), default=0) > length
    return f"it is longer than {length} characters" if too_long else None


async def check_references(source: Side) -> None:
    """Refuse a database in which a row points to one that is not there, which SQLite may have let happen.

    Raises:
        DatabaseError: It names the row and the column.
    """
    for table in metadata.sorted_tables:
        for reference in table.foreign_keys:
            column, named = reference.parent, reference.column.table.alias()
            lost = ~exists().where(named.c[reference.column.name] == column)
            query = select(*table.primary_key).where(column.is_not(None), lost).limit(1)
            async with source.transaction() as connection:
                row = (await connection.execute(query)).first()
            if row is not None:
                raise _misfit(table, row, column, f"it names a row of {reference.column.table.name} that is not there")


async def count_rows(side: Side) -> int:
    """Return how many rows there are in all."""
    async with side.transaction() as connection:
        return sum([await _count(connection, table) for table in metadata.sorted_tables])


async def _count(connection: AsyncConnection, table: Table) -> int:
    count: int = (await connection.execute(select(func.count()).select_from(_rows_of(table).subquery()))).scalar_one()
    return count


async def sum_up(side: Side, advance: Advance, target: Side | None = None) -> dict[str, TableSum]:
    """Return the sum of each table, which does not depend on the kind of database.

    Args:
        side: The database to read.
        advance: Called with how many rows were read, again and again.
        target: Where all of it shall go, if that is to be checked value by value.

    Raises:
        DatabaseError: It can't be read, or has what the target can't hold.
    """
    sums = {}
    for table in metadata.sorted_tables:
        count, digest = 0, blake2b(digest_size=16)
        async for rows in _batches(side, table):
            if target is not None:
                _check_values(table, rows, for_postgresql=not target.is_sqlite)
            count += len(rows)
            # Without the brackets around a batch, it is the same however the rows are cut into batches.
            digest.update(f"{_as_text([tuple(row) for row in rows])[1:-1]},".encode())
            advance(len(rows))
        sums[table.name] = TableSum(count, digest.hexdigest())
    return sums


# Writing


async def begin(target: Side, sums: Mapping[str, TableSum]) -> None:
    """Write into the target what will be moved there, or find that it is what a move that ended early has begun with.

    Raises:
        DatabaseError: Something else is there, or something else was being moved.
    """
    mark = _as_text({name: asdict(table) for name, table in sums.items()})
    async with target.transaction() as connection:
        begun = await read_fact(connection, Fact.MOVE)
        if begun is None:
            await _refuse_filled(connection)
            await write_fact(connection, Fact.MOVE, mark)
            await _lay_down_references(connection)
        elif begun != mark:
            raise DatabaseError(
                f"{target.name} has a part of another database, or of this one before it was changed. {EMPTY_ONE}"
            )


async def copy(source: Side, target: Side, advance: Advance) -> None:
    """Move all rows that are not there yet.

    Raises:
        DatabaseError: One of the databases refuses; what was moved so far stays there.
    """
    for table in metadata.sorted_tables:
        key = _key_of(table, like_sqlite=target.is_sqlite)
        last = _rows_of(table).with_only_columns(*key).order_by(*(part.desc() for part in key)).limit(1)
        async with target.transaction() as connection:
            after = (await connection.execute(last)).first()
            advance(await _count(connection, table))
        async for rows in _batches(source, table, after):
            async with target.transaction() as connection:
                await _insert(connection, table, rows)
            advance(len(rows))


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if connection.dialect.name == "sqlite":
        names = [column.name for column in table.columns]
        await connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    else:
        await _copy_into(connection, table, rows)


async def _copy_into(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows as PostgreSQL takes them fastest: in a third of the time, and as one transaction, or none."""
    import asyncpg  # noqa: PLC0415 - not there where nobody wants PostgreSQL

    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, column in enumerate(table.columns):
        if isinstance(column.type, JSON):
            columns[place] = [json.dumps(value) for value in columns[place]]
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101 - it is open
    try:
        await driver.copy_records_to_table(
            table.name, records=zip(*columns, strict=True), columns=[column.name for column in table.columns]
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(f"COPY {table.name}", None, error) from error


async def finish(source: Side, target: Side) -> None:
    """Make the target what a bot may open: with references that are checked, and numbers that go on where they were.

    Raises:
        DatabaseError: It can't be done, or the source is not what it was; then nothing of it is.
    """
    numbered = [table for table in metadata.sorted_tables if table.autoincrement_column is not None]
    async with source.transaction() as connection:
        last = {table: await _last_number(connection, table) for table in numbered}
    async with target.transaction() as connection:
        for table, number in last.items():
            if number:
                await _go_on_after(connection, table, number)
        await _set_up_references(connection)
        await forget_fact(connection, Fact.MOVE)
        source.check_unchanged()


# PostgreSQL checks each reference at once, also to a row that is moved later, and keeps an index up to date row by row.
# So both are set up when all rows are there, which takes less time too. SQLite's connection checks none.


async def _lay_down_references(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            await connection.execute(DropConstraint(reference))
        for index in table.indexes:
            await connection.execute(DropIndex(index))


async def _set_up_references(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            await connection.execute(AddConstraint(reference, isolate_from_table=False))
        for index in table.indexes:
            await connection.execute(CreateIndex(index))
    # Until it is done, the server plans for empty tables.
    await connection.exec_driver_sql("ANALYZE")


# The numbers that rows get by themselves


async def _last_number(connection: AsyncConnection, table: Table) -> int:
    """Return the last number that a row was given, even if the row is gone, where that is known."""
    greatest: int = await connection.scalar(select(func.max(table.c.id))) or 0
    given = _GIVEN[connection.dialect.name]
    return max(greatest, await connection.scalar(given, {"name": table.name}) or 0)


async def _go_on_after(connection: AsyncConnection, table: Table, number: int) -> None:
    """Let the next row get a number that is greater; SQLite has that for some tables only."""
    if connection.dialect.name != "sqlite":
        await connection.execute(_CONTINUE, {"name": table.name, "number": number})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        await connection.execute(_FORGET_SQLITE, {"name": table.name})
        await connection.execute(_CONTINUE_SQLITE, {"name": table.name, "number": number})
