"""What is written of data: what step runs read, who made versions, and what their files were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.bulk import ManyRows
from azud.engine.ports import VersionState
from azud.model.codec import from_json, to_json
from azud.model.data import DatasetDefinition, DatasetRecord, DataState, has_drifted
from azud.model.lineage import READ, DataUse

_versions, _datasets = schema.dataset_versions, schema.datasets
_PUT_USES = ManyRows(insert(schema.data_uses).prefix_with("OR REPLACE"))
_PUT_DATASET = insert(_datasets).on_conflict_do_nothing()
_PUT_MAKERS = insert(schema.dataset_makers).on_conflict_do_nothing()
VERSION_COLUMNS = (*_versions.c, _datasets.c.definition)
"""What `version_record` reads, of `VERSIONS`."""
VERSIONS = _versions.join(_datasets, _datasets.c.id == _versions.c.dataset_id)


def version_record(row: Any) -> DatasetRecord:
    """Return the registered version that a row of `VERSION_COLUMNS` holds."""
    fingerprint, seen = _state(row.fingerprint), _state(row.seen)
    return DatasetRecord(
        id=row.dataset_id,
        definition=from_json(DatasetDefinition, row.definition),
        name=row.name,
        version=row.version,
        description=row.description,
        tags=row.tags,
        created_at=row.created_at,
        fingerprint=fingerprint,
        seen=seen,
        drifted=has_drifted(fingerprint, seen),
    )


def registered_id(connection: Connection, name: str, version: int | None) -> str | None:
    """Return the saved id of a registered dataset, of its newest version if None is given; None if there is none."""
    query = sa.select(_versions.c.dataset_id).where(_versions.c.name == name)
    if version is not None:
        query = query.where(_versions.c.version == version)
    found: str | None = connection.scalar(query.order_by(_versions.c.version.desc()).limit(1))
    return found


def _state(body: Any) -> DataState | None:
    return None if body is None else from_json(DataState, body)


def write_uses(connection: Connection, uses: Sequence[DataUse]) -> None:
    """Write what step runs read; what is written again takes its own place.

    A registered dataset that was read by name alone gets the version that had this definition. What a job looked at
    only to register it is no reading.
    """
    rows: list[dict[str, Any]] = []
    for use in uses:
        if use.kind == READ and use.name is None and use.dataset_id is not None and _registered_it(connection, use):
            continue
        row = dict(vars(use))
        if use.name is not None and use.version is None:
            row["version"] = connection.scalar(
                sa.select(sa.func.max(_versions.c.version)).where(
                    _versions.c.name == use.name, _versions.c.dataset_id == use.dataset_id
                )
            )
        rows.append(row)
    _PUT_USES.run(connection, rows)


def _registered_it(connection: Connection, use: DataUse) -> bool:
    makers = schema.dataset_makers
    made = sa.and_(_versions.c.name == makers.c.name, _versions.c.version == makers.c.version)
    query = sa.select(_versions.c.version).join(makers, made)
    where = (makers.c.step_run_id == use.step_run_id, _versions.c.dataset_id == use.dataset_id)
    return connection.scalar(query.where(*where).limit(1)) is not None


def keep_definitions(connection: Connection, definitions: Mapping[str, Any], now: str) -> None:
    """Save the definitions of datasets, by their ids; those that are saved stay as they are."""
    if definitions:
        rows = [{"id": name, "definition": body, "created_at": now} for name, body in definitions.items()]
        connection.execute(_PUT_DATASET, rows)


def write_makers(connection: Connection, name: str, version: int, makers: Iterable[tuple[str, str, str]]) -> None:
    """Write who made a version: `(step run, how, output)`; the first that is said of a step run counts."""
    rows = [
        {"name": name, "version": version, "step_run_id": step_run, "how": how, "output": output}
        for step_run, how, output in makers
    ]
    if rows:
        connection.execute(_PUT_MAKERS, rows)


def write_state(connection: Connection, found: VersionState) -> None:
    """Keep what a version's files are: as its fingerprint if it has none with a digest, else as what was seen since.

    Effects: None if the version is gone or means something else, or if nothing is new.
    """
    is_it = (
        _versions.c.name == found.name,
        _versions.c.version == found.version,
        _versions.c.dataset_id == found.dataset_id,
    )
    row = connection.execute(sa.select(_versions.c.fingerprint, _versions.c.seen).where(*is_it)).first()
    if row is None:
        return
    fingerprint, seen = _state(row.fingerprint), _state(row.seen)
    body = to_json(found.state)
    if fingerprint is None or fingerprint.digest is None:
        connection.execute(_versions.update().where(*is_it).values(fingerprint=body))
    elif found.state.digest not in (None, (seen or fingerprint).digest):
        connection.execute(_versions.update().where(*is_it).values(seen=body))
