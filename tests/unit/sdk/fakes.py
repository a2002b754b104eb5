"""A workspace without a server: what the SDK asks is answered from a table, and what it sends is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from azud.sdk.datastore import AbstractAzureStorageDatastore, datastore_of_record
from azud.sdk.exceptions import UserErrorException

Reply = Callable[[Any], Any]


class FakeApi:
    """Has the methods of `azud.sdk.support.Api`; `sent` holds `(method, path, body)` of every change."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.replies: dict[str, Reply] = {}
        self.sent: list[tuple[str, str, Any]] = []
        self.uploaded: dict[str, bytes] = {}
        self.keys: list[str | None] = []

    def get(self, path: str, query: Mapping[str, Any] | None = None, **_: Any) -> Any:
        if path not in self.answers:
            raise UserErrorException(f"{path} not found", code="not_found")
        found = self.answers[path]
        return found(query or {}) if callable(found) else found

    def find(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.get(path, query) if path in self.answers else None

    def items(self, path: str, query: Mapping[str, Any] | None = None, *, key: str = "value") -> Iterator[Any]:
        found = self.get(path, query)
        yield from found[key] if isinstance(found, dict) else found

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = None, **_: Any) -> Any:
        self.sent.append((method, path, body))
        self.keys.append(key)
        reply = self.replies.get(f"{method} {path}")
        return reply(body) if reply else {}

    def upload_file(self, path: str, local_path: str) -> None:
        self.uploaded[path] = Path(local_path).read_bytes()


class FakeWorkspace:
    """A workspace whose datastore `workspaceblobstore` is a folder."""

    name, subscription_id, resource_group = "fake", "s", "g"

    def __init__(self, root: Path) -> None:
        self._api = FakeApi()
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        record = {
            "name": "workspaceblobstore",
            "type": "AzureBlob",
            "driver": "local",
            "is_default": True,
            "local_root": str(root),
        }
        self._api.answers["/datastores/workspaceblobstore"] = record
        self._api.answers["/datastores"] = [record]
        self._api.replies["POST /experiments"] = lambda body: {"id": "e1", "name": body["name"], "tags": {}}
        self._api.replies["POST /blobs/missing"] = lambda body: {"missing": body["digests"]}
        self._api.replies["POST /snapshots"] = lambda body: {"digest": f"snapshot-of-{len(body['files'])}"}
        self._api.replies["POST /runs"] = self._run
        self._api.replies["POST /datasets"] = lambda body: {"id": "d1", **body}

    def _run(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": "r1", "type": "azureml.PipelineRun", "experiment": body["experiment"], "status": "NotStarted"}

    @property
    def store(self) -> AbstractAzureStorageDatastore:
        return datastore_of_record(self, self._api.answers["/datastores/workspaceblobstore"])  # type: ignore[arg-type]

    def get_default_datastore(self) -> AbstractAzureStorageDatastore:
        return self.store

    def __deepcopy__(self, memo: Any) -> FakeWorkspace:
        return self
