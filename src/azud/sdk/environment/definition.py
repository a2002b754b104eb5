"""`Environment`: what a step asks of the Python that it runs in, in v1's words.

Built environments are still to come: a step runs in the user's interpreter, and what of its environment differs
from that is said once, as a warning of the run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.conda import CondaDependencies
from azud.sdk.environment.docker import DockerSection
from azud.sdk.environment.sections import PythonSection, SparkSection
from azud.sdk.exceptions import UserErrorException
from azud.sdk.section import Section
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

_EXAMPLE = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
_CURATED_PREFIX = "AzureML-"


class Environment(Section):
    """A named environment: Python packages, container image, variables."""

    _fields = (
        "name",
        "version",
        "python",
        "docker",
        "spark",
        "databricks",
        "inferencing_stack_version",
        "r",
        "asset_id",
    )

    def __init__(self, name: str, **kwargs: Any) -> None:
        """Start a new environment with v1's defaults."""
        self.name = name
        self.version: Optional[str] = None
        self.python = PythonSection()
        self.docker = DockerSection()
        self.spark = SparkSection()
        self.databricks: Any = None
        self.inferencing_stack_version: Optional[str] = None
        self.r: Any = None
        self.asset_id: Optional[str] = None
        self._environment_variables: Dict[str, str] = dict(_EXAMPLE)

    @property
    def environment_variables(self) -> Dict[str, str]:
        """Variables that the script gets."""
        return self._environment_variables

    @environment_variables.setter
    def environment_variables(self, value: Optional[Dict[str, str]]) -> None:
        self._environment_variables = dict(value or {})

    @staticmethod
    def get(workspace: Workspace, name: str, version: Optional[str] = None, label: Optional[str] = None) -> Environment:
        """Return a registered environment, or a curated one (`AzureML-…`) by its name alone.

        azud has no images of the curated environments: such an environment asks for nothing in particular, so its
        steps run in the interpreter that runs the rest.

        Raises:
            UserErrorException: No such environment, or both a version and a label.
        """
        if version is not None and label is not None:
            raise UserErrorException("give a version or a label, not both")
        if label not in (None, "latest"):
            not_yet("Environment.get(label=…)")()
        query = {"version": version} if version is not None else None
        record = workspace._api.find(f"/environments/{name}", query)
        if record is not None:
            return _of_record(record)
        if name.startswith(_CURATED_PREFIX):
            return _curated(name, version)
        raise UserErrorException(f"Environment {name!r} does not exist in workspace {workspace.name}", code="not_found")

    @staticmethod
    def list(workspace: Workspace) -> Dict[str, Environment]:
        """Return the registered environments by name."""
        return {record["name"]: _of_record(record) for record in workspace._api.items("/environments")}

    def register(self, workspace: Workspace) -> Environment:
        """Store the environment in the workspace and return it with its version; the same definition keeps it."""
        body = {"name": self.name, "version": self.version, "definition": self._to_json()}
        return _of_record(workspace._api.send("PUT", f"/environments/{self.name}", body))

    def clone(self, new_name: str) -> Environment:
        """Return a copy under another name, without a version."""
        import copy

        found = copy.deepcopy(self)
        found.name, found.version = new_name, None
        return found

    @staticmethod
    def from_conda_specification(name: str, file_path: str) -> Environment:
        """Return an environment of the packages in a conda file.

        Raises:
            UserErrorException: The file is missing or is no conda specification.
        """
        found = Environment(name)
        found.python.conda_dependencies = CondaDependencies(file_path)
        return found

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: Optional[str] = None) -> Environment:
        """Return an environment of the packages in a pip requirements file.

        Raises:
            UserErrorException: The file is missing.
        """
        found = Environment(name)
        dependencies = CondaDependencies.create(pip_packages=_requirements(file_path))
        if pip_version:
            dependencies.add_conda_package(f"pip={pip_version}")
        found.python.conda_dependencies = dependencies
        return found

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: Any = None,
        conda_specification: Optional[str] = None,
        pip_requirements: Optional[str] = None,
    ) -> Environment:
        """Return an environment that starts from an image; without packages the image's own Python is meant."""
        found = Environment(name)
        found.docker.base_image = image
        if container_registry is not None:
            found.docker.base_image_registry = container_registry
        return _with_packages(found, conda_specification, pip_requirements)

    @staticmethod
    def from_dockerfile(
        name: str, dockerfile: str, conda_specification: Optional[str] = None, pip_requirements: Optional[str] = None
    ) -> Environment:
        """Return an environment built from a Dockerfile: its path or its text."""
        found = Environment(name)
        if os.path.isfile(dockerfile):
            with open(dockerfile, encoding="utf-8") as stream:
                dockerfile = stream.read()
        found.docker.base_dockerfile = dockerfile
        return _with_packages(found, conda_specification, pip_requirements)

    from_docker_build_context = staticmethod(not_yet("Environment.from_docker_build_context"))
    from_existing_conda_environment = staticmethod(not_yet("Environment.from_existing_conda_environment"))
    add_private_pip_wheel = staticmethod(not_yet("Environment.add_private_pip_wheel"))
    label = staticmethod(not_yet("Environment.label"))
    load_from_directory = staticmethod(not_yet("Environment.load_from_directory"))
    save_to_directory = not_yet("Environment.save_to_directory")
    build = not_yet("Environment.build")
    build_local = not_yet("Environment.build_local")
    get_image_details = not_yet("Environment.get_image_details")

    def _to_json(self) -> Dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "environmentVariables": self._variables(),
            "python": self.python._to_json(),
            "docker": self.docker._to_json(),
            "inferencingStackVersion": self.inferencing_stack_version,
        }

    def _variables(self) -> Dict[str, str]:
        """Return the variables as texts, without v1's example one."""
        found = {str(key): str(value) for key, value in (self._environment_variables or {}).items()}
        return {key: value for key, value in found.items() if _EXAMPLE.get(key) != value}


