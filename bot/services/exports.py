"""Exports of readers' questions: streamed into a file, and packed so that every file may be uploaded.

Nothing is held in memory but a batch of records and, for packing, eight bytes a record. What takes time is done in a
thread, a little at a time: the event loop goes on meanwhile, and a cancelled export stops at the next step.
"""

import asyncio
import math
from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, ParamSpec, Protocol, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.domain.exports import LAYOUTS, ExportedQuestion, ExportFormat, Layout

NAME = "questions"
# A batch is written at a time: small enough for the longest texts, large enough for the thread to pay.
BATCH = 250
CHUNK_BYTES = 256 * 1024
# How full a part is planned to be; its neighbours may have compressed better than it does.
FILLED = 0.95


class _Closable(Protocol):
    def close(self) -> None: ...


P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=_Closable)


@dataclass(frozen=True, slots=True)
class _Written:
    """Where in a file each record ends, so that any run of them can be made a file of its own."""

    layout: Layout
    head: bytes
    ends: "array[int]"

    def start(self, record: int) -> int:
        """Return where a record begins, in bytes."""
        return self.ends[record - 1] + len(self.layout.between) if record else len(self.head)

    def size(self, run: range) -> int:
        """Return how many bytes some records take, with what stands between them."""
        return self.ends[run.stop - 1] - self.start(run.start) if run else 0

    def add(self, records: list[ExportedQuestion], file: BinaryIO) -> None:
        """Write some more records."""
        for record in records:
            between = self.layout.between if self.ends else b""
            dumped = self.layout.dump(record)
            file.write(between + dumped)
            self.ends.append(self.start(len(self.ends)) + len(dumped))


async def write_export(
    records: AsyncIterator[ExportedQuestion], form: ExportFormat, file: BinaryIO, exported_at: datetime
) -> int:
    """Write questions into a binary file that is open, in the order they come, and return how many they were.

    Who gave the records and the file closes them, also after an error.

    Raises:
        OSError: The file can't be written.
    """
    return len((await _write(records, LAYOUTS[form], file, exported_at)).ends)


async def _write(
    records: AsyncIterator[ExportedQuestion], layout: Layout, file: BinaryIO, exported_at: datetime
) -> _Written:
    written = _Written(layout, layout.head(exported_at), array("Q"))
    await _in_thread(file.write, written.head)
    async for batch in _batches(records):
        await _in_thread(written.add, batch, file)
    await _in_thread(file.write, layout.tail)
    return written


async def _batches(records: AsyncIterator[ExportedQuestion]) -> AsyncIterator[list[ExportedQuestion]]:
    batch = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def export_parts(
    records: AsyncIterator[ExportedQuestion],
    form: ExportFormat,
    limit_bytes: int,
    folder: Path,
    exported_at: datetime,
) -> list[Path]:
    """Write questions into files of at most `limit_bytes` in a folder, and return the files in order.

    That is one file, such as `questions.csv`, if it is small enough; else its zip, `questions.csv.zip`; else parts,
    such as `questions-1-of-3.csv.zip`. Each part is a zip of its own with a whole file in it, with head and tail:
    it is opened and read without any other. The folder needs room for the whole, and is the caller's to remove.

    Raises:
        OSError: The files can't be written.
        ValueError: A single record is larger than the limit, even as a zip.
    """
    whole = folder / f"{NAME}.{form}"
    async with _closing(await _in_thread(whole.open, "wb")) as file:
        written = await _write(records, LAYOUTS[form], file, exported_at)
    if await _in_thread(_size, whole) <= limit_bytes:
        return [whole]
    parts = await _Packer(whole, written, limit_bytes, exported_at).pack()
    await _in_thread(whole.unlink)
    return parts


class _Packer:
    """Packs a file into zips that are small enough."""

    def __init__(self, whole: Path, written: _Written, limit: int, exported_at: datetime) -> None:
        self._whole = whole
        self._written = written
        self._limit = limit
        self._date = exported_at.astimezone(UTC).timetuple()[:6]

    async def pack(self) -> list[Path]:
        """Return the zips: one with all records, or as many as it takes."""
        parts: list[Path] = []
        pending = [range(len(self._written.ends))]
        while pending:
            run = pending.pop()
            # A zip that has grown too large is written over by the next, which has fewer records.
            zipped = self._whole.with_name(f"{NAME}-{len(parts) + 1}{self._whole.suffix}.zip")
            fitting = await self._fits(zipped, run)
            if fitting is None:
                parts.append(zipped)
            else:
                pending += reversed(self._split(run, fitting))
        return await _in_thread(_name_parts, parts)

    async def _fits(self, zipped: Path, run: range) -> float | None:
        """Zip some records and return None, or about how many bytes of them fit, if not all do."""
        async with _closing(self._zip(zipped, run)) as steps:
            while (step := await _in_thread(next, steps, None)) is not None:
                taken, size = step
                if size > self._limit:
                    return taken * self._limit / size
        return None

    def _zip(self, zipped: Path, run: range) -> Generator[tuple[int, int], None, None]:
        """Zip some records, and after each step yield how many bytes were taken and how large the zip is."""
        whole = len(run) == len(self._written.ends)
        member = ZipInfo(self._whole.name if whole else zipped.stem, self._date)
        member.compress_type = ZIP_DEFLATED
        member.file_size = self._written.size(run)
        taken = 0
        with zipped.open("wb") as file:
            with ZipFile(file, "w") as archive, archive.open(member, "w") as inside:
                for chunk in self._chunks(run):
                    inside.write(chunk)
                    taken += len(chunk)
                    yield taken, file.tell()
            yield taken, file.tell()

    def _chunks(self, run: range) -> Iterator[bytes]:
        yield self._written.head
        with self._whole.open("rb") as file:
            file.seek(self._written.start(run.start))
            left = self._written.size(run)
            while left:
                chunk = file.read(min(left, CHUNK_BYTES))
                left -= len(chunk)
                yield chunk
        yield self._written.layout.tail

    def _split(self, run: range, fitting: float) -> list[range]:
        """Return records as runs of about the same size, of which each is likely to fit."""
        if len(run) < 2:
            raise ValueError(f"{self._limit} bytes are too few for a file with one question.")
        begin, size = self._written.start(run.start), self._written.size(run)
        count = max(2, math.ceil(size / (fitting * FILLED)))
        bounds = {run.start, run.stop}
        for part in range(1, count):
            bounds.add(bisect_left(self._written.ends, begin + size * part // count, run.start + 1, run.stop))
        return [range(*pair) for pair in pairwise(sorted(bounds))]


def _name_parts(parts: list[Path]) -> list[Path]:
    """Give each part its last name, now that it is known how many there are."""
    named = []
    for number, part in enumerate(parts, start=1):
        place = f"-{number}-of-{len(parts)}" if len(parts) > 1 else ""
        named.append(part.rename(part.with_name(NAME + place + "".join(part.suffixes))))
    return named


def _size(path: Path) -> int:
    return path.stat().st_size


@asynccontextmanager
async def _closing(thing: C) -> AsyncIterator[C]:
    """Close a file or a generator in a thread at the end: the last of what was written may wait for the disk."""
    try:
        yield thing
    finally:
        await _in_thread(thing.close)


async def _in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a function returns in a thread; a cancelled caller goes on only when the function has ended."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])  # or the file would be closed, and the folder removed, under it
        raise
