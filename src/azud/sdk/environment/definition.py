"""`Environment`: what a step asks of the Python that it runs in, in v1's words.

Built environments are still to come: a step runs in the user's interpreter, and what of its environment differs
from that is said once, as a warning of the run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.conda import CondaDependencies
from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.databricks import DatabricksSection
from azud.sdk.environment.docker import DockerBuildContext, DockerSection
from azud.sdk.environment.r import RSection
from azud.sdk.environment.sections import PythonSection, SparkSection
from azud.sdk.exceptions import UserErrorException
from azud.sdk.section import MAP, TEXT, Field, Section
from azud.sdk.serialized import section_of_json, warn_of_unknown
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

DEFAULT_NAME = "default-environment"
_EXAMPLE = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
_CURATED_PREFIX = "AzureML-"


class Environment(Section):
    """A named environment: Python packages, container image, variables."""

    _schema = {
        "name": TEXT,
        "version": TEXT,
        "_environment_variables": Field(MAP, TEXT),
        "python": PythonSection,
        "docker": DockerSection,
        "spark": SparkSection,
        "databricks": DatabricksSection,
        "r": RSection,
        "inferencing_stack_version": TEXT,
        "asset_id": TEXT,
    }

    def __init__(self, name: str, **kwargs: Any) -> None:
        """Start a new environment with v1's defaults."""
        self.name = name
        self.version: Optional[str] = None
        self.python = PythonSection()
        self.docker = DockerSection()
        self.spark = SparkSection()
        self.databricks = DatabricksSection()
        self.inferencing_stack_version: Optional[str] = None
        self.r: Optional[RSection] = None
        self.asset_id: Optional[str] = None
        self._environment_variables: Dict[str, str] = dict(_EXAMPLE)

    @classmethod
    def _blank(cls) -> Environment:
        return cls(DEFAULT_NAME)

    @property
    def environment_variables(self) -> Dict[str, str]:
        """Variables that the script gets."""
        return self._environment_variables

    @environment_variables.setter
    def environment_variables(self, value: Optional[Dict[str, str]]) -> None:
        if value is not None and not isinstance(value, dict):
            raise UserErrorException(f"environment_variables is {value!r}", hint="give a dict of names and texts")
        self._environment_variables = dict(value or {})

    # In the workspace

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
        query = {"version": str(version)} if version is not None else None
        record = workspace._api.find(f"/environments/{name}", query)
        if record is not None:
            return environment_of_record(record)
        if name.startswith(_CURATED_PREFIX):
            return _curated(name, version)
        asked = f"{name!r}" + (f" version {version}" if version is not None else "")
        raise UserErrorException(f"Environment {asked} does not exist in workspace {workspace.name}", code="not_found")

    @staticmethod
    def list(workspace: Workspace) -> Dict[str, Environment]:
        """Return the registered environments by name."""
        return {record["name"]: environment_of_record(record) for record in workspace._api.items("/environments")}

    def register(self, workspace: Workspace) -> Environment:
        """Store the environment in the workspace and return it with its version; the same definition keeps it.

        Raises:
            UserErrorException: The name is one of the curated environments, which nobody changes.
        """
        if self.name.startswith(_CURATED_PREFIX):
            raise UserErrorException(
                f"{self.name} is a curated environment and cannot be registered", hint="register a clone of it"
            )
        body = {"name": self.name, "version": None, "definition": self._definition()}
        return environment_of_record(workspace._api.send("PUT", f"/environments/{self.name}", body))

    def clone(self, new_name: str) -> Environment:
        """Return a copy under another name, without a version."""
        import copy

        found = copy.deepcopy(self)
        found.name, found.version, found.asset_id = new_name, None, None
        return found

    @staticmethod
    def add_private_pip_wheel(workspace: Workspace, file_path: str, exist_ok: bool = False) -> str:
        """Copy a wheel to the workspace's default datastore and return its address, for `add_pip_package`.

        Raises:
            UserErrorException: No wheel, or the workspace has one of this name and `exist_ok` is not set.
        """
        from azud.sdk.environment.uploads import upload_wheel

        return upload_wheel(workspace, file_path, exist_ok)

    # From what there is

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
        found.python.conda_dependencies = _of_requirements(file_path, pip_version)
        return found

    @staticmethod
    def from_existing_conda_environment(name: str, conda_environment_name: str) -> Environment:
        """Return an environment of the packages that a conda environment on this machine has.

        Raises:
            FileNotFoundError: There is no conda here.
            UserErrorException: conda does not know the environment; v1 returned None.
        """
        from azud.sdk.environment.sources import export_conda

        found = Environment(name)
        found.python.conda_dependencies = export_conda(conda_environment_name)
        return found

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: Optional[ContainerRegistry] = None,
        conda_specification: Optional[str] = None,
        pip_requirements: Optional[str] = None,
    ) -> Environment:
        """Return an environment that starts from an image; without packages the image's own Python is meant.

        Raises:
            UserErrorException: Both kinds of packages are given, or their file is missing.
        """
        found = Environment(name)
        found.docker.base_image = image
        if container_registry is not None:
            found.docker.base_image_registry = container_registry
        return _with_packages(found, conda_specification, pip_requirements)

    @staticmethod
    def from_dockerfile(
        name: str, dockerfile: str, conda_specification: Optional[str] = None, pip_requirements: Optional[str] = None
    ) -> Environment:
        """Return an environment built from a Dockerfile: its path or its text.

        Raises:
            UserErrorException: Both kinds of packages are given, or their file is missing; or a Dockerfile of one
                line that is neither a path nor an instruction.
        """
        from azud.sdk.environment.sources import text_of

        found = Environment(name)
        # A path with a typing error would else be taken for the text of a Dockerfile, and fail much later.
        is_path = os.path.isfile(dockerfile) or " " not in dockerfile.strip()
        found.docker.base_dockerfile = text_of(dockerfile) if is_path else dockerfile
        return _with_packages(found, conda_specification, pip_requirements)

    @staticmethod
    def from_docker_build_context(name: str, docker_build_context: DockerBuildContext) -> Environment:
        """Return an environment whose image is built from a folder; the image's own Python is meant."""
        found = Environment(name)
        found.docker.build_context = docker_build_context
        found.python.user_managed_dependencies = True
        return found

    # As a folder

    def save_to_directory(self, path: str, overwrite: bool = False) -> None:
        """Write the environment as v1's folder, for `load_from_directory`; see `azud.sdk.environment.directory`.

        Raises:
            UserErrorException: The folder is not empty and `overwrite` is not set.
        """
        from azud.sdk.environment import directory

        directory.save(self._to_json(), path, overwrite=overwrite)

    @staticmethod
    def load_from_directory(path: str) -> Environment:
        """Return the environment that v1 or `save_to_directory` wrote as a folder.

        Raises:
            UserErrorException: There is no environment in the folder, or one that cannot be read.
        """
        from azud.sdk.environment import directory

        return _of_json(directory.load(path), path)

    label = staticmethod(not_yet("Environment.label"))
    build = not_yet("Environment.build")
    build_local = not_yet("Environment.build_local")
    get_image_details = not_yet("Environment.get_image_details")

    def _definition(self) -> Dict[str, Any]:
        """Return the JSON that is registered and sent with a step: without version and v1's example variable."""
        return dict(self._to_json(), version=None, environmentVariables=self._variables())

    def _variables(self) -> Dict[str, str]:
        """Return the variables as texts, without v1's example one."""
        found = variables_as_texts(self._environment_variables)
        return {key: value for key, value in found.items() if _EXAMPLE.get(key) != value}


