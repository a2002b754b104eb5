"""What a person authored: a pipeline as plain data, made by the SDK or the Designer.

A `PipelineDefinition` is complete: together with the blobs of its snapshots it can be run again on
another day by another process. Nothing in it depends on the machine except `source_directory`, which is
kept for the record only.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from azud.model.data import DatasetDefinition


@dataclasses.dataclass(frozen=True)
class Argument:
    """One item of a step's command line.

    `kind` is one of:
        `literal`    `value` itself. `$AZUREML_DATAREFERENCE_<port>` and `$AML_PARAMETER_<name>` inside it
                     are replaced at run time, because v1 users build f-strings of them.
        `input`      the path (or, for a direct dataset, the id) of the input port named `value`.
        `output`     the path of the output port named `value`.
        `parameter`  the effective value of the pipeline parameter named `value`, as text.
    """

    kind: str
    value: str


@dataclasses.dataclass(frozen=True)
class InputPort:
    """An input of a step: where its bytes come from and how the script sees them.

    Exactly one source is set: `step` + `output` (another step's output), `datastore` + `path`
    (a `DataReference` or `DataPath`), `dataset` (a definition, with `dataset_name` and `dataset_version` if
    registered), `registered` (the name of a registered dataset, which is looked up when the step is decided), or
    `parameter` (a pipeline parameter whose value is one of the latter three).

    Args:
        name: `\\w+`, unique among the step's inputs.
        kind: `reference`: the script gets `AZUREML_DATAREFERENCE_<name>`; `dataset`: it gets an environment
            variable called `<name>` and `run.input_datasets[name]`.
        mode: `mount`, `download` or `direct`.
        path_on_compute: Where the user wants a download, or None.
        reader: For another step's output that is read as a table: as `DatasetDefinition.reader`.
        sealed_by: The step run of another run that sealed `output`, whose bytes lie at `datastore` and `path`: they are
            what a `step` of this run would have handed over, and are checked before they are read.
        registered_version: The version of `registered` that was asked for, or None for the newest.
    """

    name: str
    kind: str
    mode: str
    step: Optional[str] = None
    output: Optional[str] = None
    datastore: Optional[str] = None
    path: Optional[str] = None
    dataset: Optional[DatasetDefinition] = None
    dataset_name: Optional[str] = None
    dataset_version: Optional[int] = None
    parameter: Optional[str] = None
    path_on_compute: Optional[str] = None
    reader: Dict[str, Any] = dataclasses.field(default_factory=dict)
    sealed_by: Optional[str] = None
    registered: Optional[str] = None
    registered_version: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class OutputPort:
    """An output of a step and where its bytes go.

    Args:
        name: `\\w+`, unique among the step's outputs.
        kind: `reference` (`PipelineData`: the script creates the path itself, as a file or a folder) or
            `dataset` (`OutputFileDatasetConfig`: azud creates the folder).
        datastore: Name, or None for the pipeline's default.
        mode: `mount` or `upload`; `link`, for a dataset: the script links it with a dataset, and azud makes no folder.
        path_on_compute: For `upload`: where the script writes.
        destination: The user's fixed path on the datastore, or None for the unique default. `{run-id}`
            and `{output-name}` are replaced.
        pipeline_output_name: Run-level name for `PipelineRun.get_pipeline_output`, or None.
        register_as: `{"name", "description", "tags"}` of a dataset to register on success, or None.
        reader: For outputs read as tables: as `DatasetDefinition.reader`.
    """

    name: str
    kind: str = "reference"
    datastore: Optional[str] = None
    mode: str = "mount"
    path_on_compute: Optional[str] = None
    overwrite: bool = False
    destination: Optional[str] = None
    data_type: Optional[str] = None
    pipeline_output_name: Optional[str] = None
    register_as: Optional[Dict[str, Any]] = None
    reader: Dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class EnvironmentSpec:
    """The environment that a step asks for, in v1's own serialised words.

    `definition` is v1's environment object (`{"name", "version", "python": {...}, "docker": {...}, …}`);
    None means that the step asked for nothing in particular.
    """

    name: str = ""
    version: Optional[str] = None
    definition: Optional[Dict[str, Any]] = None


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """What of a v1 run configuration can change a result.

    Args:
        framework: v1's word, `Python` by default.
        communicator: v1's word, `None` (text) by default.
        node_count: Nodes asked for.
        process_count_per_node: Processes on each node.
        environment_variables: Variables the step declares, as `str` to `str`.
        pass_env: Names of the submitting process's variables to pass on; their values are taken into
            `environment_variables` at submit, so this stays for the record.
    """

    framework: str = "Python"
    communicator: str = "None"
    node_count: int = 1
    process_count_per_node: int = 1
    environment: EnvironmentSpec = EnvironmentSpec()
    environment_variables: Dict[str, str] = dataclasses.field(default_factory=dict)
    pass_env: Tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class StepDefinition:
    """One step of a pipeline.

    Args:
        id: Unique within the pipeline, `\\w+`, stable for equal pipelines (`n1`, `n2` … in creation order).
        name: Free text, need not be unique.
        type: v1's step type (`PythonScriptStep`).
        script: Path of the script in the snapshot, with forward slashes; "" if there is a command.
        command: A line for the shell instead of a script, which runs in the snapshot's folder.
        arguments: Command line after the script, or quoted words after the command.
        run_after: Ids of steps that must end first without handing over data.
        snapshot: Digest of the source folder's listing (see `azud.model.snapshot`).
        source_directory: Absolute folder at submit, for the record.
        compute: Name of a compute target, or None for `local`.
        parameters: The step's own `params`: name to an `Argument` of kind `literal` or `parameter`.
        timeout_s: Wall-clock limit of each attempt in seconds, or None.
        retries: How often the step is tried again after it failed; None leaves it to the workspace.
        retry_delay_s: Seconds before the first retry; None leaves it to the workspace.
        warnings: What the author should know; shown on the run.
    """

    id: str
    name: str
    type: str
    script: str
    arguments: Tuple[Argument, ...] = ()
    inputs: Tuple[InputPort, ...] = ()
    outputs: Tuple[OutputPort, ...] = ()
    run_after: Tuple[str, ...] = ()
    snapshot: str = ""
    source_directory: str = ""
    compute: Optional[str] = None
    settings: RunSettings = RunSettings()
    parameters: Dict[str, Argument] = dataclasses.field(default_factory=dict)
    allow_reuse: bool = True
    version: Optional[str] = None
    timeout_s: Optional[float] = None
    properties: Dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: Tuple[str, ...] = ()
    retries: Optional[int] = None
    retry_delay_s: Optional[float] = None
    command: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class ParameterDefinition:
    """A pipeline parameter.

    `type` is `string`, `int`, `float`, `bool`, `datapath` or `dataset`. `default` is the scalar itself,
    `{"datastore", "path"}` for a data path, or for a dataset its definition's JSON, that with its name
    (`{"definition", "name", "version"}`), or what is looked up when a step is decided (`{"registered", "version"}`).
    """

    name: str
    type: str
    default: Any


@dataclasses.dataclass(frozen=True)
class PipelineDefinition:
    """A whole pipeline as authored."""

    steps: Tuple[StepDefinition, ...]
    parameters: Tuple[ParameterDefinition, ...] = ()
    name: str = ""
    default_datastore: Optional[str] = None
    format: int = 1
