"""What an `/ask` costs the processor, from the gateway's frame to the answer's bytes, beside a bot that says "pong".

Run it with: .venv/bin/python -m benchmarks.answering
Both bots are fed the same kind of interactions through the library's own websocket and parsers; only the request that
would carry the answer is replaced. What stands in for Discord is not counted. There are two mixes of questions: all
different, each with slips of the finger; and as people ask, who pick from the list and ask the same again.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from typing import Any, cast

import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.webhook import async_
from rich.console import Console
from rich.table import Table

from bot.app import open_services
from bot.client import Fireside
from bot.services import Services
from bot.services.interviews import Library
from bot.ui.answers import answer_page
from cogs.ask import Ask

QUESTIONS = Path(__file__).parent / "questions"
ASKED = 1500
WARMING = 150
SEED = 5
GUILD, CHANNEL, MEMBER, APPLICATION = 11, 12, 13, 14


class Far:
    """The far end: takes what the library would send, answers as Discord does, and keeps its own time out of it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.seconds = 0.0
        self.answers = self.sent = 0

    async def request(self, _route: Any, *, payload: Any, **_: Any) -> Any:
        """Take an answer as the library's adapter for webhooks would send it, and return what Discord says to it."""
        sent = discord.utils._to_json(payload)  # noqa: SLF001 - the library's own choice of a parser
        begin = time.process_time()
        data = payload["data"]
        message: dict[str, Any] = data | {
            "id": "1000",
            "type": 20,
            "channel_id": str(CHANNEL),
            "author": {"id": str(APPLICATION), "username": "fireside", "discriminator": "0", "avatar": None},
            "attachments": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "content": data.get("content") or "",
            "embeds": data.get("embeds") or [],
            "components": data.get("components") or [],
            "edited_timestamp": None,
            "timestamp": "2026-03-02T08:00:00+00:00",
        }
        reply = json.dumps(
            {
                "interaction": {"id": "1", "type": 2, "response_message_id": "1000"},
                "resource": {"type": 4, "message": message},
            }
        )
        self.answers += "answer-why" in sent
        self.sent += 1
        self.seconds += time.process_time() - begin
        return discord.utils._from_json(reply)  # noqa: SLF001


