"""Events from before plates had corners say so: their `quad` is null."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fill in what is missing."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "UPDATE events SET details = json_set(details, '$.quad', NULL) "
            "WHERE json_type(details, '$.quad') IS NULL"
        )
    else:
        op.execute(
            "UPDATE events SET details = jsonb_set(details::jsonb, '{quad}', 'null')::json "
            "WHERE NOT jsonb_exists(details::jsonb, 'quad')"
        )
