"""What can go wrong with a database, in words, and what to do about it."""

import errno
import sqlite3
from enum import Enum
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Fault(Enum):
    """What is wrong with a database that its code can't be blamed for."""

    DAMAGED = "it is damaged"
    NO_DATABASE = "it is no SQLite database"
    SHUT = "it may not be opened, or not be written to"
    BUSY = "another program holds it"
    FULL = "the disk is full, or can't be written to"
    AWAY = "its server can't be reached"
    ADDRESS = "its address, or a variable such as PGSSLMODE, says what can't be done"
    DENIED = "its server does not let this user in, or has no such database"
    NOT_OWN = "this user may not make tables in it, or not use them"
    HELD_UP = "its server was held up for too long"
    OTHER = "it is not to be had"


RESTORE = "python -m bot restore FILE puts a copy back; docs/operators.md says where the copies are"
REMEDIES = {
    Fault.DAMAGED: f"Stop the bot. {RESTORE}.",
    Fault.NO_DATABASE: f"Name another file; or, if this one was the bot's: {RESTORE}.",
    Fault.SHUT: "Check that its folder is there, and that you may write to the folder and to all files in it.",
    Fault.BUSY: "End that program, then try again.",
    Fault.FULL: "Make room, then try again.",
    Fault.AWAY: "Check that its server runs, takes connections, and is not a read-only copy.",
    Fault.ADDRESS: "Check what stands behind the question mark of its address, and PG... in the environment.",
    Fault.DENIED: "Check user, password and name of the database in its address.",
    Fault.NOT_OWN: "See to it that it belongs to this user, as docs/operators.md makes it: createdb --owner.",
    Fault.HELD_UP: "If it stays so, look at pg_stat_activity for what holds it up, and at max_connections.",
    Fault.OTHER: "Check that its folder is there and may be written to, and that the disk isn't full.",
}

DAMAGE = frozenset({Fault.DAMAGED, Fault.NO_DATABASE})

_OF_SQLITE = {
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.NO_DATABASE,
    sqlite3.SQLITE_CANTOPEN: Fault.SHUT,
    sqlite3.SQLITE_PERM: Fault.SHUT,
    sqlite3.SQLITE_READONLY: Fault.SHUT,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_PROTOCOL: Fault.BUSY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.FULL,
}
_OF_FILES = {
    errno.EACCES: Fault.SHUT,
    errno.EPERM: Fault.SHUT,
    errno.EROFS: Fault.SHUT,
    errno.ENOENT: Fault.SHUT,
    errno.ENOTDIR: Fault.SHUT,
    errno.EISDIR: Fault.SHUT,
    errno.EEXIST: Fault.SHUT,
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EIO: Fault.FULL,
}


# PostgreSQL's codes, or how they begin: https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRES = {
    "08": Fault.AWAY,  # the connection
    "25006": Fault.AWAY,  # a standby writes nothing
    "25P03": Fault.HELD_UP,  # idle within a transaction
    "28": Fault.DENIED,
    "3D": Fault.DENIED,
    "40": Fault.HELD_UP,  # a deadlock, or a transaction that could not be fitted in
    "42501": Fault.NOT_OWN,
    "53100": Fault.FULL,
    "53": Fault.AWAY,  # too many connections, no memory
    "55P03": Fault.HELD_UP,  # a lock
    "57014": Fault.HELD_UP,  # it took too long
    "57P": Fault.AWAY,  # it is starting or ending
    "58": Fault.AWAY,  # its own system
}


def fault_of(error: BaseException) -> Fault | None:
    """Return what an error says of the database, or None where it is the code that is wrong."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        # Whatever else SQLite refuses, such as a table that isn't there, is a mistake in the code.
        return _OF_SQLITE.get((getattr(original, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(original, TimeoutError | PoolTimeoutError):
        return Fault.BUSY
    if isinstance(original, OSError):
        return _OF_FILES.get(original.errno or 0, Fault.OTHER)
    return Fault.OTHER if isinstance(error, OperationalError) else None


def server_fault_of(error: BaseException) -> Fault | None:
    """Return what an error says of a database that a server has, or None where it is the code that is wrong."""
    if isinstance(error, TimeoutError | PoolTimeoutError):  # while it connects, that is another error
        return Fault.HELD_UP
    # A connection that broke; or the driver's own errors, where it could not be reached or answered nothing.
    if isinstance(error, InterfaceError | OSError):
        return Fault.ADDRESS if _is_misled(error) else Fault.AWAY
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    known = (_OF_POSTGRES[code] for code in (state, state[:3], state[:2]) if code in _OF_POSTGRES)
    return next(known, Fault.OTHER if isinstance(error, OperationalError) else None)


def _is_misled(error: Exception) -> bool:
    """Return whether the driver did not even try, because it was told what it can't do."""
    from asyncpg import ClientConfigurationError  # noqa: PLC0415 - not there where nobody wants PostgreSQL

    return isinstance(getattr(error, "orig", error).__cause__, ClientConfigurationError)


def cause_of(error: BaseException) -> str:
    """Return what a library says of an error."""
    original = getattr(error, "orig", None) or error
    return str(original) or type(original).__name__


def opening_sentence(name: str, error: BaseException, fault: Fault | None) -> str:
    """Return that a database can't be opened, why, and what to do."""
    if fault is None or fault is Fault.OTHER:
        return f"The database {name} can't be opened: {cause_of(error)}. {REMEDIES[Fault.OTHER]}"
    return f"The database {name} can't be opened: {fault.value} ({cause_of(error)}). {REMEDIES[fault]}"


def copy_sentence(source: Path, target: Path, error: BaseException) -> str:
    """Return that a database can't be copied, why, and what to do."""
    fault = fault_of(error) or Fault.OTHER
    if fault in DAMAGE:
        return f"The database {source} can't be copied: {fault.value} ({cause_of(error)}). {REMEDIES[fault]}"
    place = {Fault.FULL: "Make room there.", Fault.BUSY: "Try again in a minute."}
    remedy = place.get(fault, "Check that the folder may be written to.")
    return f"No copy of the database could be written to {target.parent}: {cause_of(error)}. {remedy}"
