"""What the doctor says of a PostgreSQL server; of files and of Discord, `tests/wire/test_doctor.py` has it."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import make_url

from bot.domain.calendar import DailyRule
from bot.domain.checkups import Verdict
from bot.services import Services
from bot.services.backups import Backups
from bot.services.checkups import Checkups
from bot.storage import changes
from bot.storage.database import Database
from bot.storage.guilds import set_daily_rule
from tests.conftest import StandingClock
from tests.databases import rows
from tests.pooler import pooler

pytestmark = pytest.mark.only("postgresql")

WELL = {"database": Verdict.GOOD, "connections": Verdict.GOOD, "changes": Verdict.GOOD}


def checkups(url: str) -> Checkups:
    clock = StandingClock(datetime.now(UTC))
    return Checkups(url, None, Backups(None, clock), clock)


async def verdicts(url: str) -> dict[str, Verdict]:
    """Return each verdict by what was looked at; what is wrong has a remedy."""
    found = await checkups(url).of_machine()
    assert all(bool(each.remedy) is (each.verdict is not Verdict.GOOD) for each in found)
    return {each.what: each.verdict for each in found if each.what != "time zones"}


@pytest.mark.usefixtures("services")
async def test_a_server_that_is_well(database_url: str) -> None:
    assert await verdicts(database_url) == WELL
    found = await checkups(database_url).of_machine()
    assert any("PostgreSQL 1" in each.says and "1 interviews" in each.says for each in found)


async def test_a_database_without_tables_is_no_fault_and_gets_none(database_url: str) -> None:
    assert await verdicts(database_url) == WELL
    assert await checkups(database_url).places() is None
    assert rows(database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.mark.parametrize(("revision", "verdict"), [("0007", Verdict.WARNING), ("9999", Verdict.FAULT)])
@pytest.mark.usefixtures("database")
async def test_a_database_of_another_version_is_not_touched(database_url: str, revision: str, verdict: Verdict) -> None:
    rows(database_url, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
    assert await verdicts(database_url) == WELL | {"database": verdict}
    assert await checkups(database_url).places() is None
    assert rows(database_url, "SELECT version_num FROM alembic_version") == [(revision,)]


@pytest.mark.usefixtures("database")
async def test_a_half_moved_database_is_a_fault(database_url: str) -> None:
    rows(database_url, "INSERT INTO facts VALUES ('move', '{}')")
    assert await verdicts(database_url) == {"database": Verdict.FAULT}
    assert await checkups(database_url).places() is None


@pytest.mark.usefixtures("database")
async def test_too_few_connections_are_said(database_url: str) -> None:
    rows(database_url, f'ALTER DATABASE "{make_url(database_url).database}" CONNECTION LIMIT 9')
    assert await verdicts(database_url) == WELL | {"connections": Verdict.WARNING}


@pytest.mark.usefixtures("database")
async def test_what_swallows_word_of_changes_is_found(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "GIVEN_UP_AFTER", 0.5)
    async with pooler(database_url) as address:
        assert await verdicts(address) == WELL | {"changes": Verdict.WARNING}


async def test_a_server_that_is_away_or_refuses_is_a_fault(database_url: str, unused_tcp_port: int) -> None:
    elsewhere = make_url(database_url).set(host="127.0.0.1", port=unused_tcp_port, query={})
    for address in (elsewhere, make_url(database_url).set(database="nowhere")):
        url = address.render_as_string(hide_password=False)
        assert await verdicts(url) == {"database": Verdict.FAULT}
        assert await checkups(url).places() is None


async def test_the_places_of_its_servers_are_looked_at(services: Services, database: Database) -> None:
    assert services
    rule = DailyRule(7, 5, time(9), ZoneInfo("UTC"), datetime.now(UTC))
    async with database.write() as connection:
        await set_daily_rule(connection, rule)
    url = database._engine.url.render_as_string(hide_password=False)
    places = await checkups(url).places()
    assert places is not None
    assert [(place.guild_id, place.channel_id) for place in places] == [(7, 5)]
