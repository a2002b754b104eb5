"""`Estimator`: a script with packages and machines, in v1's older words."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.environment import Environment
from azud.sdk.estimators.arguments import run_config_of
from azud.sdk.estimators.base import MMLBaseEstimator
from azud.sdk.estimators.distributed import DistributedTraining, Gloo, Mpi, Nccl, ParameterServer


class Estimator(MMLBaseEstimator):
    """A script of any framework. Deprecated in v1 in favour of `ScriptRunConfig`."""

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
    ) -> None:
        """Make the run configuration that the arguments describe; see `azud.sdk.estimators.arguments`.

        Raises:
            TrainingException: Arguments that exclude each other, or that are none.
        """
        given = dict(locals())
        config = run_config_of("Estimator", source_directory, given, kinds=(Mpi, ParameterServer, Gloo, Nccl))
        super().__init__(source_directory, compute_target=compute_target, estimator_config=config)
        self._script_params, self._inputs, self._resume_from = script_params, inputs, resume_from
