"""Keep which quotes an interview names and vetoes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""
    # Not as a batch, which would make the table anew: SQLite adds and drops such columns by itself.
    op.add_column("interviews", sa.Column("quotes", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Put the schema back."""
    op.drop_column("interviews", "quotes")
