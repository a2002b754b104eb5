"""`ResourceConfiguration`: the processors and memory that a model wants."""

from __future__ import annotations

from typing import Any, Dict, Optional


class ResourceConfiguration:
    """Processors, memory and GPUs. Kept for the record."""

    def __init__(
        self, cpu: Optional[float] = None, memory_in_gb: Optional[float] = None, gpu: Optional[int] = None
    ) -> None:
        """Keep the amounts: cores, gigabytes, GPUs; None is open."""
        self.cpu = cpu
        self.memory_in_gb = memory_in_gb
        self.gpu = gpu

    def __repr__(self) -> str:
        return f"ResourceConfiguration(cpu={self.cpu}, memory_in_gb={self.memory_in_gb}, gpu={self.gpu})"

    def serialize(self) -> Dict[str, Any]:
        """Return the amounts as a dict that `deserialize` takes."""
        return {"cpu": self.cpu, "memoryInGB": self.memory_in_gb, "gpu": self.gpu}

    @staticmethod
    def deserialize(payload_obj: Optional[Dict[str, Any]]) -> Optional[ResourceConfiguration]:
        """Return the amounts of a dict; None of None."""
        if payload_obj is None:
            return None
        memory = payload_obj.get("memoryInGB")
        return ResourceConfiguration(payload_obj.get("cpu"), memory, payload_obj.get("gpu"))
