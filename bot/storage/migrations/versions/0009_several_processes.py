"""Let several processes share the servers: who has to be looked at when, and on PostgreSQL word of every change."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

RUNNING = sa.text("daily_channel_id IS NOT NULL AND daily_paused_at IS NULL AND left_at IS NULL")

# What every question is answered by is remembered by each process, until it hears that this has changed.
TELL = (
    """CREATE FUNCTION fireside_tell_of_guild() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('fireside_changes', COALESCE(NEW.id, OLD.id)::text);
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION fireside_tell_of_fact() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('fireside_changes', '');
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER guilds_changed
    AFTER INSERT OR DELETE OR UPDATE OF answers_private, keep_misses, taught_revision, answers_revision ON guilds
    FOR EACH ROW EXECUTE FUNCTION fireside_tell_of_guild()""",
    """CREATE TRIGGER facts_changed AFTER INSERT OR DELETE OR UPDATE ON facts
    FOR EACH ROW EXECUTE FUNCTION fireside_tell_of_fact()""",
)
TELL_NO_MORE = (
    "DROP TRIGGER facts_changed ON facts",
    "DROP TRIGGER guilds_changed ON guilds",
    "DROP FUNCTION fireside_tell_of_fact()",
    "DROP FUNCTION fireside_tell_of_guild()",
)


def upgrade() -> None:
    """Change the schema."""
    # 0: at once, as for every server that nobody has looked at since.
    op.add_column("guilds", sa.Column("daily_look_at", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        op.f("ix_guilds_daily_look_at"), "guilds", ["daily_look_at"], postgresql_where=RUNNING, sqlite_where=RUNNING
    )
    op.drop_index(op.f("ix_deliveries_state"), "deliveries")
    op.create_index(op.f("ix_deliveries_state_due_at"), "deliveries", ["state", "due_at"])
    _each(TELL)


def downgrade() -> None:
    """Put the schema back."""
    _each(TELL_NO_MORE)
    op.drop_index(op.f("ix_deliveries_state_due_at"), "deliveries")
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"])
    op.drop_index(op.f("ix_guilds_daily_look_at"), "guilds")
    op.drop_column("guilds", "daily_look_at")


def _each(statements: tuple[str, ...]) -> None:
    """Do what only PostgreSQL can, there."""
    if op.get_context().dialect.name == "postgresql":
        for statement in statements:
            op.execute(statement)
