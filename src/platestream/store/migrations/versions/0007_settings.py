"""What people set on the page, who is logged in, and which weights read."""

import sqlalchemy as sa
from alembic import op

from platestream.store.tables import Json, Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cameras",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("settings", Json, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("made_at", Utc, nullable=False),
        sa.Column("used_at", Utc, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "weights",
        sa.Column("since", Utc, primary_key=True),
        sa.Column("checksums", Json, nullable=False),
        if_not_exists=True,
    )
