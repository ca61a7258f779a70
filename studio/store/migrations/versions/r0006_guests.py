"""Flows that are open to others: their addresses, the runs of guests, and by what guests know their conversations again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=True),
        sa.Column("token_hint", sa.String(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("updated", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name="fk_share_flow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_share"),
        sa.UniqueConstraint("flow_id", name="uq_share_flow_id"),
    )
    op.create_table(
        "guest_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_guest_run_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name="pk_guest_run"),
    )
    op.create_index("ix_guest_run_door", "guest_run", ["door"])
    op.create_table(
        "guest_conversation",
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_guest_conversation_session_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "key", name="pk_guest_conversation"),
    )
    op.create_index("ix_guest_conversation_at", "guest_conversation", ["at"])


def downgrade() -> None:
    op.drop_table("guest_conversation")
    op.drop_table("guest_run")
    op.drop_table("share")
