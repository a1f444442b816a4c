"""The lines of the log: none can be forged, none holds a secret, and each says what was being handled."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import discord
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import DatabaseAwayError
from bot.handling import Handling, Kind, Outcome, current, handling
from bot.logs import Redactor, TextFormatter, formatter_of, secrets_of
from bot.settings import Settings
from bot.tree import FiresideTree
from bot.ui import actions
from bot.ui.actions import Interaction, custom_id
from tests.conftest import StandingClock, World
from tests.processes import LONGEST, ROOT, environment

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
PASSWORD = 'p@ss/wörd"\\1'
ADDRESS = f"postgresql+asyncpg://fireside:{quote(PASSWORD, safe='')}@db.example/fireside"

# Lets the secrets out wherever Python, or a library, logs by itself.
LEAKS = """
import asyncio, gc, logging, sys, threading, warnings
import aiohttp, sqlalchemy.exc
from bot.logs import start_logging
from bot.settings import load_settings

settings = load_settings()
start_logging(settings)
TOKEN, ADDRESS, PASSWORD = settings.discord_token.get_secret_value(), settings.database_url, sys.argv[1]
ALL = f"{TOKEN} {ADDRESS} {PASSWORD}"

logging.getLogger("discord.http").warning("with args %s %r", TOKEN, {"Authorization": f"Bot {TOKEN}"})
logging.getLogger("discord").error("does not fit %d", ALL)
logging.getLogger(f"named.{TOKEN}").error("named")
logging.getLogger("aiohttp").error("bytes %r %r %s", TOKEN.encode(), PASSWORD.encode(), ascii(PASSWORD))
try:
    try:
        raise aiohttp.ClientError(ALL)
    except aiohttp.ClientError as error:
        raise sqlalchemy.exc.OperationalError("SELECT 1", {"password": PASSWORD}, error) from error
except sqlalchemy.exc.OperationalError:
    logging.getLogger("sqlalchemy").exception("of SQLAlchemy", stack_info=True)

async def forgotten():
    async def fails():
        raise ValueError(f"never retrieved {ALL}")
    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    del task
    gc.collect()
    asyncio.get_running_loop().call_exception_handler({"message": f"handled {ALL}"})

asyncio.run(forgotten())
warnings.warn(f"a warning {ALL}")

class Stubborn:
    def __del__(self):
        raise ValueError(f"unraisable {ALL}")

Stubborn()
thread = threading.Thread(target=lambda: [][ALL])
thread.start(); thread.join()
def in_thread():
    raise ValueError(f"of a thread {ALL}")
