"""What becomes of the bot when its connection to the gateway breaks off: the next question is answered."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.wire.bot import LONGEST
from tests.wire.conftest import Running, Server, Start, settled
from tests.wire.gateway import Gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Why did you create Keras?"


async def drop(gateway: Gateway) -> None:
    gateway.drop()


# What breaks a connection, after which the session is taken up where it was.
RESUMED: dict[str, Callable[[Gateway], Awaitable[None]]] = {
    "drop": drop,
    "op-7": Gateway.ask_to_reconnect,
    "op-9-resumable": lambda gateway: gateway.invalidate(resumable=True),
} | {
    f"close-{code}": lambda gateway, code=code: gateway.close(code)
    for code in (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
}


async def answered(server: Server) -> bool:
    """Return whether the next question of a member is answered."""
    return "February / March 2015" in (await server.use("ask", question=QUESTION)).text


def unharmed(log: str) -> bool:
    return "Traceback" not in log and "Unexpected error" not in log


@pytest.mark.parametrize("fault", RESUMED.values(), ids=RESUMED)
async def test_a_session_is_taken_up_again(running: Running, fault: Callable[[Gateway], Awaitable[None]]) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.resumed
    await fault(gateway)
    await asyncio.wait_for(gateway.until_online(resumed=before + 1), LONGEST)
    assert await answered(server)
    assert unharmed(running.log)


async def test_what_was_used_meanwhile_is_answered_after_it_is_back(running: Running) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.resumed
    gateway.drop()
    use = await running.discord.use("ask", server.member, server.channel, server.guild, question=QUESTION)
    await asyncio.wait_for(gateway.until_online(resumed=before + 1), LONGEST)
    assert "February / March 2015" in (await settled(use)).text
    assert len(use.messages) == 1


async def test_what_is_replayed_too_late_is_a_line_in_the_log(running: Running) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.resumed
    gateway.drop()
    use = await running.discord.use("ask", server.member, server.channel, server.guild, question=QUESTION)
    use.begun -= 60  # it was used a minute ago
    await asyncio.wait_for(gateway.until_online(resumed=before + 1), LONGEST)
    assert unharmed(await running.bot.until_logged("Unknown interaction", running.read))
    assert use.reply is None
    assert await answered(server)


async def test_events_that_nobody_knows_are_passed_over(running: Running) -> None:
    server = await running.server()
    for number in range(500):
        await running.discord.gateway.tell(f"SOMETHING_NEW_{number}", {"id": number}, server.guild.id)
    await running.discord.gateway.tell("GUILD_UPDATE", {"id": "1"}, server.guild.id)
    assert await answered(server)
    assert unharmed(running.log)


async def test_a_connection_that_is_refused_later_is_tried_again(running: Running) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.identified + gateway.resumed
    gateway.refuse_upgrades = 1
    gateway.drop()
    async with asyncio.timeout(LONGEST):
        async with gateway.changed:
            await gateway.changed.wait_for(lambda: gateway.identified + gateway.resumed > before and gateway.online)
    assert await answered(server)
    assert "Unexpected error" not in running.log


async def test_a_session_that_has_ended_is_followed_by_another(running: Running) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.identified
    await gateway.invalidate(resumable=False)
    await asyncio.wait_for(gateway.until_online(identified=before + 1), LONGEST)
    assert await answered(server)
    assert unharmed(running.log)


async def test_an_event_that_no_client_understands_costs_seconds(running: Running) -> None:
    gateway = running.discord.gateway
    server, before = await running.server(), gateway.identified
    await gateway.tell("GUILD_CREATE", {"nonsense": True}, server.guild.id)
    await asyncio.wait_for(gateway.until_online(identified=before + 1), LONGEST)
    assert await answered(server)
    assert "Off line; trying again" in running.log


@pytest.mark.asyncio(loop_scope="function")
async def test_a_connection_that_is_refused_at_the_start_is_tried_again(start: Start, server: Server) -> None:
    server.discord.gateway.refuse_upgrades = 1
    await start()
    assert await answered(server)
