"""What somebody may reach who should not: a member, an admin of another server, whoever sends a file."""

import ast
import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from sqlalchemy import Row, Table, select

from benchmarks.fuzz import populate
from benchmarks.fuzz_discord import CHANNEL, GUILD, MEMBER, OTHER_GUILD, STRANGER, StandIn, message_payload
from benchmarks.fuzz_payloads import BUTTON, COMMAND, COMPONENT, FORM, leaves
from bot.domain.interviews import parse_interview
from bot.errors import InterviewFileError, InvalidInputError, SettingsError
from bot.services import Services
from bot.services.imports import MAX_BYTES, check_file
from bot.settings import ROOT, load_settings
from bot.storage.database import Database
from bot.storage.tables import metadata
from bot.ui import imports
from bot.ui.actions import registered_actions
from tests.conftest import World

# What anybody may use; each of them changes only what is the person's own, or shows what everybody may see.
OPEN_TO_ALL = frozenset(
    {"answer-choose", "answer-none", "answer-others", "answer-page", "answer-share", "answer-why", "form-again"}
    | {"mine", "mine-edit", "mine-open", "mine-show", "mine-withdraw", "mine-withdrawn", "publication-read"}
    | {"question-edit", "privacy", "privacy-choose", "privacy-confirm", "privacy-delete", "privacy-file"}
    | {"question-ask", "question-form", "question-helped", "question-join", "question-leave", "question-send"}
    | {"quote-ask", "quote-ask-form", "quote-context", "quote-found", "quote-heart", "quote-search", "quote-share"}
    | {"read", "read-chosen", "shelf", "shelf-context", "shelf-remove", "top", "top-tell", "top-unwant", "top-want"}
)
FIELDS = {
    "text": "A text that is long enough to be stored?",
    "reason": "A reason that a stranger gives.",
    "number": "2",
    "channel": str(CHANNEL),
    "time": "07:00",
    "zone": "Europe/Berlin",
    "weekdays": "Monday",
    "order": "sequence",
    "looks": "dark",
    "recipients": "host",
    "member": "1",
    "day": "1",
    "age": "1",
}

Snapshot = dict[str, list[Any]]


@pytest.fixture
async def stand_in(services: Services) -> AsyncIterator[StandIn]:
    """The client over a database in which a server has something of everything."""
    stand_in = StandIn(services)
    await stand_in.start()
    await populate(services)
    yield stand_in
    await stand_in.close()


async def snapshot(services: Services, database_url: str) -> Snapshot:
    """Return all rows of all tables but those that are about the stranger, or about the other server."""
    await services.gaps.save()  # what was asked in vain is gathered for a second
    database = await Database.open(database_url)
    async with database.read() as connection:
        found = {
            table.name: sorted(repr(row) for row in await connection.execute(select(table)) if not is_own(table, row))
            for table in metadata.sorted_tables
            if table.name != "facts"
        }
    await database.close()
    assert found["questions"]
    return found


def is_own(table: Table, row: Row[Any]) -> bool:
    """Return whether a row is what a stranger may well leave behind: in their own name, or in their own server."""
    columns = row._mapping
    if table.name == "guilds":
        return bool(columns["id"] == OTHER_GUILD)
    return columns.get("member_id") == STRANGER or columns.get("guild_id") == OTHER_GUILD


def admin_actions() -> list[str]:
    return sorted(set(registered_actions()) - OPEN_TO_ALL)


def presses(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield all ways to use an action with numbers of the other server, as many arguments as it may take."""
    for count in range(7):
        for first in ("1", "2"):
            arguments = [first, *["0"] * (count - 1)] if count else []
            custom_id = ":".join([name, *arguments])
            for values in ([], ["1"], [str(MEMBER)], ["x/y"]):
                yield COMPONENT, {"custom_id": custom_id, "component_type": BUTTON, "values": values}
            fields = [
                {"type": 18, "component": {"type": 4, "custom_id": key, "value": value}}
                for key, value in FIELDS.items()
            ]
            yield FORM, {"custom_id": custom_id, "components": fields}


async def test_no_press_of_a_member_does_what_is_for_admins(
    stand_in: StandIn, services: Services, database_url: str
) -> None:
    before = await snapshot(services, database_url)
    await press(stand_in, admin_actions(), STRANGER, GUILD, manages=False)
    assert await snapshot(services, database_url) == before


async def test_no_press_in_another_server_changes_anything_in_this_one(
    stand_in: StandIn, services: Services, database_url: str
) -> None:
    before = await snapshot(services, database_url)
    await press(stand_in, list(registered_actions()), STRANGER, OTHER_GUILD, manages=True)
    assert await snapshot(services, database_url) == before


async def press(stand_in: StandIn, names: list[str], user: int, guild: int, *, manages: bool) -> None:
    """Use actions in all ways; each use has to be answered, and with no code of an unexpected error."""
    for name in names:
        for kind, data in presses(name):
            payload = stand_in.interaction(kind, data, user=user, guild=guild)
            payload["member"]["permissions"] = str(discord.Permissions(manage_guild=manages).value)
            payload["message"] = message_payload(CHANNEL)
            await stand_in.hand_in(payload)
            assert stand_in.errors == [], data
            assert stand_in.said, data


async def test_no_admin_command_of_a_member_changes_anything(
    stand_in: StandIn, services: Services, database_url: str
) -> None:
    before, refused = await snapshot(services, database_url), 0
    for command in stand_in.client.tree.get_commands():
        definition = command.to_dict(stand_in.client.tree)
        if definition.get("default_member_permissions") is None:
            continue
        for path, options in leaves(definition.get("options") or []):
            await stand_in.hand_in(
                stand_in.interaction(COMMAND, called(definition["name"], path, options), user=MEMBER)
            )
            assert "may manage this server" in str(stand_in.said), path
            refused += 1
    assert refused >= 15
    assert await snapshot(services, database_url) == before


def called(name: str, path: tuple[str, ...], options: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a command with a value for each option that it needs."""
    resolved: dict[str, Any] = {}
    samples: dict[int, Any] = {3: "1", 4: 1, 5: True, 7: str(CHANNEL), 11: "7"}
    given = [
        {"name": each["name"], "type": each["type"], "value": samples[each["type"]]}
        for each in options
        if each.get("required")
    ]
    if any(each["type"] == 7 for each in given):
        resolved["channels"] = {str(CHANNEL): {"id": str(CHANNEL), "name": "x", "type": 0, "permissions": "0"}}
    if any(each["type"] == 11 for each in given):
        file = {"id": "7", "filename": "a.md", "size": 3, "url": "x", "proxy_url": "x", "content_type": "text/plain"}
        resolved["attachments"] = {"7": file}
    for at, part in enumerate(reversed(path)):
        given = [{"name": part, "type": 1 if at == 0 else 2, "options": given}]
    return {"id": "1", "name": name, "type": 1, "options": given, "resolved": resolved}


def test_every_action_is_known_to_be_open_or_not() -> None:
    assert set(registered_actions()) >= OPEN_TO_ALL


# Files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.html", "text/html"), ("a.zip", "application/zip"), ("a.md.exe", None), ("a", "text/x-python")],
)
def test_what_is_no_pack_is_refused_before_it_is_read(name: str, kind: str | None) -> None:
    with pytest.raises(InvalidInputError):
        check_file(name, 10, kind)


