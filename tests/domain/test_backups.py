from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import DAILY, EVERY, WEEKLY, abandoned, backup_name, due_in, superfluous, written_at

NOW = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
others = st.sampled_from(
    [
        "before-0009-from-0008.db",
        "fireside.db",
        "fireside-20261301T000000Z.db",
        "fireside-20260101T000000Z.db.ab12.part",
        "my fireside-20260101T000000Z.db",
        "fireside-20260101T000000Z.db ",
        "fireside-٢٠٢٦٠١٠١T000000Z.db",
    ]
) | st.text(max_size=30)


def day(name: str) -> object:
    at = written_at(name)
    assert at is not None
    return at.date()


@given(instants)
def test_a_name_tells_when_it_was_given(at: datetime) -> None:
    assert written_at(backup_name(at)) == at


def test_a_name_is_in_utc() -> None:
    assert backup_name(datetime.fromisoformat("2026-11-23T20:30:00+01:00")) == "fireside-20261123T193000Z.db"


@given(st.sets(instants, min_size=1), st.sets(others))
def test_what_is_kept(written: set[datetime], foreign: set[str]) -> None:
    names = {backup_name(at) for at in written}
    foreign = {name for name in foreign if written_at(name) is None}
    gone = superfluous(names | foreign)
    kept = names - gone

    assert gone <= names
    assert backup_name(max(written)) in kept
    assert len(kept) <= DAILY + WEEKLY
    assert len({day(name) for name in kept}) == len(kept)
    assert superfluous(kept) == set()
    days = sorted({at.date() for at in written}, reverse=True)[:DAILY]
    assert {backup_name(max(at for at in written if at.date() == each)) for each in days} <= kept


def test_after_a_year_of_days_there_are_a_week_of_days_and_the_ends_of_weeks() -> None:
    names: set[str] = set()
    for number in range(365):
        names.add(backup_name(NOW + timedelta(days=number)))
        names -= superfluous(names)
    written = sorted(at for name in names if (at := written_at(name)) is not None)
    last = NOW + timedelta(days=364)
    assert written[WEEKLY:] == [last - timedelta(days=ago) for ago in reversed(range(DAILY))]
    assert [at.isoweekday() for at in written[:3]] == [7, 7, 7]
    assert written[0] < last - timedelta(weeks=3)


class TestDue:
    def test_at_once_where_there_is_none(self) -> None:
        assert due_in([], NOW) == due_in(["fireside.db", "before-0009-from-0008.db"], NOW) == timedelta()

    def test_a_day_after_the_newest_however_often_the_bot_was_started(self) -> None:
        names = [backup_name(NOW - timedelta(hours=ago)) for ago in (49, 7, 25)]
        assert due_in(names, NOW) == timedelta(hours=17)
        assert due_in(names, NOW + timedelta(hours=16)) == timedelta(hours=1)

    def test_at_once_after_an_absence(self) -> None:
        assert due_in([backup_name(NOW - timedelta(days=9))], NOW) == timedelta()

    def test_whatever_a_wrong_clock_has_named(self) -> None:
        future = backup_name(NOW + timedelta(days=4000))
        assert due_in([future], NOW) == timedelta()
        assert due_in([future, backup_name(NOW)], NOW) == EVERY


@pytest.mark.parametrize("ending", [".ab12.part", ".ab12.part-journal"])
def test_a_draft_is_abandoned_after_a_day(ending: str) -> None:
    old, new = (backup_name(NOW - timedelta(hours=ago)) + ending for ago in (25, 1))
    assert abandoned([old, new, backup_name(NOW - timedelta(days=9)), "letter.part"], NOW) == {old}
