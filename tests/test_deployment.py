"""The files by which the bot is deployed speak of what is there, and agree with each other."""

import re
import tomllib

import pytest

from bot.settings import Settings
from tests.processes import ROOT

IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICE = (ROOT / "deploy" / "fireside.service").read_text(encoding="utf-8")
OF_SEVERAL = (ROOT / "deploy" / "fireside@.service").read_text(encoding="utf-8")
LET_IN = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
COPIED = [name for line in re.findall(r"^COPY (?!--from)(.*)$", IMAGE, re.MULTILINE) for name in line.split()[:-1]]


def service_of(name: str) -> str:
    """Return what compose.yaml says of a service of its own."""
    (found,) = re.findall(rf"^  {name}:\n((?:    .*\n)+)", COMPOSE, re.MULTILINE)
    return str(found)


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
    (of_compose,) = re.findall(rf"{name}: (?:&port )?\"?([^\"\s]+)", service_of("fireside"))
    assert of_image == of_compose


def test_compose_starts_one_process_unless_a_cluster_is_asked_for() -> None:
    names = re.findall(
        r"^  ([a-z0-9-]+):$", COMPOSE.partition("\nservices:\n")[2].partition("\nvolumes:\n")[0], re.MULTILINE
    )
    assert names[0] == "fireside"
    assert "cluster" not in service_of("fireside")
    in_cluster = "<<: *process\n", "profiles:\n      - cluster\n"
    assert all(any(mark in service_of(name) for mark in in_cluster) for name in names[1:])


def test_compose_gives_each_process_of_the_cluster_shards_of_its_own() -> None:
    (count,) = re.findall(r'CLUSTER_COUNT: "(\d+)"', COMPOSE)
    found = re.findall(r'^  fireside-(\d+):\n(?:    .*\n)*?      CLUSTER_INDEX: "(\d+)"\n', COMPOSE, re.MULTILINE)
    assert found == [(str(index), str(index)) for index in range(int(count))]
    names = set(re.findall(r"^ +([A-Z_]+): ", COMPOSE, re.MULTILINE))
    assert {name for name in names if not name.startswith("POSTGRES_")} <= {
        name.upper() for name in Settings.model_fields
    }


def test_the_image_has_the_driver_of_the_cluster() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (driver,) = re.findall(r"postgresql\+(\w+)://", COMPOSE)
    (extra,) = [name for name, needs in project["optional-dependencies"].items() if needs[0].startswith(driver)]
    assert f"['optional-dependencies']['{extra}']" in IMAGE


def test_the_database_of_the_cluster_is_of_one_version() -> None:
    (image,) = re.findall(r"image: (postgres\S*)", COMPOSE)
    assert re.fullmatch(r"postgres:\d+-alpine", image)


def test_the_service_starts_the_command_and_may_write_where_the_data_is() -> None:
    assert "ExecStart=/srv/fireside/.venv/bin/python -m bot run\n" in SERVICE
    assert "ReadWritePaths=/srv/fireside/data\n" in SERVICE
    assert (ROOT / "data").is_dir()


def test_the_service_of_one_of_several_differs_in_its_number_alone() -> None:
    differing = set(OF_SEVERAL.splitlines()) ^ set(SERVICE.splitlines())
    known = ("#", "Description=", "Environment=CLUSTER_INDEX=%i", "EnvironmentFile=-/srv/fireside/process-%i.env")
    assert {line for line in differing if not line.startswith(known)} == set()
    assert "Environment=CLUSTER_INDEX=%i\n" in OF_SEVERAL
