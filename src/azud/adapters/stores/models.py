"""Registered models as rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import idempotency, schema
from azud.adapters.stores.database import Database
from azud.core.clock import now_text
from azud.core.errors import NotFoundError
from azud.model.codec import from_json, to_json
from azud.model.models import ModelRecord

_table, _names = schema.models, schema.model_names


class SqlModels:
    """`azud.services.models.ModelStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def models(self, name: str | None) -> Sequence[ModelRecord]:
        with self._database.read() as connection:
            return read_models(connection, name)

    def add(self, record: ModelRecord, key: str | None) -> ModelRecord:
        now = now_text()
        with self._database.write(point="store.model") as connection:
            made = idempotency.made_by(connection, key)
            if made is not None:
                name, _, number = made.rpartition(":")
                return _load(connection, name, int(number))
            digests = schema.snapshots.c.digest
            if connection.scalar(sa.select(digests).where(digests == record.snapshot)) is None:
                raise NotFoundError(f"the files of model {record.name!r} are gone", hint="register it again")
            statement = insert(_names).values(name=record.name, last_version=1)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={"last_version": _names.c.last_version + 1}
                )
            )
            version = int(connection.scalar(sa.select(_names.c.last_version).where(_names.c.name == record.name)) or 0)
            kept = dataclasses.replace(record, version=version, created_at=now, modified_at=now)
            connection.execute(_table.insert(), [_row(kept)])
            idempotency.remember(connection, key, kept.id, now)
            return kept

    def change(self, name: str, version: int, **values: Any) -> ModelRecord | None:
        with self._database.write(point="store.model") as connection:
            found = connection.execute(sa.select(_table.c.body).where(*_is(name, version))).first()
            if found is None:
                return None
            record = dataclasses.replace(from_json(ModelRecord, found.body), **values, modified_at=now_text())
            connection.execute(_table.update().where(*_is(name, version)).values(body=to_json(record)))
            return record

    def delete(self, name: str, version: int) -> bool:
        with self._database.write(point="store.model") as connection:
            return bool(connection.execute(_table.delete().where(*_is(name, version))).rowcount)


def read_models(connection: Connection, name: str | None) -> list[ModelRecord]:
    """Return all versions of a name, or of every name."""
    query = sa.select(_table.c.body)
    if name is not None:
        query = query.where(_table.c.name == name)
    return [from_json(ModelRecord, body) for body in connection.scalars(query)]


def _load(connection: Connection, name: str, version: int) -> ModelRecord:
    body = connection.scalar(sa.select(_table.c.body).where(*_is(name, version)))
    if body is None:
        raise NotFoundError(f"model {name}:{version} was removed", hint="list them with: azud models ls")
    return from_json(ModelRecord, body)


def _is(name: str, version: int) -> tuple[Any, Any]:
    return _table.c.name == name, _table.c.version == version


def _row(record: ModelRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "version": record.version,
        "snapshot": record.snapshot,
        "run_id": record.run_id,
        "created_at": record.created_at,
        "body": to_json(record),
    }
