"""The container part of an environment."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.section import Section

BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"


class DockerSection(Section):
    """The container part of an environment. An image, a Dockerfile and a build context exclude each other."""

    _fields = ("enabled", "gpu_support", "shared_volumes", "arguments", "shm_size", "base_image_registry", "platform")

    def __init__(self, **kwargs: Any) -> None:
        """Start with v1's defaults."""
        self.enabled = False
        self.gpu_support = False
        self.shared_volumes = True
        self.arguments: List[str] = []
        self.shm_size: Optional[str] = None
        self.base_image_registry = ContainerRegistry()
        self.platform: Any = None
        self._sources: Dict[str, Any] = {"base_image": BASE_IMAGE}

    @property
    def base_image(self) -> Optional[str]:
        """The image to start from."""
        return self._sources.get("base_image")

    @base_image.setter
    def base_image(self, value: Optional[str]) -> None:
        self._sources = {"base_image": value}

    @property
    def base_dockerfile(self) -> Optional[str]:
        """The Dockerfile to build: its text or its path."""
        return self._sources.get("base_dockerfile")

    @base_dockerfile.setter
    def base_dockerfile(self, value: Optional[str]) -> None:
        self._sources = {"base_dockerfile": value}

    @property
    def build_context(self) -> Any:
        """The folder to build."""
        return self._sources.get("build_context")

    @build_context.setter
    def build_context(self, value: Any) -> None:
        self._sources = {"build_context": value}

    def _to_json(self) -> Dict[str, Any]:
        return {
            "enabled": bool(self.enabled),
            "baseImage": self.base_image,
            "baseDockerfile": self.base_dockerfile,
            "sharedVolumes": bool(self.shared_volumes),
            "shmSize": self.shm_size,
            "arguments": list(self.arguments or []),
        }
