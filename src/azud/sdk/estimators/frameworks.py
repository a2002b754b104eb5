"""Estimators of one framework each: they ask for its package, in the version that is wanted."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Type

from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.environment import Environment
from azud.sdk.estimators.arguments import run_config_of
from azud.sdk.estimators.base import MMLBaseEstimator
from azud.sdk.estimators.distributed import DistributedTraining, Gloo, Mpi, Nccl, ParameterServer


class _FrameworkBaseEstimator(MMLBaseEstimator):
    """An estimator of one framework."""

    FRAMEWORK_NAME = ""
    DEFAULT_VERSION = ""
    _framework = "Python"
    _package = ""
    _kinds: Tuple[Type[DistributedTraining], ...] = ()
    _versions: Tuple[str, ...] = ()

    def _describe(self, source_directory: Optional[str], given: Dict[str, Any]) -> None:
        """Make the run configuration that an estimator's arguments describe."""
        self._framework_version = str(given.get("framework_version") or self.DEFAULT_VERSION)
        config = run_config_of(
            type(self).__name__,
            source_directory,
            given,
            framework=self._framework,
            packages=(_pinned(self._package, self._framework_version),),
            kinds=self._kinds,
        )
        super().__init__(source_directory, compute_target=given["compute_target"], estimator_config=config)
        self._script_params, self._inputs = given["script_params"], given["inputs"]
        self._resume_from = given["resume_from"]

    @property
    def framework_version(self) -> str:
        """The framework's version that is asked for."""
        return self._framework_version

    @classmethod
    def get_supported_versions(cls) -> List[str]:
        """Return the versions that v1 had images of; azud takes others, too."""
        return list(cls._versions)


class PyTorch(_FrameworkBaseEstimator):
    """A script of PyTorch. Deprecated in v1 in favour of `ScriptRunConfig`."""

    FRAMEWORK_NAME = "PyTorch"
    DEFAULT_VERSION = "1.4"
    _framework = "PyTorch"
    _package = "torch"
    _kinds = (Mpi, Gloo, Nccl)
    _versions = ("1.0", "1.1", "1.2", "1.3", "1.4")

    def __init__(
        self,
        source_directory: Optional[str],
        *,
        compute_target: Any = None,
        vm_size: Optional[str] = None,
        vm_priority: Optional[str] = None,
        entry_script: Optional[str] = None,
        script_params: Optional[Dict[str, Any]] = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_backend: Optional[str] = None,
        distributed_training: Optional[DistributedTraining] = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_base_image: Optional[str] = None,
        custom_docker_image: Optional[str] = None,
        image_registry_details: Optional[ContainerRegistry] = None,
        user_managed: bool = False,
        conda_packages: Optional[List[str]] = None,
        pip_packages: Optional[List[str]] = None,
        conda_dependencies_file_path: Optional[str] = None,
        pip_requirements_file_path: Optional[str] = None,
        conda_dependencies_file: Optional[str] = None,
        pip_requirements_file: Optional[str] = None,
        environment_variables: Optional[Dict[str, str]] = None,
        environment_definition: Optional[Environment] = None,
        inputs: Optional[List[Any]] = None,
        source_directory_data_store: Any = None,
        shm_size: Optional[str] = None,
        resume_from: Any = None,
        max_run_duration_seconds: Optional[int] = None,
        framework_version: Optional[str] = None,
    ) -> None:
        """Make the run configuration that the arguments describe; see `azud.sdk.estimators.arguments`.

        Raises:
            TrainingException: Arguments that exclude each other, or that are none.
        """
        self._describe(source_directory, dict(locals()))


class TensorFlow(_FrameworkBaseEstimator):
    """A script of TensorFlow. Deprecated in v1 in favour of `ScriptRunConfig`."""

    FRAMEWORK_NAME = "TensorFlow"
    DEFAULT_VERSION = "1.13"
    _framework = "TensorFlow"
    _package = "tensorflow"
    _kinds = (Mpi, ParameterServer)
    _versions = ("1.10", "1.12", "1.13", "2.0")

    def __init__(
        self,
        source_directory: Optional[str],
        *,
        compute_target: Any = None,
        vm_size: Optional[str] = None,
        vm_priority: Optional[str] = None,
        entry_script: Optional[str] = None,
        script_params: Optional[Dict[str, Any]] = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        worker_count: int = 1,
        parameter_server_count: int = 1,
        distributed_backend: Optional[str] = None,
        distributed_training: Optional[DistributedTraining] = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_base_image: Optional[str] = None,
        custom_docker_image: Optional[str] = None,
        image_registry_details: Optional[ContainerRegistry] = None,
        user_managed: bool = False,
        conda_packages: Optional[List[str]] = None,
        pip_packages: Optional[List[str]] = None,
        conda_dependencies_file_path: Optional[str] = None,
        pip_requirements_file_path: Optional[str] = None,
        conda_dependencies_file: Optional[str] = None,
        pip_requirements_file: Optional[str] = None,
        environment_variables: Optional[Dict[str, str]] = None,
        environment_definition: Optional[Environment] = None,
        inputs: Optional[List[Any]] = None,
        source_directory_data_store: Any = None,
        shm_size: Optional[str] = None,
        resume_from: Any = None,
        max_run_duration_seconds: Optional[int] = None,
        framework_version: Optional[str] = None,
    ) -> None:
        """Make the run configuration that the arguments describe; see `azud.sdk.estimators.arguments`.

        Raises:
            TrainingException: Arguments that exclude each other, or that are none.
        """
        self._describe(source_directory, dict(locals()))


