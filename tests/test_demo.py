"""The demo: a client in simcord's page, whose clock follows the wall."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.demo import DemoClock, DemoOptions, check_port, serve_demo
from bot.errors import FiresideError
from tests.page_over_http import PageOverHttp, open_page

A_MINUTE = 60.0


class ToyTree(app_commands.CommandTree[Any]):
    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        await interaction.response.send_message(str(getattr(error, "original", error)), ephemeral=True)


class Toy(commands.AutoShardedBot):
    """Posts every minute of its own time, answers one command and refuses another."""

    def __init__(self, clock: DemoClock) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), shard_count=1, tree_cls=ToyTree)
        self.clock = clock
        self.sleeping: asyncio.Task[None] | None = None
        self.beats: list[datetime] = []
        self.beat = asyncio.Event()

    async def setup_hook(self) -> None:
        @self.tree.command(description="Answers")
        async def ask(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("An answer")

        @self.tree.command(description="Refuses")
        async def refuse(interaction: discord.Interaction[Any]) -> None:
            raise FiresideError("Not here.")

        await self.tree.sync()
        self.task = asyncio.create_task(self.keep_posting())

    async def keep_posting(self) -> None:
        while True:
            self.sleeping = asyncio.create_task(asyncio.sleep(A_MINUTE))
            await asyncio.wait({self.sleeping})
            await self.guilds[0].text_channels[0].send(f"Beat {len(self.beats) + 1}")
            self.beats.append(self.clock.now())
            self.beat.set()


@dataclass
class Running:
    toy: Toy
    url: str = ""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def announce(self, url: str) -> None:
        self.url = url
        self.up.set()


@contextlib.asynccontextmanager
async def demo(speed: float = 1.0) -> AsyncIterator[Running]:
    clock = DemoClock()
    running = Running(Toy(clock))
    options = DemoOptions(port=0, open_browser=False, speed=speed)
    running.task = asyncio.create_task(serve_demo(running.toy, clock, options, running.announce, running.stopped))
    up = asyncio.create_task(running.up.wait())
    await asyncio.wait([up, running.task], return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    try:
        yield running
    finally:
        running.stopped.set()
        async with asyncio.timeout(2):
            await running.task


async def test_the_page_greets_and_knows_three_people() -> None:
    async with demo() as running, open_page(running.url) as page:
        shown = await page.look()
        assert "/ask question" in shown
        assert "/export" in shown
        assert {viewer["name"] for viewer in page.state["viewers"]} == {"Mira", "Tom", "Author"}


async def test_a_port_in_use_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(FiresideError, match=rf"{port} .*--port"):
            check_port(port)
        clock = DemoClock()
        options = DemoOptions(port=port, open_browser=False)
        with pytest.raises(FiresideError):
            await serve_demo(Toy(clock), clock, options, print, asyncio.Event())


async def test_the_clock_starts_at_the_wall_and_runs_as_fast_as_told() -> None:
    async with demo(speed=600) as running:
        toy = running.toy
        assert abs(toy.clock.now() - datetime.now(UTC)) < timedelta(minutes=30)
        while len(toy.beats) < 5:
            toy.beat.clear()
            await toy.beat.wait()
        gaps = [after - before for before, after in zip(toy.beats, toy.beats[1:], strict=False)]
        assert all(gap == timedelta(seconds=A_MINUTE) for gap in gaps)


async def test_what_the_bot_posts_by_itself_appears_in_the_page() -> None:
    async with demo(speed=600) as running, open_page(running.url) as page:
        await running.toy.beat.wait()
        async with asyncio.timeout(5):
            while "Beat 1" not in await page.look():
                await running.toy.beat.wait()


async def test_a_waiting_task_wakes_early() -> None:
    async with demo() as running:
        toy = running.toy
        assert toy.sleeping is not None
        toy.sleeping.cancel()
        async with asyncio.timeout(5):
            await toy.beat.wait()


async def test_no_click_is_lost_while_the_clock_runs_and_two_tabs_are_open() -> None:
    async with demo(speed=600) as running, open_page(running.url) as one, open_page(running.url) as other:

        async def use(page: PageOverHttp) -> list[dict[str, Any]]:
            # It never looks again: every post since the start makes its knowledge older.
            return [await page.run("ask") for _ in range(20)]

        used_one, used_other = await asyncio.gather(use(one), use(other))
        results = used_one + used_other
        assert [result["settlement"] for result in results] == ["settled"] * 40
        assert not any(result["rejected"] for result in results)


async def test_a_clock_that_cannot_keep_up_lets_every_click_through() -> None:
    async with demo(speed=1e7) as running, open_page(running.url) as page:
        await running.toy.beat.wait()
        results = [await page.run("ask") for _ in range(5)]
        assert [(result["settlement"], result["rejected"]) for result in results] == [("settled", False)] * 5


async def test_a_refusal_in_words_is_no_failure_of_the_page() -> None:
    async with demo() as running, open_page(running.url) as page:
        result = await page.run("refuse")
        assert (result["settlement"], result["uncertain"]) == ("settled", False)
        assert "Not here." in await page.look()


async def test_ending_the_session_in_the_page_ends_the_demo() -> None:
    async with demo() as running, open_page(running.url) as page:
        await page.act("close")
        assert running.task is not None
        async with asyncio.timeout(2):
            await running.task


def test_a_clock_without_simcord_is_the_walls() -> None:
    assert abs(DemoClock().now() - datetime.now(UTC)) < timedelta(seconds=5)
