from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quotes import Quote, find_quotes
from bot.domain.rotation import Order, Rotation, following, quote_key, reordered
from tests.samples import bundled

QUOTES = [
    Quote(interview, f"t{turn}", f"Sentence {start} of turn {turn}.", (turn, start))
    for interview in ("coffee", "tea", "tea-2")
    for turn in (2, 4, 10)
    for start in (0, 7, 50, 400)
]
ORDERS = st.sampled_from(Order)
GUILDS = st.integers(0, 2**63 - 1)
# What there is on each of some days: quotes come and go, with whole interviews or one by one.
SETS = st.sets(st.sampled_from(QUOTES), min_size=1)
DAYS = st.lists(SETS, min_size=1, max_size=40)


def step(rotation: Rotation, guild: int, quotes: Sequence[Quote]) -> tuple[Quote, Rotation]:
    found = following(rotation, guild, quotes)
    assert found is not None
    return found


def shown(order: Order, guild: int, days: Sequence[Sequence[Quote]]) -> list[tuple[Quote, Rotation]]:
    """Return what a server is shown day by day, and how far it has come with it."""
    rotation, result = Rotation(order), []
    for quotes in days:
        quote, rotation = step(rotation, guild, quotes)
        result.append((quote, rotation))
    return result


class TestWithTheSameQuotes:
    @pytest.mark.parametrize("order", Order)
    @pytest.mark.parametrize("count", range(1, 31))
    def test_all_come_once_before_any_comes_again(self, order: Order, count: int) -> None:
        quotes = QUOTES[:count]
        for guild in (1, 81384788765712384):
            seen = [quote for quote, _ in shown(order, guild, [quotes] * (count * 6))]
            for cycle in range(6):
                assert Counter(seen[cycle * count : (cycle + 1) * count]) == Counter(quotes)

    @given(ORDERS, GUILDS, SETS, st.randoms())
    def test_the_order_of_the_arguments_is_nothing(
        self, order: Order, guild: int, quotes: set[Quote], random: object
    ) -> None:
        mixed = list(quotes)
        random.shuffle(mixed)  # type: ignore[attr-defined]
        assert shown(order, guild, [list(quotes)] * 9) == shown(order, guild, [mixed] * 9)

    def test_servers_and_cycles_have_their_own_order(self) -> None:
        orders = set()
        for guild in range(5):
            seen = [quote.text + quote.interview for quote, _ in shown(Order.SHUFFLED, guild, [QUOTES] * 144)]
            orders |= {tuple(seen[start : start + 36]) for start in range(0, 144, 36)}
        assert len(orders) == 20

    def test_in_sequence_is_as_it_was_said_interview_by_interview(self) -> None:
        assert [quote for quote, _ in shown(Order.SEQUENCE, 1, [QUOTES[::-1]] * 72)] == QUOTES * 2

    def test_the_bundled_interview_lasts_for_all_its_quotes(self) -> None:
        quotes = find_quotes(bundled())
        seen = [quote for quote, _ in shown(Order.SEQUENCE, 1, [quotes] * len(quotes))]
        assert tuple(seen) == quotes
        seen = [quote for quote, _ in shown(Order.SHUFFLED, 1, [quotes] * len(quotes))]
        assert set(seen) == set(quotes)


class TestWhileQuotesComeAndGo:
    @given(ORDERS, GUILDS, DAYS)
    def test_none_comes_again_in_its_cycle(self, order: Order, guild: int, days: list[set[Quote]]) -> None:
        seen = [(rotation.cycle, quote) for quote, rotation in shown(order, guild, [list(day) for day in days])]
        assert len(seen) == len(set(seen))

    @given(ORDERS, GUILDS, DAYS)
    def test_none_comes_twice_in_a_row_unless_it_is_alone(
        self, order: Order, guild: int, days: list[set[Quote]]
    ) -> None:
        seen = shown(order, guild, [list(day) for day in days])
        for (one, _), (other, _), day in zip(seen, seen[1:], days[1:], strict=False):
            assert one != other or day == {one}

    @given(ORDERS, GUILDS, SETS, DAYS)
    def test_a_cycle_ends_when_all_that_stayed_were_shown(
        self, order: Order, guild: int, stay: set[Quote], days: list[set[Quote]]
    ) -> None:
        seen = shown(order, guild, [list(day | stay) for day in days * 3])
        cycles: dict[int, set[Quote]] = {}
        for quote, rotation in seen:
            cycles.setdefault(rotation.cycle, set()).add(quote)
        whole = sorted(cycles)[:-1]
        assert all(stay <= cycles[cycle] for cycle in whole)

    @given(ORDERS, GUILDS, st.integers(1, 36))
    def test_a_new_one_comes_in_this_cycle_or_in_the_next(self, order: Order, guild: int, after: int) -> None:
        new, *old = QUOTES
        days = [old] * after + [QUOTES] * (2 * len(QUOTES))
        assert new in [quote for quote, _ in shown(order, guild, days)]

    @given(ORDERS, GUILDS, st.integers(1, 30))
    def test_moved_words_change_nothing(self, order: Order, guild: int, after: int) -> None:
        moved = [Quote(q.interview, f"{q.turn}-1", q.text, (q.said_at[0] + 3, q.said_at[1] + 99)) for q in QUOTES]
        days = [QUOTES] * after + [moved] * (36 - after)
        assert len({(quote.interview, quote.text) for quote, _ in shown(order, guild, days)}) == 36


class TestReordered:
    @given(ORDERS, GUILDS, st.integers(0, 80), SETS)
    def test_begins_a_new_cycle_without_what_was_shown_last(
        self, order: Order, guild: int, after: int, quotes: set[Quote]
    ) -> None:
        other = Order.SEQUENCE if order is Order.SHUFFLED else Order.SHUFFLED
        before = shown(order, guild, [list(quotes)] * (after + 1))
        rotation = reordered(before[-1][1], other)
        assert rotation.order is other
        seen = [before[-1][0]]
        for _ in range(len(quotes)):
            quote, rotation = step(rotation, guild, list(quotes))
            seen.append(quote)
        assert len(quotes) == 1 or all(one != another for one, another in pairwise(seen))
        assert rotation.cycle > before[-1][1].cycle

    def test_before_the_first_quote(self) -> None:
        assert step(reordered(Rotation(), Order.SEQUENCE), 1, QUOTES)[0] == QUOTES[0]

    def test_to_the_same_order_changes_nothing(self) -> None:
        (_, rotation) = shown(Order.SHUFFLED, 1, [QUOTES])[-1]
        assert reordered(rotation, Order.SHUFFLED) is rotation


def test_without_quotes_there_is_none() -> None:
    assert following(Rotation(), 1, []) is None


def test_the_same_words_in_another_turn_are_the_same_quote() -> None:
    again = Quote(QUOTES[0].interview, "t99", QUOTES[0].text, (99, 1))
    assert quote_key(again) == quote_key(QUOTES[0])
    seen = [quote for quote, _ in shown(Order.SEQUENCE, 1, [[*QUOTES[:3], again]] * 6)]
    assert seen == QUOTES[:3] * 2


@given(ORDERS, GUILDS, SETS)
def test_what_is_kept_is_short(order: Order, guild: int, quotes: set[Quote]) -> None:
    longest = [Quote("x" * 32, quote.turn, quote.text, quote.said_at) for quote in quotes]
    for _, rotation in shown(order, guild, [longest] * 3):
        assert len(rotation.position) <= 80
        assert rotation.last_key in {quote_key(quote) for quote in longest}
