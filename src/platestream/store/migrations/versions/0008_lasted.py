"""An index of the events that lasted long, by which a search in the past knows where to begin."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_index(
        "events_that_lasted",
        "events",
        ["started_at", "ended_at", "camera"],
        if_not_exists=True,
        sqlite_where=sa.text("substr(started_at, 1, 13) <> substr(ended_at, 1, 13)"),
        postgresql_where=sa.text(
            "(ended_at AT TIME ZONE 'UTC') > (started_at AT TIME ZONE 'UTC') + interval '1 hour'"
        ),
    )
