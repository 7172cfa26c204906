"""A store knows the log that it is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for the log's id; what is stored already takes that of the next service."""
    op.add_column("log_position", sa.Column("log_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Forget of which log a store is."""
    op.drop_column("log_position", "log_id")
