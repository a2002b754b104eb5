"""Experiments: names under which runs are kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from azud.adapters.stores import schema
from azud.adapters.stores.counting import ensure_experiment_row
from azud.adapters.stores.database import Database
from azud.core.clock import now_text

_table = schema.experiments


class SqlExperiments:
    """`azud.services.experiments.ExperimentStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def experiments(self) -> Sequence[dict[str, Any]]:
        with self._database.read() as connection:
            return [_experiment(row) for row in connection.execute(sa.select(_table).order_by(_table.c.created_at))]

    def ensure(self, name: str) -> dict[str, Any]:
        query = sa.select(_table).where(_table.c.name == name)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            with self._database.write(point="store.experiment") as connection:
                ensure_experiment_row(connection, name, now_text())
                row = connection.execute(query).one()
        return _experiment(row)

    def tag(self, name: str, set_tags: Mapping[str, str | None], remove_tags: Sequence[str]) -> None:
        with self._database.write(point="store.experiment") as connection:
            tags = connection.scalar(sa.select(_table.c.tags).where(_table.c.name == name)) or {}
            changed = {key: value for key, value in {**tags, **set_tags}.items() if key not in remove_tags}
            connection.execute(_table.update().where(_table.c.name == name).values(tags=changed))

    def archive(self, name: str, archived: bool) -> None:
        when = sa.func.coalesce(_table.c.archived_at, now_text()) if archived else None
        with self._database.write(point="store.experiment") as connection:
            connection.execute(_table.update().where(_table.c.name == name).values(archived_at=when))

    def delete(self, name: str) -> bool:
        used = [
            sa.exists().where(table.c.experiment == _table.c.name) for table in (schema.runs, schema.interactive_runs)
        ]
        with self._database.write(point="store.experiment") as connection:
            gone = connection.execute(_table.delete().where(_table.c.name == name, *map(sa.not_, used)))
            return bool(gone.rowcount)


def _experiment(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "created_at": row.created_at,
        "archived_at": row.archived_at,
        "tags": row.tags,
        "run_count": row.last_number,
    }