class EnvironmentReference(Section):
    """The name of a registered environment."""

    _schema = {"name": TEXT, "version": TEXT}

    def __init__(self, name: str, version: Optional[str] = None) -> None:
        """Keep the name; without a version the newest one is meant."""
        self.name = name
        self.version = version

    @classmethod
    def _blank(cls) -> EnvironmentReference:
        return cls("")

    def get_environment(self, workspace: Workspace) -> Environment:
        """Return the environment; see `Environment.get`."""
        return Environment.get(workspace, self.name, self.version)


def variables_as_texts(variables: Optional[Dict[Any, Any]]) -> Dict[str, str]:
    """Return variables as a process gets them; one that a file names without a value is empty."""
    return {str(key): "" if value is None else str(value) for key, value in (variables or {}).items()}


def is_default(environment: Environment) -> bool:
    """Return whether nothing in the environment differs from what a new `RunConfiguration` has."""
    return environment.name == DEFAULT_NAME and environment._definition() == Environment(DEFAULT_NAME)._definition()


def _curated(name: str, version: Optional[str]) -> Environment:
    found = Environment(name)
    found.version = version
    found.python.user_managed_dependencies = True
    found.python.conda_dependencies = None  # type: ignore[assignment]
    return found


def environment_of_record(record: Dict[str, Any]) -> Environment:
    """Return an environment from `{"name", "version", "definition"}`."""
    found = _of_json(record.get("definition") or {}, f"environment {record['name']}")
    found.name, found.version = record["name"], record.get("version")
    return found


def _of_json(content: Dict[str, Any], where: str) -> Environment:
    unknown: List[str] = []
    found = section_of_json(Environment, content, "", unknown)
    warn_of_unknown(unknown, where)
    return found


def _with_packages(found: Environment, conda: Optional[str], pip: Optional[str]) -> Environment:
    if conda and pip:
        raise UserErrorException("give a conda specification or pip requirements, not both")
    if conda:
        found.python.conda_dependencies = CondaDependencies(conda)
    elif pip:
        found.python.conda_dependencies = _of_requirements(pip)
    else:
        found.python.user_managed_dependencies = True
    return found


def _of_requirements(path: str, pip_version: Optional[str] = None) -> CondaDependencies:
    from azud.sdk.environment.sources import requirements_of

    found = CondaDependencies.create(pip_packages=[])
    found.set_pip_requirements(requirements_of(path))
    if pip_version:
        found.add_conda_package(f"pip={pip_version}")
    return found
