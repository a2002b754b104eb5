"""`ScriptRunConfig`: one script or command as a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional

from azud.sdk.environment import Environment
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.runconfig import (
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    RunConfiguration,
    TensorflowConfiguration,
)
from azud.sdk.support import not_yet, warn

if TYPE_CHECKING:
    from azud.sdk.script_run import ScriptRun
    from azud.sdk.workspace import Workspace


class ScriptRunConfig:
    """A script or a command, its arguments and how it runs."""

    MAX_DURATION_SECONDS_DEFAULT = 2592000

    def __init__(
        self,
        source_directory: Optional[str],
        script: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        run_config: Optional[RunConfiguration] = None,
        compute_target: Any = None,
        environment: Optional[Environment] = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: int = MAX_DURATION_SECONDS_DEFAULT,
        command: Any = None,
        docker_runtime_config: Optional[DockerConfiguration] = None,
    ) -> None:
        """Describe the run.

        Args:
            source_directory: Folder that is copied for the script; the current one if None.
            script: Path of the script in it; with `run_config`, that one's script if None.
            arguments: Of the script.
            run_config: With it, the arguments from `compute_target` on but `resume_from` and `command` are ignored with
                a warning, as in v1.
            compute_target: Object or name.
            environment: What the script needs.
            distributed_job_config: `MpiConfiguration`, `PyTorchConfiguration` or `TensorflowConfiguration`.
            resume_from: A data path of an earlier run's outputs. Kept for the record.
            max_run_duration_seconds: The run is ended when it takes longer.
            command: A text or list, instead of a script.
            docker_runtime_config: Whether and how the run is in a container.

        Raises:
            ValueError: Both a script and a command, arguments that are no list, or an argument of another type than it
                is documented to have.
        """
        if script is not None and command is not None:
            raise DefinitionValueError("ScriptRunConfig has a script and a command", hint="give one of them")
        if isinstance(arguments, str):
            raise DefinitionValueError(f"arguments is the text {arguments!r}", hint="give a list, one item an argument")
        self.source_directory = source_directory or "."
        self.resume_from = resume_from
        given = {
            "compute_target": compute_target,
            "environment": environment,
            "distributed_job_config": distributed_job_config,
            "docker_runtime_config": docker_runtime_config,
        }
        if run_config is None:
            self.run_config = _configured(max_run_duration_seconds, **given)
        else:
            self.run_config = _checked(run_config)
            if max_run_duration_seconds != self.MAX_DURATION_SECONDS_DEFAULT:
                given["max_run_duration_seconds"] = max_run_duration_seconds
            _warn_of_ignored([name for name, value in given.items() if value is not None])
        self.script = script if script is not None or command is not None else self.run_config.script
        self.command = command if command is not None or script is not None else self.run_config.command
        self.arguments = list(arguments if arguments is not None else self.run_config.arguments or [])


def get_run_config_from_script_run(script_run_config: ScriptRunConfig) -> RunConfiguration:
    """Return a copy of the run configuration, in which script, command and arguments stand, too."""
    import copy

    found = copy.copy(script_run_config.run_config)
    found.script = script_run_config.script
    found.command = script_run_config.command
    found.arguments = list(script_run_config.arguments)
    return found


def submit(
    script_run_config: ScriptRunConfig,
    workspace: Workspace,
    experiment_name: str,
    run_id: Optional[str] = None,
    credential_passthrough: bool = False,
) -> ScriptRun:
    """Submit a script to an experiment and return its run; see `Experiment.submit`.

    Raises:
        NotYetError: A run id is given.
    """
    from azud.sdk.experiment import Experiment

    if run_id is not None:
        not_yet("script_run_config.submit(run_id=…)")()
    return Experiment(workspace, experiment_name).submit(script_run_config)


def _checked(run_config: Any) -> RunConfiguration:
    if not isinstance(run_config, RunConfiguration):
        raise DefinitionValueError(f"run_config is {run_config!r}", hint="give a RunConfiguration")
    return run_config


def _warn_of_ignored(names: List[str]) -> None:
    if names:
        warn(f"ScriptRunConfig: run_config is given, so {', '.join(names)} are ignored; set them on run_config")


def _configured(
    max_run_duration_seconds: Optional[int],
    compute_target: Any,
    environment: Any,
    distributed_job_config: Any,
    docker_runtime_config: Any,
) -> RunConfiguration:
    made = RunConfiguration()
    made.max_run_duration_seconds = max_run_duration_seconds
    if compute_target is not None:
        made.target = compute_target
    if environment is not None:
        if not isinstance(environment, Environment):
            raise DefinitionValueError(f"environment is {environment!r}", hint="give an Environment")
        made.environment = environment
    if docker_runtime_config is not None:
        if not isinstance(docker_runtime_config, DockerConfiguration):
            raise DefinitionValueError(
                f"docker_runtime_config is {docker_runtime_config!r}", hint="give a DockerConfiguration"
            )
        made.docker = docker_runtime_config
    if distributed_job_config is not None:
        distribute(made, distributed_job_config)
    return made


def distribute(run_config: RunConfiguration, job: Any) -> None:
    """Set framework, communicator and nodes of a run configuration by the kind of a distributed job.

    Raises:
        ValueError: No distributed configuration, or a backend that PyTorch does not have.
    """
    if isinstance(job, MpiConfiguration):
        run_config.communicator = "IntelMpi"
        run_config.node_count = job.node_count
        run_config.mpi = job
    elif isinstance(job, PyTorchConfiguration):
        if job.communication_backend not in ("Nccl", "Gloo"):
            raise DefinitionValueError(f"communication_backend is {job.communication_backend!r}", hint="Nccl or Gloo")
        run_config.framework, run_config.communicator = "PyTorch", job.communication_backend
        run_config.node_count = job.node_count
        run_config.pytorch = job
    elif isinstance(job, TensorflowConfiguration):
        run_config.framework, run_config.communicator = "TensorFlow", "ParameterServer"
        # Each kind of process has a node for itself before it shares one with the other kind.
        run_config.node_count = max(job.worker_count or 1, job.parameter_server_count or 1)
        run_config.tensorflow = job
    else:
        raise DefinitionValueError(
            f"distributed_job_config is {job!r}",
            hint="give MpiConfiguration, PyTorchConfiguration or TensorflowConfiguration",
        )
