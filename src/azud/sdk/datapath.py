"""`DataReference`, `DataPath` and `DataPathComputeBinding`: data on a datastore, and how a job sees it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.support import random_suffix

if TYPE_CHECKING:
    from azud.sdk.datastore import AbstractDatastore

_MODES = ("mount", "download", "upload")
_ROOTS = ("", "/", ".", "./")


def check_mode(mode: str) -> str:
    """Return the mode in lower case.

    Raises:
        UserErrorException: Neither `mount`, `download` nor `upload`.
    """
    lower = mode.lower() if isinstance(mode, str) else ""
    if lower not in _MODES:
        raise UserErrorException(f"invalid mode {mode!r}", hint="use mount, download or upload")
    return lower


class DataReference:
    """A file or folder on a datastore, used by a step as it stands when the step runs.

    `str()` is `$AZUREML_DATAREFERENCE_<name>`, which is replaced by the path at run time wherever it stands in a
    step's arguments.
    """

    def __init__(
        self,
        datastore: AbstractDatastore,
        data_reference_name: Optional[str] = None,
        path_on_datastore: Optional[str] = None,
        mode: str = "mount",
        path_on_compute: Optional[str] = None,
        overwrite: bool = False,
    ) -> None:
        """Refer to a path; the root of the datastore by default.

        Args:
            datastore: Where the data are.
            data_reference_name: Name of the input. By default the datastore's for its root, else random.
            path_on_datastore: Relative, with forward slashes.
            mode: `mount`, `download` or `upload`.
            path_on_compute: Where a download is put.
            overwrite: Accepted as in v1; downloads are private copies here.

        Raises:
            UserErrorException: The mode is unknown.
        """
        if data_reference_name is None:
            data_reference_name = datastore.name if (path_on_datastore or "") in _ROOTS else os.urandom(16).hex()
        self.datastore = datastore
        self.data_reference_name = data_reference_name
        self.path_on_datastore = path_on_datastore
        self.mode = check_mode(mode)
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def path(self, path: Optional[str] = None, data_reference_name: Optional[str] = None) -> DataReference:
        """Return a reference to a path below this one; its name is new unless given."""
        parts = [part.strip("/") for part in (self.path_on_datastore or "", path or "")]
        joined = "/".join(part for part in parts if part and part not in _ROOTS)
        return DataReference(
            self.datastore, data_reference_name, joined or None, self.mode, self.path_on_compute, self.overwrite
        )

    def as_download(self, path_on_compute: Optional[str] = None, overwrite: bool = False) -> DataReference:
        """Return a copy in mode `download`."""
        return self._clone("download", path_on_compute)

    def as_upload(self, path_on_compute: Optional[str] = None, overwrite: bool = False) -> DataReference:
        """Return a copy in mode `upload`."""
        return self._clone("upload", path_on_compute)

    def as_mount(self) -> DataReference:
        """Return a copy in mode `mount`."""
        return self._clone("mount", None)

    def to_config(self) -> Any:
        """Return the `DataReferenceConfiguration` for `RunConfiguration.data_references`."""
        from azud.sdk.runconfig import DataReferenceConfiguration

        return DataReferenceConfiguration(
            datastore_name=self.datastore.name,
            mode=self.mode,
            path_on_datastore=self.path_on_datastore,
            path_on_compute=self.path_on_compute,
            overwrite=self.overwrite,
        )

    @staticmethod
    def create(
        data_reference_name: Optional[str] = None,
        datapath: Optional[DataPath] = None,
        datapath_compute_binding: Optional[DataPathComputeBinding] = None,
    ) -> DataReference:
        """Return a reference to a `DataPath`, seen as the binding says.

        Raises:
            ValueError: No data path, or one without a datastore.
        """
        if datapath is None or datapath._datastore is None:
            raise ValueError("DataReference.create needs a DataPath with a datastore")
        binding = datapath_compute_binding or DataPathComputeBinding()
        return DataReference(
            datapath._datastore,
            data_reference_name,
            datapath.path_on_datastore,
            binding._mode,
            binding._path_on_compute,
            binding._overwrite,
        )

    def _clone(self, mode: str, path_on_compute: Optional[str]) -> DataReference:
        return DataReference(
            self.datastore,
            self.data_reference_name,
            self.path_on_datastore,
            mode,
            path_on_compute if path_on_compute is not None else self.path_on_compute,
            self.overwrite,
        )

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.data_reference_name}"

    __repr__ = __str__


class DataPath:
    """A path on a datastore. The value of a `PipelineParameter`, or what a dataset is made from."""

    def __init__(
        self,
        datastore: Optional[AbstractDatastore] = None,
        path_on_datastore: Optional[str] = None,
        name: Optional[str] = None,
    ) -> None:
        """Name a path; the root of the datastore by default. `name` becomes the input's name."""
        self._datastore = datastore
        self._path_on_datastore = path_on_datastore
        self._name = name

    @property
    def datastore_name(self) -> Optional[str]:
        """The datastore's name."""
        return self._datastore.name if self._datastore is not None else None

    @property
    def path_on_datastore(self) -> Optional[str]:
        """The relative path."""
        return self._path_on_datastore

    def create_data_reference(
        self,
        data_reference_name: Optional[str] = None,
        datapath_compute_binding: Optional[DataPathComputeBinding] = None,
    ) -> DataReference:
        """Return a reference to this path, seen as the binding says."""
        return DataReference.create(data_reference_name or self._name, self, datapath_compute_binding)

    @staticmethod
    def create_from_data_reference(data_reference: DataReference) -> DataPath:
        """Return the path of a reference."""
        return DataPath(data_reference.datastore, data_reference.path_on_datastore, data_reference.data_reference_name)

    def _to_json(self) -> Dict[str, Any]:
        return {"datastore": self.datastore_name, "path": (self._path_on_datastore or "").strip("/")}

    def _port_name(self) -> str:
        return self._name or f"{self.datastore_name}_{random_suffix()}"


class DataPathComputeBinding:
    """How a job sees a `DataPath`: the second half of the tuple `(PipelineParameter, DataPathComputeBinding)`."""

    def __init__(self, mode: str = "mount", path_on_compute: Optional[str] = None, overwrite: bool = False) -> None:
        """Choose `mount` or `download` and, for a download, where to put it.

        Raises:
            UserErrorException: The mode is unknown.
        """
        self._mode = check_mode(mode)
        self._path_on_compute = path_on_compute
        self._overwrite = overwrite

    def create_data_reference(
        self, data_reference_name: Optional[str] = None, datapath: Optional[DataPath] = None
    ) -> DataReference:
        """Return a reference to the path, seen this way."""
        return DataReference.create(data_reference_name, datapath, self)

    @staticmethod
    def create_from_data_reference(data_reference: DataReference) -> DataPathComputeBinding:
        """Return the way in which a reference is seen."""
        return DataPathComputeBinding(data_reference.mode, data_reference.path_on_compute, data_reference.overwrite)
