"""Keep what somebody typed into a form until it is used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("member_id", "guild_id", "form", name=op.f("uq_drafts_member_id_guild_id_form")),
    )
    op.create_index(op.f("ix_drafts_updated_at"), "drafts", ["updated_at"])


def downgrade() -> None:
    """Put the schema back."""
    op.drop_table("drafts")
