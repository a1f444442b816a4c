"""Which servers a process looks after: Discord gives each server to one shard, and each process has some of these."""

from dataclasses import dataclass


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
