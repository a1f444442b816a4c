"""The bot in a simulated Discord, with a page in the browser and no token.

The counterpart of `client`: there discord.py meets the real Discord, here it meets simcord, so this module
knows both libraries. It moves simcord's clock, which stands still by itself, along with the clock on the wall,
and sees to it that neither that nor a second tab ever costs a person a click.
"""

import asyncio
import contextlib
import logging
import socket
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import discord
import simcord
from discord.ext import commands
from simcord._settlement import _SettlementState
from simcord.preview import _markdown

from bot.errors import FiresideError

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"  # simcord's page answers on no other address
TICK_SECONDS: Final = 0.25  # how far the simulated clock may fall behind the wall
LARGEST_STEP: Final = timedelta(minutes=5)  # what a click may have to wait for, a few hundredths of a second
MOST_BEHIND: Final = timedelta(hours=2)  # a fast clock lets go of more: a laptop's sleep would be months of mornings
ACTION_SECONDS: Final = 10.0  # how long an answer may take before the page calls its outcome uncertain
IDLE_SECONDS: Final = 0.004
PUBLISHED_TO_ALL: Final = frozenset({"run_command", "send_message", "edit_message", "delete_message"})
WELCOME: Final = "This is a simulated server: nothing leaves your computer. Type a command below."
TO_TRY: Final = {
    "As Mira, a member": (
        "`/ask question: why did he make keras`\n"
        "`/quote show` a passage that stands on its own; the heart keeps it\n"
        "`/quote card` one as a picture\n"
        "`/interview` the whole conversation, page by page\n"
        "`/question ask` what the interview does not answer"
    ),
    "As Tom, a moderator (choose him under “Viewing as”)": (
        "`/daily set` a quote here every morning\n`/inbox` the readers' questions, to decide on\n"
        "`/export pack` the readers' questions, as a file for the author\n"
        "`/gaps` what was asked in vain, and what answers it\n`/setup` what holds in this server"
    ),
}


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Where the page is served (port 0: a free one), whether to open it, and how fast the clock runs."""

    port: int
    open_browser: bool = True
    speed: float = 1.0


class DemoClock:
    """The time the bot lives in: simcord's, and the wall's until simcord has started."""

    def __init__(self) -> None:
        self._env: simcord.Env | None = None

    def start(self, env: simcord.Env) -> None:
        """Take `env`'s clock from here on; it is set to the wall's first."""
        env.backend.advance_clock((datetime.now(UTC) - env.now()).total_seconds())
        self._env = env

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC) if self._env is None else self._env.now()


class _Env(simcord.Env):
    """A simcord environment for a person who waits, not for a test.

    It answers sooner, and takes a sentence for a user as an answer, not as a failure of the bot.
    """

    def _settlement_state(self) -> _SettlementState:
        # As while the clock is moved: who sleeps is done for now, even where simcord would wait up to ten seconds
        # for the end of it. A click must not wait for the daily quote that is due in five.
        return replace(super()._settlement_state(), advancing=True)

    async def _settle_internal(self, **options: Any) -> None:
        # Before an answer is shown, simcord waits this long once more, 0.05 s by default.
        await super()._settle_internal(**{**options, "idle": IDLE_SECONDS})

    def _record_error(self, error: BaseException) -> None:
        # The page calls an action's outcome "uncertain" as soon as an error was recorded meanwhile.
        if isinstance(getattr(error, "original", error), FiresideError):
            return
        super()._record_error(error)
        if not isinstance(error, discord.app_commands.AppCommandError):  # the command tree logs its own
            log.error("An error in the bot: %s", error, exc_info=error)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the page shows: an environment, a channel, and the people who may look at it."""

    env: simcord.Env
    channel: simcord.ChannelHandle
    people: list[simcord.MemberActor]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # simcord refuses two operations at once
    news: asyncio.Event = field(default_factory=asyncio.Event)  # messages that no page has shown yet

    def heard(self, event: str, payload: Mapping[str, Any]) -> None:
        """Remember that a message of the channel came, changed or went."""
        if event.startswith("MESSAGE_") and str(payload.get("channel_id")) == str(self.channel.id):
            self.news.set()


async def serve_demo(
    client: commands.AutoShardedBot,
    clock: DemoClock,
    options: DemoOptions,
    announce: Callable[[str], None],
    stopped: asyncio.Event,
) -> None:
    """Run a client until `stopped` is set or the session is ended in the page.

    Args:
        client: made with `shard_count`, not yet started, and living in the time of `clock`.
        clock: the clock that is moved from here on.
        options: port, browser and speed.
        announce: receives the page's address, once it answers. The address is a key to the page.
        stopped: the caller sets it to end the demo, which takes less than two seconds.

    Raises:
        FiresideError: the port is in use.
    """
    check_port(options.port)
    env = _Env(client, check_errors=False, settle_timeout=ACTION_SECONDS)
    clock.start(env)
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(env.shutdown)
        stage = _build_stage(env)
        await env.start()
        closing.push_async_callback(client.close)
        await _welcome(client, stage)
        preview = env.preview(
            stage.channel, viewers=stage.people, layout="channel", port=options.port, timezone=_local_zone()
        )
        await closing.enter_async_context(preview)
        _take_turns(preview, stage)
        _reuse_parsers()
        env.backend.subscribers.append(stage.heard)
        announce(preview.url)
        if options.open_browser:
            await _open_browser(preview.url)
        await _first_of(stopped.wait(), preview.wait_closed(), _follow_wall(preview, stage, options.speed))


