"""Find what is looked for among a million questions and a hundred thousand servers without reading all of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# Index, table and columns.
WHOLE: tuple[tuple[str, str, list[Any]], ...] = (
    ("ix_questions_member_id_guild_id", "questions", ["member_id", "guild_id"]),
    ("ix_questions_guild_id_asked_at", "questions", ["guild_id", "asked_at"]),
    (
        "ix_questions_guild_id_wanted_by_id_state_merged_into",
        "questions",
        ["guild_id", sa.text("wanted_by DESC"), "id", "state", "merged_into"],
    ),
    ("ix_blocked_members_member_id", "blocked_members", ["member_id"]),
    ("ix_notices_member_id", "notices", ["member_id"]),
    ("ix_notices_claimed_at", "notices", ["claimed_at"]),
    ("ix_taught_aliases_taught_by", "taught_aliases", ["taught_by"]),
    ("ix_drafts_guild_id", "drafts", ["guild_id"]),
)
# The same, and of which rows.
PARTS = (
    ("ix_questions_merged_into", "questions", ["merged_into"], sa.text("merged_into IS NOT NULL")),
    ("ix_questions_reviewed_by", "questions", ["reviewed_by"], sa.text("reviewed_by IS NOT NULL")),
    ("ix_questions_guild_id_comment_key", "questions", ["guild_id", "comment_key"], sa.text("comment_key IS NOT NULL")),
    ("ix_questions_id", "questions", ["id"], sa.text("state IN ('rejected', 'withdrawn') AND merged_into IS NULL")),
    (
        "ix_questions_guild_id_id",
        "questions",
        ["guild_id", "id"],
        sa.text("state = 'open' AND merged_into IS NULL AND card_message_id IS NULL"),
    ),
    ("ix_question_events_actor_id", "question_events", ["actor_id"], sa.text("actor_id IS NOT NULL")),
    ("ix_answer_versions_actor_id", "answer_versions", ["actor_id"], sa.text("actor_id IS NOT NULL")),
    ("ix_blocked_members_blocked_by", "blocked_members", ["blocked_by"], sa.text("blocked_by IS NOT NULL")),
)
# An index alone answers only where PostgreSQL knows that all may see its rows; it looks after 200,000 changes else.
VACUUM_OFTEN = (
    "ALTER TABLE questions SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01)"
)
VACUUM_AS_BEFORE = "ALTER TABLE questions RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)"
FLAGGED = "ix_questions_guild_id_wanted_by_flagged"
BEFORE = (
    ("ix_questions_guild_id_member_id", "questions", ["guild_id", "member_id"]),
    ("ix_questions_guild_id_state_wanted_by", "questions", ["guild_id", "state", "wanted_by"]),
    ("ix_questions_merged_into", "questions", ["merged_into"]),
)


def upgrade() -> None:
    """Change the schema."""
    for name, table, _ in BEFORE:
        op.drop_index(op.f(name), table)
    for name, table, columns in WHOLE:
        op.create_index(op.f(name), table, columns)
    for name, table, columns, rows in PARTS:
        op.create_index(op.f(name), table, columns, postgresql_where=rows, sqlite_where=rows)
    op.create_index(
        op.f(FLAGGED),
        "questions",
        ["guild_id", sa.text("wanted_by DESC"), "flagged"],
        postgresql_where=sa.text("flagged IS true"),
        sqlite_where=sa.text("flagged IS 1"),
    )
    _postgresql(VACUUM_OFTEN)


def downgrade() -> None:
    """Put the schema back."""
    _postgresql(VACUUM_AS_BEFORE)
    op.drop_index(op.f(FLAGGED), "questions")
    for name, table, _ in WHOLE:
        op.drop_index(op.f(name), table)
    for name, table, _, _ in PARTS:
        op.drop_index(op.f(name), table)
    for name, table, columns in BEFORE:
        op.create_index(op.f(name), table, columns)


def _postgresql(statement: str) -> None:
    """Do what only PostgreSQL can, there."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(statement)
