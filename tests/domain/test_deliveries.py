from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deliveries import GRACE, LEASE, Delivery, DeliveryState, pause_after
from bot.domain.nonces import NONCE_FRESH
from bot.domain.quotes import Quote

LARGEST_ID = 2**64 - 1
NOW = datetime(2026, 3, 2, tzinfo=UTC)
posts = st.tuples(
    st.integers(0, LARGEST_ID) | st.just(LARGEST_ID), st.dates(min_value=date(2020, 1, 1), max_value=date(2099, 12, 31))
)


def nonce(guild_id: int, local_date: date) -> str:
    quote = Quote("tea", "a1", "Tea.")
    return Delivery(1, guild_id, local_date, NOW, 2, quote, DeliveryState.CLAIMED, NOW).nonce


@given(posts)
def test_a_nonce_is_one_that_discord_takes(post: tuple[int, date]) -> None:
    assert 1 <= len(nonce(*post)) <= 25
    assert nonce(*post) == nonce(*post)


@given(posts, posts)
def test_a_nonce_names_one_post(one: tuple[int, date], other: tuple[int, date]) -> None:
    assert (nonce(*one) == nonce(*other)) == (one == other)


def test_a_nonce_tells_days_apart() -> None:
    days = {nonce(LARGEST_ID, date(2026, 1, 1) + timedelta(days=number)) for number in range(800)}
    assert len(days) == 800


def test_a_nonce_guards_what_is_surely_not_there_and_what_was_sent_just_now() -> None:
    delivery = Delivery(1, 2, NOW.date(), NOW, 3, None, DeliveryState.CLAIMED, NOW)
    assert delivery.nonce_guards(NOW)
    doubted = replace(delivery, doubted_at=NOW)
    assert doubted.nonce_guards(NOW + NONCE_FRESH)
    assert not doubted.nonce_guards(NOW + NONCE_FRESH + timedelta(seconds=1))
    assert not doubted.nonce_guards(NOW - timedelta(seconds=1))  # the clock was set back


def test_pauses_grow_and_never_end() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 50)]
    assert pauses == sorted(pauses)
    assert timedelta() < pauses[0] < pauses[-1] < GRACE


def test_a_lease_ends_before_a_day_is_given_up() -> None:
    assert LEASE < GRACE < timedelta(days=1)
