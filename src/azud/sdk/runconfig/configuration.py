"""`RunConfiguration`: how a script runs, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.environment import DEFAULT_NAME, Environment
from azud.sdk.exceptions import UserErrorException
from azud.sdk.runconfig.distributed import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
from azud.sdk.runconfig.sections import (
    AmlComputeConfiguration,
    DockerConfiguration,
    HistoryConfiguration,
    SparkConfiguration,
)
from azud.sdk.section import Section
from azud.sdk.support import not_yet


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
