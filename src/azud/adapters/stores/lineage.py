"""Reads what step runs read and made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.lineage_writes import VERSION_COLUMNS, VERSIONS, version_record
from azud.adapters.stores.reading import chunks
from azud.adapters.stores.rows import RECORD_COLUMNS, run_record
from azud.model.codec import from_json
from azud.model.data import DatasetDefinition, DatasetRecord
from azud.model.lineage import DataUse
from azud.model.runs import RunRecord, RunType
from azud.services.lineage_ports import Handed, Made

_runs, _uses, _makers, _versions = schema.runs, schema.data_uses, schema.dataset_makers, schema.dataset_versions


class SqlLineage:
    """`azud.services.lineage_ports.LineageStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def makers(self, versions: Iterable[tuple[str, int]]) -> Sequence[Made]:
        return [Made(*row) for row in self._pairs(sa.select(_makers), _makers, versions)]

    def made(self, step_runs: Iterable[str]) -> Sequence[Made]:
        return [Made(*row) for row in self._rows(sa.select(_makers), _makers.c.step_run_id, step_runs)]

    def uses_by(self, step_runs: Iterable[str]) -> Sequence[DataUse]:
        return [DataUse(*row) for row in self._rows(sa.select(_uses), _uses.c.step_run_id, step_runs)]

    def uses_of(self, dataset_ids: Iterable[str]) -> Sequence[DataUse]:
        return [DataUse(*row) for row in self._rows(sa.select(_uses), _uses.c.dataset_id, dataset_ids)]

    def uses_of_outputs(self, step_runs: Iterable[str]) -> Sequence[DataUse]:
        return [DataUse(*row) for row in self._rows(sa.select(_uses), _uses.c.output_of, step_runs)]

    def versions(self, names: Iterable[tuple[str, int]]) -> Sequence[DatasetRecord]:
        query = sa.select(*VERSION_COLUMNS).select_from(VERSIONS)
        return [version_record(row) for row in self._pairs(query, _versions, names)]

    def versions_of(self, dataset_ids: Iterable[str]) -> Sequence[DatasetRecord]:
        query = sa.select(*VERSION_COLUMNS).select_from(VERSIONS)
        return [version_record(row) for row in self._rows(query, _versions.c.dataset_id, dataset_ids)]

    def saved(self, dataset_ids: Iterable[str]) -> Mapping[str, DatasetRecord]:
        table = schema.datasets
        rows = self._rows(sa.select(table), table.c.id, dataset_ids)
        return {
            row.id: DatasetRecord(row.id, from_json(DatasetDefinition, row.definition), created_at=row.created_at)
            for row in rows
        }

    def steps(self, step_runs: Iterable[str]) -> Mapping[str, RunRecord]:
        rows = self._rows(sa.select(*RECORD_COLUMNS), _runs.c.id, step_runs)
        return {row.id: run_record(row._mapping) for row in rows}

    def step_ids(self, run_id: str) -> Sequence[str]:
        is_one = sa.and_(_runs.c.id == run_id, _runs.c.parent_id.is_not(None))
        query = sa.select(_runs.c.id).where(sa.or_(_runs.c.parent_id == run_id, is_one)).order_by(_runs.c.position)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def script_runs(self, runs: Iterable[str]) -> frozenset[str]:
        query = sa.select(_runs.c.id).where(_runs.c.type == RunType.SCRIPT)
        return frozenset(row.id for row in self._rows(query, _runs.c.id, runs))

    def handed(self, run_id: str) -> Sequence[Handed]:
        table = schema.definitions
        query = sa.select(table.c.body).join(_runs, _runs.c.definition == table.c.digest).where(_runs.c.id == run_id)
        with self._database.read() as connection:
            body = connection.scalar(query)
            if body is None:
                return []
            rows = connection.execute(sa.select(_runs.c.node_id, _runs.c.id).where(_runs.c.parent_id == run_id))
            ids = {node: step_run for node, step_run in rows}
        return [
            Handed(ids[port["step"]], ids[step["id"]], str(port.get("output") or ""))
            for step in body["steps"]
            for port in step.get("inputs") or ()
            if port.get("step") in ids and step["id"] in ids
        ]

    def _rows(self, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[str]) -> list[Any]:
        found: list[Any] = []
        with self._database.read() as connection:
            for chunk in chunks(sorted(set(values))):
                found += connection.execute(query.where(column.in_(chunk)))
        return found

    def _pairs(self, query: sa.Select[Any], table: sa.Table, pairs: Iterable[tuple[str, int]]) -> list[Any]:
        wanted = set(pairs)
        rows = self._rows(query, table.c.name, [name for name, _ in wanted])
        return [row for row in rows if (row.name, row.version) in wanted]
