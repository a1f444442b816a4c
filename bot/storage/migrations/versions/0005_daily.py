"""Keep a ledger of the days of the daily quote, its weekdays and its pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change the schema."""
    # Not as a batch, which would make the table anew: SQLite adds and drops such columns by itself.
    op.add_column("guilds", sa.Column("daily_weekdays", sa.Integer(), server_default="127", nullable=False))
    op.add_column("guilds", sa.Column("daily_paused_at", sa.BigInteger(), nullable=True))
    op.add_column("guilds", sa.Column("daily_problem", sa.Text(), nullable=True))
    op.add_column("guilds", sa.Column("daily_next_quote", sa.String(length=16), nullable=True))
    op.add_column("guilds", sa.Column("daily_cycle", sa.Integer(), server_default="0", nullable=False))
    op.add_column("guilds", sa.Column("daily_position", sa.String(length=80), server_default="", nullable=False))
    op.add_column("deliveries", sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("retry_at", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("doubted_at", sa.BigInteger(), nullable=True))
    # When it was due was not kept; it was claimed at most six hours later. What was being sent may be in its channel.
    op.execute("UPDATE deliveries SET due_at = claimed_at")
    op.execute("UPDATE deliveries SET attempts = 1 WHERE state = 'waiting'")
    op.execute("UPDATE deliveries SET doubted_at = claimed_at WHERE state IN ('claimed', 'waiting')")
    # Nothing refers to this table, so it may be made anew.
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("due_at", existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
        table.alter_column("interview_key", existing_type=sa.String(length=32), nullable=True)
        table.alter_column("turn_key", existing_type=sa.String(length=32), nullable=True)
        table.alter_column("quote", existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    """Put the schema back."""
    op.execute("DELETE FROM deliveries WHERE quote IS NULL")
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("quote", existing_type=sa.Text(), nullable=False)
        table.alter_column("turn_key", existing_type=sa.String(length=32), nullable=False)
        table.alter_column("interview_key", existing_type=sa.String(length=32), nullable=False)
        for name in ("doubted_at", "retry_at", "attempts", "due_at"):
            table.drop_column(name)
    for name in (
        "daily_position",
        "daily_cycle",
        "daily_next_quote",
        "daily_problem",
        "daily_paused_at",
        "daily_weekdays",
    ):
        op.drop_column("guilds", name)
