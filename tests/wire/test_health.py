"""What the running bot says of itself: how it is, and its figures."""

import asyncio
import gc
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.app import ask_health, run_bot
from bot.client import Fireside
from bot.errors import FiresideError
from bot.health import HOST, serve_health
from bot.metrics import Metrics
from bot.services import Services
from bot.services.rounds import Rounds, running
from bot.settings import load_settings
from tests.asking import ask
from tests.conftest import StandingClock, World
from tests.databases import rows
from tests.processes import fireside
from tests.waiting import until
from tests.wire.loopback import TOKEN

DISCORD, DATABASE = "Discord is not connected.", "The database does not answer."


async def fetch(port: int, path: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{port}{path}") as response:
        json = response.content_type == "application/json"
        return response.status, await (response.json() if json else response.text())


def figures(page: str) -> dict[tuple[str, ...], float]:
    """Return the values of a page of figures by name and the values of the labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@asynccontextmanager
async def running_bot(port: int) -> AsyncIterator[None]:
    """Run the bot as its command does, and end it as systemd does."""
    running = asyncio.create_task(run_bot(load_settings(), SecretStr(TOKEN)))
    try:
        yield
    finally:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(running, 10)
        gc.unfreeze()  # on line, it spares the collector what was made so far


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, database_url: str, unused_tcp_port: int) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("HEALTH_PORT", str(unused_tcp_port))


async def until_well(port: int) -> None:
    async def is_well() -> bool:
        return (await asyncio.to_thread(ask_health, port))[0]

    await until(is_well, every=0.05)


@pytest.mark.usefixtures("settings")
async def test_a_bot_on_line_is_well_and_shows_its_figures_until_it_ends(
    client_on_loopback: None, unused_tcp_port: int
) -> None:
    async with running_bot(unused_tcp_port):
        await until_well(unused_tcp_port)
        status, report = await fetch(unused_tcp_port, "/health")
        assert (status, report["status"], report["problems"]) == (200, "ok", [])
        assert report["shards"] == {"count": 1, "up": {"0": True}}
        assert (report["leads"], report["standby"]) == (True, None)
        assert len(report["behind_seconds"]) >= 5
        assert all(seconds < 60 for seconds in report["behind_seconds"].values())
        status, page = await fetch(unused_tcp_port, "/metrics")
        found = figures(page)
        assert status == 200
        assert found["fireside_gateway_up",] == found["fireside_database_up",] == 1
        assert found["fireside_shard_up", "0"] == found["fireside_leader",] == 1
        assert found["fireside_standby",] == 0
        assert found["process_resident_memory_bytes",] > 10_000_000
        assert found["process_open_fds",] > 3
        assert found["fireside_questions", "open"] == 0
        assert found["fireside_gateway_reconnects_total",] == 0
    assert (await asyncio.to_thread(ask_health, unused_tcp_port))[0] is False
    assert running() == []


@pytest.mark.usefixtures("settings")
async def test_a_database_that_does_not_answer_is_said(
    client_on_loopback: None, unused_tcp_port: int, database_url: str
) -> None:
    async with running_bot(unused_tcp_port):
        await until_well(unused_tcp_port)
        for table in ("facts", "deliveries"):
            # In a thread: it waits until the bot, which runs here too, is not reading that table.
            await asyncio.to_thread(rows, database_url, f"ALTER TABLE {table} RENAME TO {table}_away")
        status, report = await fetch(unused_tcp_port, "/health")
        assert status == 503
        assert DATABASE in report["problems"]
        found = figures((await fetch(unused_tcp_port, "/metrics"))[1])
        assert found["fireside_database_up",] == 0
        assert ("fireside_questions", "open") not in found


async def test_a_bot_that_is_not_on_line_yet_says_so(services: Services, unused_tcp_port: int) -> None:
    async with serve_health(unused_tcp_port, services) as follow:
        assert await asyncio.to_thread(ask_health, unused_tcp_port) == (False, DISCORD)
        follow(Fireside(services, shard_count=1))
        assert await asyncio.to_thread(ask_health, unused_tcp_port) == (False, DISCORD)
        assert figures((await fetch(unused_tcp_port, "/metrics"))[1])["fireside_gateway_up",] == 0
        assert (await fetch(unused_tcp_port, "/other"))[0] == 404


async def test_work_in_the_background_that_fails_again_and_again_is_said(
    services: Services, unused_tcp_port: int
) -> None:
    begun, fails = asyncio.Event(), True

    async def work() -> timedelta:
        begun.set()
        if fails:
            raise ZeroDivisionError
        return timedelta(hours=1)

    rounds = Rounds("Something", retry=timedelta(minutes=1))
    task = asyncio.create_task(rounds.run(work))
    await begun.wait()
    assert not rounds.overdue
    rounds._owed_at -= timedelta(minutes=12).total_seconds()
    async with serve_health(unused_tcp_port, services):
        _, report = await fetch(unused_tcp_port, "/health")
        assert [problem for problem in report["problems"] if "Something" in problem and "12 minutes" in problem]
        fails = False
        begun.clear()
        rounds.wake()
        await begun.wait()
        _, report = await fetch(unused_tcp_port, "/health")
        assert report["problems"] == [DISCORD]
        assert report["behind_seconds"] == {"Something": 0}
    rounds.stop()
    await task


async def test_a_port_in_use_is_one_sentence(services: Services, unused_tcp_port: int) -> None:
    async with serve_health(unused_tcp_port, services):
        with pytest.raises(FiresideError, match=f"{unused_tcp_port}.*HEALTH_PORT"):
            async with serve_health(unused_tcp_port, services):
                pass
    async with serve_health(unused_tcp_port, services):
        """The port is free again."""


async def test_the_command_asks_the_running_bot(services: Services, tmp_path: Path, unused_tcp_port: int) -> None:
    async def health(**settings: str) -> tuple[int, str]:
        result = await asyncio.to_thread(fireside, tmp_path, "health", **settings)
        return result.returncode, result.stdout + result.stderr

    port = str(unused_tcp_port)
    (code, words), (without, why) = await asyncio.gather(health(HEALTH_PORT=port), health())
    assert code == without == 1
    assert port in words
    assert "There is no HEALTH_PORT" in why
    async with serve_health(unused_tcp_port, services):
        code, words = await health(HEALTH_PORT=port)
    assert (code, words.strip()) == (1, DISCORD)


async def test_what_people_do_is_counted_under_known_names(world: World, services: Services) -> None:
    metrics = Metrics()
    metrics.follow(world.client)
    await world.member.slash(world.channel, "ask", question="why did he make keras")
    await world.member.slash(world.channel, "ask", question="zzyzx quuxly")
    await world.member.slash(world.channel, "interview", name="no such")
    await ask(world, world.member, "Which of your papers are you most proud of, and what is left of it?")
    message = await world.in_public(discord.ui.Button(label="Press", custom_id="anything:1"))
    await world.member.click(message, label="Press")
    world.said_wrong()
    metrics.look(await services.figures.counts())
    page = metrics.page().decode()
    found = figures(page)

    assert found["fireside_interactions_total", "command", "ask", "answered"] == 2
    assert found["fireside_interactions_total", "command", "interview", "refused"] == 1
    assert found["fireside_interactions_total", "component", "unknown", "refused"] == 1
    assert found["fireside_interaction_seconds_count", "command", "ask"] == 2
    assert found["fireside_asks_total", "answer"] == found["fireside_asks_total", "none"] == 1
    assert found["fireside_questions", "open"] == 1
    assert found["fireside_questions", "answered"] == 0
    assert found["fireside_servers",] == 1
    assert found["fireside_interactions_under_way",] == found["fireside_interactions_waiting",] == 0
    assert found["fireside_interactions_turned_away_total", "busy"] == 0
    assert found["fireside_tasks",] > 0
    # No word, no id and no name of anybody.
    assert not re.search(rf"mira|Readers|zzyzx|anything|{world.guild.id}|{world.member.id}", page)


async def test_the_daily_quotes_are_counted_by_what_became_of_them(
    world: World, services: Services, clock: StandingClock
) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
    assert sum((await services.figures.counts()).deliveries.values()) == 0
    clock.forward(minutes=30)
    await world.env.advance_time(61)
    counts = await services.figures.counts()
    assert {state.value: count for state, count in counts.deliveries.items() if count} == {"sent": 1}
    # Within a minute nothing is counted again.
    assert await services.figures.counts() is counts


async def test_a_connection_made_again_is_counted_once(world: World) -> None:
    metrics = Metrics()
    metrics.follow(world.client)
    for event in ("shard_connect", "shard_resumed", "shard_connect"):
        world.client.dispatch(event, 0)
        await world.env.settle()
    assert figures(metrics.page().decode())["fireside_gateway_reconnects_total",] == 2


async def test_who_is_turned_away_is_counted_through_every_client(services: Services) -> None:
    metrics, key = Metrics(), ("fireside_interactions_turned_away_total", "busy")
    for so_far, shed in ((2, 2), (5, 3)):  # the second client begins anew
        client = Fireside(services, shard_count=1)
        metrics.follow(client)
        client.gate.shed = shed
        for _ in range(2):
            metrics.look(None)
            assert figures(metrics.page().decode())[key] == so_far
