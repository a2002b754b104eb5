"""Earlier decisions, and what went into keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.reading import read_environment
from azud.engine.ports import ListedFile
from azud.model.explanation import EarlierStep
from azud.model.runs import RunRecord
from azud.model.verifications import VERIFIES
from azud.services.explaining_ports import EarlierKey

_steps, _parents = schema.runs.alias("steps"), schema.runs.alias("parents")
_IS_VERIFICATION = sa.func.json_extract(_steps.c.properties, f'$."{VERIFIES}"')
"""Not null for steps that were run again aside: nobody changed anything for them."""
_EARLIER = (
    _steps.c.id,
    _steps.c.parent_id,
    _steps.c.status,
    _steps.c.created_at,
    _steps.c.warnings,
    _parents.c.experiment,
    _parents.c.number,
)


class SqlExplanations:
    """`azud.services.explaining_ports.ExplanationStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def earlier_keys(self, name: str, limit: int, before: RunRecord | None = None) -> Sequence[EarlierKey]:
        decisions, preimages = schema.reuse_decisions, schema.preimages
        rows = (
            sa.select(*_EARLIER, decisions.c.outcome, decisions.c.action_key)
            .join(_parents, _parents.c.id == _steps.c.parent_id)
            .join(decisions, decisions.c.step_run_id == _steps.c.id)
            .where(
                _steps.c.name == name,
                _steps.c.parent_id.is_not(None),
                decisions.c.action_key.is_not(None),
                _IS_VERIFICATION.is_(None),
            )
            .order_by(_steps.c.created_at.desc(), _steps.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            # Steps of one run were all made at one moment, and a run does not reuse its own results.
            rows = rows.where(_steps.c.parent_id != before.parent_id, _steps.c.created_at <= before.created_at)
        found: dict[str, EarlierKey] = {}
        with self._database.read() as connection:
            newest = connection.execute(rows).all()
            keys = {row.action_key for row in newest}
            bodies = dict(
                connection.execute(
                    sa.select(preimages.c.action_key, preimages.c.body).where(preimages.c.action_key.in_(keys))
                ).all()
            )
        for row in newest:
            if row.action_key in bodies and row.action_key not in found:
                found[row.action_key] = EarlierKey(
                    _earlier(row), row.outcome, row.action_key, bodies[row.action_key], tuple(row.warnings)
                )
        return list(found.values())

    def earlier_step(self, step_run_id: str) -> EarlierStep | None:
        query = (
            sa.select(*_EARLIER).join(_parents, _parents.c.id == _steps.c.parent_id).where(_steps.c.id == step_run_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return None if row is None else _earlier(row)

    def step_run_of(self, run_id: str, node_id: str) -> str | None:
        table = schema.runs
        query = sa.select(sa.func.coalesce(table.c.reused_from, table.c.id)).where(
            table.c.parent_id == run_id, table.c.node_id == node_id
        )
        with self._database.read() as connection:
            found: str | None = connection.scalar(query)
            return found

    def environment(self, digest: str) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            return read_environment(connection, digest)

    def data_files(self, digest: str) -> Sequence[ListedFile] | None:
        table = schema.data_contents
        with self._database.read() as connection:
            found = connection.scalar(sa.select(table.c.body).where(table.c.digest == digest))
            return None if found is None else [(name, file, size) for name, file, size in found]


def _earlier(row: Any) -> EarlierStep:
    return EarlierStep(row.id, row.parent_id, row.experiment, row.number, row.status, row.created_at)
