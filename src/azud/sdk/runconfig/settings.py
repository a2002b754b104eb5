"""What of a run configuration a step is submitted with."""

from __future__ import annotations

from typing import Any, Optional

from azud.sdk.environment import is_default
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.runconfig.configuration import RunConfiguration
from azud.sdk.support import warn

MPI_COMMUNICATORS = ("OpenMpi", "IntelMpi")


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
        definition = environment._definition()
        spec = EnvironmentSpec(environment.name, environment.version, definition)
    nodes = _count("node_count", runconfig.node_count, step)
    is_mpi = runconfig.communicator in MPI_COMMUNICATORS and runconfig.mpi is not None
    processes = _count("process_count_per_node", runconfig.mpi.process_count_per_node, step) if is_mpi else 1
    if runconfig.communicator not in (None, "None"):
        warn(f"step {step!r} asks for {runconfig.communicator}: azud runs one process of it for now")
    return RunSettings(
        framework=str(runconfig.framework),
        communicator=str(runconfig.communicator),
        node_count=nodes,
        process_count_per_node=processes,
        environment=spec,
        environment_variables=runconfig._variables(),
    )


def _count(name: str, value: Any, step: str) -> int:
    """Return a count, which programs often read from texts; 1 if it is open."""
    text = "1" if value is None else str(value)
    if not text.isdecimal() or int(text) < 1:
        raise DefinitionValueError(f"step {step!r}: {name} is {value!r}", hint="give a whole number, 1 or more")
    return int(text)


def _refuse(runconfig: RunConfiguration, step: str) -> None:
    for name in ("data", "output_data", "data_references", "datacaches"):
        if getattr(runconfig, name):
            raise DefinitionValueError(
                f"step {step!r}: azud does not have RunConfiguration.{name} yet",
                hint="use the step's inputs and outputs",
            )
    if str(runconfig.framework).lower() not in ("python", "tensorflow", "pytorch"):
        raise DefinitionValueError(f"step {step!r}: azud cannot run framework {runconfig.framework!r} yet")
