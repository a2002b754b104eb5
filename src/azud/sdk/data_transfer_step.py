"""`DataTransferStep`: data from one datastore to another, without a script of one's own."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, List, NoReturn, Optional, Tuple

from azud.core.errors import AzudError
from azud.core.paths import clean_relative
from azud.sdk.datapath import DataPath, DataPathComputeBinding, DataReference
from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.input_binding import InputPortBinding
from azud.sdk.input_forms import input_of
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import OutputPortBinding, PipelineData
from azud.sdk.sql_data_reference import SqlDataReference
from azud.sdk.step import PipelineStep

_TYPES = (None, "file", "directory")
_OUTPUT = "_data_transfer_output"
_TABLE = re.compile(r"^\w+(?:\.\w+)?$", re.ASCII)
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "transfer_job")


class DataTransferStep(PipelineStep):
    """A step that copies files or folders, writes what a query gives to a file, or appends rows to a table.

    It runs on this machine as any other step, and moves bytes through azud's server; no data factory is asked.
    """

    def __init__(
        self,
        name: str,
        source_data_reference: Any = None,
        destination_data_reference: Any = None,
        compute_target: Any = None,
        source_reference_type: Optional[str] = None,
        destination_reference_type: Optional[str] = None,
        allow_reuse: bool = True,
    ) -> None:
        """Describe a transfer.

        Args:
            name: Of the step.
            source_data_reference: `DataReference`, `PipelineData`, `(DataPath, DataPathComputeBinding)`, or
                `SqlDataReference` with a table or a query.
            destination_data_reference: `DataReference` or `(DataPath, DataPathComputeBinding)`: a file or folder; or
                `SqlDataReference` with a table that exists, to which rows are appended.
            compute_target: A `DataFactoryCompute` or its name, as v1 asks for; nothing is asked of it.
            source_reference_type: `file` or `directory`; what it turns out to be if None.
            destination_reference_type: The same; as the source if None.
            allow_reuse: Whether results may be taken from, and given to, other runs.

        Raises:
            ValueError: Source or destination is missing or of a kind that cannot be one, or a type is unknown.
        """
        for what, value in (("source", source_reference_type), ("destination", destination_reference_type)):
            if value not in _TYPES:
                raise DefinitionValueError(
                    f"step {name!r}: {what}_reference_type is {value!r}", hint="use 'file' or 'directory'"
                )
        kind = getattr(compute_target, "type", "DataFactory")
        if kind != "DataFactory":
            raise DefinitionValueError(
                f"step {name!r}: a compute target of type {kind!r} transfers no data",
                hint="use a DataFactoryCompute, or leave compute_target out",
            )
        source, told = _source(name, source_data_reference, source_reference_type)
        target = _destination(name, destination_data_reference, destination_reference_type)
        plan = json.dumps({"source": told, "destination": target}, sort_keys=True)
        self._output = _output(name, destination_data_reference, target)
        self._script_name = "transfer.py"
        self._runconfig: Any = None
        self._compute_name: Optional[str] = None
        self._allow_reuse = allow_reuse
        self._version: Optional[str] = None
        self._retries: Optional[int] = None
        self._retry_delay_s: Optional[float] = None
        arguments: List[Any] = ["--plan", plan, "--output", self._output]
        if told["kind"] == "files":
            arguments += ["--input", source]
        super().__init__(name, [source], [self._output], arguments, fix_port_name_collisions=True)

    def get_output(self) -> PipelineData:
        """Return what the step leaves, as an input for other steps: the copy; for a table, a JSON file with counts."""
        return self._output

    def create_node(self, graph: Any, default_datastore: Any, context: Any) -> Any:
        """Not for users: kept for its name; pipelines are built by `Pipeline`."""
        return super().create_node(graph, default_datastore, context)

    def _folder(self, default_source_directory: Optional[str]) -> str:
        return _FOLDER

    def _check(self, default_source_directory: Optional[str]) -> None:
        """Accept: everything was checked when the step was made."""


def _source(step: str, source: Any, kind: Optional[str]) -> Tuple[Any, Dict[str, Any]]:
    """Return the step's input, and what the job is told of it."""
    if source is None:
        raise DefinitionValueError(f"step {step!r}: source_data_reference is missing")
    if isinstance(source, SqlDataReference):
        return _query_input(step, source), {"kind": "query"}
    found = input_of(source, f"step {step!r}, source_data_reference")
    path = str((found.fixed or {}).get("path", ""))
    label = f"{(found.fixed or {}).get('datastore', '')}:/{path}" if found.fixed else found.name
    return source, {"kind": "files", "type": kind, "path": path, "label": f"the source {label}"}


