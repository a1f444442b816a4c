"""Exports of a server's questions, from the database into files: streamed, and silent about anonymous askers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from bot.domain.exports import ExportedQuestion, ExportFormat
from bot.domain.questions import Question, QuestionFilter
from bot.errors import FiresideError
from bot.services.exports import export_parts, write_export
from bot.storage.database import Database
from bot.storage.exports import Published, questions_by_server, stream_with_answers
from bot.storage.questions import count_questions

Progress = Callable[[int], None]
# How often progress is told of, in questions.
STEP = 1000


@dataclass(frozen=True, slots=True)
class Export:
    """An export's files in order, and how many questions are in them; without any, there is no file."""

    count: int
    files: tuple[Path, ...]


class Exports:
    """Writes a server's questions into files."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take the database and the clock (UTC)."""
        self._database = database
        self._clock = clock

    async def servers(self) -> dict[int, int]:
        """Return how many questions each server has that has any, most first."""
        async with self._database.read() as connection:
            return await questions_by_server(connection)

    async def count(self, guild_id: int, wanted: QuestionFilter) -> int:
        """Return how many of a server's questions a filter lets pass."""
        async with self._database.read() as connection:
            return await count_questions(connection, guild_id, wanted)

    async def records(
        self, guild_id: int, wanted: QuestionFilter, progress: Progress = lambda _: None
    ) -> AsyncGenerator[ExportedQuestion, None]:
        """Yield a server's questions as an export tells of them, oldest first, without holding them all.

        Who does not take them all closes this (see `contextlib.aclosing`): it holds a connection until then.
        """
        count = 0
        async with (
            self._database.read() as connection,
            aclosing(stream_with_answers(connection, guild_id, wanted)) as found,
        ):
            async for question, answer in found:
                yield exported(question, answer)
                count += 1
                if count % STEP == 0:
                    progress(count)
        progress(count)

    @asynccontextmanager
    async def parts(
        self, guild_id: int, wanted: QuestionFilter, form: ExportFormat, limit_bytes: int
    ) -> AsyncIterator[Export]:
        """Lend a server's questions as files of at most that many bytes; afterwards they are gone."""
        counts = [0]
        # Removing a large file takes a while too.
        folder = await asyncio.to_thread(TemporaryDirectory[str], prefix="fireside-export-")
        try:
            async with aclosing(self.records(guild_id, wanted, counts.append)) as records:
                files = await export_parts(records, form, limit_bytes, Path(folder.name), self._clock())
            yield Export(counts[-1], tuple(files) if counts[-1] else ())
        finally:
            await asyncio.to_thread(folder.cleanup)

    async def write(
        self,
        guild_id: int,
        wanted: QuestionFilter,
        form: ExportFormat,
        path: Path,
        progress: Progress = lambda _: None,
    ) -> int:
        """Write a server's questions into a file, whole or not at all, and return how many they were.

        Raises:
            FiresideError: The file can't be written.
        """
        draft = path.with_name(f".{path.name}.part")
        try:
            with await asyncio.to_thread(_open_anew, draft) as file:
                async with aclosing(self.records(guild_id, wanted, progress)) as records:
                    count = await write_export(records, form, file, self._clock())
            await asyncio.to_thread(draft.replace, path)
        except OSError as error:
            raise FiresideError(f"{path}: the file can't be written ({error.strerror}).") from None
        finally:
            with suppress(OSError):
                await asyncio.to_thread(draft.unlink, missing_ok=True)
        return count


def _open_anew(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)  # what a process left that was killed
    path.touch(mode=0o600, exist_ok=False)  # names and ids are for nobody else on the machine
    return path.open("wb")


def exported(question: Question, answer: Published | None) -> ExportedQuestion:
    """Return a question as an export tells of it: of an anonymous or forgotten asker no name, no id, the day alone."""
    named = question.member_id is not None and question.member_name is not None

    def moment(instant: datetime) -> str:
        return instant.astimezone(UTC).isoformat(timespec="seconds")[: None if named else 10]

    text, published_at = answer or (None, None)
    return ExportedQuestion(
        id=question.id,
        state="merged" if question.merged_into is not None else question.state.value,
        interview=question.interview,
        to=question.recipient.value,
        text=question.text,
        original=question.original,
        asked_by=question.member_name if named else None,
        member_id=question.member_id if named else None,
        asked_at=moment(question.asked_at),
        wanted_by=question.wanted_by,
        flagged=question.flagged,
        merged_into=question.merged_into,
        reason=question.reason,
        about=question.about,
        origin=question.origin,
        answer=text,
        answered_at=None if published_at is None else moment(published_at),
    )
