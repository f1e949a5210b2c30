"""An index of the ends of plates, by which a part of one is found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 2000


def upgrade() -> None:
    """Make and fill it."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # Compared by code points, so that what begins alike stands together.
    part = sa.Text() if is_sqlite else sa.Text(collation="C")
    parts = op.create_table(
        "plate_parts",
        sa.Column("part", part, primary_key=True),
        sa.Column("plate", sa.Text(), primary_key=True),
        if_not_exists=True,
    )
    events = sa.table("events", sa.column("plate", sa.Text()))
    plates = op.get_bind().scalars(sa.select(events.c.plate).where(events.c.plate != "").distinct())
    for batch in plates.partitions(_BATCH):
        rows = {(plate[at:], plate) for plate in batch for at in range(len(plate))}
        kind = sqlite if is_sqlite else postgresql
        op.get_bind().execute(
            kind.insert(parts).on_conflict_do_nothing(),
            [{"part": end, "plate": plate} for end, plate in sorted(rows)],
        )
