"""The first layout: every table has a rowid, lists of runs are indexed with all their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import JSON, BigInteger, Column, Float, Integer, String, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables in an empty database."""
    _bookkeeping()
    _runs()
    _results()
    _reuse()
    _assets()


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _json(name: str) -> Column[sa.JSON]:
    return Column(name, JSON, nullable=False)


def _bookkeeping() -> None:
    op.create_table("meta", _key("key"), Column("value", Text, nullable=False))
    op.create_table(
        "leases", _key("name"), _text("holder"), Column("token", Integer, nullable=False), _text("acquired_at")
    )
    op.create_table("idempotency", _key("key"), _text("run_id"), _text("created_at"))


def _runs() -> None:
    op.create_table(
        "experiments",
        _key("name"),
        Column("id", String, nullable=False, unique=True),
        _text("created_at"),
        Column("last_number", Integer, nullable=False),
        _json("tags"),
    )
    optional = ("parent_id", "node_id", "step_type", "compute", "attempt", "reused_from", "action_key")
    op.create_table(
        "runs",
        _key("id"),
        _text("type"),
        _text("experiment"),
        Column("number", Integer, nullable=False),
        Column("position", Integer, nullable=False),
        _text("name"),
        _text("status"),
        *(Column(name, String) for name in optional),
        _text("created_at"),
        Column("started_at", String),
        Column("ended_at", String),
        Column("error", JSON),
        *(_json(name) for name in ("tags", "properties", "warnings")),
        _text("submitted_by"),
        Column("snapshot", String),
        Column("definition", String),
        Column("options", JSON),
    )
    op.create_index("runs_by_parent", "runs", ["parent_id", "position"])
    op.create_index("runs_by_time", "runs", ["created_at"])
    op.create_index("runs_by_status", "runs", ["status"])
    op.create_table(
        "run_events", _key("run_id"), Column("seq", Integer, primary_key=True), _text("type"), _json("body")
    )
    op.create_table("definitions", _key("digest"), _json("body"))
    op.create_table("snapshots", _key("digest"), _json("body"))


def _results() -> None:
    op.create_table(
        "attempts",
        _key("id"),
        _text("step_run_id"),
        _text("run_id"),
        _text("outcome"),
        Column("exit", JSON),
        _text("ended_at"),
    )
    op.create_index("ix_attempts_step_run_id", "attempts", ["step_run_id"])
    op.create_index("ix_attempts_run_id", "attempts", ["run_id"])
    op.create_table(
        "step_usage",
        _key("signature"),
        Column("max_rss_bytes", BigInteger, nullable=False),
        Column("duration_s", Float, nullable=False),
        _text("ended_at"),
    )
    op.create_table(
        "outputs",
        _key("step_run_id"),
        _key("name"),
        _text("run_id"),
        _text("datastore"),
        _text("path"),
        Column("data_type", String),
        Column("pipeline_output_name", String),
        _json("sealed"),
    )
    op.create_index("ix_outputs_run_id", "outputs", ["run_id"])
    op.create_table(
        "metrics",
        _key("run_id"),
        Column("seq", Integer, primary_key=True),
        _text("name"),
        _text("kind"),
        Column("value", JSON),
        Column("step", Integer),
        _text("at"),
    )


def _reuse() -> None:
    op.create_table(
        "reuse_entries",
        _key("action_key"),
        _text("run_id"),
        _text("step_run_id"),
        _text("created_at"),
        _text("last_used_at"),
    )
    op.create_index("ix_reuse_entries_step_run_id", "reuse_entries", ["step_run_id"])
    op.create_table(
        "reuse_decisions",
        _key("step_run_id"),
        _text("outcome"),
        Column("reason", Text, nullable=False),
        Column("action_key", String),
        Column("reused_from", String),
    )
    op.create_table("preimages", _key("action_key"), _json("body"))


def _assets() -> None:
    op.create_table("datastores", _key("name"), _json("body"), Column("is_default", Integer, nullable=False))
    op.create_table("datasets", _key("id"), _json("definition"), _text("created_at"))
    op.create_table(
        "dataset_versions",
        _key("name"),
        Column("version", Integer, primary_key=True),
        _text("dataset_id"),
        Column("description", Text, nullable=False),
        _json("tags"),
        _text("created_at"),
    )
    op.create_table("compute_targets", _key("name"), _json("body"))
    op.create_table(
        "environments",
        _key("name"),
        _key("version"),
        Column("position", Integer, nullable=False),
        _json("definition"),
        _text("created_at"),
    )
