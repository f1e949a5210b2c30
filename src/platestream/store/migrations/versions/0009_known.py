"""Indices of the events of plates that a watch list knows, which may be few among very many."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KNOWN = sa.text("known_as <> ''")


def upgrade() -> None:
    """Make them."""
    _make("events_known", ["ended_at", "id"])
    _make("events_known_by_camera", ["camera", "ended_at", "id"])


def _make(name: str, columns: list[str]) -> None:
    op.create_index(
        name,
        "events",
        columns,
        if_not_exists=True,
        sqlite_where=_KNOWN,
        postgresql_where=_KNOWN,
    )
