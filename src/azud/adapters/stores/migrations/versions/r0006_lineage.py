"""What the files of registered versions were, who made versions, and who read what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import JSON, Column, Integer, String

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make two tables, two columns and five indexes."""
    versions = "dataset_versions"
    op.add_column(versions, Column("fingerprint", JSON))
    op.add_column(versions, Column("seen", JSON))
    op.create_index("dataset_versions_by_dataset", versions, ["dataset_id"])
    op.create_index("dataset_versions_unseen", versions, ["created_at"], sqlite_where=sa.text("fingerprint IS NULL"))
    op.create_table(
        "dataset_makers",
        Column("name", String, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("step_run_id", String, primary_key=True),
        Column("how", String, nullable=False),
        Column("output", String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("dataset_makers_by_step", "dataset_makers", ["step_run_id"])
    op.create_table(
        "data_uses",
        Column("step_run_id", String, primary_key=True),
        Column("kind", String, primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("port", String, nullable=False),
        Column("dataset_id", String),
        Column("name", String),
        Column("version", Integer),
        Column("output_of", String),
        sqlite_with_rowid=False,
    )
    for name, column in (("data_uses_by_dataset", "dataset_id"), ("data_uses_by_output", "output_of")):
        op.create_index(name, "data_uses", [column], sqlite_where=sa.text(f"{column} IS NOT NULL"))
