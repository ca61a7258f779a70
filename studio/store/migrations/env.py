"""How Alembic reaches the database: over the connection, and inside the transaction, that `database.py` opened."""

from __future__ import annotations

from alembic import context

from studio.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
