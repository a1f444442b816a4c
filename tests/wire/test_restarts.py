"""The bot killed and started again: what people were told stays true, and what they see goes on working."""

import asyncio

import pytest

from tests.wire.conftest import LONGEST_WAIT, Server, Start

UNKNOWN = "Do zebras ever dream about marmalade sandwiches?"


async def test_what_was_saved_before_a_kill_is_there_after_it(start: Start, server: Server) -> None:
    bot = await start()
    missed = await server.use("ask", question=UNKNOWN)
    sent = await server.fill_in(await server.press("Ask the author", missed))
    assert "Saved" in sent.text
    await bot.kill()

    await start(identified=2)
    assert UNKNOWN in (await server.use("inbox", server.admin)).text
    # A button of before belongs to no process.
    assert (await server.press("Ask the author", missed)).form["title"]
    assert all("identified itself twice" in each for each in server.discord.violations)
    server.discord.violations.clear()  # started again at once, as no volunteer can


async def test_one_that_is_told_to_stop_says_so_and_ends(start: Start) -> None:
    bot = await start()
    assert await bot.stop() == 0
    assert "SIGTERM" in bot.log


@pytest.mark.only("sqlite")  # on PostgreSQL it stands by
async def test_a_second_bot_on_the_same_database_is_refused_and_the_first_goes_on(start: Start, server: Server) -> None:
    await start()
    second = await start(online=False)
    assert await asyncio.wait_for(second.process.wait(), LONGEST_WAIT) == 1
    assert "already" in second.log
    assert (await server.use("ask", question="Why did you create Keras?")).reply is not None
