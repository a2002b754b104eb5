"""Datasets, environments, snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from azud.core.errors import DefinitionError, NotFoundError, UserError
from azud.core.paths import clean_relative
from azud.engine.registered import makers_of
from azud.model.codec import from_json
from azud.model.data import DatasetDefinition, DatasetRecord
from azud.model.lineage import OUTPUT, REGISTERED
from azud.model.places import WEB
from azud.model.snapshot import SourceSnapshot
from azud.services.naming import named
from azud.services.ports import AssetCatalog, Blobs

_LIST_DATASETS = "list them with: azud data ls"


class AssetService:
    """What a workspace holds beside runs.

    Args:
        catalog: The stored assets.
        blobs: Where the bytes of snapshots are.
        look: Returns what a source that a job is about to read is now; see `azud.engine.observed`.
        step_run_of: Returns the step run whose job knows its run by an id, or None if there is none.
        registered: Called after a dataset was registered.
    """

    def __init__(
        self,
        catalog: AssetCatalog,
        blobs: Blobs,
        look: Callable[[Mapping[str, Any]], str | None],
        step_run_of: Callable[[str], str | None] = lambda run_id: None,
        registered: Callable[[], None] = lambda: None,
    ) -> None:
        self._catalog = catalog
        self._blobs = blobs
        self._look = look
        self._step_run_of = step_run_of
        self._registered = registered

    # -- datasets -------------------------------------------------------------------------------

    def save_dataset(self, body: Mapping[str, Any]) -> DatasetRecord:
        """Keep a definition; equal definitions have equal ids.

        Raises:
            NotFoundError: It lies on a datastore that does not exist.
        """
        definition = self._definition(body)
        return self._catalog.save_dataset(DatasetRecord(definition.saved_id(), definition))

    def _definition(self, body: Mapping[str, Any]) -> DatasetDefinition:
        definition = from_json(DatasetDefinition, body.get("definition"), "body.definition")
        if definition.type not in ("file", "tabular") or not definition.locations:
            raise DefinitionError("a dataset is of type file or tabular and has at least one location")
        for location in definition.locations:
            if location.datastore == WEB:
                continue  # it is looked at when it is read
            named(self._catalog.datastores(), location.datastore, "datastore", lambda item: item.name)
            clean_relative(location.path)
        return definition

    def dataset(self, dataset_id: str) -> DatasetRecord:
        """Return a saved dataset."""
        return self._catalog.dataset(dataset_id)

    def observe(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """Return `{"seen": text or None}`: what a job would read from a source now."""
        return {"seen": self._look(source)}

    def dataset_versions(self, name: str | None) -> Sequence[DatasetRecord]:
        """Return registered versions, newest first."""
        return self._catalog.dataset_versions(name)

    def registered_dataset(self, name: str, version: int | None) -> DatasetRecord:
        """Return a registered dataset; without a version the newest.

        Raises:
            NotFoundError: There is none.
        """
        versions = self._catalog.dataset_versions(name)
        for record in versions:
            if version is None or record.version == version:
                return record
        which = f"{name!r}" + (f" version {version}" if versions else "")
        raise NotFoundError(f"no dataset {which} is registered", hint=_LIST_DATASETS)

    def register_dataset(self, body: Mapping[str, Any]) -> DatasetRecord:
        """Give a dataset a name and version.

        Args:
            body: `{"name", "definition", "description", "tags", "create_new_version", "run_id"}`; `run_id` is that of
                the run whose job registers it, if one does.

        Raises:
            ConflictError: The name exists and `create_new_version` was not said.
        """
        definition = self._definition(body)
        name = str(body.get("name") or "")
        if not name:
            raise UserError("the dataset has no name", hint="register it under one")
        record = DatasetRecord(
            definition.saved_id(),
            definition,
            name=name,
            description=str(body.get("description") or ""),
            tags=dict(body.get("tags") or {}),
        )
        made = self._catalog.register_dataset(
            record, create_new_version=bool(body.get("create_new_version")), makers=self._makers(definition, body)
        )
        self._registered()
        return made

    def _makers(self, definition: DatasetDefinition, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return the step runs into whose outputs a dataset leads, and the one whose job registers it."""
        leads_to = makers_of(place.path for place in definition.locations)
        makers = [(step_run, OUTPUT, "") for step_run in leads_to if self._step_run_of(step_run) == step_run]
        run_id = body.get("run_id")
        step_run = self._step_run_of(str(run_id)) if run_id else None
        return makers if step_run is None else [*makers, (step_run, REGISTERED, "")]

    def change_dataset(self, name: str, version: int, body: Mapping[str, Any]) -> DatasetRecord:
        """Change what is said of a registered version; what it means never changes.

        Args:
            name: Registered.
            version: One of its versions.
            body: `{"description", "tags"}`; each may be missing. The tags replace those that were there.

        Raises:
            NotFoundError: There is no such version.
            UserError: The tags are no object.
        """
        tags, description = body.get("tags"), body.get("description")
        if tags is not None and not isinstance(tags, Mapping):
            raise UserError("body.tags is no object", hint='send {"tags": {"name": "value"}}')
        found = self._catalog.change_dataset(
            name, version, description=None if description is None else str(description), tags=tags
        )
        if not found:
            raise NotFoundError(f"no dataset {name!r} version {version} is registered", hint=_LIST_DATASETS)
        return self.registered_dataset(name, version)

    def unregister_dataset(self, name: str) -> None:
        """Forget every version of a name. Runs that read them, and their bytes, stay.

        Raises:
            NotFoundError: Nothing is registered under the name.
        """
        if not self._catalog.unregister_dataset(name):
            raise NotFoundError(f"no dataset {name!r} is registered", hint=_LIST_DATASETS)

    # -- environments ---------------------------------------------------------------------------

    def environments(self) -> Sequence[dict[str, Any]]:
        """Return the newest version of each registered environment."""
        return self._catalog.environments()

    def environment(self, name: str, version: str | None) -> dict[str, Any]:
        """Return a registered environment."""
        return self._catalog.environment(name, version)

    def put_environment(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Register an environment; an equal definition keeps its version."""
        definition = body.get("definition")
        if not isinstance(definition, dict):
            raise DefinitionError("body.definition is missing", hint="send v1's environment object")
        return self._catalog.put_environment(name, definition)

    # -- snapshots ------------------------------------------------------------------------------

    def missing_blobs(self, digests: Sequence[str]) -> Sequence[str]:
        """Return those digests whose bytes have to be uploaded."""
        return self._blobs.missing(digests)

    def put_blob(self, digest: str, chunks: Any) -> None:
        """Store bytes under their digest."""
        self._blobs.put(digest, chunks)

    def open_blob(self, digest: str) -> IO[bytes]:
        """Open the bytes of a digest; the caller closes them.

        Raises:
            BlobMissing: They are not stored.
        """
        return self._blobs.open(digest)

    def put_snapshot(self, body: Mapping[str, Any]) -> str:
        """Keep the listing of a source folder whose files were uploaded.

        Raises:
            DefinitionError: The bytes of a file are missing.
        """
        snapshot = from_json(SourceSnapshot, dict(body), "body")
        for file in snapshot.files:
            if clean_relative(file.path) != file.path or not file.path:
                raise DefinitionError(f"snapshot path {file.path!r} is not in its normal form")
        missing = self._blobs.missing([file.digest for file in snapshot.files])
        if missing:
            raise DefinitionError(
                f"{len(missing)} files of the snapshot were not uploaded",
                hint="PUT them to /blobs/{digest} first",
                details={"missing": list(missing)},
            )
        return self._catalog.put_snapshot(snapshot)

    def snapshot(self, digest: str) -> SourceSnapshot:
        """Return a snapshot's listing."""
        return self._catalog.snapshot(digest)
