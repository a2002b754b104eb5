"""`DatasetConsumptionConfig`: a dataset as a named input of a step."""

from __future__ import annotations

import re
from typing import Any, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.support import warn

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_MODES = ("direct", "download", "mount", "hdfs")
_RISKY_NAMES = frozenset(("path", "home", "user", "pwd", "shell", "logname", "ld_library_path"))


class DatasetConsumptionConfig:
    """A dataset under the name by which the script finds it: `run.input_datasets[name]`."""

    def __init__(self, name: str, dataset: Any, mode: str = "direct", path_on_compute: Optional[str] = None) -> None:
        """Name a dataset and choose how the job sees it.

        Args:
            name: A letter or underscore, then letters, digits and underscores; it becomes an environment
                variable.
            dataset: A dataset, an `OutputFileDatasetConfig`, a `PipelineParameter` whose default is a dataset, or
                `(workspace, name[, version])`.
            mode: `direct`, `download`, `mount` or `hdfs`, in any case.
            path_on_compute: Where a download is put.

        Raises:
            UserErrorException: The name or mode is not valid, a table would be mounted, or the files are temporary.
        """
        self._name = _checked_name(name)
        need_lasting(dataset, "the input of a step")
        self.dataset = dataset
        self.mode = _checked_mode(mode, dataset)
        self.path_on_compute = path_on_compute

    @property
    def name(self) -> str:
        """The name of the input."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = _checked_name(name)

    @property
    def arg_val(self) -> str:
        """`DatasetConsumptionConfig:<name>`, which stands for the input in texts."""
        return f"DatasetConsumptionConfig:{self._name}"

    def as_download(self, path_on_compute: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return a copy whose files are copied for the job."""
        return DatasetConsumptionConfig(self._name, self.dataset, "download", path_on_compute)

    def as_mount(self, path_on_compute: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return a copy whose files are read where they are."""
        return DatasetConsumptionConfig(self._name, self.dataset, "mount", path_on_compute)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        """Return a copy in mode `hdfs`, for Spark steps."""
        return DatasetConsumptionConfig(self._name, self.dataset, "hdfs")

    def __repr__(self) -> str:
        return self.arg_val


def need_lasting(dataset: Any, what: str) -> None:
    """Refuse a dataset whose files are temporary.

    Raises:
        UserErrorException: `to_csv_files` or `to_parquet_files` made it.
    """
    if getattr(dataset, "_written", None) is not None:
        raise UserErrorException(
            f"these files are temporary and cannot be {what}",
            hint="download() them and use Dataset.File.upload_directory, or use the table itself",
        )


def _checked_name(name: str) -> str:
    if not isinstance(name, str) or not _NAME.match(name):
        raise UserErrorException(
            f"dataset input name {name!r} is not valid",
            hint="start with a letter or underscore, then letters, digits and underscores",
        )
    if name.lower() in _RISKY_NAMES:
        warn(f"the dataset input name {name!r} is also that of an environment variable that programs use")
    return name


def _checked_mode(mode: str, dataset: Any) -> str:
    lower = mode.lower() if isinstance(mode, str) else ""
    if lower not in _MODES:
        raise UserErrorException(f"invalid mode {mode!r}", hint="use direct, mount, download or hdfs")
    source = getattr(dataset, "default_value", dataset)
    if lower != "direct" and any(cls.__name__ == "TabularDataset" for cls in type(source).__mro__):
        raise UserErrorException(
            f"a TabularDataset cannot be consumed in mode {lower}", hint="leave it direct, or use a FileDataset"
        )
    return lower
