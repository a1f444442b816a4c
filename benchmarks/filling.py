"""A database as it is after years: a million questions, and a hundred thousand servers with a daily quote.

What is stored is made up, the same in every run. `fill` writes it faster than the bot could, in bulk; what the bot
keeps beside it (who wants a question, what is merged, how often a server has changed) agrees with it.
"""

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from bot.domain.text import fold
from bot.storage.engines import sqlite_file
from tests.postgres import connect

Row = tuple[Any, ...]

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY_MS = 86_400_000
MEMBERS_FROM = 300_000_000_000_000_000
VOCABULARY = 20_000
# How many questions a member asks, in whichever servers.
EACH_ASKS = 20
STATES = ("open", "approved", "answered", "rejected", "withdrawn")
SHARES = (30, 50, 10, 7, 3)


@dataclass(frozen=True)
class Size:
    """How much is stored; the biggest server has a fifth of the questions."""

    questions: int = 1_000_000
    asking_servers: int = 2_000
    daily_servers: int = 120_000
    deliveries: int = 600_000

    @property
    def members(self) -> int:
        """How many people ask."""
        return max(1, self.questions // EACH_ASKS)


def server(number: int) -> int:
    """Return the id of a server, counted from 0; the first is the biggest. They belong to all shards alike."""
    return 100_000_000_000_000_000 + (number << 22)


def member(number: int) -> int:
    """Return the id of a member, counted from 0."""
    return MEMBERS_FROM + number * 4099


def moderator(number: int) -> int:
    """Return the id of who reviews the questions of a server."""
    return 200_000_000_000_000_000 + number


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, as far as other rows need to know it; what it was merged into is 0 for nothing."""

    id: int
    server: int
    member: int
    state: str
    at: int
    merged_into: int
    others: int


def _questions(size: Size) -> Iterator[_Asked]:
    """Yield the questions, oldest first."""
    rng = random.Random(2026)  # noqa: S311 - nothing here is secret
    last: dict[int, int] = {}
    now = round(NOW.timestamp() * 1000)
    for number in range(1, size.questions + 1):
        where = 0 if number % 5 == 0 else 1 + rng.randrange(size.asking_servers - 1)
        (state,) = rng.choices(STATES, SHARES)
        target = last.get(where, 0) if number % 33 == 0 and state in {"open", "approved"} else 0
        others = min(int(rng.paretovariate(1.2)), 50) if number % 4 == 0 and not target else 0
        at = now - round((size.questions - number) / size.questions * 700 * DAY_MS)
        who = rng.randrange(size.members)
        yield _Asked(number, where, who, state, at, target, others)
        if not target and state in {"open", "approved"}:
            last[where] = number


def _texts(count: int) -> Iterator[str]:
    """Yield questions of 6 to 24 words, which come as often as Zipf's law has it."""
    rng = random.Random(7)  # noqa: S311 - nothing here is secret
    syllables = [start + vowel for start in "bcdfghklmnprstvw" for vowel in ("a", "e", "i", "o", "u", "ar", "en", "is")]
    words = list(dict.fromkeys("".join(rng.choices(syllables, k=rng.choice((2, 2, 3, 4)))) for _ in range(VOCABULARY)))
    often = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for _ in range(count):
        yield " ".join(rng.choices(words, cum_weights=often, k=rng.randint(6, 24))).capitalize() + "?"


def _tables(size: Size) -> Iterator[tuple[str, Sequence[str], Iterable[Row]]]:
    """Yield each table with its columns and rows, those that others refer to first."""
    asked = list(_questions(size))
    merged = Counter(each.merged_into for each in asked if each.merged_into)
    yield "guilds", _GUILD, _daily_servers(size)
    yield (
        "question_rules",
        ("guild_id", "recipients", "review_channel_id", "a_member", "a_day", "account_days"),
        (
            (server(number), '["interviewee"]', 5 if number % 2 == 0 else None, 3, 0, 0)
            for number in range(size.asking_servers)
        ),
    )
    yield "questions", _QUESTION, _question_rows(asked, merged)
    yield (
        "me_toos",
        ("question_id", "member_id", "created_at"),
        (
            (each.id, member((each.member + 1 + more) % size.members), each.at)
            for each in asked
            for more in range(min(each.others, size.members - 1))
        ),
    )
    yield "question_events", ("question_id", "at", "actor_id", "kind"), _events(asked)
    answered = [each for each in asked if each.state == "answered"]
    yield (
        "answers",
        ("id", "question_id", "text", "quotable", "published_at"),
        ((each.id, each.id, "Because it was made that way. " * 8, True, each.at + DAY_MS) for each in answered),
    )
    yield (
        "answer_versions",
        ("answer_id", "at", "actor_id", "kind", "text", "quotable"),
        ((each.id, each.at + DAY_MS, moderator(each.server), "published", "Because. " * 20, True) for each in answered),
    )
    yield (
        "notices",
        ("answer_id", "member_id", "notify", "state", "claimed_at", "attempts"),
        ((each.id, member(each.member), "dm", "sent", each.at + DAY_MS, 1) for each in answered),
    )
    yield (
        "favourites",
        ("member_id", "interview_key", "turn_key", "quote_key", "quote", "created_at"),
        (
            (member(number % size.members), "a", "b", f"{number // size.members:016}", "A quote.", 1)
            for number in range(size.questions // 5)
        ),
    )
    yield (
        "misses",
        ("guild_id", "folded", "text", "count", "refused", "first_at", "last_at"),
        (
            (server(number % size.asking_servers), f"{text} {number}", text, 1, 0, 1, round(NOW.timestamp() * 1000) - 1)
            for number, text in enumerate(_texts(size.questions // 10))
        ),
    )
    yield "deliveries", _DELIVERY, _delivery_rows(size)


_GUILD = (
    *("id", "daily_channel_id", "daily_minute", "daily_zone", "daily_since", "daily_weekdays"),
    *("daily_look_at", "questions_revision", "daily_interviews"),
)  # fmt: skip


def _daily_servers(size: Size) -> Iterator[Row]:
    due = round(NOW.timestamp() * 1000) - 60 * 60 * 1000  # nine o'clock in Berlin
    for number in range(max(size.daily_servers, size.asking_servers)):
        rule = (7, 540, "Europe/Berlin", 0, 127) if number < size.daily_servers else (None, None, None, None, 127)
        yield server(number), *rule, due, 1, "[]"


_QUESTION = (
    *("id", "guild_id", "member_id", "member_name", "text", "folded", "state", "asked_at", "wanted_by", "merged_into"),
    *("card_channel_id", "card_message_id", "reviewed_by", "reviewed_at", "flagged"),
)  # fmt: skip


def _question_rows(asked: Sequence[_Asked], merged: Counter[int]) -> Iterator[Row]:
    for each, text in zip(asked, _texts(len(asked)), strict=True):
        card = (5, each.id) if each.server % 2 == 0 and each.id % 1000 else (None, None)
        reviewer = None if each.state in {"open", "withdrawn"} else moderator(each.server)
        name = None if each.id % 4 == 0 else f"member_{each.member}"
        wanted_by = 1 + each.others + merged[each.id]
        yield (
            *(each.id, server(each.server), member(each.member), name, text, fold(text), each.state, each.at),
            *(wanted_by, each.merged_into or None, *card, reviewer, reviewer and each.at, each.id % 100 == 0),
        )


def _events(asked: Iterable[_Asked]) -> Iterator[Row]:
    for each in asked:
        yield each.id, each.at, None, "asked"
        if each.state not in {"open", "withdrawn"}:
            kind = "rejected" if each.state == "rejected" else "approved"
            yield each.id, each.at + 1, moderator(each.server), kind
        elif each.state == "withdrawn":
            yield each.id, each.at + 1, None, "withdrawn"


_DELIVERY = ("guild_id", "local_date", "due_at", "channel_id", "quote", "state", "claimed_at", "attempts")


def _delivery_rows(size: Size) -> Iterator[Row]:
    """Yield the days before today, the oldest first; today is due."""
    days = -(-size.deliveries // size.daily_servers) if size.daily_servers else 0
    for number in range(size.deliveries):
        ago = days - number // size.daily_servers
        day: date = NOW.date() - timedelta(days=ago)
        due = round(NOW.timestamp() * 1000) - ago * DAY_MS
        yield server(number % size.daily_servers), day.isoformat(), due, 7, "A quote.", "sent", due, 1


def fill(url: str, size: Size, told: Callable[[str], None] = lambda _: None) -> None:
    """Fill a database that is migrated and empty, and let it count what it has; `told` hears of each table."""
    if sqlite_file(url) is not None:
        _fill_sqlite(url, size, told)
    else:
        _fill_postgres(url, size, told)


def _fill_sqlite(url: str, size: Size, told: Callable[[str], None]) -> None:
    with closing(sqlite3.connect(sqlite_file(url) or "", isolation_level=None)) as database:
        for pragma in ("synchronous = OFF", "cache_size = -2000000", "foreign_keys = OFF"):
            database.execute(f"PRAGMA {pragma}")
        for table, columns, rows in _tables(size):
            told(table)
            database.execute("BEGIN")
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
            database.execute("COMMIT")
        told("ANALYZE")
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill_postgres(url: str, size: Size, told: Callable[[str], None]) -> None:
    with connect(url) as database:
        # What a question refers to is there: nobody need look for each.
        database.execute("SET session_replication_role = replica")
        for table, columns, rows in _tables(size):
            told(table)
            with database.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            if table in {"questions", "answers"}:
                database.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))".encode())  # noqa: S608
        told("VACUUM ANALYZE")
        database.execute("VACUUM ANALYZE")


def described(size: Size) -> str:
    """Return how much is stored, in a line."""
    return json.dumps(size.__dict__)
