"""Who imports whom: a new arrow between the floors of the house is a decision, so it fails here first."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT

# For each floor: the floors that it may import. "bot" is the package itself, with the version.
ARROWS = {
    "bot": set[str](),
    "bot.errors": set[str](),
    "bot.domain": {"bot.domain", "bot.errors"},
    "bot.lock": {"bot.errors"},
    "bot.settings": {"bot.domain", "bot.errors"},
    "bot.handling": set(),
    "bot.logs": {"bot.handling", "bot.settings"},
    "bot.storage": {"bot.storage", "bot.domain", "bot.errors"},
    "bot.services": {"bot.services", "bot.storage", "bot.domain", "bot.errors"},
    "bot.ui": {"bot.ui", "bot.services", "bot.domain", "bot.handling", "bot.errors"},
    "bot.tree": {"bot.handling", "bot.errors"},
    "cogs": {"bot", "bot.ui", "bot.services", "bot.domain", "bot.errors"},
    "bot.admission": {"bot.domain"},
    "bot.client": {"bot.admission", "bot.tree", "bot.services", "bot.settings", "bot.ui", "cogs", "bot.errors"},
    "bot.loopback": set[str](),
    "bot.supervisor": {"bot.client", "bot.domain", "bot.errors"},
    "bot.doctor": {"bot.domain", "bot.ui", "bot.errors"},
    "bot.demo": {"bot.client", "bot.services", "bot.errors"},
    "bot.metrics": {"bot.admission", "bot", "bot.client", "bot.handling", "bot.services", "bot.tree"},
    "bot.health": {"bot.client", "bot.errors", "bot.metrics", "bot.services"},
    "bot.app": {
        "bot.client",
        "bot.demo",
        "bot.doctor",
        "bot.domain",
        "bot.errors",
        "bot.health",
        "bot.lock",
        "bot.loopback",
        "bot.services",
        "bot.settings",
        "bot.storage",
        "bot.supervisor",
        "bot.tree",
        "bot.ui",
    },
    "bot.__main__": {"bot", "bot.app", "bot.services", "bot.domain", "bot.settings", "bot.logs", "bot.errors"},
}

# For each library that only some floors may know: which ones.
LIBRARIES = {
    "discord": {
        "cogs",
        "bot.ui",
        "bot.admission",
        "bot.client",
        "bot.tree",
        "bot.demo",
        "bot.loopback",
        "bot.supervisor",
        "bot.doctor",
    },
    "prometheus_client": {"bot.metrics"},
    "simcord": {"bot.demo"},
    "sqlalchemy": {"bot.storage"},
    "alembic": {"bot.storage"},
    "aiosqlite": {"bot.storage"},
    "sqlite3": {"bot.storage"},
    "pydantic_settings": {"bot.settings"},
    "dotenv": {"bot.settings"},
    "PIL": {"bot.domain"},
    "typer": {"bot.__main__"},
    "rich": {"bot.__main__"},
}

FILES = sorted(path.relative_to(ROOT) for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def floor_of(module: str) -> str:
    """Return the floor of a module of ours: `bot.storage.tables` is on `bot.storage`."""
    parts = module.split(".")
    return "cogs" if parts[0] == "cogs" else ".".join(parts[:2])


def imports_of(source: str) -> Iterator[str]:
    """Yield the modules that a source imports, wherever it does; `from bot import app` is one of `bot.app`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            module = node.module or ""
            is_package = module in {"bot", "cogs"}
            for alias in node.names:
                yield f"{module}.{alias.name}" if is_package and alias.name != "__version__" else module


def faults_of(module: str, source: str) -> list[str]:
    """Return what a module imports and may not."""
    floor, faults = floor_of(module), []
    for imported in imports_of(source):
        library = imported.partition(".")[0]
        if library in {"bot", "cogs"}:
            if floor_of(imported) not in ARROWS[floor]:
                faults.append(imported)
        elif library in LIBRARIES and floor not in LIBRARIES[library]:
            faults.append(imported)
    return faults


@pytest.mark.parametrize("path", FILES, ids=str)
def test_arrows(path: Path) -> None:
    assert faults_of(module_of(path), (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.text", "import bot.storage.tables"),
        ("bot.domain.text", "def late():\n    from bot import services"),
        ("bot.services.quotes", "from bot.ui.look import embed_of"),
        ("bot.services.quotes", "import discord"),
        ("bot.services.quotes", "from sqlalchemy.ext import asyncio"),
        ("bot.ui.look", "from bot.storage.database import Database"),
        ("cogs.ask", "from cogs.quotes import QuotePicker"),
        ("cogs.ask", "from bot.storage import guilds"),
        ("cogs.ask", "from bot.settings import Settings"),
        ("bot.app", "import discord.ext.commands"),
    ],
)
def test_a_wrong_arrow_is_found(module: str, source: str) -> None:
    assert faults_of(module, source) != []


def test_every_floor_has_its_arrows() -> None:
    assert {floor_of(module_of(path)) for path in FILES} == set(ARROWS)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            assert node.attr not in {"environ", "environb", "getenv"} or path.name == "settings.py"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {alias.name for alias in node.names} & {"environ", "environb", "getenv"}


def actions_in(source: str) -> list[str]:
    """Return the names that a source gives to actions, by `@action("name")`."""
    return [
        decorator.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "action"
        and isinstance(decorator.args[0], ast.Constant)
        and isinstance(decorator.args[0].value, str)
    ]


def test_no_two_actions_share_a_name() -> None:
    names = [name for path in FILES for name in actions_in((ROOT / path).read_text(encoding="utf-8"))]
    assert names
    assert len(set(names)) == len(names)
