"""Script runs: `Experiment.submit(ScriptRunConfig(…))` runs one script or command as a run of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, List, Mapping, Optional

from azud.sdk.exceptions import UserErrorException
from azud.sdk.python_script_step import PythonScriptStep
from azud.sdk.run import Run
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.experiment import Experiment
    from azud.sdk.script_run_config import ScriptRunConfig


class ScriptRun(Run):
    """A script or command that was submitted by itself."""


class _ScriptRunStep(PythonScriptStep):
    """The only step of a script run. Its results are not reused: who submits a script wants it to run."""

    step_type = "ScriptRun"

    def __init__(self, config: ScriptRunConfig, arguments: List[Any], command: Optional[str]) -> None:
        super().__init__(
            script_name=config.script or _COMMAND,
            name=config.script or "command",
            arguments=arguments,
            runconfig=config.run_config,
            source_directory=os.path.abspath(config.source_directory or "."),
            allow_reuse=False,
        )
        self._command = command
        if command is not None:
            self._script_name = ""

    def _check(self, default_source_directory: Optional[str]) -> None:
        folder = self._folder(default_source_directory)
        if not os.path.isdir(folder):
            raise UserErrorException(f"the source folder {folder!r} does not exist")
        if self._command is None:
            super()._check(default_source_directory)


_COMMAND = "command"


def submit_script(
    experiment: Experiment,
    config: ScriptRunConfig,
    *,
    tags: Optional[Mapping[str, Any]] = None,
    parent_run_id: Optional[str] = None,
) -> ScriptRun:
    """Submit a script or command and return its run, which is stored when this returns.

    Raises:
        UserErrorException: There is no such script or folder, or it cannot run as it is configured.
        NotYetError: It asks for more than one process or node.
    """
    from azud.sdk.pipeline import Pipeline
    from azud.sdk.submitting import submit_definition

    refuse_distributed(config)
    command, arguments = _split(config)
    step = _ScriptRunStep(config, arguments, command)
    pipeline = Pipeline(experiment.workspace, [step], description=step.name)
    record = submit_definition(
        experiment,
        pipeline,
        tags=tags,
        parent_run_id=parent_run_id,
        type="azureml.scriptrun",
    )
    run: ScriptRun = ScriptRun._of_record(experiment, record)
    return run


def refuse_distributed(config: ScriptRunConfig) -> None:
    """Raise for a configuration of several processes or nodes.

    Raises:
        NotYetError: It names the kind.
    """
    run_config = config.run_config
    nodes = int(run_config.node_count or 1)
    kind, processes = "", 1
    if run_config.communicator in ("IntelMpi", "OpenMpi"):
        kind, processes = "MpiConfiguration", nodes * int(run_config.mpi.process_count_per_node or 1)
    elif run_config.communicator in ("Nccl", "Gloo"):
        kind, processes = "PyTorchConfiguration", int(run_config.pytorch.process_count or nodes)
    elif run_config.communicator == "ParameterServer":
        asked = run_config.tensorflow
        kind, processes = (
            "TensorflowConfiguration",
            int(asked.worker_count or 1) + int(asked.parameter_server_count or 0),
        )
    if kind and processes > 1:
        not_yet(f"distributed script runs ({kind} of {processes} processes)")()
    if nodes > 1:
        not_yet(f"script runs on {nodes} nodes")()


def _split(config: ScriptRunConfig) -> Any:
    """Return the command, or None for a script, and the arguments."""
    command = config.command
    arguments = list(config.arguments or [])
    if not command:
        if not config.script:
            raise UserErrorException("ScriptRunConfig has neither script nor command", hint="give one of them")
        return None, arguments
    if isinstance(command, str):
        return command, arguments
    first, *rest = list(command)
    return str(first), [*rest, *arguments]
