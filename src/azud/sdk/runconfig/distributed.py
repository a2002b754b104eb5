"""How many processes a distributed job has, and what they speak."""

from __future__ import annotations

from typing import List, Optional

from azud.sdk.section import LIST, TEXT, WHOLE, Field, Section


class MpiConfiguration(Section):
    """Processes and nodes of an MPI job."""

    _schema = {"process_count_per_node": WHOLE, "node_count": WHOLE}

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        """Keep the counts."""
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count


class TensorflowConfiguration(Section):
    """Workers of a TensorFlow job."""

    _schema = {"worker_count": WHOLE, "parameter_server_count": WHOLE}

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        """Keep the counts."""
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count


class PyTorchConfiguration(Section):
    """Processes of a PyTorch job."""

    _schema = {"communication_backend": TEXT, "process_count": WHOLE, "node_count": WHOLE}

    def __init__(
        self, communication_backend: str = "Nccl", process_count: Optional[int] = None, node_count: int = 1
    ) -> None:
        """Keep the backend, `Nccl` or `Gloo`, and the counts; without `process_count` there is one process a node."""
        self.communication_backend = communication_backend
        self.process_count = process_count
        self.node_count = node_count


class ParallelTaskConfiguration(Section):
    """Workers of a parallel task."""

    _schema = {
        "max_retries_per_worker": WHOLE,
        "worker_count_per_node": WHOLE,
        "terminal_exit_codes": Field(LIST, WHOLE),
    }

    def __init__(self) -> None:
        """Start with one worker a node, which is not tried again."""
        self.max_retries_per_worker = 0
        self.worker_count_per_node = 1
        self.terminal_exit_codes: Optional[List[int]] = None
