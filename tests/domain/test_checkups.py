from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.checkups import (
    MEGABYTE,
    Finding,
    ServerState,
    Verdict,
    judge_backup,
    judge_clock,
    judge_room,
    judge_server,
    judge_zones,
)

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
GOOD, WARNING, FAULT = Verdict.GOOD, Verdict.WARNING, Verdict.FAULT


def check(finding: Finding, verdict: Verdict) -> None:
    assert finding.verdict is verdict
    assert bool(finding.remedy) is (verdict is not GOOD), "what is wrong has a remedy, and nothing else has one"


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, GOOD), (9, GOOD), (-9, GOOD), (11, WARNING), (-11, WARNING), (121, FAULT), (-1e6, FAULT)],
)
def test_a_clock_is_judged_by_how_far_it_differs(seconds: float, verdict: Verdict) -> None:
    check(judge_clock(timedelta(seconds=seconds)), verdict)


@pytest.mark.parametrize(
    ("free", "needed", "verdict"),
    [(501, 0, GOOD), (499, 0, WARNING), (49, 0, FAULT), (1999, 2000, FAULT), (5999, 2000, WARNING), (6001, 2000, GOOD)],
)
def test_a_disk_needs_room_for_a_copy(free: int, needed: int, verdict: Verdict) -> None:
    check(judge_room(free * MEGABYTE, needed * MEGABYTE), verdict)


@pytest.mark.parametrize(("hours", "verdict"), [(None, WARNING), (1, GOOD), (47, GOOD), (49, WARNING)])
def test_a_copy_should_be_of_these_days(hours: int | None, verdict: Verdict) -> None:
    check(judge_backup(None if hours is None else NOW - timedelta(hours=hours), NOW), verdict)


@pytest.mark.parametrize(
    ("release", "verdict"), [("2026a", GOOD), ("2025b", GOOD), ("2024b", GOOD), ("2023c", WARNING), ("", WARNING)]
)
def test_zone_data_grows_old(release: str, verdict: Verdict) -> None:
    check(judge_zones(release, NOW), verdict)


@pytest.mark.parametrize(
    ("revision", "connections", "tells", "verdicts"),
    [
        ("0009", 17, True, (GOOD, GOOD, GOOD)),
        (None, 100, True, (GOOD, GOOD, GOOD)),
        ("0008", 16, True, (WARNING, WARNING, GOOD)),
        ("0010", 17, False, (FAULT, GOOD, WARNING)),
    ],
)
def test_a_server_is_judged_by_revision_connections_and_whether_it_tells(
    revision: str | None, connections: int, tells: bool, verdicts: tuple[Verdict, ...]
) -> None:
    state = ServerState("16.2", revision, "0009", {"servers": 3}, connections, 17, tells)
    for finding, verdict in zip(judge_server(state), verdicts, strict=True):
        check(finding, verdict)


@pytest.mark.parametrize(("connections", "verdict"), [(359, WARNING), (360, GOOD)])
def test_a_server_needs_connections_for_all_processes(connections: int, verdict: Verdict) -> None:
    state = ServerState("16.2", "0009", "0009", {}, connections, 18, True)
    check(judge_server(state, processes=20)[1], verdict)
