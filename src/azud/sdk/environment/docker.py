"""The container part of an environment."""

from __future__ import annotations

import enum
import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.environment.sources import text_of
from azud.sdk.exceptions import UserErrorException
from azud.sdk.section import FLAG, LIST, TEXT, Field, Section
from azud.sdk.support import warn

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"


class DockerImagePlatform(Section):
    """The operating system and processor that an image is for."""

    _schema = {"os": TEXT, "architecture": TEXT}

    def __init__(self) -> None:
        """Start with v1's platform."""
        self.os = "Linux"
        self.architecture = "amd64"


class DockerBuildContext(Section):
    """A folder from which an image is built, and the Dockerfile in it."""

    class LocationType(enum.Enum):
        """Where the folder lies."""

        Git = "git"
        StorageAccount = "storageAccount"

    _schema = {"_location_type": TEXT, "location": TEXT, "dockerfile_path": TEXT}
    _unwritten = ("location_type",)

    def __init__(
        self, location_type: Any = None, location: Optional[str] = None, dockerfile_path: str = "Dockerfile"
    ) -> None:
        """Keep the place.

        Args:
            location_type: A `LocationType`, or its text.
            location: The address of the repository or folder.
            dockerfile_path: Of the Dockerfile, below the folder.

        Raises:
            UserErrorException: No such type of location.
        """
        self.location_type = location_type
        self.location = location
        self.dockerfile_path = dockerfile_path

    @property
    def location_type(self) -> Any:
        """Where the folder lies: a `LocationType`."""
        return None if self._location_type is None else self.LocationType(self._location_type)

    @location_type.setter
    def location_type(self, value: Any) -> None:
        text = getattr(value, "value", value)
        known = [item.value for item in self.LocationType]
        if text is not None and text not in known:
            raise UserErrorException(f"location_type is {value!r}; it is one of {', '.join(known)}")
        self._location_type: Optional[str] = text

    @staticmethod
    def from_local_directory(workspace: Workspace, path: str, dockerfile_path: str = "Dockerfile") -> Any:
        """Copy a local folder to the workspace's default datastore and return the context that it is.

        Effects:
            Writes the folder's files below `azureml/build-contexts/<digest of their content>`.

        Raises:
            UserErrorException: The folder, or the Dockerfile in it, does not exist.
        """
        from azud.sdk.environment.uploads import upload_folder

        if not os.path.isfile(os.path.join(path, dockerfile_path)):
            raise UserErrorException(f"there is no {dockerfile_path} in {os.path.abspath(path)}")
        location = upload_folder(workspace, path, "azureml/build-contexts")
        return DockerBuildContext(DockerBuildContext.LocationType.StorageAccount, location, dockerfile_path)


class DockerSection(Section):
    """The container part of an environment. An image, a Dockerfile and a build context exclude each other."""

    _schema = {
        "enabled": FLAG,
        "_base_image": TEXT,
        "_base_dockerfile": TEXT,
        "_build_context": DockerBuildContext,
        "shared_volumes": FLAG,
        "shm_size": TEXT,
        "arguments": Field(LIST, TEXT),
        "base_image_registry": ContainerRegistry,
        "platform": DockerImagePlatform,
    }
    _unwritten = ("gpu_support",)

    enabled: bool
    gpu_support: bool
    shared_volumes: bool
    arguments: List[str]
    shm_size: Optional[str]

    def __init__(self, **kwargs: Any) -> None:
        """Start with v1's defaults."""
        self.enabled = False
        self.gpu_support = False
        self.shared_volumes = True
        self.arguments = []
        self.shm_size = None
        self.base_image_registry = ContainerRegistry()
        self.platform = DockerImagePlatform()
        self._base_image: Optional[str] = BASE_IMAGE
        self._base_dockerfile: Optional[str] = None
        self._build_context: Optional[DockerBuildContext] = None

    @property
    def base_image(self) -> Optional[str]:
        """The image to start from."""
        return self._base_image

    @base_image.setter
    def base_image(self, value: Optional[str]) -> None:
        self._base_image = value
        self._only("_base_image")

    @property
    def base_dockerfile(self) -> Optional[str]:
        """The Dockerfile to build: its text or its path."""
        return self._base_dockerfile

    @base_dockerfile.setter
    def base_dockerfile(self, value: Optional[str]) -> None:
        self._base_dockerfile = value
        self._only("_base_dockerfile")

    @property
    def build_context(self) -> Optional[DockerBuildContext]:
        """The folder to build."""
        return self._build_context

    @build_context.setter
    def build_context(self, value: Optional[DockerBuildContext]) -> None:
        self._build_context = value
        self._only("_build_context")

    def _to_json(self) -> Dict[str, Any]:
        """Return the section with the Dockerfile's text, where its path was given.

        Raises:
            UserErrorException: The Dockerfile cannot be read.
        """
        found = super()._to_json()
        if self._base_dockerfile and os.path.isfile(self._base_dockerfile):
            found["baseDockerfile"] = text_of(self._base_dockerfile)
        return found

    def _filled(self) -> None:
        # A file that names a Dockerfile or a context alone does not mean the image of a new environment.
        if self._base_image == BASE_IMAGE and (self._base_dockerfile or self._build_context):
            self._base_image = None

    def _only(self, chosen: str) -> None:
        """Take back the two others of image, Dockerfile and context, if one was chosen."""
        if getattr(self, chosen) is None:
            return
        for other in ("_base_image", "_base_dockerfile", "_build_context"):
            value = getattr(self, other)
            if other == chosen or value is None:
                continue
            if value != BASE_IMAGE:  # what a new environment has was nobody's choice
                warn(f"docker.{other[1:]} is reset, because docker.{chosen[1:]} is set")
            setattr(self, other, None)


class DockerEnvironment(DockerSection):
    """v1's older name of `DockerSection`."""
