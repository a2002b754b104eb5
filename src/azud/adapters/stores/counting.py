"""Experiments as rows, and the numbers that their runs get."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.core.ids import new_uuid


def next_number(connection: Connection, experiment: str, now: str) -> int:
    """Count a run of an experiment, making the experiment if need be."""
    ensure_experiment_row(connection, experiment, now)
    table = schema.experiments
    connection.execute(table.update().where(table.c.name == experiment).values(last_number=table.c.last_number + 1))
    return int(connection.scalar(sa.select(table.c.last_number).where(table.c.name == experiment)) or 0)


def ensure_experiment_row(connection: Connection, name: str, now: str) -> None:
    """Make the experiment unless it exists."""
    connection.execute(
        insert(schema.experiments).on_conflict_do_nothing(),
        [{"name": name, "id": new_uuid(), "created_at": now, "last_number": 0, "tags": {}}],
    )
