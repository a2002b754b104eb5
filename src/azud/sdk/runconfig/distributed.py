"""How many processes a distributed job has, and what they speak."""

from __future__ import annotations

from typing import Optional

from azud.sdk.section import Section


class MpiConfiguration(Section):
    """Processes and nodes of an MPI job."""

    _fields = ("process_count_per_node", "node_count")

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        """Keep the counts."""
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count


class TensorflowConfiguration(Section):
    """Workers of a TensorFlow job."""

    _fields = ("worker_count", "parameter_server_count")

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        """Keep the counts."""
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count


class PyTorchConfiguration(Section):
    """Processes of a PyTorch job."""

    _fields = ("communication_backend", "process_count", "node_count")

    def __init__(
        self, communication_backend: str = "Nccl", process_count: Optional[int] = None, node_count: int = 1
    ) -> None:
        """Keep the counts."""
        self.communication_backend = communication_backend
        self.process_count = process_count
        self.node_count = node_count
