"""Keep what servers choose, what found no answer and what was taught."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "misses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misses")),
        sa.UniqueConstraint("guild_id", "folded", name=op.f("uq_misses_guild_id_folded")),
    )
    op.create_index(op.f("ix_misses_last_at"), "misses", ["last_at"], unique=False)
    op.create_table(
        "taught_aliases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("interview_key", sa.String(length=32), nullable=False),
        sa.Column("exchange_key", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("taught_by", sa.BigInteger(), nullable=False),
        sa.Column("taught_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_aliases")),
        sa.UniqueConstraint("guild_id", "folded", name=op.f("uq_taught_aliases_guild_id_folded")),
    )
    op.create_index(op.f("ix_taught_aliases_token"), "taught_aliases", ["token"], unique=False)
    # Not as a batch, which would make the table anew: SQLite adds and drops such columns by itself.
    op.add_column("guilds", sa.Column("answers_private", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("guilds", sa.Column("keep_misses", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("guilds", sa.Column("taught_revision", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Put the schema back."""
    op.drop_column("guilds", "taught_revision")
    op.drop_column("guilds", "keep_misses")
    op.drop_column("guilds", "answers_private")
    op.drop_index(op.f("ix_taught_aliases_token"), table_name="taught_aliases")
    op.drop_table("taught_aliases")
    op.drop_index(op.f("ix_misses_last_at"), table_name="misses")
    op.drop_table("misses")
