"""What v1 tells about built images. azud builds none yet: `Environment.build` says so."""

from __future__ import annotations

from typing import Any, Dict

from azud.sdk.support import not_yet


class DockerImageDetails(Dict[str, Any]):
    """The answer about an environment's image, read by key or by property; what is not known is None."""

    @property
    def image_exist(self) -> bool:
        """Whether the image is in its registry."""
        return bool(self.get("imageExistsInRegistry"))

    @property
    def image(self) -> Any:
        """The image: its name and registry."""
        return self.get("dockerImage")

    @property
    def repository(self) -> Any:
        """The image's name in its registry."""
        return (self.image or {}).get("name")

    @property
    def registry(self) -> Any:
        """The registry: its address and user."""
        return (self.image or {}).get("registry")

    @property
    def interpreter_path(self) -> Any:
        """The Python in the image."""
        return (self.get("pythonEnvironment") or {}).get("interpreterPath")

    @property
    def environment_path(self) -> Any:
        """The folder of the conda environment in the image."""
        return (self.get("pythonEnvironment") or {}).get("condaEnvironmentPath")

    @property
    def dockerfile(self) -> Any:
        """The text that the image is built from."""
        return (self.get("ingredients") or {}).get("dockerfile")


class ImageBuildDetails:
    """An image build under way."""

    def __init__(self, environment_client: Any, location: str) -> None:
        """Keep the place where the build is asked about."""
        self.environment_client = environment_client
        self.log_url = location

    @property
    def status(self) -> Any:
        """Not there yet: raises `NotYetError` that names it."""
        return not_yet("ImageBuildDetails.status")()

    get_log = not_yet("ImageBuildDetails.get_log")
    wait_for_completion = not_yet("ImageBuildDetails.wait_for_completion")
