"""Who is let in, who waits and who is turned away, by the rules alone."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.admission import TYPING_COST, Allowances, Arrival, Kind, Lateness, Line, Place, Room

SMALL = Room(at_first=2, fewest=1, most=4, waiting=4, wait_seconds=1.0, handling_seconds=0.5)
KINDS = st.sampled_from(Kind)
# What happens, and how many seconds after what happened before: somebody comes, or a handling ends after so long.
STEPS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.one_of(st.tuples(KINDS, st.floats(0, 2)), st.floats(0, 5)),
    ),
    max_size=80,
)


def arrival(number: int = 0, kind: Kind = Kind.USE, began: float = 0.0) -> Arrival[int]:
    return Arrival(number, kind, began)


class TestLine:
    def test_so_many_are_handled_so_many_wait_and_others_are_turned_away(self) -> None:
        line = Line[int](SMALL)
        places = [line.enter(arrival(number), 0) for number in range(7)]
        assert places == [Place.HANDLED] * 2 + [Place.WAITING] * 4 + [Place.REFUSED]

    def test_typing_is_turned_away_first_and_forms_last(self) -> None:
        line = Line[int](SMALL)
        line.at_once = 0
        waiting = dict.fromkeys(Kind, 0)
        for kind in (Kind.TYPING, Kind.USE, Kind.FORM):
            while line.enter(arrival(kind=kind), 0) is Place.WAITING:
                waiting[kind] += 1
        assert waiting == {Kind.TYPING: 2, Kind.USE: 2, Kind.FORM: 4}

    def test_forms_go_first_and_else_what_began_first(self) -> None:
        line = Line[int](SMALL)
        line.at_once = 0
        kinds = [(0, Kind.USE, 0.3), (1, Kind.USE, 0.1), (2, Kind.FORM, 0.4), (3, Kind.FORM, 0.2)]
        for each in kinds:
            line.enter(arrival(*each), 0.5)
        line.at_once = 4
        assert [next_of(line) for _ in range(4)] == [3, 2, 1, 0]
        assert line.following() is None

    def test_what_comes_too_late_is_not_begun(self) -> None:
        line = Line[int](SMALL)
        assert line.enter(arrival(began=0.0), 1.1) is Place.REFUSED
        assert line.handled == 0

    @given(STEPS)
    def test_nobody_is_begun_late_or_twice_or_forgotten(
        self, steps: list[tuple[float, tuple[Kind, float] | float]]
    ) -> None:
        line, now, numbers = Line[int](SMALL), 0.0, itertools.count()
        known: dict[int, Arrival[int]] = {}
        begun: set[int] = set()
        refused: set[int] = set()
        ended = 0
        for pause, step in steps:
            now += pause
            if isinstance(step, tuple):
                new = arrival(next(numbers), step[0], now - step[1])
                known[new.item] = new
                place = line.enter(new, now)
                if place is not Place.WAITING:
                    assert new.item not in begun | refused
                    (begun if place is Place.HANDLED else refused).add(new.item)
                if place is Place.HANDLED:
                    assert now - new.began <= SMALL.wait_seconds
            elif line.handled:
                line.leave(step)
                ended += 1
                late = {each.item for each in line.overdue(now)}
                assert not late & (begun | refused)
                refused |= late
                while (following := line.following()) is not None:
                    assert now - following.began <= SMALL.wait_seconds
                    assert following.item not in begun | refused
                    begun.add(following.item)
            assert line.handled == len(begun) - ended
            assert len(begun) + len(refused) + len(line) == len(known)
            assert len(line) <= SMALL.for_kind(Kind.FORM)
            assert SMALL.fewest <= line.at_once <= SMALL.most

    def test_fewer_are_handled_at_once_where_it_takes_long_and_more_where_it_does_not(self) -> None:
        line = Line[int](Room(at_first=8, fewest=4, most=16))
        at_once = [line.at_once]
        for seconds, times in ((2.0, 100), (0.1, 200)):
            for _ in range(times):
                while line.enter(arrival(), 0) is Place.HANDLED:
                    pass
                line.overdue(math.inf)
                line.leave(seconds)
            at_once.append(line.at_once)
        assert at_once == [8, 4, 16]

    @pytest.mark.parametrize("seconds", [2.0, 0.1])
    def test_what_is_done_while_there_is_room_teaches_nothing(self, seconds: float) -> None:
        line = Line[int](SMALL)
        line.enter(arrival(), 0)
        line.leave(seconds)
        assert line.at_once == SMALL.at_first

    def test_work_that_was_put_off_teaches_nothing(self) -> None:
        line = Line[int](SMALL)
        for _ in range(2):
            line.enter(arrival(), 0)
        line.leave(60)
        assert line.at_once == SMALL.at_first


def next_of(line: Line[int]) -> int | None:
    following = line.following()
    return following.item if following is not None else None


class TestAllowances:
    @given(st.lists(st.tuples(st.floats(0, 3), st.sampled_from([1.0, TYPING_COST])), max_size=200))
    def test_never_more_than_at_once_and_what_has_grown_since(self, uses: list[tuple[float, float]]) -> None:
        allowances, now, taken = Allowances(10, 2), 0.0, 0.0
        for pause, cost in uses:
            now += pause
            if allowances.take(1, now, cost):
                taken += cost
            assert taken <= 10 + 2 * now + 1e-6

    @given(st.lists(st.floats(0.5, 3), max_size=100))
    def test_who_keeps_to_the_rate_is_never_limited(self, pauses: list[float]) -> None:
        allowances = Allowances(10, 2)
        assert all(allowances.take(1, now) for now in itertools.accumulate(pauses))

    @given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 1)), max_size=200))
    def test_nobody_is_limited_by_what_others_use(self, uses: list[tuple[int, float]]) -> None:
        together, now = Allowances(5, 1), 0.0
        alone = {member: Allowances(5, 1) for member in (1, 2, 3)}
        for member, pause in uses:
            now += pause
            assert together.take(member, now) == alone[member].take(member, now)

    @given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), max_size=200))
    def test_so_many_are_remembered_at_most(self, uses: list[tuple[int, float]]) -> None:
        allowances, now = Allowances(5, 1, most_members=10), 0.0
        for member, pause in uses:
            now += pause
            allowances.take(member, now)
            assert len(allowances) <= 10

    def test_who_has_everything_again_is_forgotten(self) -> None:
        allowances = Allowances(5, 1)
        for member in range(20):
            allowances.take(member, 0)
        for member in range(20, 30):
            allowances.take(member, 100)
        assert len(allowances) == 10

    def test_an_inbox_clicked_through_and_a_question_typed_quickly_meet_no_limit(self) -> None:
        allowances = Allowances()
        assert all(allowances.take(1, click / 6) for click in range(6 * 30))
        assert all(allowances.take(2, key / 15, TYPING_COST) for key in range(300))

    def test_a_flood_is_limited(self) -> None:
        allowances = Allowances()
        assert sum(allowances.take(1, use / 1000) for use in range(1000)) < 100


class TestLateness:
    def test_the_second_smallest_difference_is_that_of_the_clocks(self) -> None:
        lateness = Lateness()
        for sent in range(10):
            assert lateness.seconds(sent, sent + 500.1) == pytest.approx(0)
        assert lateness.seconds(10, 512.1) == pytest.approx(2)
        lateness.seconds(1000, 511)  # a stamp from the future
        assert lateness.seconds(11, 511.1) == pytest.approx(0)

    def test_the_first_is_never_late(self) -> None:
        assert Lateness().seconds(0, 1e9) == 0

    @given(st.floats(-1e9, 1e9), st.lists(st.floats(0, 5), min_size=3))
    def test_it_is_what_is_more_than_the_least_whatever_the_clocks_show(
        self, offset: float, delays: list[float]
    ) -> None:
        lateness = Lateness(trusted=1e12)
        for sent in (-2, -1):
            lateness.seconds(sent, sent + offset)
        for sent, delay in enumerate(delays):
            assert lateness.seconds(sent, sent + delay + offset) == pytest.approx(delay, abs=1e-4)

    def test_a_clock_that_was_set_back_is_believed_after_a_while(self) -> None:
        lateness, late = Lateness(trusted=10), []
        for second in range(60):
            sent = second if second < 20 else second - 5
            late.append(lateness.seconds(sent, second))
        assert late[19] == 0
        assert late[22] == pytest.approx(5)
        assert late[-1] == 0
