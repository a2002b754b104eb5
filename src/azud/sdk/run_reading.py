"""What of a run is read and labelled through the API: what it is, its tags, metrics and files."""

from __future__ import annotations

import os

from azud.core.paths import safe_join
from azud.sdk import metrics
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.run_logging import RunLogging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional

    from azud.sdk.experiment import Experiment


class ReadableRun(RunLogging):
    """A run as it stands on the server."""

    _experiment: Experiment
    _id: str
    _record_value: Optional[Dict[str, Any]]

    # What it is

    @property
    def experiment(self) -> Experiment:
        """The experiment."""
        return self._experiment

    @property
    def id(self) -> str:
        """The run's id."""
        return self._id

    @property
    def name(self) -> str:
        """The name: the step's for a step run."""
        return str(self._record().get("name") or f"run_{self._id}")

    @property
    def display_name(self) -> str:
        """The name that people see; it can be set."""
        return self.name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self._record_value = self._api.send("PATCH", f"/runs/{self._id}", {"display_name": value})

    @property
    def type(self) -> str:
        """`azureml.PipelineRun`, `azureml.StepRun`, `azureml.scriptrun`, or `azureml.interactive`."""
        return str(self._record()["type"])

    @property
    def number(self) -> int:
        """Counts the experiment's runs from 1."""
        return int(self._record()["number"])

    @property
    def description(self) -> Optional[str]:
        """What the pipeline says of itself (`Pipeline(description=…)`), or None."""
        name = self._record().get("name")
        return str(name) if self.type == "azureml.PipelineRun" and name != self._experiment.name else None

    @property
    def status(self) -> str:
        """The state, in the run history's words (`Completed`)."""
        return str(self._fresh()["status"])

    def get_status(self) -> str:
        """Return the state, in the run history's words."""
        return self.status

    def get_detailed_status(self) -> Dict[str, Any]:
        """Return the state and the reason for a failure."""
        record = self._fresh()
        return {"status": record["status"], "details": [(record.get("error") or {}).get("message")]}

    # Tags and properties

    @property
    def tags(self) -> Dict[str, Optional[str]]:
        """The tags."""
        return self.get_tags()

    def get_tags(self) -> Dict[str, Optional[str]]:
        """Return the tags."""
        return dict(self._fresh()["tags"])

    def remove_tags(self, tags: Any) -> None:
        """Take tags away: one name, a list, or a dict of names and the values that they must have."""
        from collections.abc import Mapping

        if isinstance(tags, Mapping):
            have = self.get_tags()
            names = [key for key, value in tags.items() if key in have and have[key] == value]
        else:
            names = [tags] if isinstance(tags, str) else list(tags)
        self._api.send("PATCH", f"/runs/{self._id}", {"remove_tags": names})

    @property
    def properties(self) -> Dict[str, str]:
        """The properties."""
        return self.get_properties()

    def get_properties(self) -> Dict[str, str]:
        """Return the properties."""
        return dict(self._fresh()["properties"])

    # Metrics and files

    def get_metrics(
        self,
        name: Optional[str] = None,
        recursive: bool = False,
        run_type: Optional[str] = None,
        populate: bool = False,
    ) -> Dict[str, Any]:
        """Return logged values by name; see `azud.sdk.metrics.fold` for their shapes.

        Args:
            name: Only this metric.
            recursive: Return `{run id: values}` for this run and those below it that logged something.
            run_type: With `recursive`, only runs of this type.
            populate: Return the documents of charts in place of their addresses; images stay addresses.
        """
        own = metrics.fold(self._api.items(f"/runs/{self._id}/metrics", key="points"), name)
        if populate:
            from azud.sdk.charts import populated

            own = populated(self, own)
        if not recursive:
            return own
        found = {self._id: own} if own and run_type in (None, self.type) else {}
        for child in self._children(run_type):
            values = child.get_metrics(name, populate=populate)
            if values:
                found[child.id] = values
        return found

    def get_file_names(self) -> List[str]:
        """Return the names of the run's files."""
        return [row["path"] for row in self._api.items(f"/runs/{self._id}/files")]

    def download_file(
        self, name: str, output_file_path: Optional[str] = None, _validate_checksum: bool = False
    ) -> None:
        """Copy a file of the run to a local path: by default its own name in the current folder.

        Raises:
            UserErrorException: The run has no such file.
        """
        target = output_file_path or os.path.basename(name)
        if os.path.isdir(target):
            target = os.path.join(target, os.path.basename(name))
        self._api.download_file(f"/runs/{self._id}/files/{name}", target)

    def download_files(
        self,
        prefix: Optional[str] = None,
        output_directory: Optional[str] = None,
        output_paths: Optional[List[str]] = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: Optional[int] = None,
    ) -> None:
        """Copy the run's files whose names start with `prefix` to a local folder.

        Args:
            prefix: Beginning of the names.
            output_directory: The folder; the current one by default.
            output_paths: Local path of each file, instead of its name.
            batch_size: Accepted as in v1.
            append_prefix: Keep the prefix in local paths.
            timeout_seconds: Accepted as in v1.

        Raises:
            UserErrorException: Not as many paths as files.
        """
        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        if output_paths is not None and len(output_paths) != len(names):
            raise UserErrorException(f"{len(output_paths)} output paths for {len(names)} files")
        folder = os.path.abspath(output_directory or ".")
        for index, name in enumerate(names):
            local = name if append_prefix or not prefix else name[len(prefix) :].lstrip("/") or os.path.basename(name)
            with translated():
                target = safe_join(folder, local)
            self.download_file(name, output_paths[index] if output_paths is not None else target)

    # Within the SDK

    @property
    def _api(self) -> Any:
        return self._experiment.workspace._api

    def _record(self) -> Dict[str, Any]:
        """Return what the server said last, asking the first time."""
        return self._record_value if self._record_value is not None else self._fresh()

    def _fresh(self) -> Dict[str, Any]:
        record: Dict[str, Any] = self._api.get(f"/runs/{self._id}")
        self._record_value = record
        return record

    def _file_text(self, name: str) -> str:
        with translated():
            data = b"".join(self._api.client.download(f"/runs/{self._id}/files/{name}"))
        return data.decode("utf-8", "replace")

    def _children(self, type: Optional[str]) -> Iterator[Any]:
        """Yield all runs below this one, those of a type if one is given."""
        raise NotImplementedError
