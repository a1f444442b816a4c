"""Readers' questions: stored, shown to who asked, exported for the author."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

from bot.domain.questions import Asker, Question, clean_question
from bot.services.interviews import Interviews
from bot.storage.database import Database
from bot.storage.interviews import interview_id
from bot.storage.questions import add_question, questions_of_guild, questions_of_member

MINE_SHOWN = 20
CSV_COLUMNS = ("id", "asked_at", "state", "interview", "question", "asked_by", "member_id")
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Questions:
    """Takes readers' questions, and hands them out."""

    def __init__(self, database: Database, interviews: Interviews, clock: Callable[[], datetime]) -> None:
        """Take the database, the library and the clock."""
        self._database = database
        self._interviews = interviews
        self._clock = clock

    async def submit(self, asker: Asker, typed: str, interview: str | None = None) -> int:
        """Store a question for the author and return its number; when this returns, it is safe.

        Args:
            asker: Who asks, and in which server.
            typed: The question as it was typed.
            interview: The key of the interview it is about; without one, the first of the library.

        Raises:
            InvalidInputError: It's too short or too long.
            DatabaseError: It could not be stored.
        """
        text = clean_question(typed)
        library = await self._interviews.library()
        keys = [known.id for known in library.interviews]
        key = interview if interview in keys else next(iter(keys), "")
        async with self._database.write() as connection:
            return await add_question(connection, asker, text, await interview_id(connection, key), self._clock())

    async def mine(self, guild_id: int, member_id: int) -> list[Question]:
        """Return a member's latest questions in a server, newest first."""
        async with self._database.read() as connection:
            return await questions_of_member(connection, guild_id, member_id, MINE_SHOWN)

    async def export_csv(self, guild_id: int) -> tuple[bytes, int]:
        """Return a server's questions as a CSV file, and how many they are.

        The file opens right in spreadsheets: UTF-8 with a byte order mark, ids as text, and an apostrophe before
        a cell that would be taken for a formula.
        """
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(CSV_COLUMNS)
        count = 0
        async with self._database.read() as connection:
            async for question in questions_of_guild(connection, guild_id):
                writer.writerow([harmless_cell(cell) for cell in _row(question)])
                count += 1
        return file.getvalue().encode("utf-8-sig"), count


def _row(question: Question) -> tuple[str, ...]:
    return (
        str(question.id),
        question.asked_at.astimezone(UTC).isoformat(timespec="seconds"),
        question.state.value,
        question.interview or "",
        question.text,
        question.asker.member_name,
        f"#{question.asker.member_id}",  # digits alone would be rounded to 15 places
    )


def harmless_cell(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text
