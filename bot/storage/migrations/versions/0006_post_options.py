"""Keep what a server wants of its daily quotes beside where and when they come."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("guilds", sa.Column("daily_interviews", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("guilds", sa.Column("daily_order", sa.String(length=10), server_default="shuffled", nullable=False))
    op.add_column("guilds", sa.Column("daily_card", sa.String(length=5), nullable=True))
    op.add_column("guilds", sa.Column("daily_thread", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("guilds", sa.Column("daily_role_id", sa.BigInteger(), nullable=True))
    op.add_column("guilds", sa.Column("daily_publish", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Put the schema back."""
    for name in (
        "daily_publish",
        "daily_role_id",
        "daily_thread",
        "daily_card",
        "daily_order",
        "daily_interviews",
    ):
        op.drop_column("guilds", name)
