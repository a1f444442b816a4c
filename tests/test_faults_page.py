"""The page of faults names tests that are there."""

import ast
import re

import pytest

from bot.settings import ROOT

NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "faults.md").read_text("utf-8"))))


def test_it_names_a_test_for_each_fault() -> None:
    rows = [line for line in (ROOT / "docs" / "faults.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    faults = [row for row in rows if not row.startswith("| fault ")]
    assert faults
    assert all("::test_" in row for row in faults)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_named_test_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
