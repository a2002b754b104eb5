"""What all estimators of v1 have in common: they hold the run configuration that their arguments describe."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.conda import CondaDependencies
from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.environment import Environment
from azud.sdk.estimators.distributed import of_backend
from azud.sdk.exceptions import TrainingException
from azud.sdk.runconfig import DEFAULT_GPU_IMAGE, RunConfiguration
from azud.sdk.support import warn


class MMLBaseEstimatorRunConfig(RunConfiguration):
    """The run configuration of an estimator, made of its arguments."""

    def __init__(
        self,
        compute_target: Any,
        vm_size: Optional[str] = None,
        vm_priority: Optional[str] = None,
        entry_script: Optional[str] = None,
        script_params: Optional[Dict[str, Any]] = None,
        node_count: Optional[int] = None,
        process_count_per_node: Optional[int] = None,
        distributed_backend: Optional[str] = None,
        use_gpu: Optional[bool] = None,
        use_docker: Optional[bool] = None,
        custom_docker_base_image: Optional[str] = None,
        custom_docker_image: Optional[str] = None,
        image_registry_details: Optional[ContainerRegistry] = None,
        user_managed: bool = False,
        conda_packages: Optional[List[str]] = None,
        pip_packages: Optional[List[str]] = None,
        environment_definition: Optional[Environment] = None,
        inputs: Optional[List[Any]] = None,
        source_directory_data_store: Any = None,
        shm_size: Optional[str] = None,
    ) -> None:
        """Put the arguments where a run configuration has them.

        Raises:
            TrainingException: `script_params` is no dict, an input is none, a count is no number,
                `environment_definition` is no environment or has another argument beside it that it would hold itself.
        """
        super().__init__(script=entry_script, arguments=flattened(script_params))
        self.node_count = count(node_count)
        if compute_target is not None:
            self.target = compute_target
        elif vm_size is not None:
            self.target = "amlcompute"
        self.amlcompute.vm_size, self.amlcompute.vm_priority = vm_size, vm_priority
        if distributed_backend is not None:
            of_backend(distributed_backend, count(process_count_per_node))._apply(self)
        image = one_of(custom_docker_image=custom_docker_image, custom_docker_base_image=custom_docker_base_image)
        if environment_definition is not None:
            rivals = {
                "use_gpu": use_gpu,
                "custom_docker_image": image,
                "user_managed": user_managed,
                "conda_packages": conda_packages,
                "pip_packages": pip_packages,
            }
            self.environment = alone(environment_definition, rivals)
        else:
            self._ask(image, image_registry_details, bool(use_gpu), bool(user_managed))
            self.environment.python.conda_dependencies = CondaDependencies.create(
                pip_packages=_with_defaults(pip_packages), conda_packages=conda_packages
            )
            self.environment.docker.enabled = bool(use_docker)
            self.environment.docker.shm_size = shm_size
        self.docker.use_docker = bool(use_docker)
        if shm_size is not None:
            self.docker.shm_size = shm_size
        self.source_directory_data_store = getattr(source_directory_data_store, "name", source_directory_data_store)
        self._take(inputs or [])

    def _ask(
        self, image: Optional[str], registry: Optional[ContainerRegistry], use_gpu: bool, user_managed: bool
    ) -> None:
        docker = self.environment.docker
        docker.gpu_support = use_gpu
        if image is not None or use_gpu:
            docker.base_image = image or DEFAULT_GPU_IMAGE
        if registry is not None:
            docker.base_image_registry = registry
        self.environment.python.user_managed_dependencies = user_managed

    def _take(self, inputs: List[Any]) -> None:
        """Keep inputs: data references, and named datasets."""
        for item in inputs:
            if hasattr(item, "to_config"):
                self.data_references[item.data_reference_name] = item.to_config()
            elif hasattr(item, "name") and hasattr(item, "mode"):
                self.data[item.name] = item
            else:
                raise TrainingException(
                    f"inputs holds {item!r}", hint="give data references, and datasets .as_named_input(name)"
                )


class MMLBaseEstimator:
    """An estimator: a source folder and a run configuration. Deprecated in v1 in favour of `ScriptRunConfig`."""

    def __init__(
        self,
        source_directory: Optional[str],
        *,
        compute_target: Any,
        estimator_config: Optional[RunConfiguration] = None,
    ) -> None:
        """Keep the folder and the run configuration; without one, one for `compute_target` alone is made."""
        warn(f"{type(self).__name__} is deprecated in v1: ScriptRunConfig takes its place")
        self._source_directory = source_directory or "."
        self._estimator_config = estimator_config or MMLBaseEstimatorRunConfig(compute_target)
        self._compute_target = compute_target
        self._script_params: Optional[Dict[str, Any]] = None
        self._inputs: Optional[List[Any]] = None
        self._resume_from: Any = None

    @property
    def run_config(self) -> RunConfiguration:
        """The run configuration."""
        return self._estimator_config

    @property
    def source_directory(self) -> str:
        """The folder that is copied for the script."""
        return self._source_directory

    @property
    def conda_dependencies(self) -> CondaDependencies:
        """The packages that are asked for."""
        return self._estimator_config.environment.python.conda_dependencies


def flattened(script_params: Optional[Dict[str, Any]]) -> List[Any]:
    """Return `{"--a": 1, "--flag": ""}` as arguments; a value of None or nothing makes a flag.

    Raises:
        TrainingException: It is no dict.
    """
    if script_params is not None and not isinstance(script_params, dict):
        raise TrainingException(f"script_params is {script_params!r}", hint="give a dict: argument to value")
    found: List[Any] = []
    for name, value in (script_params or {}).items():
        is_flag = value is None or (isinstance(value, str) and not value)
        found.extend([name] if is_flag else [name, value])
    return found


def alone(environment: Any, rivals: Dict[str, Any]) -> Environment:
    """Return the environment if nothing is given beside it that it would hold itself.

    Raises:
        TrainingException: Something is, or it is no environment.
    """
    given = [name for name, value in rivals.items() if value]
    if given:
        raise TrainingException(
            f"environment_definition is given, and {', '.join(given)}", hint="set them on the environment"
        )
    if not isinstance(environment, Environment):
        raise TrainingException(f"environment_definition is {environment!r}", hint="give an Environment")
    return environment


def one_of(**given: Optional[str]) -> Optional[str]:
    """Return the value of an argument that has two names in v1.

    Raises:
        TrainingException: Both are given.
    """
    found = [value for value in given.values() if value is not None]
    if len(found) > 1:
        raise TrainingException(f"{' and '.join(given)} are given", hint=f"{next(iter(given))} is the name to use")
    return found[0] if found else None


def count(value: Any) -> int:
    """Return a number of nodes or processes, which programs often read from texts; 1 if it is open.

    Raises:
        TrainingException: It is no whole number of 1 or more.
    """
    text = "1" if value is None else str(value)
    if not text.isdecimal() or int(text) < 1:
        raise TrainingException(f"a count of nodes or processes is {value!r}", hint="give a whole number, 1 or more")
    return int(text)


def _with_defaults(pip_packages: Any) -> Any:
    """Return the packages beside `azureml-defaults`, which estimators always ask for."""
    return ["azureml-defaults", *pip_packages] if isinstance(pip_packages, (list, tuple)) else pip_packages
