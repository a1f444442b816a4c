"""The tables. Times are UTC epoch milliseconds; Discord's ids and our own are 64-bit integers."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    literal_column,
    true,
)

from bot.storage.texts import String, Text

# Constraints have names, so that a later migration can change them on every database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers its rows by itself only where the key's type is exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True)


def _of(table: str, *, name: str, ondelete: str = "CASCADE", nullable: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{table}.id", ondelete=ondelete), nullable=nullable)


def _part(*columns: ColumnElement[Any], where: ColumnElement[bool]) -> None:
    """Index those rows of a table that a condition is true of, where the others are many and never asked for."""
    Index(None, *columns, postgresql_where=where, sqlite_where=where)


# Single facts: the library's revision, the hash of the commands that Discord knows.
facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

interviews = Table(
    "interviews",
    metadata,
    _id(),
    Column("key", String(32), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("published", String(10)),
    Column("source", Text),
    Column("language", String(5), nullable=False),
    Column("colour", String(7)),
    Column("introduction", Text, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("quotes", JSON, nullable=False, server_default="{}"),
)

people = Table(
    "people",
    metadata,
    _id(),
    _of("interviews", name="interview_id"),
    Column("key", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(10), nullable=False),
    UniqueConstraint("interview_id", "key"),
)

turns = Table(
    "turns",
    metadata,
    _id(),
    _of("interviews", name="interview_id"),
    Column("key", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    _of("people", name="person_id", ondelete="RESTRICT"),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("interview_id", "key"),
)

exchanges = Table(
    "exchanges",
    metadata,
    _id(),
    _of("interviews", name="interview_id"),
    Column("key", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("question", Text, nullable=False),
    _of("turns", name="asked_in"),
    UniqueConstraint("interview_id", "key"),
)

# The turns that answer in an exchange, in order.
exchange_answers = Table(
    "exchange_answers",
    metadata,
    Column("exchange_id", Id, ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _of("turns", name="turn_id"),
)

# Other ways to ask for an exchange.
aliases = Table(
    "aliases",
    metadata,
    _id(),
    _of("exchanges", name="exchange_id"),
    Column("key", Text, nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("exchange_id", "key"),
)

# What readers wrote beneath the interview; a reply has the comment above it as its parent.
comments = Table(
    "comments",
    metadata,
    _id(),
    _of("interviews", name="interview_id"),
    Column("key", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    _of("comments", name="parent_id", nullable=True),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    UniqueConstraint("interview_id", "key"),
)

# What each server chose. The first four daily columns are set together or not at all.
guilds = Table(
    "guilds",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("daily_channel_id", BigInteger),
    Column("daily_minute", Integer),
    Column("daily_zone", String(64)),
    Column("daily_since", BigInteger),
    # One bit a weekday, Monday's is 1.
    Column("daily_weekdays", Integer, nullable=False, server_default="127"),
    Column("daily_paused_at", BigInteger),
    Column("daily_problem", Text),
    # The key of the quote that comes next, where an admin has picked one.
    Column("daily_next_quote", String(16)),
    # How far the server's quotes have come round: the cycle, and the place in it of the one that was last claimed.
    Column("daily_cycle", Integer, nullable=False, server_default="0"),
    Column("daily_position", String(80), nullable=False, server_default=""),
    # The keys of the interviews that are quoted; none means all.
    Column("daily_interviews", JSON, nullable=False, server_default="[]"),
    Column("daily_order", String(10), nullable=False, server_default="shuffled"),
    # The card that carries the quote, dark or light; without one it is text.
    Column("daily_card", String(5)),
    Column("daily_thread", Boolean, nullable=False, server_default=false()),
    Column("daily_role_id", BigInteger),
    Column("daily_publish", Boolean, nullable=False, server_default=false()),
    Column("answers_private", Boolean, nullable=False, server_default=false()),
    Column("keep_misses", Boolean, nullable=False, server_default=true()),
    # Counts up whenever the server is taught something or forgets it, so that no process has to read it all again.
    Column("taught_revision", Integer, nullable=False, server_default="0"),
    # Counts up whenever an answer of the author is published, changed or retracted there.
    Column("answers_revision", Integer, nullable=False, server_default="0"),
    # Counts up whenever a question there comes, goes or changes its words.
    Column("questions_revision", Integer, nullable=False, server_default="0"),
    # Since when the bot is no longer in the server.
    Column("left_at", BigInteger),
    # When its daily quote has to be seen to next; 0 is at once.
    Column("daily_look_at", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("daily_minute BETWEEN 0 AND 1439", name="daily_minute"),
)
DAILY_RUNS = guilds.c.daily_channel_id.is_not(None) & guilds.c.daily_paused_at.is_(None) & guilds.c.left_at.is_(None)
_part(guilds.c.daily_look_at, where=DAILY_RUNS)

# Readers' questions for the author. They outlive the interview's removal and the server's settings. Without a name,
# nobody shall learn who asked; without an id, nobody knows any more.
questions = Table(
    "questions",
    metadata,
    _id(),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger),
    Column("member_name", Text),
    _of("interviews", name="interview_id", ondelete="SET NULL", nullable=True),
    Column("text", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("recipient", String(12), nullable=False, server_default="interviewee"),
    Column("original", Text),
    Column("flagged", Boolean, nullable=False, server_default=false()),
    Column("reason", Text),
    _of("questions", name="merged_into", ondelete="SET NULL", nullable=True),
    Column("notify", String(8), nullable=False, server_default="no"),
    Column("channel_id", BigInteger),
    Column("about", Text),
    Column("quoted", Text),
    # The comment beneath the interview that it was, and who wrote that.
    Column("comment_key", String(32)),
    Column("origin", Text),
    # Counted anew with each change, so that the most wanted are found without counting.
    Column("wanted_by", Integer, nullable=False, server_default="1"),
    Column("reviewed_by", BigInteger),
    Column("reviewed_at", BigInteger),
    # The message that shows it to the moderators.
    Column("card_channel_id", BigInteger),
    Column("card_message_id", BigInteger),
    # The text as it is searched: SQLite's own lower() knows ASCII alone.
    Column("folded", Text, nullable=False, server_default=""),
    # The number of a deleted question stands on cards and in packs: it must never name another one.
    sqlite_autoincrement=True,
)
FLAGGED = questions.c.flagged.is_(true())
# The values stand in the text, since a database uses a part's index only for what it can see to be in that part.
_STANDING = questions.c.merged_into.is_(None)
REFUSED = questions.c.state.in_([literal_column("'rejected'"), literal_column("'withdrawn'")]) & _STANDING
WITHOUT_CARD = (questions.c.state == literal_column("'open'")) & _STANDING & questions.c.card_message_id.is_(None)
# A member's own, and all that is kept of them.
Index(None, questions.c.member_id, questions.c.guild_id)
# How many were asked in a day.
Index(None, questions.c.guild_id, questions.c.asked_at)
# Lists, and how long they are: all that a filter mostly asks for stands in the index, in the order of the lists.
Index(
    None,
    questions.c.guild_id,
    questions.c.wanted_by.desc(),
    questions.c.id,
    questions.c.state,
    questions.c.merged_into,
)
_part(questions.c.merged_into, where=questions.c.merged_into.is_not(None))
_part(questions.c.guild_id, questions.c.wanted_by.desc(), questions.c.flagged, where=FLAGGED)
_part(questions.c.reviewed_by, where=questions.c.reviewed_by.is_not(None))
_part(questions.c.guild_id, questions.c.comment_key, where=questions.c.comment_key.is_not(None))
# What the rounds look for among all questions: the refused that become too old, the open that have no card.
_part(questions.c.id, where=REFUSED)
_part(questions.c.guild_id, questions.c.id, where=WITHOUT_CARD)

# Who else wants a question answered. When it is merged, these stay with the one that they were said of.
me_toos = Table(
    "me_toos",
    metadata,
    _id(),
    _of("questions", name="question_id"),
    Column("member_id", BigInteger, nullable=False),
    Column("notify", String(8), nullable=False, server_default="no"),
    Column("channel_id", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("question_id", "member_id"),
)
Index(None, me_toos.c.member_id)

# What happened to each question; what its asker did names nobody.
question_events = Table(
    "question_events",
    metadata,
    _id(),
    _of("questions", name="question_id"),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("detail", Text),
)
Index(None, question_events.c.question_id)
_part(question_events.c.actor_id, where=question_events.c.actor_id.is_not(None))

# What each server allows who asks, and where its moderators work; none means as it is from the start.
question_rules = Table(
    "question_rules",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("recipients", JSON, nullable=False),
    Column("review_channel_id", BigInteger),
    Column("answer_channel_id", BigInteger),
    Column("a_member", Integer, nullable=False),
    Column("a_day", Integer, nullable=False),
    Column("account_days", Integer, nullable=False),
    Column("opens_at", BigInteger),
    Column("closes_at", BigInteger),
)

# Who may not ask in a server.
blocked_members = Table(
    "blocked_members",
    metadata,
    _id(),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("blocked_by", BigInteger),
    Column("blocked_at", BigInteger, nullable=False),
    UniqueConstraint("guild_id", "member_id"),
)
Index(None, blocked_members.c.member_id)
_part(blocked_members.c.blocked_by, where=blocked_members.c.blocked_by.is_not(None))

# The author's answers. One that was retracted is kept with its history, and shown nowhere.
answers = Table(
    "answers",
    metadata,
    _id(),
    _of("questions", name="question_id"),
    Column("text", Text, nullable=False),
    Column("quotable", Boolean, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("edited_at", BigInteger),
    Column("retracted_at", BigInteger),
    # The message that it was posted as.
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    UniqueConstraint("question_id"),
)

# Every text that an answer had, and who changed it when.
answer_versions = Table(
    "answer_versions",
    metadata,
    _id(),
    _of("answers", name="answer_id"),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("quotable", Boolean, nullable=False),
)
Index(None, answer_versions.c.answer_id)
_part(answer_versions.c.actor_id, where=answer_versions.c.actor_id.is_not(None))

# What is still to be sent because of an answer: its post, and word to those who want it.
notices = Table(
    "notices",
    metadata,
    _id(),
    _of("answers", name="answer_id"),
    # 0 is the post in the server's channel for answers.
    Column("member_id", BigInteger, nullable=False),
    Column("notify", String(8), nullable=False),
    Column("channel_id", BigInteger),
    Column("state", String(10), nullable=False),
    Column("claimed_at", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("answer_id", "member_id"),
)
Index(None, notices.c.state)
Index(None, notices.c.member_id)
Index(None, notices.c.claimed_at)

# One row a server and local date: whoever inserted it owns that day's post. Missed and skipped days have no quote.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("guild_id", BigInteger, nullable=False),
    Column("local_date", String(10), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("interview_key", String(32)),
    Column("turn_key", String(32)),
    Column("quote", Text),
    Column("state", String(20), nullable=False),
    Column("claimed_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", BigInteger),
    Column("doubted_at", BigInteger),
    Column("message_id", BigInteger),
    Column("problem", Text),
    UniqueConstraint("guild_id", "local_date"),
)
Index(None, deliveries.c.state, deliveries.c.due_at)

# Questions that found no answer. Who asked them is not kept.
misses = Table(
    "misses",
    metadata,
    _id(),
    Column("guild_id", BigInteger, nullable=False),
    Column("folded", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    UniqueConstraint("guild_id", "folded"),
)
Index(None, misses.c.last_at)

# Wordings that admins gave to exchanges: in a server, or with its id 0 in all of them. The keys are those of the
# interview's file, so that what was taught outlives the interview's removal. What was taught at once has one token.
taught_aliases = Table(
    "taught_aliases",
    metadata,
    _id(),
    Column("guild_id", BigInteger, nullable=False),
    Column("folded", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("interview_key", String(32), nullable=False),
    Column("exchange_key", String(32), nullable=False),
    Column("token", String(16), nullable=False),
    Column("taught_by", BigInteger, nullable=False),
    Column("taught_at", BigInteger, nullable=False),
    UniqueConstraint("guild_id", "folded"),
)
Index(None, taught_aliases.c.token)
Index(None, taught_aliases.c.taught_by)

# Quotes that members keep, in whichever server they met them. The keys are those of the interview's file, and the
# words are kept too, so that a favourite outlives a change of the interview.
favourites = Table(
    "favourites",
    metadata,
    _id(),
    Column("member_id", BigInteger, nullable=False),
    Column("interview_key", String(32), nullable=False),
    Column("turn_key", String(32), nullable=False),
    Column("quote_key", String(16), nullable=False),
    Column("quote", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("member_id", "quote_key"),
)
Index(None, favourites.c.quote_key)

# What somebody typed into a form, from before it is checked until it is used; in a direct message the server is 0.
drafts = Table(
    "drafts",
    metadata,
    _id(),
    Column("member_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("form", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("member_id", "guild_id", "form"),
)
Index(None, drafts.c.updated_at)
Index(None, drafts.c.guild_id)
