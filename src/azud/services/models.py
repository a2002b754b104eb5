"""Models: registered from uploaded files or from a run's, found, labelled, removed."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from azud.core.digests import digest_file
from azud.core.errors import ConflictError, NotFoundError, UserError
from azud.core.paths import clean_relative
from azud.model.codec import from_json
from azud.model.models import DatasetUse, ModelQuery, ModelRecord
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.services.files import FileService
from azud.services.ports import AssetCatalog, Blobs, RunCatalog

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$")
_PAGE = 100
_CHUNK = 1 << 20


@dataclasses.dataclass(frozen=True)
class ModelRegistration:
    """The body of `POST /models`: the model, and where its files are.

    Either `snapshot` names files that were uploaded, or `run_id` and `path` name a file or folder among a run's files.
    """

    name: str
    snapshot: str = ""
    path: str = ""
    run_id: str | None = None
    description: str = ""
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    framework: str = ""
    framework_version: str = ""
    datasets: tuple[DatasetUse, ...] = ()
    created_by: str = ""
    details: dict[str, Any] = dataclasses.field(default_factory=dict)


class ModelStore(Protocol):
    """Models as rows."""

    def models(self, name: str | None) -> Sequence[ModelRecord]:
        """Return all versions of a name, or of every name."""

    def add(self, record: ModelRecord, key: str | None) -> ModelRecord:
        """Keep a model under the next version of its name and return it.

        Idempotent: by `key`; one that was used returns the model that it made.
        """

    def change(self, name: str, version: int, **values: Any) -> ModelRecord | None:
        """Replace fields of a model by name; None if there is none."""

    def delete(self, name: str, version: int) -> bool:
        """Forget a model; its version is not given out again. False if there was none."""


class ModelService:
    """Registers and finds models.

    Args:
        store: The models.
        assets: Snapshots and datasets.
        blobs: Bytes of the files.
        runs: Which runs there are.
        files: What a run's files are.
    """

    def __init__(
        self, store: ModelStore, assets: AssetCatalog, blobs: Blobs, runs: RunCatalog, files: FileService
    ) -> None:
        self._store = store
        self._assets = assets
        self._blobs = blobs
        self._runs = runs
        self._files = files

    def register(self, body: Mapping[str, Any], key: str | None) -> ModelRecord:
        """Keep files as the next version of a model.

        Effects: Of a run's files, their bytes as blobs; then one row.
        Idempotent: by `key`.

        Raises:
            UserError: The name cannot be used, or it is not said where the files are.
            NotFoundError: There is no such run, file, snapshot or dataset.
        """
        asked = from_json(ModelRegistration, dict(body), "body")
        if not _NAME.match(asked.name):
            raise UserError(
                f"a model cannot be called {asked.name!r}", hint="use letters, digits, '-', '_' and '.', up to 255"
            )
        self._check_datasets(asked.datasets)
        experiment = None if asked.run_id is None else self._runs.run(asked.run_id).experiment
        digest = asked.snapshot or self._of_run(asked.run_id, asked.path)
        content = self._assets.snapshot(digest)
        if not content.files:
            raise UserError(f"model {asked.name!r} has no files", hint="register a file, or a folder that holds some")
        values = {
            field.name: getattr(asked, field.name)
            for field in dataclasses.fields(asked)
            if field.name not in ("snapshot", "path")
        }
        size = sum(file.size_bytes for file in content.files)
        record = ModelRecord(version=0, snapshot=digest, size_bytes=size, experiment=experiment, **values)
        return self._store.add(record, key)

    def _of_run(self, run_id: str | None, path: str) -> str:
        """Keep a run's files as blobs and return the digest of their listing."""
        if run_id is None:
            raise UserError("it is not said where the model's files are", hint="send snapshot, or run_id and path")
        kept = tuple(self._kept_files(run_id, clean_relative(path)))
        if not kept:
            raise NotFoundError(
                f"run {run_id} has no file or folder {path!r}", hint=f"list them with: azud runs show {run_id}"
            )
        return self._assets.put_snapshot(SourceSnapshot(kept))

    def _kept_files(self, run_id: str, path: str) -> Iterator[SnapshotFile]:
        entry = path.rpartition("/")[2]
        for file in self._files.files(run_id):
            if file.path != path and not file.path.startswith(f"{path}/"):
                continue
            place = self._files.open(run_id, file.path).local_path
            digest = digest_file(place)
            if self._blobs.missing([digest]):
                self._blobs.put(digest, _chunks(place))
            yield SnapshotFile(entry + file.path[len(path) :], digest, os.path.getsize(place))

    def models(self, query: ModelQuery, after: str | None = None) -> tuple[Sequence[ModelRecord], str | None]:
        """Return a page of the models that match, newest first, and the cursor of the next one."""
        found = query.matching(self._store.models(query.name))
        start = 0
        if after is not None:
            places = [index for index, record in enumerate(found) if record.id == after]
            start = places[0] + 1 if places else len(found)
        page = found[start : start + _PAGE]
        return page, page[-1].id if start + _PAGE < len(found) else None

    def model(self, name: str, version: int | None) -> ModelRecord:
        """Return a model; without a version the newest.

        Raises:
            NotFoundError: There is none.
        """
        found = ModelQuery(name=name, version=version, latest=True).matching(self._store.models(name))
        if not found:
            which = f"{name!r}" + ("" if version is None else f" version {version}")
            raise NotFoundError(f"no model {which} is registered", hint="list them with: azud models ls")
        return found[0]

    def change(self, name: str, version: int, body: Mapping[str, Any]) -> ModelRecord:
        """Change what may change: tags, the description, details; add properties and datasets.

        Args:
            name: Of the model.
            version: Of the model.
            body: `{"set_tags", "remove_tags", "add_properties", "description", "add_datasets", "details"}`; each may
                be left out.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: A property exists with another value; nothing was changed.
        """
        record = self.model(name, version)
        removed = body.get("remove_tags") or []
        tags = {**record.tags, **(body.get("set_tags") or {})}
        for key, value in (body.get("add_properties") or {}).items():
            if record.properties.get(key, value) != value:
                raise ConflictError(
                    f"model {record.id} already has property {key!r}", hint="properties can be added, never changed"
                )
        added = tuple(from_json(DatasetUse, item, "body.add_datasets") for item in body.get("add_datasets") or ())
        self._check_datasets(added)
        values = {
            "tags": {key: value for key, value in tags.items() if key not in removed},
            "properties": {**record.properties, **(body.get("add_properties") or {})},
            "description": record.description if body.get("description") is None else str(body["description"]),
            "datasets": tuple(dict.fromkeys((*record.datasets, *added))),
            "details": {**record.details, **(body.get("details") or {})},
        }
        changed = self._store.change(name, version, **values)
        return changed if changed is not None else self.model(name, version)

    def _check_datasets(self, uses: Sequence[DatasetUse]) -> None:
        for use in uses:
            self._assets.dataset(use.dataset_id)

    def delete(self, name: str, version: int) -> None:
        """Forget a model; its files go with the next collection unless something else names them.

        Raises:
            NotFoundError: There is none.
        """
        if not self._store.delete(name, version):
            self.model(name, version)


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
