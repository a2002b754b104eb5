"""Datastores, datasets, compute targets, environments and snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.lineage_writes import (
    VERSION_COLUMNS,
    VERSIONS,
    registered_id,
    version_record,
    write_state,
)
from azud.adapters.stores.reading import read_compute_targets, read_datastores, read_snapshot
from azud.adapters.stores.run_writes import register_version
from azud.core.clock import now_text
from azud.core.errors import ConflictError, NotFoundError
from azud.engine.ports import VersionState
from azud.model.codec import from_json, to_json
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatasetDefinition, DatasetRecord, DatastoreRecord
from azud.model.snapshot import SourceSnapshot


class SqlAssetCatalog:
    """`azud.services.ports.AssetCatalog` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- datastores -----------------------------------------------------------------------------

    def datastores(self) -> Sequence[DatastoreRecord]:
        with self._database.read() as connection:
            return read_datastores(connection)

    def put_datastore(self, record: DatastoreRecord, credential: str | None = None) -> None:
        with self._database.write(point="store.datastore") as connection:
            statement = insert(schema.datastores).values(
                name=record.name, body=to_json(record), is_default=int(record.is_default), credential=credential
            )
            changed = {"body": statement.excluded.body, "credential": statement.excluded.credential}
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))

    def credential(self, name: str) -> str | None:
        table = schema.datastores
        with self._database.read() as connection:
            found: str | None = connection.scalar(sa.select(table.c.credential).where(table.c.name == name))
            return found

    def delete_datastore(self, name: str) -> None:
        with self._database.write(point="store.datastore") as connection:
            connection.execute(schema.datastores.delete().where(schema.datastores.c.name == name))

    def set_default_datastore(self, name: str) -> None:
        table = schema.datastores
        with self._database.write(point="store.datastore") as connection:
            connection.execute(table.update().values(is_default=sa.case((table.c.name == name, 1), else_=0)))

    # -- datasets -------------------------------------------------------------------------------

    def save_dataset(self, record: DatasetRecord) -> DatasetRecord:
        with self._database.write(point="store.dataset") as connection:
            connection.execute(
                insert(schema.datasets).on_conflict_do_nothing(),
                [{"id": record.id, "definition": to_json(record.definition), "created_at": now_text()}],
            )
        return self.dataset(record.id)

    def dataset(self, dataset_id: str) -> DatasetRecord:
        with self._database.read() as connection:
            row = connection.execute(sa.select(schema.datasets).where(schema.datasets.c.id == dataset_id)).first()
        if row is None:
            raise NotFoundError(f"there is no dataset with id {dataset_id}", hint="list them with: azud data ls")
        return DatasetRecord(row.id, from_json(DatasetDefinition, row.definition), created_at=row.created_at)

    def dataset_versions(self, name: str | None) -> Sequence[DatasetRecord]:
        versions = schema.dataset_versions
        query = sa.select(*VERSION_COLUMNS).select_from(VERSIONS)
        if name is not None:
            query = query.where(versions.c.name == name)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(versions.c.name, versions.c.version.desc()))
            return [version_record(row) for row in rows]

    def registered_id(self, name: str, version: int | None) -> str | None:
        with self._database.read() as connection:
            return registered_id(connection, name, version)

    def unseen_versions(self) -> Sequence[DatasetRecord]:
        versions = schema.dataset_versions
        query = sa.select(*VERSION_COLUMNS).select_from(VERSIONS).where(versions.c.fingerprint.is_(None))
        with self._database.read() as connection:
            return [version_record(row) for row in connection.execute(query.order_by(versions.c.created_at))]

    def note_state(self, found: VersionState) -> None:
        with self._database.write(point="store.dataset") as connection:
            write_state(connection, found)

    def register_dataset(
        self, record: DatasetRecord, *, create_new_version: bool, makers: Sequence[tuple[str, str, str]] = ()
    ) -> DatasetRecord:
        versions = schema.dataset_versions
        with self._database.write(point="store.register") as connection:
            existing = connection.execute(
                sa.select(versions.c.version, versions.c.dataset_id)
                .where(versions.c.name == record.name)
                .order_by(versions.c.version.desc())
            ).first()
            unchanged = existing is not None and existing.dataset_id == record.id
            if existing is not None and not create_new_version and not unchanged:
                raise ConflictError(
                    f"a dataset called {record.name!r} is registered already",
                    hint="pass create_new_version=True, or choose another name",
                )
            if not unchanged:
                register_version(
                    connection,
                    {
                        "name": record.name,
                        "description": record.description,
                        "tags": record.tags,
                        "id": record.id,
                        "definition": to_json(record.definition),
                        "makers": makers,
                    },
                )
        return self.dataset_versions(record.name)[0]

    def change_dataset(
        self, name: str, version: int, *, description: str | None, tags: Mapping[str, str] | None
    ) -> bool:
        given = {"description": description, "tags": None if tags is None else dict(tags)}
        values = {column: value for column, value in given.items() if value is not None}
        versions = schema.dataset_versions
        is_it = (versions.c.name == name, versions.c.version == version)
        with self._database.write(point="store.dataset") as connection:
            if values:
                connection.execute(versions.update().where(*is_it).values(values))
            return connection.scalar(sa.select(versions.c.version).where(*is_it)) is not None

    def unregister_dataset(self, name: str) -> int:
        versions = schema.dataset_versions
        with self._database.write(point="store.dataset") as connection:
            makers = schema.dataset_makers
            connection.execute(makers.delete().where(makers.c.name == name))
            return int(connection.execute(versions.delete().where(versions.c.name == name)).rowcount)

    # -- compute targets ------------------------------------------------------------------------

    def compute_targets(self) -> Sequence[ComputeTargetRecord]:
        with self._database.read() as connection:
            return read_compute_targets(connection)

    def put_compute(self, record: ComputeTargetRecord) -> None:
        with self._database.write(point="store.compute") as connection:
            statement = insert(schema.compute_targets).values(name=record.name, body=to_json(record))
            connection.execute(
                statement.on_conflict_do_update(index_elements=["name"], set_={"body": statement.excluded.body})
            )

    def delete_compute(self, name: str) -> None:
        with self._database.write(point="store.compute") as connection:
            connection.execute(schema.compute_targets.delete().where(schema.compute_targets.c.name == name))

    # -- environments ---------------------------------------------------------------------------

    def environments(self) -> Sequence[dict[str, Any]]:
        table = schema.environments
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.name, table.c.position))
            return list({row.name: _environment(row) for row in rows}.values())

    def environment(self, name: str, version: str | None) -> dict[str, Any]:
        table = schema.environments
        query = sa.select(table).where(table.c.name == name).order_by(table.c.position.desc())
        if version is not None:
            query = query.where(table.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            asked = f"{name!r}" + (f" version {version}" if version else "")
            raise NotFoundError(f"there is no environment {asked}", hint="register it first")
        return _environment(row)

    def put_environment(self, name: str, definition: dict[str, Any]) -> dict[str, Any]:
        table = schema.environments
        with self._database.write(point="store.environment") as connection:
            newest = connection.execute(
                sa.select(table).where(table.c.name == name).order_by(table.c.position.desc())
            ).first()
            if newest is not None and newest.definition == definition:
                return _environment(newest)
            position = 1 if newest is None else newest.position + 1
            connection.execute(
                table.insert(),
                [
                    {
                        "name": name,
                        "version": str(position),
                        "position": position,
                        "definition": definition,
                        "created_at": now_text(),
                    }
                ],
            )
        return self.environment(name, str(position))

    # -- snapshots ------------------------------------------------------------------------------

    def put_snapshot(self, snapshot: SourceSnapshot) -> str:
        digest = snapshot.digest()
        with self._database.write(point="store.snapshot") as connection:
            connection.execute(
                insert(schema.snapshots).on_conflict_do_nothing(), [{"digest": digest, "body": to_json(snapshot)}]
            )
        return digest

    def snapshot(self, digest: str) -> SourceSnapshot:
        with self._database.read() as connection:
            return read_snapshot(connection, digest)

    def missing_snapshots(self, digests: Sequence[str]) -> Sequence[str]:
        table = schema.snapshots
        with self._database.read() as connection:
            found = set(connection.scalars(sa.select(table.c.digest).where(table.c.digest.in_(set(digests)))))
        return [digest for digest in dict.fromkeys(digests) if digest not in found]


def _environment(row: Any) -> dict[str, Any]:
    return {"name": row.name, "version": row.version, "definition": row.definition, "created_at": row.created_at}
