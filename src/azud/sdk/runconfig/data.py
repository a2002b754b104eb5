"""Data that a run configuration names."""

from __future__ import annotations

from typing import Optional

from azud.sdk.section import Section


class DataReferenceConfiguration(Section):
    """A data reference of a run configuration."""

    _fields = ("data_store_name", "path_on_data_store", "mode", "overwrite", "path_on_compute")

    def __init__(
        self,
        datastore_name: Optional[str] = None,
        mode: str = "mount",
        path_on_datastore: Optional[str] = None,
        path_on_compute: Optional[str] = None,
        overwrite: bool = False,
    ) -> None:
        """Keep the fields."""
        self.data_store_name = datastore_name
        self.path_on_data_store = path_on_datastore
        self.mode = mode
        self.overwrite = overwrite
        self.path_on_compute = path_on_compute
