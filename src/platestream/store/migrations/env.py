"""Run by Alembic: brings the connection that `Database` hands over up to date."""

from alembic import context

from platestream.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
