import asyncio
from pathlib import Path

from benchmarks.move import ROWS, fill, has_questions, make, move
from tests.databases import rows


async def test_what_is_made_is_moved(tmp_path: Path) -> None:
    first, last = (f"sqlite+aiosqlite:///{tmp_path / name}.db" for name in ("first", "last"))
    await make(first)
    fill(tmp_path / "first.db", 600)
    assert all(rows(first, f"SELECT count(*) FROM {table}") > [(0,)] for table in ROWS)  # noqa: S608
    assert rows(first, "SELECT count(*) FROM questions WHERE merged_into > id") > [(0,)]
    assert not has_questions(last, 1)

    run = await asyncio.to_thread(move, first, last, tmp_path, None)

    assert has_questions(last, 600)
    assert run.megabytes > 0
    assert any("questions" in line and "600" in line for line in run.report)
