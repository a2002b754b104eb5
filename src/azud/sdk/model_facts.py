"""What is known of a registered model, in v1's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional

if TYPE_CHECKING:
    import datetime

    from azud.sdk.run import Run
    from azud.sdk.workspace import Workspace


class ModelFacts:
    """The properties of `Model`, read from the API's record of it."""

    _workspace: Workspace
    _record: Dict[str, Any]

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def name(self) -> str:
        """The name."""
        return str(self._record["name"])

    @property
    def version(self) -> int:
        """Counts the name's versions from 1."""
        return int(self._record["version"])

    @property
    def id(self) -> str:
        """`name:version`."""
        return f"{self.name}:{self.version}"

    @property
    def description(self) -> str:
        """The description."""
        return str(self._record.get("description") or "")

    @property
    def tags(self) -> Dict[str, Optional[str]]:
        """The tags."""
        return dict(self._record.get("tags") or {})

    @property
    def properties(self) -> Dict[str, str]:
        """The properties."""
        return dict(self._record.get("properties") or {})

    @property
    def model_framework(self) -> Optional[str]:
        """The framework, or None."""
        return self._record.get("framework") or None

    @property
    def model_framework_version(self) -> Optional[str]:
        """The framework's version, or None."""
        return self._record.get("framework_version") or None

    @property
    def run_id(self) -> Optional[str]:
        """The id of the run that registered it, or None."""
        return self._record.get("run_id")

    @property
    def run(self) -> Optional[Run]:
        """The run that registered it, or None."""
        from azud.sdk.run import Run

        return Run.get(self._workspace, self.run_id) if self.run_id else None

    @property
    def experiment_name(self) -> Optional[str]:
        """The experiment of that run, or None."""
        return self._record.get("experiment")

    @property
    def created_by(self) -> Dict[str, str]:
        """Who registered it: `{"userName"}`."""
        return {"userName": str(self._record.get("created_by") or "")}

    @property
    def created_time(self) -> datetime.datetime:
        """When it was registered, with its time zone (UTC)."""
        from azud.core.clock import from_text

        return from_text(self._record["created_at"])

    @property
    def url(self) -> str:
        """The address of its content."""
        return f"azud://{self._workspace.name}/models/{self.name}/{self.version}"

    @property
    def mime_type(self) -> str:
        """`application/x-python`, as v1 says of every model."""
        return "application/x-python"

    @property
    def unpack(self) -> bool:
        """False: nothing has to be unpacked."""
        return False

    @property
    def datasets(self) -> Dict[str, List[Any]]:
        """The datasets that it refers to, by what they were used for."""
        found: Dict[str, List[Any]] = {}
        for use in self._record.get("datasets") or ():
            found.setdefault(use["purpose"], []).append(self._dataset(use["dataset_id"]))
        return found

    @property
    def sample_input_dataset(self) -> Any:
        """The sample that was given, or None."""
        return self._dataset(self._details().get("sample_input_dataset"))

    @property
    def sample_output_dataset(self) -> Any:
        """The sample that was given, or None."""
        return self._dataset(self._details().get("sample_output_dataset"))

    @property
    def resource_configuration(self) -> Any:
        """The resources that were given, or None."""
        from azud.sdk.resource_configuration import ResourceConfiguration

        return ResourceConfiguration.deserialize(self._details().get("resource_configuration"))

    def _details(self) -> Dict[str, Any]:
        return dict(self._record.get("details") or {})

    def _dataset(self, dataset_id: Optional[str]) -> Any:
        from azud.sdk.dataset import AbstractDataset

        return AbstractDataset.get_by_id(self._workspace, dataset_id) if dataset_id else None
