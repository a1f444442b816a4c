"""The log says what happened, and never to whom: from INFO on no id of a server or a person, and no words of theirs."""

import ast
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.domain.privacy import tag_of
from bot.services import Services
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.guilds import daily_rules
from bot.storage.tables import guilds
from tests.asking import ask
from tests.conftest import StandingClock, World

QUESTION = "Which of your papers are you most proud of, and what is left of it?"
VAIN = "zzyzx quuxly frobnicated"
LEVELS = {"info", "warning", "error", "exception", "critical", "log"}
# What a name may not end in where it is logged, unless `tag_of` makes a tag of it.
TELLING = ("id", "ids", "text", "question", "name", "typed", "words", "quote")


def ours(caplog: pytest.LogCaptureFixture, level: int) -> str:
    """Return what the bot itself logged from a level on, with the traces of errors."""
    form = logging.Formatter("%(levelname)s %(message)s")
    records = [each for each in caplog.records if each.name.startswith(("bot", "cogs")) and each.levelno >= level]
    return "\n".join(map(form.format, records))


async def test_a_day_of_use_leaves_no_id_and_no_words_in_the_log(
    world: World, services: Services, clock: StandingClock, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await world.member.slash(world.channel, "ask", question=VAIN)
    await ask(world, world.member, QUESTION)
    await world.admin.slash(world.channel, "export questions")
    await world.member.slash(world.channel, "privacy")
    await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
    # A post that arrives, then days on which Discord refuses it, until it is paused and nobody can be told.
    for refused in (False, True, True, True):
        clock.now = datetime(2026, 3, clock.now.day, 8, 30, tzinfo=UTC) + timedelta(days=refused)
        if refused:
            world.env.inject_error(
                "POST", "/channels/*", status=403, code=50013, message="Missing Permissions", times=9
            )
        await world.env.advance_time(61)
        await world.env.advance_time(61)
    # An error that nobody expected, and a database that has become strange.
    world.env.inject_error("POST", "/interactions/*", status=500, code=0, message="broken", times=1)
    await world.member.slash(world.channel, "about")
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.execute(update(guilds).values(daily_zone="Middle/Earth"))
        assert await daily_rules(connection) == []
    await database.close()
    world.said_wrong()

    logged = ours(caplog, logging.INFO)
    tag = tag_of(world.guild.id)
    for expected in (
        f"{tag} for 2026-03-02: sent",
        f"{tag} for 2026-03-03: failed",
        f"{tag} is paused",
        "Middle/Earth",
    ):
        assert expected in logged
    secrets = [world.guild.id, world.channel.id, world.member.id, world.admin.id, QUESTION, VAIN, "mira", "Readers"]
    assert [each for each in secrets if str(each) in logged] == []
    assert f"{tag} is {world.guild.id}" in ours(caplog, logging.DEBUG)


def test_a_tag_tells_servers_apart_and_hides_their_ids() -> None:
    tags = {tag_of(number) for number in range(100)}
    assert len(tags) > 98
    assert tag_of(5) == tag_of(5)
    assert all(len(tag) == 6 and int(tag, 16) >= 0 for tag in tags)


def log_calls(source: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.func.attr in LEVELS
    ]


def telling(call: ast.Call) -> list[str]:
    """Return what a log call names that may be an id or somebody's words."""
    found, open_nodes = [], list[ast.AST](call.args)
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"tag_of", "len"}:
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        key = node.value if isinstance(node, ast.Constant) and " " not in str(node.value) else ""
        if any(str(each).lower().split("_")[-1] in TELLING for each in (name, key)):
            found.append(ast.unparse(node))
        open_nodes += ast.iter_child_nodes(node)
    return found


def test_no_call_logs_what_names_somebody() -> None:
    files = [path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py")]
    calls = [(path, call) for path in files for call in log_calls(path.read_text(encoding="utf-8"))]
    assert len(calls) > 10
    # What rounds are called is no name of anybody.
    found = {name for _, call in calls for name in telling(call)} - {"self.name"}
    assert found == set()


@pytest.mark.parametrize(
    "call",
    ['log.info("x %d", delivery.guild_id)', 'log.warning("x %s", row["id"])', 'log.error(f"x {question.text}")'],
)
def test_such_a_call_is_found(call: str) -> None:
    assert telling(log_calls(call)[0])
