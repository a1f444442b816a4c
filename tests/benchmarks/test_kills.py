import os
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from benchmarks.kills import HALF_DONE, PROMISED, Way, half_done, kill_one, lost, prepare

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the benchmark forks")


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "kills.db"
    await prepare(f"sqlite+aiosqlite:///{path}")
    return path


def do(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def test_nothing_acknowledged_is_lost_and_a_loss_is_found(file: Path) -> None:
    promises = []
    for number in range(1, 4):
        said = kill_one(f"sqlite+aiosqlite:///{file}", number, Way(), Random(number))  # noqa: S311
        assert said
        promises += said
        assert half_done(file) == 0
    assert lost(file, promises) == []
    assert {kind for kind, *_ in promises} <= set(PROMISED)

    do(file, "DELETE FROM me_toos")
    assert {kind for kind, *_ in lost(file, promises)} <= {"me too"}
    do(file, "UPDATE questions SET text = 'x'")
    do(file, "DELETE FROM drafts")
    do(file, "DELETE FROM favourites")
    do(file, "UPDATE guilds SET answers_private = 0")
    do(file, "DELETE FROM deliveries")
    do(file, "UPDATE answers SET text = 'x'")
    do(file, "UPDATE questions SET state = 'open'")
    assert lost(file, promises) == promises


@pytest.mark.parametrize("number", range(len(HALF_DONE)))
def test_what_is_half_done_is_found(file: Path, number: int) -> None:
    question = (
        "INSERT INTO questions (id, guild_id, member_id, text, state, asked_at, wanted_by) VALUES (1, 5, 6, 'x', "
    )
    posted = "guild_id, local_date, due_at, channel_id, state, claimed_at"
    answer = "INSERT INTO answers (id, question_id, text, quotable, published_at) VALUES (1, 1, 'x', 1, 0)"
    harm = (
        (f"{question} 'open', 0, 1)",),
        (f"{question} 'open', 0, 2)",),
        (f"{question} 'answered', 0, 1)",),
        (f"{question} 'answered', 0, 1)", answer),
        (f"{question} 'answered', 0, 1)", answer),
        (
            f"{question} 'open', 0, 1)",
            "INSERT INTO drafts (member_id, guild_id, form, content, updated_at) VALUES (6, 5, 'used up', '{}', 0)",
        ),
        (f"INSERT INTO deliveries ({posted}) VALUES (5, '2026-03-02', 0, 7, 'sent', 0)",),  # noqa: S608
    )
    for statement in harm[number]:
        do(file, statement)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(HALF_DONE[number]).fetchone()[0] == 1
    assert half_done(file) >= 1
