"""How an estimator's processes speak: v1's records before `MpiConfiguration` and its like."""

from __future__ import annotations

from typing import Any, Tuple, Type

from azud.sdk.exceptions import TrainingException
from azud.sdk.runconfig import RunConfiguration


class DistributedTraining:
    """A kind of distributed job."""

    _counts: Tuple[str, ...] = ()
    _communicator = ""

    def validate(self) -> None:
        """Check the counts.

        Raises:
            TrainingException: One is no whole number of 1 or more.
        """
        for name in self._counts:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise TrainingException(
                    f"{type(self).__name__}: {name} is {value!r}", hint="give a whole number, 1 or more"
                )

    def _apply(self, run_config: RunConfiguration) -> None:
        """Set what this kind means in a run configuration."""
        self.validate()
        run_config.communicator = self._communicator

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._counts)})"


class Mpi(DistributedTraining):
    """Processes that speak MPI."""

    _counts = ("process_count_per_node",)
    _communicator = "IntelMpi"

    def __init__(self, process_count_per_node: int = 1) -> None:
        """Keep the number of processes on each node."""
        self.process_count_per_node = process_count_per_node

    def _apply(self, run_config: RunConfiguration) -> None:
        super()._apply(run_config)
        run_config.mpi.process_count_per_node = self.process_count_per_node
        run_config.mpi.node_count = run_config.node_count


class ParameterServer(DistributedTraining):
    """Workers and parameter servers of TensorFlow."""

    _counts = ("worker_count", "parameter_server_count")
    _communicator = "ParameterServer"

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        """Keep the counts."""
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count

    def _apply(self, run_config: RunConfiguration) -> None:
        super()._apply(run_config)
        run_config.tensorflow.worker_count = self.worker_count
        run_config.tensorflow.parameter_server_count = self.parameter_server_count


class Gloo(DistributedTraining):
    """Processes of PyTorch that speak Gloo."""

    _communicator = "Gloo"


class Nccl(DistributedTraining):
    """Processes of PyTorch that speak NCCL."""

    _communicator = "Nccl"


_BACKENDS = {"mpi": Mpi, "ps": ParameterServer, "gloo": Gloo, "nccl": Nccl}


def of_backend(name: str, process_count_per_node: int) -> DistributedTraining:
    """Return the kind that v1's older word `distributed_backend` means.

    Raises:
        TrainingException: No such word.
    """
    kind = _BACKENDS.get(str(name).lower())
    if kind is None:
        raise TrainingException(f"distributed_backend is {name!r}", hint=f"use {', '.join(_BACKENDS)}")
    return Mpi(process_count_per_node) if kind is Mpi else kind()


def check_kind(training: Any, allowed: Tuple[Type[DistributedTraining], ...], estimator: str) -> DistributedTraining:
    """Return the kind if an estimator has it.

    Raises:
        TrainingException: It has not.
    """
    names = ", ".join(kind.__name__ for kind in allowed)
    if not isinstance(training, allowed):
        raise TrainingException(f"{estimator}: distributed_training is {training!r}", hint=f"give one of {names}")
    return training
