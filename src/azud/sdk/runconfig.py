"""`RunConfiguration` and its sections: how a script runs, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.environment import DEFAULT_NAME, DockerSection, Environment, is_default
from azud.sdk.exceptions import DefinitionValueError, UserErrorException
from azud.sdk.section import Section
from azud.sdk.support import not_yet

DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"
MPI_COMMUNICATORS = ("OpenMpi", "IntelMpi")


class DockerConfiguration(Section):
    """Whether and how a script runs in a container."""

    _fields = ("use_docker", "shared_volumes", "arguments", "shm_size")

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: Optional[List[str]] = None,
        shm_size: str = "2g",
    ) -> None:
        """Keep the settings."""
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments or [])
        self.shm_size = shm_size


class HistoryConfiguration(Section):
    """What of a run is kept."""

    _fields = ("output_collection", "snapshot_project", "directories_to_watch")

    def __init__(self) -> None:
        """Start with v1's defaults."""
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch: Optional[List[str]] = ["logs"]


class MpiConfiguration(Section):
    """Processes and nodes of an MPI job."""

    _fields = ("process_count_per_node", "node_count")

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        """Keep the counts."""
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count


class TensorflowConfiguration(Section):
    """Workers of a TensorFlow job."""

    _fields = ("worker_count", "parameter_server_count")

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        """Keep the counts."""
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count


class PyTorchConfiguration(Section):
    """Processes of a PyTorch job."""

    _fields = ("communication_backend", "process_count", "node_count")

    def __init__(
        self, communication_backend: str = "Nccl", process_count: Optional[int] = None, node_count: int = 1
    ) -> None:
        """Keep the counts."""
        self.communication_backend = communication_backend
        self.process_count = process_count
        self.node_count = node_count


class SparkConfiguration(Section):
    """Spark's own settings."""

    _fields = ("configuration",)

    def __init__(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        """Keep the settings."""
        self.configuration = dict(configuration or {})


class AmlComputeConfiguration(Section):
    """The machines of a run."""

    _fields = ("vm_size", "vm_priority")

    def __init__(self) -> None:
        """Start empty."""
        self.vm_size: Optional[str] = None
        self.vm_priority: Optional[str] = None


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


class RunConfiguration(Section):
    """How a script runs: where, in which environment, on how many nodes."""

    _fields = (
        "script",
        "command",
        "arguments",
        "framework",
        "communicator",
        "max_run_duration_seconds",
        "node_count",
        "priority",
        "environment",
        "history",
        "spark",
        "docker",
        "hdi",
        "tensorflow",
        "mpi",
        "pytorch",
        "paralleltask",
        "data_references",
        "data",
        "datacaches",
        "output_data",
        "amlcompute",
        "kubernetescompute",
        "services",
        "source_directory_data_store",
        "auto_cluster_compute_specification",
        "credential_passthrough",
    )

    def __init__(
        self,
        script: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        framework: Optional[str] = None,
        communicator: Optional[str] = None,
        conda_dependencies: Any = None,
        command: Any = None,
    ) -> None:
        """Start with v1's defaults; `conda_dependencies` become the environment's."""
        self.script = script
        self.command = command
        self.arguments = list(arguments or [])
        self.framework = framework or "Python"
        self.communicator = communicator or "None"
        self.max_run_duration_seconds: Optional[int] = None
        self.node_count = 1
        self.priority: Optional[int] = None
        self.environment = Environment(DEFAULT_NAME)
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies
        self.history = HistoryConfiguration()
        self.spark = SparkConfiguration()
        self.docker: Any = DockerConfiguration()
        self.hdi: Any = None
        self.tensorflow = TensorflowConfiguration()
        self.mpi = MpiConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.paralleltask: Any = None
        self.data_references: Dict[str, Any] = {}
        self.data: Dict[str, Any] = {}
        self.datacaches: Any = None
        self.output_data: Dict[str, Any] = {}
        self.amlcompute = AmlComputeConfiguration()
        self.kubernetescompute: Any = None
        self.services: Dict[str, Any] = {}
        self.source_directory_data_store: Optional[str] = None
        self.auto_cluster_compute_specification: Any = None
        self.credential_passthrough = False
        self._target: Any = "local"

    @property
    def target(self) -> Any:
        """Where the script runs: a compute target's name. Objects may be assigned."""
        return self._target

    @target.setter
    def target(self, value: Any) -> None:
        self._target = value if value is None or isinstance(value, str) else value.name

    @property
    def auto_prepare_environment(self) -> bool:
        """Kept for code that sets it; azud prepares what it can by itself."""
        return True

    @auto_prepare_environment.setter
    def auto_prepare_environment(self, value: bool) -> None:
        if not value:
            raise UserErrorException("azud does not have auto_prepare_environment=False")

    @property
    def environment_variables(self) -> Dict[str, str]:
        """The environment's variables."""
        return self.environment.environment_variables

    @environment_variables.setter
    def environment_variables(self, value: Optional[Dict[str, str]]) -> None:
        self.environment.environment_variables = value or {}

    save = not_yet("RunConfiguration.save")
    load = staticmethod(not_yet("RunConfiguration.load"))
    delete = staticmethod(not_yet("RunConfiguration.delete"))


class EnvironmentDefinition(Environment):
    """v1's older name of `Environment`."""


DockerEnvironment = DockerSection


def settings_of(runconfig: Optional[RunConfiguration], step: str) -> Any:
    """Return the `azud.model.definition.RunSettings` of a run configuration.

    Raises:
        ValueError: Something in it cannot run yet; names it.
    """
    from azud.model.definition import EnvironmentSpec, RunSettings

    if runconfig is None:
        return RunSettings()
    _refuse(runconfig, step)
    environment = runconfig.environment
    asked = environment is not None and not is_default(environment)
    spec = EnvironmentSpec()
    if asked:
        definition = environment._to_json()
        spec = EnvironmentSpec(environment.name, environment.version, definition)
    is_mpi = runconfig.communicator in MPI_COMMUNICATORS
    return RunSettings(
        framework=str(runconfig.framework),
        communicator=str(runconfig.communicator),
        node_count=int(runconfig.node_count or 1),
        process_count_per_node=int(runconfig.mpi.process_count_per_node or 1) if is_mpi else 1,
        environment=spec,
        environment_variables=environment._variables() if environment is not None else {},
    )


def _refuse(runconfig: RunConfiguration, step: str) -> None:
    for name in ("data", "output_data", "data_references", "datacaches"):
        if getattr(runconfig, name):
            raise DefinitionValueError(
                f"step {step!r}: azud does not have RunConfiguration.{name} yet",
                hint="use the step's inputs and outputs",
            )
    if str(runconfig.framework).lower() not in ("python", "tensorflow", "pytorch"):
        raise DefinitionValueError(f"step {step!r}: azud cannot run framework {runconfig.framework!r} yet")
