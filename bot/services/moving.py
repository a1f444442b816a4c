"""Moving everything from one database to another, of either kind."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import DatabaseError
from bot.storage.moving import (
    EMPTY_ONE,
    TableSum,
    begin,
    check_references,
    copy,
    count_rows,
    finish,
    open_source,
    open_target,
    sum_up,
)


class Step(StrEnum):
    """What is done with every row, in this order."""

    READ = "Reading"
    MOVE = "Moving"
    CHECK = "Checking"


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table, how many rows it has, and the checksum that was found on both sides."""

    name: str
    rows: int
    checksum: str


# Called with a step, how many rows were just done, and how many there are.
Watch = Callable[[Step, int, int], None]


async def move(source_url: str, target_url: str, watch: Watch) -> list[MovedTable]:
    """Move everything from one database into another that is empty, and return what is there then.

    The source is read to its end before anything is written, so that what can't be moved is found first, and only
    read. A move that ended early goes on when it is called again. Nobody else may use either database meanwhile.

    Raises:
        DatabaseError: It can't be done; the message says what to do.
    """
    async with open_source(source_url) as source, open_target(target_url) as target:
        total = await count_rows(source)
        await check_references(source)
        sums = await sum_up(source, lambda rows: watch(Step.READ, rows, total), target)
        await begin(target, sums)
        await copy(source, target, lambda rows: watch(Step.MOVE, rows, total))
        _compare(sums, await sum_up(target, lambda rows: watch(Step.CHECK, rows, total)))
        await finish(source, target)
    return [MovedTable(name, table.rows, table.checksum) for name, table in sums.items()]


def _compare(sums: dict[str, TableSum], found: dict[str, TableSum]) -> None:
    differing = [name for name, table in sums.items() if found[name] != table]
    if differing:
        raise DatabaseError(
            f"What was moved is not what was there: {', '.join(differing)}. Somebody else has changed one of the "
            f"databases meanwhile. {EMPTY_ONE}"
        )
