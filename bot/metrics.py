"""Figures of the running bot in Prometheus' format; imported only when switched on, and unknown to the services."""

import asyncio
import math
from typing import TYPE_CHECKING, cast

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from bot import __version__
from bot.handling import Handling, Kind
from bot.services.figures import Counts
from bot.services.rounds import running

if TYPE_CHECKING:
    from bot.admission import Gate
    from bot.client import Fireside
    from bot.tree import FiresideTree

__all__ = ["CONTENT_TYPE", "Metrics"]

# Discord waits 3 seconds for the first answer.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)


def tree_of(client: "Fireside") -> "FiresideTree":
    """Return a client's tree as what it is."""
    return cast("FiresideTree", client.tree)


class Metrics:
    """What is counted while the bot runs, and what is looked up when somebody wants to know."""

    def __init__(self) -> None:
        """Begin to count at nothing."""
        # When each was first counted would be as many lines again.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, open files, CPU
        Info("fireside", "Which Fireside this is.", registry=registry).info({"version": __version__})
        self._client: Fireside | None = None
        self._shards: set[int] = set()
        # What people do. The names are those of commands and actions that the code knows, never what was sent.
        of = ["kind", "name"]
        self._seconds = Histogram(
            "fireside_interaction_seconds",
            "How long a command, autocomplete, component or form took.",
            of,
            buckets=SECONDS,
            registry=registry,
        )
        self._outcomes = Counter(
            "fireside_interactions",
            "What became of them: answered, refused, error.",
            [*of, "outcome"],
            registry=registry,
        )
        self._asks = Counter(
            "fireside_asks", "How sure the answers were: answer, suggest, none.", ["band"], registry=registry
        )
        self._under_way = Gauge("fireside_interactions_under_way", "How many are being handled.", registry=registry)
        self._waiting = Gauge("fireside_interactions_waiting", "How many wait to be handled.", registry=registry)
        self._turned_away = Counter(
            "fireside_interactions_turned_away",
            "Turned away before they were handled: busy, flood; and untold, those of them who could not be told.",
            ["why"],
            registry=registry,
        )
        self._counted: dict[str, int] = {}
        self._tasks = Gauge("fireside_tasks", "How much goes on side by side in the process.", registry=registry)
        # Discord.
        self._up = Gauge("fireside_gateway_up", "Whether all connections to Discord stand.", registry=registry)
        self._shard_up = Gauge(
            "fireside_shard_up", "Whether a shard's connection to Discord stands.", ["shard"], registry=registry
        )
        # Several processes.
        self._leads = Gauge("fireside_leader", "Whether it does what one process does for all.", registry=registry)
        self._stands_by = Gauge(
            "fireside_standby", "Whether it waits until another process with its shards ends.", registry=registry
        )
        self._latency = Gauge(
            "fireside_gateway_latency_seconds", "A heartbeat's way to Discord and back.", registry=registry
        )
        self._reconnects = Counter("fireside_gateway_reconnects", "Connections made again.", registry=registry)
        self._servers = Gauge("fireside_servers", "How many servers it is in.", registry=registry)
        # What is kept.
        self._database = Gauge("fireside_database_up", "Whether the database answers.", registry=registry)
        self._questions = Gauge(
            "fireside_questions", "Questions to the author, by state.", ["state"], registry=registry
        )
        self._deliveries = Gauge(
            "fireside_deliveries",
            "Days of the daily quote in the ledger, by what became of them.",
            ["state"],
            registry=registry,
        )
        self._behind = Gauge(
            "fireside_background_behind_seconds",
            "How long work in the background has been due.",
            ["work"],
            registry=registry,
        )

    def follow(self, client: "Fireside") -> None:
        """Count what a client does from here on, in place of the one before it."""
        self._client = client
        self._counted = {}  # its gate begins at nothing
        tree_of(client).observer = self.observe
        client.add_listener(self._connected, "on_shard_connect")
        client.add_listener(self._resumed, "on_shard_resumed")

    async def _connected(self, shard_id: int) -> None:
        if shard_id in self._shards:
            self._reconnects.inc()
        self._shards.add(shard_id)

    async def _resumed(self, _shard_id: int) -> None:
        self._reconnects.inc()

    def observe(self, kind: Kind, name: str, handled: Handling, seconds: float) -> None:
        """Count something that was handled."""
        self._seconds.labels(kind, name).observe(seconds)
        self._outcomes.labels(kind, name, handled.outcome).inc()
        if handled.band is not None:
            self._asks.labels(handled.band).inc()

    def look(self, counts: Counts | None) -> None:
        """Take the state of the connections and the background as it is now; without counts the database is away."""
        if (client := self._client) is not None:
            self._look_at(client.gate)
            self._up.set(client.is_on_line)
            self._shard_up.clear()
            for number, is_up in client.shards_up.items():
                self._shard_up.labels(number).set(is_up)
            latency = client.latency
            self._latency.set(latency if math.isfinite(latency) else math.nan)
            self._servers.set(len(client.guilds))
        self._tasks.set(len(asyncio.all_tasks()))
        self._behind.clear()
        for rounds in running():
            self._behind.labels(rounds.name).set(rounds.behind)
        self._database.set(counts is not None)
        for gauge, by_state in (
            (self._questions, counts.questions if counts else {}),
            (self._deliveries, counts.deliveries if counts else {}),
        ):
            gauge.clear()
            for state, count in by_state.items():
                gauge.labels(state).set(count)

    def look_at_presence(self, *, leads: bool, stands_by: bool) -> None:
        """Take what it is among other processes."""
        self._leads.set(leads)
        self._stands_by.set(stands_by)

    def _look_at(self, gate: "Gate") -> None:
        self._under_way.set(gate.handled)
        self._waiting.set(gate.waiting)
        now = {"busy": gate.shed, "flood": gate.limited, "untold": gate.untold}
        for why, count in now.items():
            self._turned_away.labels(why).inc(count - self._counted.get(why, 0))
        self._counted = now

    def page(self) -> bytes:
        """Return all figures as Prometheus reads them; this may be done in a thread."""
        return generate_latest(self._registry)