class Chainer(_FrameworkBaseEstimator):
    """A script of Chainer. Deprecated in v1 in favour of `ScriptRunConfig`."""

    FRAMEWORK_NAME = "Chainer"
    DEFAULT_VERSION = "5.1.0"
    _framework = "Python"
    _package = "chainer"
    _kinds = (Mpi,)
    _versions = ("5.1.0", "7.0.0")

    def __init__(
        self,
        source_directory: Optional[str],
        *,
        compute_target: Any = None,
        vm_size: Optional[str] = None,
        vm_priority: Optional[str] = None,
        entry_script: Optional[str] = None,
        script_params: Optional[Dict[str, Any]] = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_backend: Optional[str] = None,
        distributed_training: Optional[DistributedTraining] = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_base_image: Optional[str] = None,
        custom_docker_image: Optional[str] = None,
        image_registry_details: Optional[ContainerRegistry] = None,
        user_managed: bool = False,
        conda_packages: Optional[List[str]] = None,
        pip_packages: Optional[List[str]] = None,
        conda_dependencies_file_path: Optional[str] = None,
        pip_requirements_file_path: Optional[str] = None,
        conda_dependencies_file: Optional[str] = None,
        pip_requirements_file: Optional[str] = None,
        environment_variables: Optional[Dict[str, str]] = None,
        environment_definition: Optional[Environment] = None,
        inputs: Optional[List[Any]] = None,
        source_directory_data_store: Any = None,
        shm_size: Optional[str] = None,
        resume_from: Any = None,
        max_run_duration_seconds: Optional[int] = None,
        framework_version: Optional[str] = None,
    ) -> None:
        """Make the run configuration that the arguments describe; see `azud.sdk.estimators.arguments`.

        Raises:
            TrainingException: Arguments that exclude each other, or that are none.
        """
        self._describe(source_directory, dict(locals()))


class SKLearn(_FrameworkBaseEstimator):
    """A script of scikit-learn, which runs on one node. Deprecated in v1 in favour of `ScriptRunConfig`."""

    FRAMEWORK_NAME = "SKLearn"
    DEFAULT_VERSION = "0.20.3"
    _framework = "Python"
    _package = "scikit-learn"
    _kinds = ()
    _versions = ("0.20.3",)

    def __init__(
        self,
        source_directory: Optional[str],
        *,
        compute_target: Any = None,
        vm_size: Optional[str] = None,
        vm_priority: Optional[str] = None,
        entry_script: Optional[str] = None,
        script_params: Optional[Dict[str, Any]] = None,
        use_docker: bool = True,
        custom_docker_image: Optional[str] = None,
        image_registry_details: Optional[ContainerRegistry] = None,
        user_managed: bool = False,
        conda_packages: Optional[List[str]] = None,
        pip_packages: Optional[List[str]] = None,
        conda_dependencies_file_path: Optional[str] = None,
        pip_requirements_file_path: Optional[str] = None,
        conda_dependencies_file: Optional[str] = None,
        pip_requirements_file: Optional[str] = None,
        environment_variables: Optional[Dict[str, str]] = None,
        environment_definition: Optional[Environment] = None,
        inputs: Optional[List[Any]] = None,
        shm_size: Optional[str] = None,
        resume_from: Any = None,
        max_run_duration_seconds: Optional[int] = None,
        framework_version: Optional[str] = None,
    ) -> None:
        """Make the run configuration that the arguments describe; see `azud.sdk.estimators.arguments`.

        Raises:
            TrainingException: Arguments that exclude each other, or that are none.
        """
        self._describe(source_directory, dict(locals()))


def _pinned(package: str, version: str) -> str:
    """Return a requirement: `1.13` stands for every 1.13.x, as it did in v1."""
    return f"{package}=={version}" if version.count(".") > 1 else f"{package}=={version}.*"
