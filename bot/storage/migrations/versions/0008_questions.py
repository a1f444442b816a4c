"""Follow readers' questions from their asker to the author and back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "blocked_members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("blocked_by", sa.BigInteger(), nullable=True),
        sa.Column("blocked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_members")),
        sa.UniqueConstraint("guild_id", "member_id", name=op.f("uq_blocked_members_guild_id_member_id")),
    )
    op.create_table(
        "question_rules",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("review_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("answer_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("a_member", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=False),
        sa.Column("account_days", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_question_rules")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quotable", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("retracted_at", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_answers_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("question_id", name=op.f("uq_answers_question_id")),
    )
    op.create_table(
        "me_toos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("notify", sa.String(length=8), server_default="no", nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_me_toos_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_me_toos")),
        sa.UniqueConstraint("question_id", "member_id", name=op.f("uq_me_toos_question_id_member_id")),
    )
    op.create_index(op.f("ix_me_toos_member_id"), "me_toos", ["member_id"])

    op.create_table(
        "question_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_events_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_events")),
    )
    op.create_index(op.f("ix_question_events_question_id"), "question_events", ["question_id"])

    op.create_table(
        "answer_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quotable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_answer_versions_answer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_versions")),
    )
    op.create_index(op.f("ix_answer_versions_answer_id"), "answer_versions", ["answer_id"])

    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("notify", sa.String(length=8), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_notices_answer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("answer_id", "member_id", name=op.f("uq_notices_answer_id_member_id")),
    )
    op.create_index(op.f("ix_notices_state"), "notices", ["state"])

    op.add_column("guilds", sa.Column("answers_revision", sa.Integer(), server_default="0", nullable=False))
    op.add_column("guilds", sa.Column("questions_revision", sa.Integer(), server_default="0", nullable=False))
    op.add_column("guilds", sa.Column("left_at", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("questions", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("recipient", sa.String(length=12), server_default="interviewee", nullable=False))
        table.add_column(sa.Column("original", sa.Text(), nullable=True))
        table.add_column(sa.Column("flagged", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.add_column(sa.Column("notify", sa.String(length=8), server_default="no", nullable=False))
        table.add_column(sa.Column("channel_id", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("about", sa.Text(), nullable=True))
        table.add_column(sa.Column("quoted", sa.Text(), nullable=True))
        table.add_column(sa.Column("comment_key", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("origin", sa.Text(), nullable=True))
        table.add_column(sa.Column("wanted_by", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("reviewed_by", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("reviewed_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("card_channel_id", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("card_message_id", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("folded", sa.Text(), server_default="", nullable=False))
        table.alter_column("member_id", existing_type=sa.BigInteger(), nullable=True)
        table.alter_column("member_name", existing_type=sa.Text(), nullable=True)
        table.create_index(op.f("ix_questions_guild_id_state_wanted_by"), ["guild_id", "state", "wanted_by"])
        table.create_index(op.f("ix_questions_merged_into"), ["merged_into"])
        table.create_foreign_key(
            op.f("fk_questions_merged_into"), "questions", ["merged_into"], ["id"], ondelete="SET NULL"
        )
    # SQLite's own lower() knows ASCII alone.
    connection = op.get_bind()
    for number, text in connection.execute(sa.text("SELECT id, text FROM questions")).all():
        folded = {"folded": text.casefold(), "id": number}
        connection.execute(sa.text("UPDATE questions SET folded = :folded WHERE id = :id"), folded)


def downgrade() -> None:
    """Put the schema back; questions without a known asker go, since it has no place for them."""
    op.drop_table("notices")
    op.drop_table("answer_versions")
    op.drop_table("question_events")
    op.drop_table("me_toos")
    op.drop_table("answers")
    op.drop_table("question_rules")
    op.drop_table("blocked_members")
    op.execute("DELETE FROM questions WHERE member_id IS NULL OR member_name IS NULL")
    with op.batch_alter_table("questions") as table:
        table.drop_constraint(op.f("fk_questions_merged_into"), type_="foreignkey")
        table.drop_index(op.f("ix_questions_merged_into"))
        table.drop_index(op.f("ix_questions_guild_id_state_wanted_by"))
        table.alter_column("member_name", existing_type=sa.Text(), nullable=False)
        table.alter_column("member_id", existing_type=sa.BigInteger(), nullable=False)
        table.drop_column("folded")
        table.drop_column("card_message_id")
        table.drop_column("card_channel_id")
        table.drop_column("reviewed_at")
        table.drop_column("reviewed_by")
        table.drop_column("wanted_by")
        table.drop_column("origin")
        table.drop_column("comment_key")
        table.drop_column("quoted")
        table.drop_column("about")
        table.drop_column("channel_id")
        table.drop_column("notify")
        table.drop_column("merged_into")
        table.drop_column("reason")
        table.drop_column("flagged")
        table.drop_column("original")
        table.drop_column("recipient")

    op.drop_column("guilds", "left_at")
    op.drop_column("guilds", "questions_revision")
    op.drop_column("guilds", "answers_revision")
