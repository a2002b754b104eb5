"""What is registered of a dataset: its id, name, version, description and tags, and how they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.observing import note_write
from azud.sdk.support import text_items

if TYPE_CHECKING:
    from typing_extensions import Self

    from azud.sdk.workspace import Workspace


class RegisteredDataset:
    """Base of datasets. What a dataset means never changes; what is said of a registered one may."""

    _record: Dict[str, Any]
    _workspace: Optional[Workspace]

    @property
    def id(self) -> Optional[str]:
        """The saved id, or None before the dataset was registered or used by a run."""
        return self._record.get("id")

    @property
    def name(self) -> Optional[str]:
        """The registered name, or None."""
        return self._record.get("name") or None

    @property
    def version(self) -> Optional[int]:
        """The registered version, or None."""
        return self._record.get("version") or None

    @property
    def description(self) -> Optional[str]:
        """The registered description."""
        return self._record.get("description")

    @property
    def tags(self) -> Dict[str, str]:
        """The registered tags."""
        return dict(self._record.get("tags") or {})

    def update(self, description: Optional[str] = None, tags: Optional[Dict[str, str]] = None) -> Self:
        """Replace the description, the tags, or both, and return the dataset.

        Raises:
            UserErrorException: The dataset is not registered, or its version was unregistered.
        """
        changes: Dict[str, Any] = {}
        if description is not None:
            changes["description"] = str(description)
        if tags is not None:
            changes["tags"] = text_items(tags)
        return self._change(changes)

    def add_tags(self, tags: Optional[Dict[str, str]] = None) -> Self:
        """Add tags, or give those that are there new values, and return the dataset.

        Raises:
            UserErrorException: As `update`.
        """
        return self._change({"tags": {**self._newest_tags(), **text_items(tags or {})}})

    def remove_tags(self, tags: Optional[List[str]] = None) -> Self:
        """Remove tags by their names and return the dataset; names that are not there do not matter.

        Raises:
            UserErrorException: As `update`.
        """
        gone = {str(name) for name in tags or ()}
        return self._change({"tags": {name: value for name, value in self._newest_tags().items() if name not in gone}})

    def unregister_all_versions(self) -> None:
        """Forget every version that is registered under the dataset's name; its files and runs that read it stay.

        Raises:
            UserErrorException: The dataset is not registered.
        """
        workspace, name = self._registered()
        note_write("dataset", name=name)
        workspace._api.send("DELETE", f"/datasets/registered/{name}")
        self._record = {"id": self.id, "definition": self._record["definition"]}

    def _registered(self) -> Any:
        if self.name is None or self._workspace is None:
            raise UserErrorException("this dataset is not registered", hint="register(workspace, name) it first")
        return self._workspace, self.name

    def _newest_tags(self) -> Dict[str, str]:
        workspace, name = self._registered()
        record = workspace._api.get(f"/datasets/registered/{name}", {"version": self.version})
        return dict(record.get("tags") or {})

    def _change(self, changes: Dict[str, Any]) -> Self:
        workspace, name = self._registered()
        if changes:
            note_write("dataset", name=name)
            self._record = workspace._api.send(
                "PATCH", f"/datasets/registered/{name}/{self.version}", changes, repeat=True
            )
        return self
