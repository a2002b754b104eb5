"""Data that no step of a graph makes: paths on datastores, datasets, values of parameters."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DefinitionValueError, NotYetError, UserErrorException
from azud.sdk.graph.definitions import ANY_FILE, OutputPortDef

DATA = "data"
"""The name of the only output of a source."""
CLEARED: Dict[str, Any] = dict.fromkeys(
    (
        *("step", "output", "datastore", "path", "dataset", "dataset_name", "dataset_version"),
        *("registered", "registered_version", "parameter", "sealed_by"),
    )
)
"""The fields of `azud.model.definition.InputPort` that say where an input comes from, all unset."""


class DataSourceDef:
    """Where data lie: a path on a datastore, a dataset, or what of a database would be read."""

    def __init__(
        self,
        name: str,
        description: Optional[str] = None,
        data_type_id: Optional[str] = None,
        datastore_name: Optional[str] = None,
        path_on_datastore: Optional[str] = None,
        sql_table: Optional[str] = None,
        sql_query: Optional[str] = None,
        sql_stored_procedure: Optional[str] = None,
        sql_stored_procedure_params: Optional[List[Any]] = None,
        pipeline_dataset: Any = None,
    ) -> None:
        """Keep the fields."""
        self._name = name
        self._description = description
        self._data_type_id = data_type_id
        self.datastore_name = datastore_name
        self.path_on_datastore = path_on_datastore
        self.sql_table = sql_table
        self.sql_query = sql_query
        self.sql_stored_procedure = sql_stored_procedure
        self.sql_stored_procedure_params = sql_stored_procedure_params
        self._pipeline_dataset = pipeline_dataset
        self._registered: Optional[Tuple[str, Optional[int]]] = None

    name = property(attrgetter("_name"), doc="The name.")
    description = property(attrgetter("_description"), doc="The description.")
    data_type_id = property(attrgetter("_data_type_id"), doc="The kind of data.")

    @property
    def output_port_def(self) -> OutputPortDef:
        """The only output of a node of these data: `data`."""
        return OutputPortDef(DATA, self.datastore_name, data_type=self._data_type_id or ANY_FILE)

    def calculate_hash(self) -> str:
        """Return what identifies the place, not its bytes: 64 hexadecimal characters. Reuse does not ask for it."""
        from azud.core.digests import digest_value

        dataset = self._pipeline_dataset and self._pipeline_dataset.dataset._definition
        sql = [self.sql_table, self.sql_query, self.sql_stored_procedure]
        return digest_value([self._name, self.datastore_name, self.path_on_datastore, self._data_type_id, sql, dataset])

    @staticmethod
    def create_from_data_reference(data_reference: Any) -> DataSourceDef:
        """Return the place that a `DataReference` names."""
        return DataSourceDef(
            data_reference.data_reference_name,
            datastore_name=data_reference.datastore.name,
            path_on_datastore=data_reference.path_on_datastore,
            sql_table=getattr(data_reference, "sql_table", None),
            sql_query=getattr(data_reference, "sql_query", None),
            sql_stored_procedure=getattr(data_reference, "sql_stored_procedure", None),
            sql_stored_procedure_params=getattr(data_reference, "sql_stored_procedure_params", None),
        )

    def _origin(self) -> Dict[str, Any]:
        """Return the fields of `azud.model.definition.InputPort` that say where these data are.

        Raises:
            ValueError: No place is named.
            NotYetError: They lie in a database.
        """
        if self.sql_table or self.sql_query or self.sql_stored_procedure:
            raise NotYetError(f"azud does not have inputs from databases yet (data source {self._name!r})")
        if self._pipeline_dataset is not None:
            from azud.model.codec import from_json
            from azud.model.data import DatasetDefinition

            dataset = self._pipeline_dataset.dataset
            definition = from_json(DatasetDefinition, dataset._definition)
            return dict(CLEARED, dataset=definition, dataset_name=dataset.name, dataset_version=dataset.version)
        if self._registered is not None:
            return dict(CLEARED, registered=self._registered[0], registered_version=self._registered[1])
        if self.datastore_name is None:
            raise DefinitionValueError(f"data source {self._name!r} names no datastore")
        return dict(CLEARED, datastore=self.datastore_name, path=(self.path_on_datastore or "").strip("/"))


class DataSource:
    """A source of data with its id."""

    DATASOURCE_PORT_NAME = DATA

    def __init__(self, datasource_id: str, datasource_def: DataSourceDef) -> None:
        """Keep both."""
        self.id = datasource_id
        self.datasource_def = datasource_def


class PipelineDataset:
    """A dataset as v1's first steps took it; deprecated there in favour of `dataset.as_named_input(name)`."""

    def __init__(
        self,
        dataset: Any = None,
        name: Optional[str] = None,
        bind_mode: str = "mount",
        path_on_compute: Optional[str] = None,
        overwrite: bool = False,
        parameter_name: Optional[str] = None,
    ) -> None:
        """Name a dataset as an input.

        Args:
            dataset: `FileDataset`, `TabularDataset` or a deprecated `Dataset`.
            name: Of the input; the registered name, or one made of the definition, if None.
            bind_mode: `mount`, `download` or `direct`; a table is always direct.
            path_on_compute: Where a download is put.
            overwrite: Accepted as in v1; downloads are private copies here.
            parameter_name: Accepted as in v1, for the record.

        Raises:
            UserErrorException: This is no dataset.
        """
        PipelineDataset.validate_dataset(dataset)
        self._dataset = _unwrapped(dataset)
        self._name = name or PipelineDataset.default_name(dataset)
        is_table = self._dataset._definition["type"] == "tabular"
        self._bind_mode = "direct" if is_table else bind_mode
        self._path_on_compute = path_on_compute
        self._overwrite = overwrite
        self._parameter_name = parameter_name

    dataset = property(attrgetter("_dataset"), doc="The dataset.")
    name = property(attrgetter("_name"), doc="The name of the input.")
    bind_mode = property(attrgetter("_bind_mode"), doc="How the job sees the files.")
    path_on_compute = property(attrgetter("_path_on_compute"), doc="Where a download is put.")
    overwrite = property(attrgetter("_overwrite"), doc="As given.")
    parameter_name = property(attrgetter("_parameter_name"), doc="As given.")

    @property
    def dataset_id(self) -> Optional[str]:
        """The id of a registered dataset, else None."""
        return self._dataset.id if self._dataset.name else None

    @property
    def dataset_version(self) -> Optional[int]:
        """The registered version, else None."""
        version: Optional[int] = self._dataset.version
        return version

    @property
    def saved_dataset_id(self) -> Optional[str]:
        """The saved id, or None before the dataset was used."""
        saved: Optional[str] = self._dataset.id
        return saved

    @property
    def workspace(self) -> Any:
        """The workspace, if it is known."""
        return self._dataset._workspace

    @staticmethod
    def create(dataset: Any, name: Optional[str] = None, parameter_name: Optional[str] = None) -> PipelineDataset:
        """Return a dataset as an input; of a named input, with its name and mode.

        Raises:
            UserErrorException: This is no dataset.
        """
        if type(dataset).__name__ == "DatasetConsumptionConfig":
            return PipelineDataset(
                dataset.dataset, name or dataset.name, dataset.mode, dataset.path_on_compute, False, parameter_name
            )
        return PipelineDataset(dataset, name, parameter_name=parameter_name)

    @staticmethod
    def default_name(dataset: Any) -> str:
        """Return the name of the input of a dataset that is given none."""
        found = _unwrapped(dataset)
        if found.name:
            return "".join(char if char.isalnum() else "_" for char in found.name)
        from azud.core.digests import digest_value

        return f"input__{digest_value(found._definition)[:8]}"

    @staticmethod
    def is_dataset(dset: Any) -> bool:
        """Return whether this is a dataset, registered or not."""
        return isinstance(getattr(_unwrapped(dset), "_definition", None), dict)

    @staticmethod
    def validate_dataset(dset: Any) -> None:
        """Accept a dataset.

        Raises:
            UserErrorException: This is none.
        """
        if not PipelineDataset.is_dataset(dset):
            raise UserErrorException(f"{dset!r} is no dataset", hint="use a FileDataset or a TabularDataset")


def _unwrapped(dataset: Any) -> Any:
    """Return the file or tabular dataset of a deprecated `Dataset`, else what was given."""
    return getattr(dataset, "definition", dataset)
