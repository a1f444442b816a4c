"""The least that a bot on discord.py can do: one command, answered with "pong"; what Fireside is measured against.

It's started by `benchmarks.load`, with the same environment as Fireside.
"""

import asyncio
import logging
import os
import signal

import discord
from discord import app_commands
from discord.ext import commands

from bot.loopback import use_loopback


class Pong(commands.AutoShardedBot):
    """Asks Discord for the same as Fireside, and answers `/ask` with one word."""

    def __init__(self) -> None:
        """Take the options that Fireside takes."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def setup_hook(self) -> None:
        """Tell Discord of the command."""
        self.tree.add_command(ask)
        await self.tree.sync()


@app_commands.command()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def ask(interaction: discord.Interaction[Pong], question: str) -> None:  # noqa: ARG001 - as Fireside is asked
    """Answer with one word."""
    await interaction.response.send_message("pong")


async def run() -> None:
    """Stay on line until a signal says otherwise."""
    use_loopback(os.environ["DISCORD_STAND_IN"])
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with Pong() as client:
        online = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
        await stopped.wait()
        online.cancel()


if __name__ == "__main__":
    logging.basicConfig(level="INFO")
    asyncio.run(run())
