"""The files by which the bot is deployed speak of what is there, and agree with each other."""

import re

import pytest

from tests.processes import ROOT

IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICE = (ROOT / "deploy" / "fireside.service").read_text(encoding="utf-8")
LET_IN = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
COPIED = [name for line in re.findall(r"^COPY (?!--from)(.*)$", IMAGE, re.MULTILINE) for name in line.split()[:-1]]


@pytest.mark.parametrize("name", COPIED)
def test_what_the_image_copies_is_there_and_let_in(name: str) -> None:
    assert (ROOT / name).exists()
    assert f"!{name}" in LET_IN


def test_nothing_else_gets_into_the_image() -> None:
    assert COPIED
    # All is kept out first; a secret or a database can't be among what is let in after it.
    rules = [line for line in LET_IN if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule for rule in rules if rule.startswith("!")} == {f"!{name}" for name in COPIED} | {"!data"}
    assert rules.index("!data") < rules.index("data/*") < rules.index("!data/interviews")
    assert "TOKEN" not in IMAGE


def test_the_bot_receives_the_signal_that_ends_it_and_has_no_rights() -> None:
    assert 'ENTRYPOINT ["python", "-m", "bot"]' in IMAGE
    assert IMAGE.index("USER fireside") < IMAGE.index("ENTRYPOINT")


@pytest.mark.parametrize("name", ["DATABASE_URL", "BACKUP_DIR", "HEALTH_PORT"])
def test_compose_sets_what_the_image_sets(name: str) -> None:
    (of_image,) = re.findall(rf"{name}=(\S+)", IMAGE)
    (of_compose,) = re.findall(rf"{name}: \"?([^\"\s]+)", COMPOSE)
    assert of_image == of_compose


def test_the_service_starts_the_command_and_may_write_where_the_data_is() -> None:
    assert "ExecStart=/srv/fireside/.venv/bin/python -m bot run\n" in SERVICE
    assert "ReadWritePaths=/srv/fireside/data\n" in SERVICE
    assert (ROOT / "data").is_dir()
