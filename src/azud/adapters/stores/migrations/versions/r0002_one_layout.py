"""One layout: rows found by their key lie in the key's own tree, and lists index pipeline runs only.

Databases that say 0001 were made in four layouts, because the first tables that came later came without a revision of
their own: `environment_contents` and `observations` may be missing, indexes may be the full ones, tables may have a
rowid. What is not there yet is made; what is there already is left alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import JSON, BigInteger, Column, Float, Integer, String, Text

revision = "0002"
down_revision = "0001"

_SUPERSEDED = "superseded_"


def upgrade() -> None:
    """Bring each of the layouts of 0001 to the present one; rows are kept."""
    tables = set(sa.inspect(op.get_bind()).get_table_names())
    if "environment_contents" not in tables:
        op.create_table(
            "environment_contents", Column("digest", String, primary_key=True), Column("body", JSON, nullable=False)
        )
    if "observations" not in tables:
        op.create_table(
            "observations",
            Column("step_run_id", String, primary_key=True),
            Column("reads", JSON, nullable=False),
            Column("writes", JSON, nullable=False),
        )
    for name, columns in _keyed_tables().items():
        _key_first(name, columns)
    op.create_index("ix_outputs_run_id", "outputs", ["run_id"], if_not_exists=True)
    whole_runs = sa.text("parent_id IS NULL")
    for name, column in (("runs_by_time", "created_at"), ("runs_by_status", "status")):
        op.drop_index(name, "runs")
        op.create_index(name, "runs", [column], sqlite_where=whole_runs)


def _key_first(name: str, columns: list[Column[object]]) -> None:
    """Give a table the layout that finds rows by their key, unless it has it."""
    connection = op.get_bind()
    made_by = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
    if "WITHOUT ROWID" in str(made_by):
        return
    # The old table steps aside, and not the new one into its place: the schema then reads as if made in one go.
    op.rename_table(name, _SUPERSEDED + name)
    op.create_table(name, *columns, sqlite_with_rowid=False)
    names = ", ".join(f'"{column.name}"' for column in columns)
    op.execute(f'INSERT INTO "{name}" ({names}) SELECT {names} FROM "{_SUPERSEDED}{name}"')  # noqa: S608 - our own names
    op.drop_table(_SUPERSEDED + name)


def _keyed_tables() -> dict[str, list[Column[object]]]:
    return {
        "run_events": [
            _key("run_id"),
            Column("seq", Integer, primary_key=True),
            _text("type"),
            Column("body", JSON, nullable=False),
        ],
        "attempts": [
            _key("id"),
            _text("step_run_id"),
            _text("run_id"),
            _text("outcome"),
            Column("exit", JSON),
            _text("ended_at"),
        ],
        "step_usage": [
            _key("signature"),
            Column("max_rss_bytes", BigInteger, nullable=False),
            Column("duration_s", Float, nullable=False),
            _text("ended_at"),
        ],
        "outputs": [
            _key("step_run_id"),
            _key("name"),
            _text("run_id"),
            _text("datastore"),
            _text("path"),
            Column("data_type", String),
            Column("pipeline_output_name", String),
            Column("sealed", JSON, nullable=False),
        ],
        "metrics": [
            _key("run_id"),
            Column("seq", Integer, primary_key=True),
            _text("name"),
            _text("kind"),
            Column("value", JSON),
            Column("step", Integer),
            _text("at"),
        ],
        "reuse_entries": [
            _key("action_key"),
            _text("run_id"),
            _text("step_run_id"),
            _text("created_at"),
            _text("last_used_at"),
        ],
        "reuse_decisions": [
            _key("step_run_id"),
            _text("outcome"),
            Column("reason", Text, nullable=False),
            Column("action_key", String),
            Column("reused_from", String),
        ],
    }


def _key(name: str) -> Column[object]:
    return Column(name, String, primary_key=True)


def _text(name: str) -> Column[object]:
    return Column(name, String, nullable=False)
