"""Servers that come and go, and a token that changes: the others are served, and the token is in no line."""

import asyncio

import pytest

from tests.wire.bot import LONGEST
from tests.wire.conftest import Running, Server, Start

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Why did you create Keras?"


async def answered(server: Server) -> bool:
    return "February / March 2015" in (await server.use("ask", question=QUESTION)).text


@pytest.mark.parametrize("outage", [True, False], ids=["outage", "removal"])
async def test_a_server_that_goes_and_comes_back_is_no_other_servers_fault(running: Running, outage: bool) -> None:
    gone, other = await running.server(), await running.server()
    data = {"id": str(gone.guild.id)} | ({"unavailable": True} if outage else {})
    await running.discord.gateway.tell("GUILD_DELETE", data, gone.guild.id)
    assert await answered(other)
    await running.discord.gateway.tell("GUILD_CREATE", gone.guild.as_json(), gone.guild.id)
    assert await answered(gone)
    assert "Traceback" not in running.log


async def test_a_channel_and_a_role_that_are_deleted_cost_no_answer(running: Running) -> None:
    server, gateway = await running.server(), running.discord.gateway
    await gateway.tell("CHANNEL_DELETE", server.channel.as_json(), server.guild.id)
    await gateway.tell("GUILD_ROLE_DELETE", {"guild_id": str(server.guild.id), "role_id": "1"}, server.guild.id)
    assert await answered(server)
    assert "Traceback" not in running.log


@pytest.mark.asyncio(loop_scope="function")
async def test_a_token_that_is_changed_ends_it_and_is_in_no_line(start: Start, server: Server) -> None:
    bot = await start(LOG_LEVEL="DEBUG")
    token = server.discord.token
    assert await answered(server)
    server.discord.token = "another"
    await server.discord.gateway.close(4004)
    assert await asyncio.wait_for(bot.process.wait(), LONGEST) == 3
    assert "Discord refused the token" in bot.log
    assert token not in bot.log


@pytest.mark.asyncio(loop_scope="function")
async def test_a_wrong_token_at_the_start_ends_it_and_is_in_no_line(start: Start, server: Server) -> None:
    bot = await start(online=False, DISCORD_TOKEN="MTIz.wrong.token", LOG_LEVEL="DEBUG")
    assert await asyncio.wait_for(bot.process.wait(), LONGEST) == 3
    assert "Discord refused the token" in bot.log
    assert "MTIz.wrong.token" not in bot.log
