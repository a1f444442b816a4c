"""Keep members' favourite quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "favourites",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("interview_key", sa.String(length=32), nullable=False),
        sa.Column("turn_key", sa.String(length=32), nullable=False),
        sa.Column("quote_key", sa.String(length=16), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourites")),
        sa.UniqueConstraint("member_id", "quote_key", name=op.f("uq_favourites_member_id_quote_key")),
    )
    op.create_index(op.f("ix_favourites_quote_key"), "favourites", ["quote_key"], unique=False)


def downgrade() -> None:
    """Put the schema back."""
    op.drop_index(op.f("ix_favourites_quote_key"), table_name="favourites")
    op.drop_table("favourites")
