"""Events are stored while they go on, and messages may outlive theirs."""

import sqlalchemy as sa
from alembic import op

from platestream.store.tables import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ORDER = ("messages_in_order", ["sink", "camera", "number"])
_OF_EVENT = ("messages_of_event", ["event_id"])
_COLUMNS = "number, sink, camera, event_id, kind, body, num_tries, due_at"


def upgrade() -> None:
    """Add what an event is, and let go of what binds messages to events."""
    op.add_column("events", sa.Column("state", sa.Text, nullable=False, server_default="final"))
    op.add_column("events", sa.Column("since", Utc))
    goes_on = sa.text("state <> 'final'")
    op.create_index(
        "events_going_on",
        "events",
        ["camera", "id"],
        sqlite_where=goes_on,
        postgresql_where=goes_on,
    )
    if op.get_bind().dialect.name == "sqlite":
        _make_messages_anew()
    else:
        op.execute("ALTER TABLE messages DROP CONSTRAINT IF EXISTS messages_event_id_fkey")


def _make_messages_anew() -> None:
    """SQLite drops no constraint from a table."""
    op.drop_index("messages_in_order", "messages")
    op.drop_index("messages_of_event", "messages")
    op.rename_table("messages", "messages_before")
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("num_tries", sa.Integer, nullable=False),
        sa.Column("due_at", Utc),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO messages ({_COLUMNS}) SELECT {_COLUMNS} FROM messages_before")
    op.drop_table("messages_before")
    for name, columns in (_ORDER, _OF_EVENT):
        op.create_index(name, "messages", columns)
