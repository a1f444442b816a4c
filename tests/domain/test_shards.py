"""Which process has which servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shards import Shards, cluster, parse_shard_ids, shard_of


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**63 - 1))
def test_a_cluster_has_each_server_once_and_is_even(count: int, processes: int, guild_id: int) -> None:
    processes = min(count, processes)
    parts = [cluster(count, index, processes) for index in range(processes)]
    assert sorted(number for part in parts for number in part.ids) == list(range(count))
    assert [part.own(guild_id) for part in parts].count(True) == 1
    assert max(len(part.ids) for part in parts) - min(len(part.ids) for part in parts) <= 1
    assert sum(part.share for part in parts) == pytest.approx(1)


def test_direct_messages_are_the_first_shards() -> None:
    assert shard_of(0, 16) == 0


@pytest.mark.parametrize(
    ("text", "ids"),
    [("0", (0,)), ("0,1", (0, 1)), (" 7 , 0-3", (0, 1, 2, 3, 7)), ("5-5", (5,)), ("0 - 2", (0, 1, 2))],
)
def test_a_list_of_shards(text: str, ids: tuple[int, ...]) -> None:
    assert parse_shard_ids(text) == ids


@pytest.mark.parametrize("text", ["", "a", "1,", "-1", "1-", "3-1", "0,0", "0-2,1", "1;2", "0-999999", "1.5"])
def test_what_is_no_list_of_shards(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_shard_ids(text)


def test_the_only_process_has_all() -> None:
    assert Shards(3, (0, 1, 2)).are_all
    assert not Shards(3, (0, 2)).are_all
