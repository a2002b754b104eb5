"""Outputs that a script links with a dataset, and outputs for Spark."""

from __future__ import annotations

from typing import Any, Optional

from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.output_dataset import OutputDatasetConfig, TransformationMixin, UploadOptions, checked_destination


class _LinkOutputDatasetConfig(OutputDatasetConfig):
    """What linked outputs share: the script calls `run.output_datasets[name].link(dataset)`."""

    def __init__(self, name: Optional[str] = None) -> None:
        """Name the output."""
        super().__init__("link", name)
        self.destination: Any = None
        self.source: Optional[str] = None
        self._upload_options = UploadOptions()


class LinkFileOutputDatasetConfig(_LinkOutputDatasetConfig):
    """An output that becomes the files of a `FileDataset` that the script links."""


class LinkTabularOutputDatasetConfig(_LinkOutputDatasetConfig):
    """An output that becomes the table of a `TabularDataset` that the script links."""

    def __init__(self, name: Optional[str] = None) -> None:
        """Name the output."""
        from azud.sdk.tables.linked import LINKED

        super().__init__(name)
        self._reader = {"format": LINKED}


class HDFSOutputDatasetConfig(OutputDatasetConfig, TransformationMixin):
    """A folder that a Spark step fills; azud has no Spark steps yet, so it is a record."""

    def __init__(self, name: Optional[str] = None, destination: Any = None) -> None:
        """Describe the output; see `OutputFileDatasetConfig`.

        Raises:
            UserErrorException: The destination has another form, or leaves its datastore.
        """
        super().__init__("hdfs", name)
        self.destination = checked_destination(destination)
        self.source: Optional[str] = None
        self._upload_options = UploadOptions()

    def as_input(self, name: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return this output as an input in mode `hdfs` of another Spark step."""
        return DatasetConsumptionConfig(name or f"input_{self.name}", self, "hdfs")
