"""Indices of the passages over lines, by which stays are told without a look at all events."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OVER_LINES = sa.text("direction <> ''")


def upgrade() -> None:
    """Make them."""
    _make("events_over_lines", ["ended_at", "id"])
    _make("events_over_lines_by_plate", ["plate", "plate_hash", "ended_at", "id"])


def _make(name: str, columns: list[str]) -> None:
    op.create_index(
        name,
        "events",
        columns,
        if_not_exists=True,
        sqlite_where=_OVER_LINES,
        postgresql_where=_OVER_LINES,
    )
