"""What was to be said when a flow was brought in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "flow_report",
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name="fk_flow_report_flow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flow_id", name="pk_flow_report"),
    )


def downgrade() -> None:
    op.drop_table("flow_report")
