"""Verifications of past steps: their rows, and the marks that they leave."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.reading import read_environment
from azud.adapters.stores.run_writes import merge_labels
from azud.model.codec import from_json, to_json
from azud.model.verifications import DIFFERENT, NONDETERMINISTIC, VERIFIES, Verification
from azud.services.verification_ports import Observed

_runs = schema.runs
_found = schema.verifications
_MAKER = sa.func.coalesce(_runs.c.reused_from, _runs.c.id)
_VERIFIES = sa.func.json_extract(_runs.c.properties, f'$."{VERIFIES}"')


class SqlVerifications:
    """`azud.services.verification_ports.VerificationStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def observed(self, step_run_id: str) -> Observed:
        table = schema.observations
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.step_run_id == step_run_id)).first()
        return Observed() if row is None else Observed(tuple(row.reads), tuple(row.writes))

    def environment_contents(self, digest: str) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            return read_environment(connection, digest)

    def add_verification(self, found: Verification, warning: str) -> None:
        with self._database.write(point="store.verification") as connection:
            added = connection.execute(
                insert(_found).on_conflict_do_nothing(),
                {
                    "step_run_id": found.step_run_id,
                    "verified_by": found.verified_by,
                    "outcome": found.outcome,
                    "body": to_json(found),
                    "at": found.at,
                },
            )
            if added.rowcount and found.outcome == DIFFERENT:
                _mark(connection, found, warning)

    def verifications(self, run_id: str) -> Sequence[Verification]:
        steps = sa.or_(_runs.c.parent_id == run_id, sa.and_(_runs.c.id == run_id, _runs.c.parent_id.is_not(None)))
        made = _runs.alias("made")
        of_result = sa.and_(steps, _found.c.step_run_id == _MAKER)
        by_itself = sa.and_(steps, _found.c.verified_by == _runs.c.id)
        of_code = (
            sa.select(_found.c.body, _runs.c.id)
            .select_from(
                _found.join(made, made.c.id == _found.c.step_run_id).join(
                    _runs, sa.and_(_runs.c.name == made.c.name, _runs.c.snapshot == made.c.snapshot)
                )
            )
            .where(steps, _found.c.outcome == DIFFERENT, made.c.id != _MAKER, _found.c.verified_by != _runs.c.id)
        )
        with self._database.read() as connection:
            rows = [
                (row, False)
                for condition in (of_result, by_itself)
                for row in connection.execute(sa.select(_found.c.body, _runs.c.id).where(condition))
            ]
            rows += [(row, True) for row in connection.execute(of_code)]
        return _in_order(
            dataclasses.replace(from_json(Verification, row.body), applies_to=row.id, of_same_code=of_same_code)
            for row, of_same_code in rows
        )

    def compared(self, run_id: str) -> frozenset[str]:
        with self._database.read() as connection:
            query = sa.select(_found.c.verified_by).join(_runs, _runs.c.id == _found.c.verified_by)
            return frozenset(connection.scalars(query.where(_runs.c.parent_id == run_id)))

    def unsettled(self) -> Sequence[str]:
        compared = sa.select(_found.c.verified_by)
        step = _runs.alias("step")
        open_steps = sa.exists().where(step.c.parent_id == _runs.c.id, step.c.id.not_in(compared))
        with self._database.read() as connection:
            query = sa.select(_runs.c.id).where(_runs.c.parent_id.is_(None), _VERIFIES.is_not(None), open_steps)
            return list(connection.scalars(query.order_by(_runs.c.created_at)))


def _mark(connection: Connection, found: Verification, warning: str) -> None:
    """Mark the step run that made other bytes when it ran again, unless it is gone."""
    where = _runs.c.id == found.step_run_id
    warnings = connection.scalar(sa.select(_runs.c.warnings).where(where))
    if warnings is None:
        return
    names = ", ".join(item.name() for item in found.files)
    merge_labels(connection, found.step_run_id, {}, {NONDETERMINISTIC: names})
    if warning not in warnings:
        connection.execute(_runs.update().where(where).values(warnings=[*warnings, warning]))


def _in_order(found: Iterable[Verification]) -> list[Verification]:
    return sorted(found, key=lambda item: (item.at, item.step_run_id, item.applies_to))
