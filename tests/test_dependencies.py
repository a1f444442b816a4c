"""What is installed: each package has its reason, and one version."""

import re
import tomllib

from bot.settings import ROOT


def test_every_dependency_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if re.match(r'\s+"[A-Za-z0-9_.\[\]-]+[<>=]=', line)]
    assert len(listed) >= 25
    assert [line for line in listed if not re.search(r"# \S", line)] == []


def test_every_package_is_pinned_to_one_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [re.fullmatch(r"([A-Za-z0-9_.-]+)==([A-Za-z0-9_.+!-]+)", line) for line in lines]
    assert [line for line, found in zip(lines, pinned, strict=True) if found is None] == []
    names = {folded(found[1]) for found in pinned if found}
    assert len(names) == len(lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    assert {folded(re.split(r"[^A-Za-z0-9_.-]", each)[0]) for each in wanted} <= names


def folded(name: str) -> str:
    """Return the name of a package as all its spellings have it."""
    return re.sub(r"[-_.]+", "-", name).lower()