def check_port(port: int) -> None:
    """Raise FiresideError when another program answers on `port`; port 0 is always free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise FiresideError(
                f"Port {port} is in use by another program. "
                f"Choose another one: DEMO_PORT={port + 1} in .env, or --port {port + 1}."
            ) from error


def _build_stage(env: simcord.Env) -> _Stage:
    env.backend.bot_user.name = "Fireside"
    guild = env.create_guild("Fireside demo")
    channel = guild.create_text_channel("fireside", topic="Ask the interview, in your own words")
    moderators = guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    roles = {"Mira": [], "Tom": [moderators], "Author": []}
    people = [guild.add_member(env.create_user(name), roles=held) for name, held in roles.items()]
    return _Stage(env, channel, people)


async def _welcome(client: commands.AutoShardedBot, stage: _Stage) -> None:
    channel = client.get_partial_messageable(stage.channel.id)
    embed = discord.Embed(title="What to try", description=WELCOME)
    for who, what in TO_TRY.items():
        embed.add_field(name=who, value=what, inline=False)
    await channel.send(embed=embed)
    await stage.env.settle()


def _local_zone() -> str:
    """Return the name of this computer's time zone, or UTC where the system does not tell it."""
    _, found, name = Path("/etc/localtime").resolve().as_posix().partition("/zoneinfo/")
    try:
        return ZoneInfo(name).key if found else "UTC"
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError: it cannot be, the file was just there
        return "UTC"


async def _open_browser(url: str) -> None:
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return  # a server without a screen: the address has been announced
    # Browsers for the terminal are registered as exactly this class, and would take the terminal over.
    if type(browser) is not webbrowser.GenericBrowser:
        await asyncio.to_thread(browser.open, url)


def _take_turns(preview: simcord.Preview, stage: _Stage) -> None:
    """Let the page's actions and the clock wait for each other, where simcord would refuse the later one."""
    # simcord offers no public place to wait in; its version is pinned, and a test clicks while the clock runs.
    admit, page_of = preview._action, preview._get_page  # noqa: SLF001

    async def action(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with stage.turn:
            preview.capture_time = stage.env.now()
            result = await admit(context_id, _brought_up_to_date(body, page_of(context_id).revision))
            if body.get("kind") in PUBLISHED_TO_ALL:
                stage.news.clear()
            return result

    preview._action = action  # type: ignore[method-assign] # noqa: SLF001


def _reuse_parsers() -> None:
    """Let simcord build a Markdown parser once a kind of text, not once a text: its page draws 50 messages a click."""
    build = _markdown._markdown_parser  # noqa: SLF001 - as above
    if build.__module__ == __name__:
        return  # done by an earlier demo of this process
    built: dict[int, tuple[Any, dict[str, Any]]] = {}

    def parser(policy: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        if id(policy) not in built:  # the policies are constants of simcord's module
            shared: dict[str, Any] = {}
            built[id(policy)] = build(policy, shared), shared
        found, shared = built[id(policy)]
        shared.clear()
        shared.update(context)
        return found

    _markdown._markdown_parser = parser  # noqa: SLF001


def _brought_up_to_date(body: Mapping[str, Any], revision: int) -> Mapping[str, Any]:
    """Return the action as if the page had seen the newest post, for which simcord would refuse it.

    What is pressed is found by its message and its id, so nothing else can be hit, as on Discord.
    """
    seen = body.get("published_revision")
    return {**body, "published_revision": revision} if isinstance(seen, int) and seen < revision else body


async def _follow_wall(preview: simcord.Preview, stage: _Stage, speed: float) -> None:
    """Advance the simulated clock with the wall's, `speed` times as fast, and show what the bot posts."""
    epoch, wall = stage.env.now(), datetime.now(UTC)
    behind = timedelta()
    while True:
        # Between two steps the turn is another's, however far the clock has fallen behind.
        await asyncio.sleep(0 if behind > LARGEST_STEP else TICK_SECONDS)
        async with stage.turn:
            behind = epoch + (datetime.now(UTC) - wall) * speed - stage.env.now()
            if speed > 1 and behind > MOST_BEHIND:
                epoch, behind = epoch - (behind - MOST_BEHIND), MOST_BEHIND
            try:
                await _advance(stage.env, behind)
                preview.capture_time = stage.env.now()
                if stage.news.is_set():
                    stage.news.clear()
                    await preview.refresh()
            except TimeoutError as error:
                log.warning("The bot was still busy after %s s: %s", ACTION_SECONDS, error)
            except simcord.SetupError:
                return  # the session was just ended in the page


async def _advance(env: simcord.Env, by: timedelta) -> None:
    if by > timedelta():
        await env.advance_time(min(by, LARGEST_STEP).total_seconds())


async def _first_of(*awaitables: Any) -> None:
    """Wait for the first to end, end the others, and raise what the first one raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
