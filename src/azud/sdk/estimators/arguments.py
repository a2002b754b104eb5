"""The arguments that all estimators take, and the run configuration that they make together."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Tuple, Type

from azud.sdk.conda import CondaDependencies
from azud.sdk.environment.sources import requirements_of
from azud.sdk.estimators.base import MMLBaseEstimatorRunConfig, alone, count, one_of
from azud.sdk.estimators.distributed import DistributedTraining, Mpi, check_kind, of_backend
from azud.sdk.exceptions import TrainingException

_PASSED_ON = (
    "vm_size",
    "vm_priority",
    "entry_script",
    "script_params",
    "node_count",
    "use_gpu",
    "use_docker",
    "custom_docker_base_image",
    "custom_docker_image",
    "image_registry_details",
    "user_managed",
    "conda_packages",
    "pip_packages",
    "environment_definition",
    "inputs",
    "source_directory_data_store",
    "shm_size",
)


def run_config_of(
    estimator: str,
    source_directory: Optional[str],
    given: Mapping[str, Any],
    *,
    framework: str = "Python",
    packages: Tuple[str, ...] = (),
    kinds: Tuple[Type[DistributedTraining], ...],
) -> MMLBaseEstimatorRunConfig:
    """Return the run configuration of an estimator.

    Args:
        estimator: Its name, for messages.
        source_directory: Against which paths of files are read, before the current folder.
        given: Its arguments by name.
        framework: Of the run configuration.
        packages: Pip packages that it always asks for.
        kinds: The kinds of distributed jobs that it has.

    Raises:
        TrainingException: Arguments that exclude each other, or that are none.
        UserErrorException: A file of packages cannot be read.
    """
    conda_file = one_of(
        conda_dependencies_file=given.get("conda_dependencies_file"),
        conda_dependencies_file_path=given.get("conda_dependencies_file_path"),
    )
    pip_file = one_of(
        pip_requirements_file=given.get("pip_requirements_file"),
        pip_requirements_file_path=given.get("pip_requirements_file_path"),
    )
    if given.get("environment_definition") is not None:
        rivals = {"conda_dependencies_file": conda_file, "pip_requirements_file": pip_file}
        alone(given["environment_definition"], {**rivals, "environment_variables": given.get("environment_variables")})
    made = MMLBaseEstimatorRunConfig(
        given.get("compute_target"), **{name: given[name] for name in _PASSED_ON if name in given}
    )
    made.framework = framework
    made.max_run_duration_seconds = given.get("max_run_duration_seconds")
    training = _training(estimator, given, kinds)
    if training is not None:
        training._apply(made)
    if given.get("environment_definition") is None:
        folder = source_directory or "."
        made.environment.python.conda_dependencies = _packages(made, folder, conda_file, pip_file, packages, given)
        if given.get("environment_variables"):
            made.environment.environment_variables = given["environment_variables"]
    return made


def _training(
    estimator: str, given: Mapping[str, Any], kinds: Tuple[Type[DistributedTraining], ...]
) -> Optional[DistributedTraining]:
    """Return the kind of distributed job; several nodes or processes without a word about it are MPI, as in v1."""
    training, backend = given.get("distributed_training"), given.get("distributed_backend")
    processes, nodes = count(given.get("process_count_per_node")), count(given.get("node_count"))
    if training is not None and backend is not None:
        raise TrainingException(
            f"{estimator}: distributed_training and distributed_backend are given", hint="give distributed_training"
        )
    if training is not None:
        return check_kind(training, kinds, estimator)
    if backend is not None:
        found = of_backend(backend, processes)
        for name in ("worker_count", "parameter_server_count"):
            if name in given and hasattr(found, name):
                setattr(found, name, given[name])
        return check_kind(found, kinds, estimator)
    return Mpi(processes) if processes > 1 or nodes > 1 else None


def _packages(
    made: MMLBaseEstimatorRunConfig,
    folder: str,
    conda_file: Optional[str],
    pip_file: Optional[str],
    packages: Tuple[str, ...],
    given: Mapping[str, Any],
) -> CondaDependencies:
    """Return what is asked for: of the files first, then packages by name, which take the place of the same ones."""
    found: CondaDependencies = made.environment.python.conda_dependencies
    if conda_file is not None:
        found = CondaDependencies(_path(conda_file, folder))
        for package in given.get("conda_packages") or []:
            found.add_conda_package(package)
    if pip_file is not None:
        for package in requirements_of(_path(pip_file, folder)):
            if package.startswith("-"):
                found.set_pip_option(package)
            else:
                found.add_pip_package(package)
    for package in [*packages, *(given.get("pip_packages") or [])]:
        found.add_pip_package(package)
    return found


def _path(name: str, folder: str) -> str:
    below = os.path.join(folder, name)
    return below if os.path.exists(below) else name