def is_default(environment: Environment) -> bool:
    """Return whether nothing in the environment differs from what a new `RunConfiguration` has."""
    fresh = Environment(environment.name)._to_json()
    return environment.name == DEFAULT_NAME and environment._to_json() == fresh


DEFAULT_NAME = "default-environment"


def _curated(name: str, version: Optional[str]) -> Environment:
    found = Environment(name)
    found.version = version
    found.python.user_managed_dependencies = True
    found.python.conda_dependencies = None
    return found


def _of_record(record: Dict[str, Any]) -> Environment:
    definition = record.get("definition") or {}
    found = Environment(record["name"])
    found.version = record.get("version")
    found.environment_variables = definition.get("environmentVariables") or {}
    found.inferencing_stack_version = definition.get("inferencingStackVersion")
    python = definition.get("python") or {}
    found.python.interpreter_path = python.get("interpreterPath") or "python"
    found.python.user_managed_dependencies = bool(python.get("userManagedDependencies"))
    conda = python.get("condaDependencies")
    found.python.conda_dependencies = CondaDependencies(_underlying_structure=conda) if conda else None
    docker = definition.get("docker") or {}
    found.docker.enabled = bool(docker.get("enabled"))
    if docker.get("baseDockerfile"):
        found.docker.base_dockerfile = docker["baseDockerfile"]
    else:
        found.docker.base_image = docker.get("baseImage")
    found.docker.shared_volumes = bool(docker.get("sharedVolumes", True))
    found.docker.shm_size = docker.get("shmSize")
    found.docker.arguments = list(docker.get("arguments") or [])
    return found


def _with_packages(found: Environment, conda: Optional[str], pip: Optional[str]) -> Environment:
    if conda and pip:
        raise UserErrorException("give a conda specification or pip requirements, not both")
    if conda:
        found.python.conda_dependencies = CondaDependencies(conda)
    elif pip:
        found.python.conda_dependencies = CondaDependencies.create(pip_packages=_requirements(pip))
    else:
        found.python.user_managed_dependencies = True
    return found


def _requirements(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8") as stream:
            lines = [line.split(" #", 1)[0].strip() for line in stream]
    except OSError as error:
        raise UserErrorException(f"{path} cannot be read: {error.strerror}", inner_exception=error) from error
    return [line for line in lines if line and not line.startswith("#")]