def _query_input(step: str, source: SqlDataReference) -> Any:
    """Return a query as the dataset input `source`.

    Raises:
        NotYetError: It is a stored procedure.
        ValueError: Neither a table nor a query is named, or both.
    """
    from azud.sdk.dataset import TabularDataset
    from azud.sdk.query_rows import definition_of

    if source.sql_stored_procedure:
        raise NotYetError("azud does not have SqlDataReference(sql_stored_procedure=…) yet")
    if bool(source.sql_table) == bool(source.sql_query):
        raise DefinitionValueError(f"step {step!r}: a SqlDataReference needs sql_table or sql_query, and one of them")
    query = source.sql_query or f"SELECT * FROM {_table(step, source)}"  # noqa: S608 - of letters and digits
    definition = definition_of(source.datastore, query, 24 * 3600, {})
    return TabularDataset(definition, source.datastore.workspace).as_named_input("source")


def _table(step: str, reference: SqlDataReference) -> str:
    name = str(reference.sql_table or "")
    if not _TABLE.match(name):
        raise DefinitionValueError(
            f"step {step!r}: {name!r} is no name of a table",
            hint="write table or schema.table, of letters, digits and underscores; sql_query can quote others",
        )
    return name


def _destination(step: str, target: Any, kind: Optional[str]) -> Dict[str, Any]:
    """Return what the job is told of the destination.

    Raises:
        ValueError: It can be none.
    """
    if isinstance(target, SqlDataReference):
        if not target.sql_table or target.sql_query:
            raise DefinitionValueError(f"step {step!r}: a SqlDataReference as destination needs sql_table alone")
        return {"kind": "table", "datastore": target.datastore.name, "table": _table(step, target)}
    datastore, path = _place(step, target)
    try:
        path = clean_relative(path)
    except AzudError as error:
        raise DefinitionValueError(f"step {step!r}, destination: {error.message}") from error
    return {"kind": "files", "datastore": datastore.name, "path": path, "type": kind}


def _place(step: str, target: Any) -> Tuple[Any, str]:
    if isinstance(target, InputPortBinding):
        target = target.bind_object
    if isinstance(target, tuple) and len(target) == 2 and isinstance(target[1], DataPathComputeBinding):
        target = target[0]
    if isinstance(target, PipelineParameter):
        raise NotYetError("azud does not have DataTransferStep with a PipelineParameter as destination yet")
    if isinstance(target, DataReference):
        return target.datastore, target.path_on_datastore or ""
    if isinstance(target, DataPath) and target._datastore is not None:
        return target._datastore, target.path_on_datastore or ""
    _refuse(step, target)


def _refuse(step: str, target: Any) -> NoReturn:
    shown = "missing" if target is None else f"a {type(target).__name__}"
    hint = "use a DataReference, (DataPath, DataPathComputeBinding) or SqlDataReference"
    if isinstance(target, (PipelineData, OutputPortBinding)):
        hint = "get_output() of the step gives a PipelineData for the steps after it"
    raise DefinitionValueError(f"step {step!r}: destination_data_reference is {shown}", hint=hint)


def _output(step: str, target: Any, told: Dict[str, Any]) -> PipelineData:
    name = re.sub(r"\W", "_", step, flags=re.ASCII) + _OUTPUT
    if told["kind"] == "table":
        return PipelineData(name, output_name=_OUTPUT)
    datastore, _path = _place(step, target)
    found = PipelineData(name, datastore, output_name=_OUTPUT, is_directory=told["type"] == "directory")
    found._destination = told["path"]
    return found
