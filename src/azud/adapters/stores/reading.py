"""Assets that the engine and the services both read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.core.errors import BlobMissing, DefinitionError, RecordUnreadable
from azud.model.codec import from_json
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatastoreRecord
from azud.model.jobs import SealedOutput
from azud.model.snapshot import SourceSnapshot

_NAMED_AT_ONCE = 500
_SEALED = sa.select(schema.outputs.c.step_run_id, schema.outputs.c.sealed).where(
    schema.outputs.c.step_run_id.in_(sa.bindparam("step_runs", expanding=True))
)
COMPACTED = "Compacted"
"""Type of the one row of a run's events once they were put together."""


@contextlib.contextmanager
def readable(run_id: str) -> Iterator[None]:
    """Turn what damaged JSON, or events of another version, bring into one error that names the run."""
    try:
        yield
    except (ValueError, KeyError, TypeError, DefinitionError) as error:
        raise RecordUnreadable(
            f"what is stored of run {run_id} cannot be read: {type(error).__name__}: {error}",
            hint="submit it again; the other runs are not touched. A copy of azud.db from before may still have it",
        ) from error


def expanded(rows: Iterable[Any]) -> Iterator[tuple[int, str, Any]]:
    """Yield place, type and body of each event; a row of `COMPACTED` holds all events of a run that has ended."""
    for seq, kind, body in rows:
        if kind == COMPACTED:
            yield from ((place, name, event) for place, name, event in body)
        else:
            yield seq, kind, body


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Yield as many values at a time as one statement may name."""
    for start in range(0, len(values), _NAMED_AT_ONCE):
        yield values[start : start + _NAMED_AT_ONCE]


def read_datastores(connection: Connection) -> list[DatastoreRecord]:
    """Return all datastores by name."""
    table = schema.datastores
    rows = connection.execute(sa.select(table.c.body, table.c.is_default).order_by(table.c.name))
    return [from_json(DatastoreRecord, {**row.body, "is_default": bool(row.is_default)}) for row in rows]


def read_compute_targets(connection: Connection) -> list[ComputeTargetRecord]:
    """Return all compute targets by name."""
    rows = connection.execute(sa.select(schema.compute_targets).order_by(schema.compute_targets.c.name))
    return [from_json(ComputeTargetRecord, row.body) for row in rows]


def read_environment(connection: Connection, digest: str) -> Mapping[str, Any] | None:
    """Return what an environment held (`azud.job.fingerprint`), or None if that is not kept."""
    table = schema.environment_contents
    found: Mapping[str, Any] | None = connection.scalar(sa.select(table.c.body).where(table.c.digest == digest))
    return found


def read_snapshot(connection: Connection, digest: str) -> SourceSnapshot:
    """Return a stored snapshot.

    Raises:
        BlobMissing: It is not there.
    """
    body = connection.scalar(sa.select(schema.snapshots.c.body).where(schema.snapshots.c.digest == digest))
    if body is None:
        raise BlobMissing(f"snapshot {digest} is not stored", hint="submit the pipeline again")
    return from_json(SourceSnapshot, body)


def sealed_outputs(connection: Connection, step_runs: Sequence[str]) -> dict[str, tuple[SealedOutput, ...]]:
    """Return sealed outputs by the step run that made them; step runs that made none are left out."""
    found: dict[str, list[SealedOutput]] = {}
    for chunk in chunks(step_runs):
        for step_run_id, sealed in connection.execute(_SEALED, {"step_runs": chunk}):
            found.setdefault(step_run_id, []).append(from_json(SealedOutput, sealed))
    return {key: tuple(value) for key, value in found.items()}
