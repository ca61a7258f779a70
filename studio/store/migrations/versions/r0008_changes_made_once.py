"""Which changes of tabs are made: one that is sent again is not made twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "flow_change",
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name="fk_flow_change_flow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flow_id", "id", name="pk_flow_change"),
    )


def downgrade() -> None:
    op.drop_table("flow_change")
