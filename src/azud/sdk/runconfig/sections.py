"""Sections of a run configuration: container, history, Spark, machines."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.section import Section


class DockerConfiguration(Section):
    """Whether and how a script runs in a container."""

    _fields = ("use_docker", "shared_volumes", "arguments", "shm_size")

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: Optional[List[str]] = None,
        shm_size: str = "2g",
    ) -> None:
        """Keep the settings."""
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments or [])
        self.shm_size = shm_size


class HistoryConfiguration(Section):
    """What of a run is kept."""

    _fields = ("output_collection", "snapshot_project", "directories_to_watch")

    def __init__(self) -> None:
        """Start with v1's defaults."""
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch: Optional[List[str]] = ["logs"]


class SparkConfiguration(Section):
    """Spark's own settings."""

    _fields = ("configuration",)

    def __init__(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        """Keep the settings."""
        self.configuration = dict(configuration or {})


class AmlComputeConfiguration(Section):
    """The machines of a run."""

    _fields = ("vm_size", "vm_priority")

    def __init__(self) -> None:
        """Start empty."""
        self.vm_size: Optional[str] = None
        self.vm_priority: Optional[str] = None