thread = threading.Thread(target=in_thread)
thread.start(); thread.join()
raise RuntimeError(f"uncaught {ALL}")
"""
LEAKED = (
    *("with args", "does not fit", "named", "bytes", "of SQLAlchemy", "never retrieved", "handled"),
    *("a warning", "unraisable", "of a thread", "uncaught"),
)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(folder, DISCORD_TOKEN=TOKEN, DATABASE_URL=ADDRESS, PYTHONUTF8="1", **settings),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )


def shows(text: str, secret: str) -> bool:
    """Return whether a text holds a secret, as it is or as it is written in an address, a repr or JSON."""
    forms = {secret, quote(secret), quote(secret, safe=""), repr(secret)[1:-1], ascii(secret)[1:-1]}
    forms |= {repr(secret.encode())[2:-1], json.dumps(secret)[1:-1]}
    # In JSON a form is escaped once more.
    return any(form in text or json.dumps(form)[1:-1] in text for form in forms)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_leaves_by_any_door(tmp_path: Path, form: str) -> None:
    result = run(tmp_path, "-c", LEAKS, PASSWORD, LOG_FORMAT=form, LOG_LEVEL="DEBUG")
    assert result.returncode == 1
    assert [each for each in LEAKED if each not in result.stderr] == []
    assert not shows(result.stderr, TOKEN)
    assert not shows(result.stderr, PASSWORD)
    assert "[secret]" in result.stderr
    if form == "json":
        lines = [json.loads(line) for line in result.stderr.splitlines()]
        assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
        assert sum("Traceback" in line.get("trace", "") for line in lines) >= 4


def test_a_command_that_fails_in_a_way_nobody_expected_shows_no_secret_either(tmp_path: Path) -> None:
    fails = "import bot.__main__ as m, bot.app as a\na.ask = lambda url, question: 1 / int(url)\nm.main()"
    result = run(tmp_path, "-c", fails, "ask", "why")
    assert result.returncode == 1
    assert "invalid literal" in result.stderr
    assert not shows(result.stderr, PASSWORD)


def record_of(message: str, *args: object, name: str = "bot.test", **more: Any) -> logging.LogRecord:
    return logging.LogRecord(name, logging.INFO, __file__, 1, message, args, more.get("exc_info"))


@given(st.text(), st.text())
@example("\n2026-11-23 19:30:00,123 INFO    bot: forged", "\r\x85\u2028\x0b\x1b[2J\u202e")
def test_whatever_is_logged_is_one_line_and_its_trace_is_indented(message: str, argument: str) -> None:
    formatter = TextFormatter(Redactor())
    line = formatter.format(record_of("%s", message))
    assert len(line.splitlines()) == 1
    assert not any(ord(character) < 32 or ord(character) == 127 for character in line)
    assert argument.isalnum() <= (argument in formatter.format(record_of("x %s", argument)))
    first, *trace = formatter.format(record_of("x", exc_info=(ValueError, ValueError(message), None))).splitlines()
    assert first.endswith(": x")
    assert trace
    assert all(each.startswith("    ") for each in trace)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_secret_of_any_kind_is_taken_out(secret: str, before: str, after: str) -> None:
    cleaned = Redactor([secret]).clean(f"{before}{secret}{after}")
    assert secret not in cleaned.replace("[secret]", "\0" if "\0" not in secret else "\1")


def settings_of(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgresql+asyncpg://me:word@host/x", "word"),
        ("postgresql+asyncpg://me:wo%2Frd@host/x", "wo/rd"),
        ("postgresql+asyncpg://me:wo/rd#?@host/x", "wo/rd#?"),
        ("postgresql+asyncpg://me:wo@rd@host/x", "wo@rd"),
        ("postgresql+asyncpg://host/x?user=me&password=wo+rd&ssl=1", "wo rd"),
    ],
)
def test_the_password_of_an_address_is_a_secret(address: str, password: str) -> None:
    assert password in secrets_of(settings_of(discord_token=None, database_url=address))


def test_without_secrets_nothing_is_taken_out() -> None:
    settings = settings_of(discord_token=None, database_url="sqlite+aiosqlite:////srv/fireside.db")
    assert secrets_of(settings) == set()
    assert formatter_of(settings).format(record_of("as it is")).endswith(": as it is")


# What is being handled


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged from here on, as JSON lines, each made where it was logged."""
    found: list[dict[str, Any]] = []
    formatter = formatter_of(settings_of(log_format="json"))

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(formatter.format(record)))

    keeper, log = Keeper(), logging.getLogger()
    before = log.level
    log.addHandler(keeper)
    log.setLevel(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)  # it would log every statement
    yield found
    logging.getLogger("aiosqlite").setLevel(logging.NOTSET)
    log.setLevel(before)
    log.removeHandler(keeper)


async def test_two_at_once_keep_their_codes_in_threads_and_tasks_too(lines: list[dict[str, Any]]) -> None:
    log = logging.getLogger("bot.test")

    async def work(name: str, go: asyncio.Event, other: asyncio.Event) -> str:
        with handling() as now:
            log.info("%s begins", name)
            other.set()
            await go.wait()
            await asyncio.to_thread(log.info, "%s in a thread", name)
            await asyncio.create_task(asyncio.to_thread(log.info, "%s in a task", name))
            return now.code

    events = asyncio.Event(), asyncio.Event()
    codes = await asyncio.gather(work("a", *events), work("b", *reversed(events)))
    log.info("neither")
    assert len(set(codes)) == 2
    for name, code in zip("ab", codes, strict=True):
        assert len(code) == 6
        assert [each.get("code") for each in lines if each["message"].startswith(f"{name} ")] == [code] * 3
    assert "code" not in lines[-1]
    assert current() is None


