"""What of a run configuration a step is submitted with."""

from __future__ import annotations

from typing import Any, Optional

from azud.sdk.environment import is_default
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.runconfig.configuration import RunConfiguration

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
    is_mpi = runconfig.communicator in MPI_COMMUNICATORS
    return RunSettings(
        framework=str(runconfig.framework),
        communicator=str(runconfig.communicator),
        node_count=int(runconfig.node_count or 1),
        process_count_per_node=int(runconfig.mpi.process_count_per_node or 1) if is_mpi and runconfig.mpi else 1,
        environment=spec,
        environment_variables=runconfig._variables(),
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
