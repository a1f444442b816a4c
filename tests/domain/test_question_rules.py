from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.question_rules import LARGEST_LIMIT, moment_typed, parse_limit, parse_moment
from bot.errors import InvalidInputError

BERLIN = ZoneInfo("Europe/Berlin")


class TestMoments:
    @pytest.mark.parametrize(
        ("typed", "instant"),
        [
            ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
            ("2026-7-1", datetime(2026, 6, 30, 22, tzinfo=UTC)),
            (" 2026-12-01  18:00 ", datetime(2026, 12, 1, 17, tzinfo=UTC)),
            ("2026-12-01T18:00", datetime(2026, 12, 1, 17, tzinfo=UTC)),
            ("2026-12-01 6 pm", datetime(2026, 12, 1, 17, tzinfo=UTC)),
            ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # the clocks skip it
            ("", None),
            ("  ", None),
        ],
    )
    def test_are_local_to_a_zone(self, typed: str, instant: datetime | None) -> None:
        assert parse_moment(typed, BERLIN) == instant

    def test_a_date_alone_ends_with_its_day(self) -> None:
        begins, ends = parse_moment("2026-03-29", BERLIN), parse_moment("2026-03-29", BERLIN, ends=True)
        assert begins is not None
        assert ends is not None
        assert ends - begins == timedelta(hours=23)  # the clocks go forward on that day
        assert parse_moment("2026-03-29 09:00", BERLIN, ends=True) == parse_moment("2026-03-29 09:00", BERLIN)

    @pytest.mark.parametrize(
        "typed",
        ["tomorrow", "2026-02-30", "2026-13-01", "01.12.2026", "2026-12-01 25:00", "2026-12", "1999-01-01", "x" * 99],
    )
    def test_what_is_no_date_is_refused(self, typed: str) -> None:
        with pytest.raises(InvalidInputError):
            parse_moment(typed, BERLIN)

    @given(st.dates(date(2001, 1, 1), date(2990, 1, 1)), st.times(), st.sampled_from(["UTC", "Asia/Kathmandu"]))
    def test_come_back_as_they_were_typed(self, day: date, at: time, name: str) -> None:
        local = datetime.combine(day, at.replace(second=0, microsecond=0), ZoneInfo(name))
        instant = local.astimezone(UTC)
        assert parse_moment(moment_typed(instant, ZoneInfo(name)), ZoneInfo(name)) == instant

    def test_none_is_typed_as_nothing(self) -> None:
        assert moment_typed(None, BERLIN) == ""


class TestLimits:
    @pytest.mark.parametrize(("typed", "limit"), [("", 0), (" 3 ", 3), ("0", 0), (str(LARGEST_LIMIT), LARGEST_LIMIT)])
    def test_are_numbers(self, typed: str, limit: int) -> None:
        assert parse_limit(typed, "A member") == limit

    @pytest.mark.parametrize("typed", ["-1", "three", "1.5", "²", "٣", str(LARGEST_LIMIT + 1), "9" * 5000])
    def test_what_is_none_is_refused_by_name(self, typed: str) -> None:
        with pytest.raises(InvalidInputError, match="A member"):
            parse_limit(typed, "A member")
