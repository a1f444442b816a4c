"""`python -m bot doctor`, as a process of its own: each thing that may be wrong is found, and told from the others."""

import asyncio
import json
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import discord
import pytest

from bot.domain.calendar import DailyRule
from bot.domain.deliveries import PostOptions
from bot.domain.questions import QuestionRules
from bot.storage.database import Database
from bot.storage.guilds import set_daily_rule, set_post_options
from bot.storage.question_rules import set_rules
from tests.databases import rows
from tests.processes import ROOT, environment
from tests.wire.conftest import Server
from tests.wire.loopback import LoopbackDiscord


class Patient:
    """A folder with a database, and the bot that would run there."""

    def __init__(self, folder: Path, loopback: LoopbackDiscord, url: str) -> None:
        self.folder, self.loopback, self.url = folder, loopback, url

    async def examine(self, *arguments: str, **settings: str) -> tuple[dict[str, str], int, str]:
        """Return each verdict by what was looked at, the exit code, and all that was printed."""
        known = {
            "DISCORD_TOKEN": self.loopback.token,
            "DISCORD_STAND_IN": self.loopback.address,
            "DATABASE_URL": self.url,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "doctor", "--json", *arguments),
            cwd=ROOT,
            env=environment(self.folder, **known | settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, errors = await asyncio.wait_for(process.communicate(), 60)
        assert not errors, errors.decode()
        found = json.loads(printed)
        assert all(each["remedy"] for each in found if each["verdict"] == "fault")
        return {each["what"]: each["verdict"] for each in found}, process.returncode or 0, printed.decode()

    async def database(self) -> Database:
        return await Database.open(self.url)


@pytest.fixture
def patient(tmp_path: Path, loopback: LoopbackDiscord, loaded_url: str) -> Patient:
    return Patient(tmp_path, loopback, loaded_url)


@pytest.mark.only("sqlite")
async def test_a_bot_that_is_well_has_no_fault(patient: Patient, server: Server) -> None:
    database = await patient.database()
    rule = DailyRule(server.guild.id, server.channel.id, time(9), ZoneInfo("UTC"), datetime.now(UTC))
    async with database.write() as connection:
        await set_daily_rule(connection, rule)
    await database.close()
    verdicts, code, printed = await patient.examine()
    assert code == 0
    assert {what for what, verdict in verdicts.items() if verdict != "good"} <= {"backup", "disk"}
    assert verdicts["backup"] == "look"  # there is none yet
    assert "client_id=101" in printed
    assert patient.loopback.token not in printed


@pytest.mark.only("sqlite")
async def test_permissions_that_are_missing_are_named_by_server(patient: Patient, server: Server) -> None:
    server.channel.denied = discord.Permissions(embed_links=True, attach_files=True)
    database = await patient.database()
    rule = DailyRule(server.guild.id, server.channel.id, time(9), ZoneInfo("UTC"), datetime.now(UTC))
    async with database.write() as connection:
        await set_daily_rule(connection, rule)
        await set_post_options(connection, server.guild.id, PostOptions(thread=True))
        await set_rules(connection, server.guild.id, QuestionRules(review_channel_id=12345))
        await set_daily_rule(connection, DailyRule(98765, 4321, time(9), ZoneInfo("UTC"), datetime.now(UTC)))
    await database.close()
    verdicts, code, printed = await patient.examine()
    assert code == 1
    assert (verdicts["server Readers"], verdicts["server 98765"]) == ("fault", "look")
    assert "Embed Links is missing in #channel-0" in printed
    assert "questions to review: the channel is gone" in printed
    assert "Attach Files" not in printed  # nobody wants a card


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_token_that_is_missing_or_refused_is_a_fault(patient: Patient, token: str) -> None:
    verdicts, code, printed = await patient.examine(DISCORD_TOKEN=token)
    assert (verdicts["token"], verdicts["network"], code) == ("fault", "good", 1)
    assert "wrong" not in printed


async def test_without_a_network_that_is_the_fault(patient: Patient, unused_tcp_port: int) -> None:
    verdicts, code, _ = await patient.examine(DISCORD_STAND_IN=f"http://127.0.0.1:{unused_tcp_port}")
    assert (verdicts["network"], verdicts["token"], verdicts["database"], code) == ("fault", "fault", "good", 1)


@pytest.mark.only("sqlite")
async def test_a_damaged_database_is_a_fault_and_stays_as_it_is(patient: Patient) -> None:
    file = patient.folder / "fireside.db"
    damaged = bytearray(file.read_bytes())
    damaged[8192:12288] = b"garbage!" * 512
    file.write_bytes(damaged)
    verdicts, code, _ = await patient.examine("--offline")
    assert (verdicts["database"], code) == ("fault", 1)
    assert "token" not in verdicts
    assert file.read_bytes() == damaged


@pytest.mark.only("sqlite")
async def test_a_database_of_an_earlier_version_is_not_touched(patient: Patient) -> None:
    rows(patient.url, "UPDATE alembic_version SET version_num = '0007'")
    verdicts, code, _ = await patient.examine()
    assert (verdicts["database"], verdicts["servers"], code) == ("look", "look", 0)
    assert rows(patient.url, "SELECT version_num FROM alembic_version") == [("0007",)]


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({"SHARD_COUNT": "4"}, "good"),
        ({"SHARD_COUNT": "4", "SHARD_IDS": "0"}, "fault"),
        ({"SHARD_COUNT": "4", "CLUSTER_COUNT": "2"}, "fault"),
    ],
)
async def test_shards_that_can_not_be_run_are_a_fault(patient: Patient, settings: dict[str, str], verdict: str) -> None:
    verdicts, code, _ = await patient.examine("--offline", **settings)
    assert (verdicts["shards"], verdicts["database"], code) == (verdict, "good", int(verdict == "fault"))


@pytest.mark.only("sqlite")
async def test_no_database_is_no_fault_and_none_is_made(patient: Patient) -> None:
    (patient.folder / "fireside.db").unlink()
    verdicts, code, _ = await patient.examine("--offline")
    assert (verdicts["database"], code) == ("good", 0)
    assert list(patient.folder.iterdir()) == []
