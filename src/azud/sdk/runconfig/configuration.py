"""`RunConfiguration`: how a script runs, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.environment import DEFAULT_NAME, Environment
from azud.sdk.environment.definition import variables_as_texts
from azud.sdk.exceptions import UserErrorException
from azud.sdk.runconfig.data import Data, DatacacheConfiguration, DataReferenceConfiguration
from azud.sdk.runconfig.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from azud.sdk.runconfig.outputs import OutputData
from azud.sdk.runconfig.sections import (
    AmlComputeConfiguration,
    ApplicationEndpointConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    KubernetesComputeConfiguration,
    SparkConfiguration,
)
from azud.sdk.section import FLAG, LIST, MAP, TEXT, WHOLE, Field, Section


class EnvironmentDefinition(Environment):
    """v1's older name of `Environment`."""

    def __init__(self, name: Optional[str] = None, **kwargs: Any) -> None:
        """Start with v1's defaults."""
        super().__init__(name or DEFAULT_NAME, **kwargs)


class RunConfiguration(Section):
    """How a script runs: where, in which environment, on how many nodes."""

    _schema = {
        "script": TEXT,
        "command": TEXT,
        "arguments": Field(LIST, TEXT),
        "_target": TEXT,
        "framework": TEXT,
        "communicator": TEXT,
        "max_run_duration_seconds": WHOLE,
        "node_count": WHOLE,
        "priority": WHOLE,
        "environment": Environment,
        "_environment_variables": Field(MAP, TEXT, optional=True),
        "history": HistoryConfiguration,
        "spark": SparkConfiguration,
        "docker": DockerConfiguration,
        "hdi": HdiConfiguration,
        "tensorflow": TensorflowConfiguration,
        "mpi": MpiConfiguration,
        "pytorch": PyTorchConfiguration,
        "paralleltask": ParallelTaskConfiguration,
        "data_references": Field(MAP, DataReferenceConfiguration),
        "data": Field(MAP, Data),
        "datacaches": Field(LIST, DatacacheConfiguration),
        "output_data": Field(MAP, OutputData),
        "source_directory_data_store": TEXT,
        "amlcompute": AmlComputeConfiguration,
        "auto_cluster_compute_specification": MAP,
        "kubernetescompute": KubernetesComputeConfiguration,
        "credential_passthrough": FLAG,
        "services": Field(MAP, ApplicationEndpointConfiguration, key="application_endpoints"),
    }

    def __init__(
        self,
        script: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        framework: Optional[str] = None,
        communicator: Optional[str] = None,
        conda_dependencies: Any = None,
        command: Any = None,
    ) -> None:
        """Start with v1's defaults; `conda_dependencies` become the environment's.

        Raises:
            UserErrorException: `arguments` is a text; each of its characters would become an argument.
        """
        if isinstance(arguments, str):
            raise UserErrorException(f"arguments is the text {arguments!r}", hint="give a list, one item an argument")
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
        self.docker = DockerConfiguration()
        self.hdi = HdiConfiguration()
        self.tensorflow = TensorflowConfiguration()
        self.mpi = MpiConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.paralleltask = ParallelTaskConfiguration()
        self.data_references: Dict[str, Any] = {}
        self.data: Dict[str, Any] = {}
        self.datacaches: Any = None
        self.output_data: Dict[str, Any] = {}
        self.amlcompute = AmlComputeConfiguration()
        self.kubernetescompute = KubernetesComputeConfiguration()
        self.services: Dict[str, Any] = {}
        self.source_directory_data_store: Optional[str] = None
        self.auto_cluster_compute_specification: Any = None
        self.credential_passthrough = False
        self._target: Any = "local"
        self._environment_variables: Optional[Dict[str, str]] = None
        self._origin: Any = None  # (project folder, name) of the file that it was loaded from

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
        """Variables that the script gets: the run's own, once some were assigned; before, the environment's."""
        if self._environment_variables is not None:
            return self._environment_variables
        return self.environment.environment_variables

    @environment_variables.setter
    def environment_variables(self, value: Optional[Dict[str, str]]) -> None:
        if value is not None and not isinstance(value, dict):
            raise UserErrorException(f"environment_variables is {value!r}", hint="give a dict of names and texts")
        self._environment_variables = value

    def save(
        self, path: Optional[str] = None, name: Optional[str] = None, separate_environment_yaml: bool = False
    ) -> None:
        """Write the configuration to `.azureml/<name>`, and its packages to `conda_dependencies.yml` beside it.

        Args:
            path: The project's folder; by default the one that the configuration was loaded from, else the current one.
            name: Of the file, without further ending; by default the one that it was loaded from. A name that ends in
                `.json` is written as JSON.
            separate_environment_yaml: Write the environment to `environment.yml` beside it.

        Raises:
            UserErrorException: No name, or something in the configuration has no form in a file.
        """
        from azud.sdk.runconfig import files

        origin = self._origin or (".", None)
        files.save(self, path or origin[0], name or origin[1], is_environment_apart=separate_environment_yaml)

    @staticmethod
    def load(path: str, name: Optional[str] = None) -> RunConfiguration:
        """Return the configuration that v1 or `save` wrote: YAML or JSON.

        Args:
            path: The project's folder, in whose `.azureml` or `aml_config`, else in itself, the file lies; or the file.
            name: Of the file, with or without `.runconfig`.

        Raises:
            RunConfigurationException: There is no such file, or it cannot be read; says why.
        """
        from azud.sdk.runconfig import files

        return files.load(path, name)

    @staticmethod
    def delete(path: str, name: str) -> None:
        """Remove a configuration's file; the files beside it stay.

        Raises:
            RunConfigurationException: There is no such file.
        """
        from azud.sdk.runconfig import files

        files.delete(path, name)

    def _variables(self) -> Dict[str, str]:
        """Return the variables that the script gets as texts: the environment's, then the run's own."""
        found: Dict[str, str] = self.environment._variables() if self.environment is not None else {}
        return {**found, **variables_as_texts(self._environment_variables)}
