"""Sections of a run configuration: container, history, Spark, machines, endpoints."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.section import FLAG, LIST, MAP, TEXT, WHOLE, Field, Section


class DockerConfiguration(Section):
    """Whether and how a script runs in a container."""

    _schema = {"use_docker": FLAG, "shared_volumes": FLAG, "arguments": Field(LIST, TEXT), "shm_size": TEXT}

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

    _schema = {"output_collection": FLAG, "snapshot_project": FLAG, "directories_to_watch": Field(LIST, TEXT)}

    def __init__(self) -> None:
        """Start with v1's defaults."""
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch: Optional[List[str]] = ["logs"]


class SparkConfiguration(Section):
    """Spark's own settings."""

    _schema = {"configuration": MAP}

    def __init__(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        """Keep the settings."""
        self.configuration = dict(configuration or {})


class HdiConfiguration(Section):
    """How a job is given to HDInsight."""

    _schema = {"yarn_deploy_mode": TEXT}

    def __init__(self) -> None:
        """Start with v1's mode."""
        self.yarn_deploy_mode: Optional[str] = "cluster"


class AmlComputeConfiguration(Section):
    """The machines of a run."""

    _schema = {
        "vm_size": TEXT,
        "vm_priority": TEXT,
        "_retain_cluster": FLAG,
        "_name": TEXT,
        "_cluster_max_node_count": WHOLE,
    }

    def __init__(self) -> None:
        """Start empty."""
        self.vm_size: Optional[str] = None
        self.vm_priority: Optional[str] = None
        self._retain_cluster = False
        self._name: Optional[str] = None
        self._cluster_max_node_count: Optional[int] = None


class KubernetesComputeConfiguration(Section):
    """The machines of a run on Kubernetes."""

    _schema = {"instance_type": TEXT}

    def __init__(self) -> None:
        """Start empty."""
        self.instance_type: Optional[str] = None


class ApplicationEndpointConfiguration(Section):
    """A port of a running job that people may reach."""

    _schema = {"type": TEXT, "port": WHOLE, "properties": Field(MAP, TEXT)}

    def __init__(
        self, type: Optional[str] = None, port: Optional[int] = None, properties: Optional[Dict[str, str]] = None
    ) -> None:
        """Keep the kind of endpoint, its port and further settings."""
        self.type = type
        self.port = port
        self.properties = properties
