"""Which servers a process looks after: Discord gives each server to one shard, and each process has some of these."""

import re
from dataclasses import dataclass

# Five digits: a longer number is no shard, and a range up to it would fill the memory.
_PART = re.compile(r"([0-9]{1,5})(?:\s*-\s*([0-9]{1,5}))?")


def shard_of(guild_id: int, count: int) -> int:
    """Return the shard that a server belongs to, among so many.

    Source: https://docs.discord.com/developers/events/gateway#sharding; direct messages, with 0, come to shard 0.
    """
    return (guild_id >> 22) % count


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of a process: their numbers, and how many there are in all processes together."""

    count: int = 1
    ids: tuple[int, ...] = (0,)

    @property
    def share(self) -> float:
        """Which part of all servers is its own: 1 where it is the only process."""
        return len(self.ids) / self.count

    @property
    def are_all(self) -> bool:
        """Whether there is no other process."""
        return len(self.ids) == self.count

    def own(self, guild_id: int) -> bool:
        """Return whether a server belongs to it."""
        return shard_of(guild_id, self.count) in self.ids


ALL = Shards()


def cluster(count: int, index: int, processes: int) -> Shards:
    """Return the shards of one of some processes, counted from 0; they share all of them as evenly as can be."""
    return Shards(count, tuple(range(index * count // processes, (index + 1) * count // processes)))


def parse_shard_ids(text: str) -> tuple[int, ...]:
    """Return the numbers in a list such as "0-3,7", in order.

    Raises:
        ValueError: It is no such list, or names a shard twice.
    """
    ids: list[int] = []
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None:
            raise ValueError("not a list of shards such as 0,1 or 0-3,7")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ValueError(f"{first}-{last} runs backwards")
        ids += range(first, last + 1)
    if len(set(ids)) < len(ids):
        raise ValueError("names a shard twice")
    return tuple(sorted(ids))
