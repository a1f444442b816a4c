"""What members read while the bot's file can't be written, and that all works again when it passes."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest

from bot.storage.engines import sqlite_file
from tests.waiting import until
from tests.wire.bot import Bot
from tests.wire.conftest import Running, Server

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.only("sqlite")]

Fault = Callable[[Bot], AbstractContextManager[None]]

QUESTION = "Why did you create Keras?"
FOR_THE_AUTHOR = "Which of your own papers would you burn?"


@contextmanager
def held(bot: Bot) -> Iterator[None]:
    """Hold the file as another program does in a long transaction."""
    with closing(sqlite3.connect(sqlite_file(bot.url) or "", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@contextmanager
def full(bot: Bot) -> Iterator[None]:
    """Let no file of the bot's grow, as on a full disk."""
    pid = bot.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def stored(bot: Bot, server: Server) -> list[str]:
    return [row[0] for row in bot.rows("SELECT text FROM questions WHERE guild_id = ?", server.guild.id)]


@pytest.mark.parametrize("fault", [held, full], ids=["locked", "full"])
async def test_a_file_that_cannot_be_written_costs_no_answer(running: Running, fault: Fault) -> None:
    server = await running.server()
    with fault(running.bot):
        asked = await server.use("ask", question=QUESTION)
        missed = await server.use("ask", question="How many moons has Jupiter?")
    assert "February / March 2015" in asked.text
    assert len(missed.messages) == 1
    assert missed.private
    assert "Unexpected error" not in running.log


@pytest.mark.parametrize("fault", [held, full], ids=["locked", "full"])
async def test_a_question_that_cannot_be_kept_is_said_and_not_lost(running: Running, fault: Fault) -> None:
    server = await running.server()
    opened = await server.use("question ask")
    with fault(running.bot):
        refused = await server.fill_in(opened, question=FOR_THE_AUTHOR)
        assert stored(running.bot, server) == []
    assert refused.private
    assert refused.seconds < 3
    if fault is held:  # who is told to wait reads later what became of it
        await until(lambda: len(refused.messages) > 1)
    opened = await server.press("Open it again", refused)
    assert FOR_THE_AUTHOR in str(opened.form)
    await server.fill_in(opened, question=FOR_THE_AUTHOR)
    assert stored(running.bot, server) == [FOR_THE_AUTHOR]
    assert "Unexpected error" not in running.log
