"""`_OfflineRun`: what `Run.get_context()` gives outside of a job. It prints what a job would have kept."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from azud.core.ids import new_uuid
from azud.sdk.exceptions import UserErrorException
from azud.sdk.run_logging import RunLogging


class _PrintingSink:
    """Prints in v1's words."""

    def metric(self, name: str, kind: str, value: Any, step: Optional[int]) -> None:
        print(f"Attempted to log {kind} metric {name}:\n{value}")

    def tags(self, tags: Mapping[str, Optional[str]]) -> None:
        for key, value in tags.items():
            print(f"Attempted to set tag {key}: {value}")

    def properties(self, properties: Mapping[str, str]) -> None:
        print(f"Attempted to add properties {dict(properties)}")

    def file(self, name: str, local_path: str) -> None:
        print(f"Attempted to upload file {name} from {local_path}")


class _OfflineRun(RunLogging):
    """A run without a server. It has no experiment, parent, metrics or input datasets, as in v1."""

    def __init__(self, parent_run: Optional[_OfflineRun] = None, run_id: Optional[str] = None) -> None:
        self._id = run_id or f"OfflineRun_{new_uuid()}"
        self._sink = _PrintingSink()
        self._parent_run = parent_run

    @property
    def id(self) -> str:
        """`OfflineRun_<uuid>`."""
        return self._id

    def log(self, name: str, value: Any, description: str = "") -> None:  # type: ignore[override]
        """Print a value, or a list, which offline runs accept."""
        self._sink.metric(name, "scalar", value, None)

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        """Print a list."""
        self._sink.metric(name, "list", list(value), None)

    def log_image(self, name: str, path: Optional[str] = None, plot: Any = None, description: str = "") -> None:
        """Print which image would be kept.

        Raises:
            UserErrorException: Neither a path nor a plot, or both.
        """
        if (path is None) == (plot is None):
            raise UserErrorException(f"log_image({name!r}): give a path or a plot, one of them")
        self._sink.metric(name, "image", path if path is not None else "plot", None)

    def child_run(self, name: Optional[str] = None, run_id: Optional[str] = None, outputs: Any = None) -> _OfflineRun:
        """Return an offline run below this one."""
        return _OfflineRun(self, run_id)

    def start(self) -> None:
        """Do nothing."""

    def complete(self) -> None:
        """Do nothing."""

    def flush(self, timeout_seconds: int = 300) -> None:
        """Do nothing."""

    def fail(self, error_details: Any = None, error_code: Optional[str] = None) -> None:
        """Print the error."""
        print(f"Attempted to fail the run: {error_details}")

    def cancel(self) -> None:
        """Print that the run would be cancelled."""
        print("Attempted to cancel the run")

    def __enter__(self) -> _OfflineRun:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None:
            self.fail(repr(error))


class _ReplayedRun(_OfflineRun):
    """The run of a step that `azud replay` laid out in a folder: offline, with the step's inputs and outputs."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    @property
    def input_datasets(self) -> Mapping[str, Any]:
        """As in the job: the dataset for `direct`, the local path for `mount` and `download`."""
        from azud.sdk.input_datasets import InputDatasets

        return InputDatasets(None, self._folder)

    @property
    def output_datasets(self) -> Mapping[str, Any]:
        """As in the job: local paths by name, and for outputs that are linked a `LinkOutput`."""
        from azud.sdk.output_datasets import OutputDatasets

        return OutputDatasets()