def frame(number: int, name: str, options: Sequence[dict[str, Any]]) -> str:
    """Return an interaction as the gateway sends it."""
    person: dict[str, Any] = {
        "id": str(MEMBER),
        "username": "mira",
        "global_name": "Mira",
        "discriminator": "0",
        "avatar": None,
    }
    member = {
        "user": person | {"public_flags": 0, "clan": None, "avatar_decoration_data": None},
        "roles": [str(100 + role) for role in range(3)],
        "permissions": "2248473465835073",
        "joined_at": "2024-01-01T00:00:00+00:00",
        "nick": None,
        "avatar": None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }
    data = {
        "id": str(10**18 + number),
        "application_id": str(APPLICATION),
        "type": 2,
        "token": "t" * 200,
        "version": 1,
        "guild_id": str(GUILD),
        "guild": {"id": str(GUILD), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "locale": "en-US",
        "channel_id": str(CHANNEL),
        "channel": {
            "id": str(CHANNEL),
            "type": 0,
            "name": "interviews",
            "permissions": "2248473465835073",
            "guild_id": str(GUILD),
            "position": 1,
            "flags": 0,
            "nsfw": False,
            "parent_id": None,
            "topic": None,
            "last_message_id": "999",
            "rate_limit_per_user": 0,
        },
        "member": member,
        "app_permissions": "2248473465835073",
        "attachment_size_limit": 10485760,
        "authorizing_integration_owners": {"0": str(GUILD)},
        "context": 0,
        "entitlements": [],
        "data": {"id": "77", "name": name, "type": 1, "options": list(options)},
    }
    return json.dumps({"op": 0, "t": "INTERACTION_CREATE", "s": number, "d": data})


def server() -> dict[str, Any]:
    """Return a server as the gateway tells of it."""
    channels = [
        {"id": str(CHANNEL + 1000 * number), "type": 0, "name": f"c{number}", "position": number}
        | {"permission_overwrites": [], "nsfw": False, "parent_id": None}
        for number in range(20)
    ]
    roles = [
        {"id": str(role), "name": f"r{role}", "color": 0, "colors": {"primary_color": 0}, "permissions": "1024"}
        | {"position": place, "hoist": False, "managed": False, "mentionable": False}
        for place, role in enumerate([GUILD, *range(100, 109)])
    ]
    return {
        "id": str(GUILD),
        "name": "Readers",
        "owner_id": "3",
        "member_count": 50,
        "roles": roles,
        "channels": channels,
        "members": [],
        "emojis": [],
        "features": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "afk_timeout": 300,
        "system_channel_flags": 0,
    }


class Pong(commands.AutoShardedBot):
    """The bot to compare with: a command that says "pong"."""

    def __init__(self) -> None:
        """Subscribe to what Fireside does."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            shard_count=1,
        )

        @self.tree.command(description="Say pong")
        async def ping(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("pong")


async def on_line(client: commands.AutoShardedBot, far: Far) -> DiscordWebSocket:
    """Bring a client on line without a network, in one server, and return its websocket."""
    await client._async_setup_hook()  # noqa: SLF001
    state = cast("Any", client._connection)  # noqa: SLF001
    user = {"id": str(APPLICATION), "username": "fireside", "discriminator": "0", "avatar": None}
    state.user = discord.ClientUser(state=state, data=cast("Any", user))
    state.application_id = APPLICATION
    state._add_guild_from_data(server())  # noqa: SLF001
    adapter = async_.AsyncWebhookAdapter()  # type: ignore[no-untyped-call]
    adapter.request = far.request  # type: ignore[method-assign, assignment]
    async_.async_context.set(adapter)
    socket = DiscordWebSocket(cast("Any", None), loop=asyncio.get_running_loop())
    socket.shard_id = 0
    socket._discord_parsers = state.parsers  # noqa: SLF001
    socket._dispatch = client.dispatch  # noqa: SLF001
    socket.log_receive = lambda _: None  # type: ignore[method-assign]
    return socket


async def cost(socket: DiscordWebSocket, far: Far, frames: Sequence[str]) -> float:
    """Return the processor's milliseconds for each of some frames, until all that they set off is done."""
    own = asyncio.current_task()

    async def feed(some: Sequence[str]) -> None:
        for text in some:
            answered = far.sent + 1
            await socket.received_message(text)
            while far.sent < answered:  # noqa: ASYNC110 - less than an event would cost
                await asyncio.sleep(0)
        # What was set off beside the answers counts too, though nobody waits for it.
        while others := [task for task in asyncio.all_tasks() if task is not own]:
            await asyncio.wait(others)

    await feed(frames[:WARMING])
    far.answers = far.sent = 0
    far.seconds, begin = 0.0, time.process_time()
    await feed(frames[WARMING:])
    return 1000 * (time.process_time() - begin - far.seconds) / (len(frames) - WARMING)


def different(_: Library, count: int) -> list[str]:
    """Return questions that are all different: those whose answers are known, each with other slips of the finger."""
    rng = random.Random(SEED)  # noqa: S311 - nothing here is secret
    lines = [line for file in sorted(QUESTIONS.glob("*.jsonl")) for line in file.read_text().splitlines()]
    known = [json.loads(line)["question"] for line in lines]
    found: dict[str, None] = {}
    while len(found) < count:
        found[mistyped(rng.choice(known), rng)] = None
    return list(found)


def mistyped(text: str, rng: random.Random) -> str:
    """Return a text with one slip: a letter too few, one too many, or two swapped."""
    place = rng.randrange(len(text) - 1)
    before, one, other, after = text[:place], text[place], text[place + 1], text[place + 2 :]
    return before + rng.choice((other, one + rng.choice(ascii_lowercase) + other, other + one)) + after


def as_people_ask(library: Library, count: int) -> list[str]:
    """Return the interview's own wordings and aliases as the list offers them; some are asked far more than others."""
    rng = random.Random(SEED)  # noqa: S311 - nothing here is secret
    own = [text for _, exchange in library.exchanges.values() for text in (exchange.question[:300], *exchange.aliases)]
    rng.shuffle(own)
    return rng.choices(own, weights=[1 / rank for rank in range(1, len(own) + 1)], k=count)


def asking(questions: Sequence[str]) -> list[str]:
    """Return the frames of `/ask` with some questions."""
    return [
        frame(number, "ask", [{"name": "question", "type": 3, "value": question}])
        for number, question in enumerate(questions)
    ]


async def parts(services: Services, questions: Sequence[str]) -> dict[str, float]:
    """Return the processor's milliseconds for each step of an answer, by itself."""
    library = await services.interviews.library(GUILD)
    lessons = await services.gaps.lessons(GUILD, library)
    replies = [await services.answers.find(question, GUILD) for question in questions]
    hits = iter([(reply.hits[0], reply.question) for reply in replies if reply.hits])

    async def each(work: Callable[[str], Awaitable[object]]) -> float:
        begin = time.process_time()
        for question in questions:
            await work(question)
        return 1000 * (time.process_time() - begin) / len(questions)

    async def matching(question: str) -> None:
        library.matcher.find(question, 4, lessons)

    async def page(_: str) -> None:
        hit, asked = next(hits, (replies[0].hits[0], ""))
        answer_page(hit, asked, private=False)

    return {
        "library": await each(lambda _: services.interviews.library(GUILD)),
        "lessons": await each(lambda _: services.gaps.lessons(GUILD, library)),
        "settings": await each(lambda _: services.guilds.settings(GUILD)),
        "matching": await each(matching),
        "embed and view": await each(page),
    }


async def measure() -> dict[str, dict[str, float]]:
    """Return the milliseconds of the processor for an interaction, and for the steps of it, by mix."""
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder:
        async with open_services(f"sqlite+aiosqlite:///{folder}/benchmark.db") as services:
            library = await services.interviews.library()
            far = Far()
            pong = await on_line(Pong(), far)
            found["pong"] = {"whole": await cost(pong, far, [frame(number, "ping", ()) for number in range(ASKED)])}
            client = Fireside(services, shard_count=1)
            await client.add_cog(Ask(services.answers, services.gaps, services.guilds))
            socket = await on_line(client, far)
            for name, mix in (("all different", different), ("as people ask", as_people_ask)):
                questions = mix(library, ASKED)
                # What a run before has left in memory would flatter the steps: they come last, in another order.
                whole = await cost(socket, far, asking(questions))
                found[name] = {"whole": whole} | await parts(services, mix(library, 3 * ASKED)[2 * ASKED :])
                found[name]["answered"] = far.answers / far.sent
    return found


def main() -> None:
    """Measure and print the table."""
    found = asyncio.run(measure())
    table = Table("milliseconds of the processor", *found)
    for row in dict.fromkeys(row for column in found.values() for row in column):
        table.add_row(row, *(f"{column[row]:.3f}" if row in column else "" for column in found.values()))
    pong = found["pong"]["whole"]
    table.add_row("times a pong", *(f"{column['whole'] / pong:.2f}" for column in found.values()))
    Console().print(table)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
