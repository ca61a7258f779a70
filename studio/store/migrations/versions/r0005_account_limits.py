"""How often a model account may be asked; 0 is no limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = ("requests_per_minute", "tokens_per_minute", "requests_at_once")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("model_account", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("model_account") as table:
        for name in COLUMNS:
            table.drop_column(name)
