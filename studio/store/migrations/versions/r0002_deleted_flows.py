"""Flows that were deleted and can be brought back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("flow", sa.Column("deleted", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("flow") as flow:
        flow.drop_column("deleted")