@pytest.mark.parametrize(("name", "kind"), [("a.md", None), ("A.TXT", None), ("a", "text/plain; charset=utf-8")])
def test_what_may_be_a_pack_is_read(name: str, kind: str | None) -> None:
    check_file(name, MAX_BYTES, kind)


async def never() -> bytes:
    await asyncio.Event().wait()
    return b""


async def more_than_announced() -> bytes:
    return b"x" * (MAX_BYTES + 1)


async def gone() -> bytes:
    raise ConnectionResetError("in the middle")


@pytest.mark.parametrize("download", [never, more_than_announced, gone])
async def test_a_download_that_goes_wrong_ends_with_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, download: Callable[[], Any]
) -> None:
    monkeypatch.setattr(imports, "LONGEST_DOWNLOAD_SECONDS", 0 if download is never else 60)
    monkeypatch.setattr(discord.Attachment, "read", lambda *_, **__: download())
    result = await world.admin.slash(world.channel, "import-answers", file=("pack.md", b"x"))
    assert "Something went wrong" not in str(result.response.content)
    assert world.said_wrong()


# Addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "discord://x"])
def test_an_interview_leads_to_the_web_alone(address: str) -> None:
    content = (ROOT / "data" / "interviews" / "francois-chollet.json").read_text(encoding="utf-8")
    source = str(parse_interview(content.encode(), "x").source)
    with pytest.raises(InterviewFileError, match="source"):
        parse_interview(content.replace(source.rstrip("/"), address).encode(), "x")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd"])
def test_the_place_for_reports_is_on_the_web(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SUPPORT_URL", address)
    with pytest.raises(SettingsError, match="SUPPORT_URL"):
        load_settings()


# Sources -----------------------------------------------------------------------------------------------------

SOURCES = sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))
RAW_SQL = {"text", "exec_driver_sql", "literal_column"}
RUNS_SQL = {"execute", "executemany", "executescript"}


def made_up_sql(tree: ast.AST) -> list[int]:
    """Return the lines in which SQL may be put together from other text."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else "sa"
            is_raw = called in RAW_SQL and (called != "text" or owner in {"sa", "sqlalchemy"})
            is_made = isinstance(node.args[0], ast.JoinedStr | ast.BinOp) and not is_pragma(node.args[0])
            if (is_raw and not is_constant(node.args[0])) or (called in RUNS_SQL and is_made):
                lines.append(node.lineno)
    return lines


def is_pragma(node: ast.AST) -> bool:
    """Return whether it is a statement of SQLite that takes no parameters; both hold what we chose ourselves."""
    begin = node.values[0] if isinstance(node, ast.JoinedStr) else None
    return isinstance(begin, ast.Constant) and begin.value in {"PRAGMA busy_timeout=", "PRAGMA foreign_keys="}


def is_constant(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return is_constant(node.body) and is_constant(node.orelse)
    return isinstance(node, ast.Constant)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_is_never_put_together_from_text(path: Path) -> None:
    assert made_up_sql(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        'c.exec_driver_sql(f"PRAGMA {x}")',
        'text("SELECT " + x)',
        "sa.text(x)",
        'op.execute(f"DELETE {x}")',
        "text(x % y)",
    ],
)
def test_sql_that_is_put_together_would_be_found(code: str) -> None:
    assert made_up_sql(ast.parse(code)) == [1]
    assert (
        made_up_sql(ast.parse('c.exec_driver_sql("BEGIN" if x else "COMMIT")\ndraft.text(x)\nc.execute(query)')) == []
    )
