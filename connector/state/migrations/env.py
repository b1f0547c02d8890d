"""Run by Alembic: migrates over the connection it is given, whose transaction belongs to the caller."""

from __future__ import annotations

from alembic import context

from connector.state.migrations import VERSION_TABLE
from connector.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
