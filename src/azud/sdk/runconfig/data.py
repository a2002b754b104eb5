"""Data that a run configuration names."""

from __future__ import annotations

from typing import Any, Dict, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.section import FLAG, MAP, TEXT, WHOLE, Section


class DataReferenceConfiguration(Section):
    """A data reference of a run configuration."""

    _schema = {
        "data_store_name": TEXT,
        "path_on_data_store": TEXT,
        "mode": TEXT,
        "overwrite": FLAG,
        "path_on_compute": TEXT,
    }

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

    @staticmethod
    def create(value: Any) -> DataReferenceConfiguration:
        """Return the configuration of a `DataReference`.

        Raises:
            UserErrorException: It is something else.
        """
        if not hasattr(value, "to_config"):
            raise UserErrorException(f"data_references holds {value!r}", hint="give DataReference(...).to_config()")
        made: DataReferenceConfiguration = value.to_config()
        return made

    _from_user = create


class Dataset(Section):
    """A dataset by its id, or by name and version."""

    _schema = {"id": TEXT, "name": TEXT, "version": TEXT}

    def __init__(
        self,
        dataset_id: Optional[str] = None,
        dataset_name: Optional[str] = None,
        dataset_version: Optional[str] = None,
    ) -> None:
        """Keep the fields."""
        self.id = dataset_id
        self.name = dataset_name
        self.version = dataset_version


class DataPath(Section):
    """A path on a datastore."""

    _schema = {"datastore_name": TEXT, "relative_path": TEXT}

    def __init__(self, datastore_name: Optional[str] = None, relative_path: Optional[str] = None) -> None:
        """Keep the fields."""
        self.datastore_name = datastore_name
        self.relative_path = relative_path


class Uri(Section):
    """An address of a file or folder."""

    _schema = {"path": TEXT, "is_file": FLAG}

    def __init__(self, path: Optional[str] = None, is_file: bool = False) -> None:
        """Keep the fields."""
        self.path = path
        self.is_file = is_file


class DataLocation(Section):
    """Where data lie: one of a dataset, a path on a datastore, an address."""

    _schema = {"dataset": Dataset, "data_path": DataPath, "uri": Uri}

    def __init__(
        self, dataset: Optional[Dataset] = None, data_path: Optional[DataPath] = None, uri: Optional[Uri] = None
    ) -> None:
        """Keep the place."""
        self.dataset = dataset
        self.data_path = data_path
        self.uri = uri


class Data(Section):
    """An input of a run: where it lies and how the script sees it."""

    _schema = {
        "data_location": DataLocation,
        "create_output_directories": FLAG,
        "mechanism": TEXT,
        "environment_variable_name": TEXT,
        "path_on_compute": TEXT,
        "overwrite": FLAG,
        "options": MAP,
    }

    def __init__(
        self,
        data_location: Optional[DataLocation] = None,
        create_output_directories: Optional[bool] = None,
        mechanism: str = "direct",
        environment_variable_name: Optional[str] = None,
        path_on_compute: Optional[str] = None,
        overwrite: bool = False,
        options: Optional[Dict[str, str]] = None,
    ) -> None:
        """Keep the fields."""
        self.data_location = data_location
        self.create_output_directories = create_output_directories
        self.mechanism = mechanism
        self.environment_variable_name = environment_variable_name
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
        self.options = options

    @staticmethod
    def create(data: Any) -> Data:
        """Return the input that a `DatasetConsumptionConfig`, or a `Data` itself, describes.

        Raises:
            UserErrorException: It is something else, or a dataset that no workspace knows.
        """
        if isinstance(data, Data):
            return data
        return Data(
            DataLocation(_dataset_of(data)),
            mechanism=data.mode,
            environment_variable_name=data.name,
            path_on_compute=data.path_on_compute,
        )

    _from_user = create


class DatacacheConfiguration(Section):
    """A cache of a dataset. Kept for the record: azud has no caches of datasets."""

    _schema = {
        "datacache_id": TEXT,
        "datacache_store": TEXT,
        "dataset_id": TEXT,
        "mode": TEXT,
        "replica": WHOLE,
        "failure_fallback": FLAG,
        "path_on_compute": TEXT,
    }

    def __init__(
        self,
        dataset_id: Optional[str] = None,
        datacache_store: Optional[str] = None,
        datacache_id: Optional[str] = None,
        mode: str = "mount",
        path_on_compute: Optional[str] = None,
        replica: Optional[int] = None,
        failure_fallback: bool = False,
    ) -> None:
        """Keep the fields."""
        self.dataset_id = dataset_id
        self.datacache_store = datacache_store
        self.datacache_id = datacache_id
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.replica = replica
        self.failure_fallback = failure_fallback

    @staticmethod
    def create(data: Any) -> DatacacheConfiguration:
        """Return the cache that a `DatasetConsumptionConfig`, or a `DatacacheConfiguration` itself, describes.

        Raises:
            UserErrorException: It is something else, or a dataset that no workspace knows.
        """
        if isinstance(data, DatacacheConfiguration):
            return data
        return DatacacheConfiguration(_dataset_of(data).id, mode=data.mode, path_on_compute=data.path_on_compute)

    _from_user = create


def _dataset_of(data: Any) -> Dataset:
    from azud.sdk.dataset_consumption import DatasetConsumptionConfig

    if not isinstance(data, DatasetConsumptionConfig):
        raise UserErrorException(f"{data!r} is no named input", hint="give dataset.as_named_input(name)")
    dataset: Any = data.dataset
    if getattr(dataset, "id", None) is None:
        raise UserErrorException(f"the dataset of input {data.name!r} has no id", hint="register it first")
    return Dataset(dataset.id, dataset.name, None if dataset.version is None else str(dataset.version))
