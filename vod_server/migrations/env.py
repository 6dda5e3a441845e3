"""Alembic's entry: run the versions on the connection that `migrate` gives."""

from __future__ import annotations

from typing import Any

from alembic import context

from vod_server.migrations.schema import metadata

#: Huey keeps its wake-ups beside our tables on PostgreSQL and makes them itself.
FOREIGN_PREFIX = "huey_"


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Say whether Alembic shall compare a thing of the database with the metadata."""
    del parents
    return not (kind == "table" and name is not None and name.startswith(FOREIGN_PREFIX))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    include_name=include_name,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
