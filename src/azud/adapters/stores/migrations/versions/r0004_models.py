"""Models, secrets, runs that programs drive themselves or submit under another one, archived experiments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import JSON, Column, Integer, String, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make four tables and two columns."""
    op.add_column("experiments", Column("archived_at", String))
    op.add_column("runs", Column("submitted_under", String))
    op.create_index(
        "runs_submitted_under", "runs", ["submitted_under"], sqlite_where=sa.text("submitted_under IS NOT NULL")
    )
    _make_interactive_runs()
    _make_models()
    op.create_table(
        "secrets",
        Column("name", String, primary_key=True),
        Column("sealed", Text, nullable=False),
        Column("content_type", String, nullable=False),
        Column("created_at", String, nullable=False),
        Column("modified_at", String, nullable=False),
    )


def _make_interactive_runs() -> None:
    name = "interactive_runs"
    op.create_table(
        name,
        Column("id", String, primary_key=True),
        Column("experiment", String, nullable=False),
        Column("number", Integer, nullable=False),
        Column("name", String, nullable=False),
        Column("status", String, nullable=False),
        Column("parent_id", String),
        Column("position", Integer, nullable=False),
        Column("created_at", String, nullable=False),
        Column("started_at", String),
        Column("ended_at", String),
        Column("error", JSON),
        Column("tags", JSON, nullable=False),
        Column("properties", JSON, nullable=False),
        Column("submitted_by", String, nullable=False),
        Column("snapshot", String),
        Column("owner", JSON),
    )
    op.create_index("interactive_runs_by_parent", name, ["parent_id", "position"])
    op.create_index("interactive_runs_by_time", name, ["created_at"], sqlite_where=sa.text("parent_id IS NULL"))
    op.create_index("interactive_runs_by_status", name, ["status"])


def _make_models() -> None:
    op.create_table(
        "model_names", Column("name", String, primary_key=True), Column("last_version", Integer, nullable=False)
    )
    op.create_table(
        "models",
        Column("name", String, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("snapshot", String, nullable=False),
        Column("run_id", String),
        Column("created_at", String, nullable=False),
        Column("body", JSON, nullable=False),
    )
    op.create_index("models_by_run", "models", ["run_id"], sqlite_where=sa.text("run_id IS NOT NULL"))