async def test_the_code_that_a_member_reads_is_in_the_line_and_in_the_lines_of_the_services(
    world: World, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any) -> None:
        await asyncio.to_thread(logging.getLogger("bot.services.test").warning, "below")
        raise ZeroDivisionError

    monkeypatch.setitem(actions._handlers, "breaks", breaks)
    message = await world.in_public(discord.ui.Button(label="Press", custom_id=custom_id("breaks")))
    result = await world.member.click(message, label="Press")
    monkeypatch.setattr(world.client.services.interviews, "library", breaks)
    other = await world.member.slash(world.channel, "interview")
    assert len(world.said_wrong()) == 2

    codes = []
    for said in (result.response.content, other.response.content):
        (code,) = {each["code"] for each in lines if "code" in each and each["code"] in said}
        texts = [each["message"] for each in lines if each.get("code") == code]
        assert "below" in texts
        assert f"Unexpected error {code}" in texts
        codes.append(code)
    assert codes[0] != codes[1]


async def test_what_the_bot_does_by_itself_has_no_code(
    world: World, lines: list[dict[str, Any]], clock: StandingClock
) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
    clock.forward(minutes=30)
    await world.env.advance_time(61)
    rounds = [each for each in lines if each["logger"] == "bot.services.dispatcher"]
    assert [each for each in rounds if "sent" in each["message"]]
    assert [each for each in rounds if "code" in each] == []
    assert [each for each in lines if each["logger"] == "bot.tree" and "daily set" in each["message"]]


async def test_a_failed_autocomplete_is_logged_under_its_code_and_names_nobody(
    world: World, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = observed(world, monkeypatch)

    async def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.client.services.answers, "suggest", breaks)
    await world.member.autocomplete(world.channel, "ask", "question", "ker")
    world.said_wrong()
    (failed,) = [each for each in lines if "ZeroDivisionError" in each.get("trace", "")]
    assert failed["code"] in failed["message"]
    assert str(world.member.id) not in failed["message"]
    assert seen == [(Kind.AUTOCOMPLETE, "ask", Outcome.ERROR, None)]


async def test_an_autocomplete_that_the_database_refuses_adds_no_line(
    world: World, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = observed(world, monkeypatch)

    async def refuses(*_: Any) -> None:
        raise DatabaseAwayError("Try again.")

    monkeypatch.setattr(world.client.services.answers, "suggest", refuses)
    await world.member.autocomplete(world.channel, "ask", "question", "ker")
    assert [each for each in lines if each["level"] not in {"DEBUG", "INFO"}] == []
    assert seen == [(Kind.AUTOCOMPLETE, "ask", Outcome.REFUSED, None)]


def observed(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Kind, str, Outcome, str | None]]:
    """Return what the tree tells its observer of, as it happens."""
    seen: list[tuple[Kind, str, Outcome, str | None]] = []

    def observe(kind: Kind, what: str, now: Handling, seconds: float) -> None:
        assert seconds > 0
        seen.append((kind, what, now.outcome, now.band))

    tree = world.client.tree
    assert isinstance(tree, FiresideTree)
    monkeypatch.setattr(tree, "observer", observe)
    return seen


async def test_what_became_of_each_use_is_observed_under_known_names_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Interaction) -> None:
        raise ZeroDivisionError

    seen = observed(world, monkeypatch)
    monkeypatch.setitem(actions._handlers, "breaks", breaks)
    await world.member.slash(world.channel, "ask", question="why did he make keras")
    await world.member.slash(world.channel, "ask", question="zzyzx quuxly")
    await world.member.slash(world.channel, "interview", name="no such")
    for identity in ("breaks", "whatever-anybody-sends:1"):
        message = await world.in_public(discord.ui.Button(label="Press", custom_id=identity))
        await world.member.click(message, label="Press")
    world.said_wrong()
    assert seen == [
        (Kind.COMMAND, "ask", Outcome.ANSWERED, "answer"),
        (Kind.COMMAND, "ask", Outcome.ANSWERED, "none"),
        (Kind.COMMAND, "interview", Outcome.REFUSED, None),
        (Kind.COMPONENT, "breaks", Outcome.ERROR, None),
        (Kind.COMPONENT, "unknown", Outcome.REFUSED, None),
    ]
    assert world.client.gate.handled == 0
