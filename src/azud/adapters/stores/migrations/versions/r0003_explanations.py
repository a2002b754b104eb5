"""What explanations and verifications need: the files of an input, what a second execution found, steps by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import JSON, Column, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make two tables and an index."""
    op.create_table("data_contents", Column("digest", String, primary_key=True), Column("body", JSON, nullable=False))
    op.create_table(
        "verifications",
        Column("step_run_id", String, primary_key=True),
        Column("verified_by", String, primary_key=True),
        Column("outcome", String, nullable=False),
        Column("body", JSON, nullable=False),
        Column("at", String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("steps_by_name", "runs", ["name", "created_at"], sqlite_where=sa.text("parent_id IS NOT NULL"))
