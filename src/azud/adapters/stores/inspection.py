"""What the store says of its own soundness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.model.codec import from_json
from azud.model.jobs import SealedOutput

_PAGE = 200
_runs, _interactive = schema.runs, schema.interactive_runs
_steps, _outputs, _entries = schema.runs.alias(), schema.outputs, schema.reuse_entries
# Kind of the row, its name, what it refers to, and the column and table in which that must be.
_REFERENCES = (
    ("run", _runs.c.id, "definition", _runs.c.definition, schema.definitions.c.digest),
    ("step run", _runs.c.id, "snapshot", _runs.c.snapshot, schema.snapshots.c.digest),
    ("run", _interactive.c.id, "snapshot", _interactive.c.snapshot, schema.snapshots.c.digest),
    ("model", schema.models.c.name, "content", schema.models.c.snapshot, schema.snapshots.c.digest),
    ("step run", _runs.c.id, "step run", _runs.c.reused_from, _steps.c.id),
    ("output", _outputs.c.step_run_id, "step run", _outputs.c.step_run_id, _runs.c.id),
    ("reuse entry", _entries.c.action_key, "step run", _entries.c.step_run_id, _runs.c.id),
    (
        "dataset",
        schema.dataset_versions.c.name,
        "definition",
        schema.dataset_versions.c.dataset_id,
        schema.datasets.c.id,
    ),
)


class SqlInspection:
    """`azud.services.upkeep_ports.InspectionStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check_integrity(self) -> Sequence[str]:
        with self._database.read() as connection:
            said = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        return [] if said == ["ok"] else said

    def dangling(self) -> Iterator[tuple[str, str, str]]:
        for kind, name, what, refers, target in _REFERENCES:
            query = sa.select(name, refers).where(refers.is_not(None), refers != "", refers.not_in(sa.select(target)))
            with self._database.read() as connection:
                rows = connection.execute(query).all()
            for row_name, missing in rows:
                yield kind, row_name, f"{what} {missing}"

    def sealed_outputs(self) -> Iterator[tuple[str, SealedOutput]]:
        table = schema.outputs
        query = sa.select(table.c.step_run_id, table.c.name, table.c.sealed)
        query = query.order_by(table.c.step_run_id, table.c.name).limit(_PAGE)
        after = ("", "")
        while True:
            with self._database.read() as connection:
                page = connection.execute(
                    query.where(sa.tuple_(table.c.step_run_id, table.c.name) > sa.tuple_(*after))
                ).all()
            for step_run, _, sealed in page:
                yield step_run, from_json(SealedOutput, sealed)
            if len(page) < _PAGE:
                return
            after = (page[-1].step_run_id, page[-1].name)

    def output_count(self) -> int:
        with self._database.read() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(schema.outputs)) or 0)

    def has_output(self, step_run_id: str, name: str) -> bool:
        table = schema.outputs
        with self._database.read() as connection:
            found = connection.scalar(
                sa.select(table.c.name).where(table.c.step_run_id == step_run_id, table.c.name == name)
            )
            return found is not None

    def blobs_named(self) -> Mapping[str, int]:
        with self._database.read() as connection:
            bodies = connection.scalars(sa.select(schema.snapshots.c.body))
            return {file["digest"]: file["size_bytes"] for body in bodies for file in body["files"]}

    def drop_entries_of(self, step_runs: Sequence[str]) -> int:
        with self._database.write(point="store.drop_entries") as connection:
            done = connection.execute(_entries.delete().where(_entries.c.step_run_id.in_(step_runs)))
            return int(done.rowcount)
