"""Events, their strips, the outbox and watch lists."""

import sqlalchemy as sa
from alembic import op

from platestream.store.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "events",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("plate", sa.Text, nullable=False),
        sa.Column("read_plate", sa.Text, nullable=False),
        sa.Column("plate_hash", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("ended_at", Utc, nullable=False),
        sa.Column("best_at", Utc, nullable=False),
        sa.Column("zones", sa.JSON, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("known_as", sa.Text, nullable=False),
        sa.Column("corrected_by", sa.Text, nullable=False),
        sa.Column("corrected_at", Utc),
        sa.Column("crop_file", sa.Text, nullable=False),
        sa.Column("frame_file", sa.Text, nullable=False),
        sa.Column("picture_bytes", sa.BigInteger, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("events_by_time", "events", ["ended_at", "id"])
    op.create_index("events_by_camera", "events", ["camera", "ended_at", "id"])
    op.create_index("events_by_plate", "events", ["plate", "ended_at"])
    op.create_index("events_by_read_plate", "events", ["read_plate"])
    op.create_index("events_by_plate_hash", "events", ["plate_hash", "ended_at"])
    op.create_table(
        "strip",
        sa.Column("event_id", sa.String(36), _of_event(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("frame_index", sa.BigInteger, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("score", sa.Float),
        sa.Column("file", sa.Text, nullable=False),
    )
    op.create_table(
        "messages",
        _counter("number"),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("event_id", sa.String(36), _of_event(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("num_tries", sa.Integer, nullable=False),
        sa.Column("due_at", Utc),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_in_order", "messages", ["sink", "camera", "number"])
    op.create_index("messages_of_event", "messages", ["event_id"])
    op.create_table(
        "watch",
        _counter("id"),
        sa.Column("list_name", sa.Text, nullable=False),
        sa.Column("plate", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.UniqueConstraint("list_name", "plate", name="watch_once"),
        sqlite_autoincrement=True,
    )


def _of_event() -> sa.ForeignKey:
    return sa.ForeignKey("events.id", ondelete="CASCADE")


def _counter(name: str) -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name, number, primary_key=True, autoincrement=True)
