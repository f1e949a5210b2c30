"""Indices for what was looked for through all events: pictures to prune, corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    _make(
        "events_with_pictures",
        ["ended_at", "id", "started_at", "picture_bytes"],
        sa.text("picture_bytes > 0"),
    )
    _make("events_corrected", ["corrected_at", "id"], sa.text("corrected_at IS NOT NULL"))


def _make(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "events", columns, sqlite_where=where, postgresql_where=where)
