"""The `log…` and `upload…` methods that runs and offline runs share in name."""

from __future__ import annotations

import os
import time

from azud.sdk import metrics
from azud.sdk.exceptions import UserErrorException
from azud.sdk.sinks import local_path_of
from azud.sdk.support import not_yet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence


class RunLogging:
    """What a script does with its run. Subclasses say where it goes: `_sink`, with the methods of `JobSink`."""

    _sink: Any

    @property
    def id(self) -> str:
        """The run's id."""
        raise NotImplementedError

    def log(self, name: str, value: Any, description: str = "", step: Optional[int] = None) -> None:
        """Log a value; logged again, the metric becomes a list.

        Args:
            name: Of the metric.
            value: A number, text or truth value.
            description: Accepted as in v1.
            step: Position on the horizontal axis, for all values of the metric or for none.

        Raises:
            UserErrorException: A list.
        """
        self._sink.metric(name, "scalar", metrics.scalar_to_log(name, value), step)

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        """Log a flat list of values.

        Raises:
            AzureMLException: The list holds lists.
        """
        self._sink.metric(name, "list", metrics.list_to_log(name, value), None)

    def log_row(self, name: str, description: Optional[str] = None, **kwargs: Any) -> None:
        """Log a row, one keyword a column; called again, the metric becomes a table.

        Raises:
            AzureMLException: A column holds a list.
        """
        self._sink.metric(name, "row", metrics.row_to_log(name, kwargs), None)

    def log_table(self, name: str, value: Any, description: str = "") -> None:
        """Log a table: a dict of columns.

        Raises:
            AzureMLException: The columns differ in length.
        """
        self._sink.metric(name, "table", metrics.table_to_log(name, value), None)

    def log_image(self, name: str, path: Optional[str] = None, plot: Any = None, description: str = "") -> None:
        """Log an image: a file, or a plot that is saved as PNG.

        Raises:
            UserErrorException: Neither or both, or no such file.
        """
        if (path is None) == (plot is None):
            raise UserErrorException(f"log_image({name!r}): give a path or a plot, one of them")
        leftovers: List[str] = []
        try:
            local = path if path is not None else _saved_plot(plot, leftovers)
            local = local_path_of(local, leftovers)
            self._log_file(name, "image", local, os.path.splitext(local)[1] or ".png")
        finally:
            _remove(leftovers)

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """Log a confusion matrix, given as v1's dict or its JSON: `{"schema_type", "schema_version", "data"}`.

        Raises:
            UserErrorException: It is not of this form, or of another `schema_type`.
        """
        self._log_chart(name, "confusion_matrix", value)

    def log_accuracy_table(self, name: str, value: Any, description: str = "") -> None:
        """Log an accuracy table: numbers of hits and misses by threshold, in v1's form.

        Raises:
            UserErrorException: As `log_confusion_matrix`.
        """
        self._log_chart(name, "accuracy_table", value)

    def log_residuals(self, name: str, value: Any, description: str = "") -> None:
        """Log a histogram of residuals, in v1's form.

        Raises:
            UserErrorException: As `log_confusion_matrix`.
        """
        self._log_chart(name, "residuals", value)

    def log_predictions(self, name: str, value: Any, description: str = "") -> None:
        """Log predictions beside true values, in v1's form.

        Raises:
            UserErrorException: As `log_confusion_matrix`.
        """
        self._log_chart(name, "predictions", value)

    def _log_chart(self, name: str, kind: str, value: Any) -> None:
        import io

        from azud.sdk.charts import chart_text

        leftovers: List[str] = []
        try:
            local = local_path_of(io.StringIO(chart_text(name, kind, value)), leftovers)
            self._log_file(name, kind, local, ".json")
        finally:
            _remove(leftovers)

    def _log_file(self, name: str, kind: str, local: str, extension: str) -> None:
        """Keep a file with the run, and its address as a metric."""
        artifact = f"{_file_name(name)}_{time.time_ns() // 1_000_000}{extension}"
        self._sink.file(artifact, local)
        self._sink.metric(name, kind, f"aml://artifactId/ExperimentRun/dcid.{self.id}/{artifact}", None)

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: Optional[str] = None) -> None:
        """Keep a file, or a stream's bytes, with the run under a name that is new.

        Raises:
            UserErrorException: The name is taken, or there is no such file.
        """
        if datastore_name is not None:
            not_yet("Run.upload_file(datastore_name=…)")()
        leftovers: List[str] = []
        try:
            self._sink.file(name, local_path_of(path_or_stream, leftovers))
        finally:
            _remove(leftovers)

    def upload_files(
        self,
        names: Sequence[str],
        paths: Sequence[str],
        return_artifacts: bool = False,
        timeout_seconds: Optional[int] = None,
        datastore_name: Optional[str] = None,
    ) -> None:
        """Keep files with the run.

        Raises:
            TypeError: Not as many names as paths.
            UserErrorException: As `upload_file`.
        """
        if len(names) != len(paths):
            raise TypeError(f"{len(names)} names for {len(paths)} paths")
        for name, path in zip(names, paths):
            self.upload_file(name, path, datastore_name)

    def upload_folder(self, name: str, path: str, datastore_name: Optional[str] = None) -> None:
        """Keep a folder's files with the run, below `name`.

        Raises:
            UserErrorException: No such folder, or a name is taken.
        """
        from azud.sdk.datastore_files import files_below

        if not os.path.isdir(path):
            raise UserErrorException(f"{path!r} is not a folder")
        base = os.path.abspath(path)
        for file in files_below(base):
            self.upload_file(f"{name}/{os.path.relpath(file, base).replace(os.sep, '/')}", file, datastore_name)

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag; without a value it reads back as None."""
        self.set_tags({key: value})

    def set_tags(self, tags: Any) -> None:
        """Set tags, given as a dict or one name; others stay."""
        from azud.sdk.support import text_items

        self._sink.tags(text_items({tags: None} if isinstance(tags, str) else tags))

    def add_properties(self, properties: Dict[str, Any]) -> None:
        """Add properties, which cannot be changed afterwards."""
        self._sink.properties({str(key): str(value) for key, value in properties.items()})


def _saved_plot(plot: Any, leftovers: List[str]) -> str:
    import tempfile

    descriptor, path = tempfile.mkstemp(prefix="azud-", suffix=".png")
    os.close(descriptor)
    leftovers.append(path)
    plot.savefig(path, format="png")  # matplotlib's pyplot and Figure both have it
    return path


def _file_name(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in name)


def _remove(paths: List[str]) -> None:
    for path in paths:
        if os.path.exists(path):
            os.unlink(path)
