"""The Python and the Spark part of an environment."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.conda import CondaDependencies
from azud.sdk.section import FLAG, LIST, TEXT, Field, Section


class PythonSection(Section):
    """The Python part of an environment.

    `conda_dependencies` are its packages; `conda_dependencies_file` is v1's older way to name them in a file.
    """

    _schema = {
        "user_managed_dependencies": FLAG,
        "interpreter_path": TEXT,
        "_conda_dependencies_file": TEXT,
        "_base_conda_environment": TEXT,
        "conda_dependencies": CondaDependencies,
    }

    def __init__(self, **kwargs: Any) -> None:
        """Start with v1's defaults."""
        self.interpreter_path = "python"
        self.user_managed_dependencies = False
        self._conda_dependencies_file: Optional[str] = None
        self._base_conda_environment: Optional[str] = None
        # None where nothing is asked for; typed as what programs change without a look.
        self.conda_dependencies = CondaDependencies()

    @property
    def conda_dependencies_file(self) -> Optional[str]:
        """The path of a conda specification, which takes the place of `conda_dependencies`; None for those."""
        return self._conda_dependencies_file

    @conda_dependencies_file.setter
    def conda_dependencies_file(self, value: Optional[str]) -> None:
        self._conda_dependencies_file = value

    def _to_json(self) -> Dict[str, Any]:
        """Return the section with its packages in it, so that no file is needed to read it.

        Raises:
            UserErrorException: The file that holds the packages cannot be read.
        """
        found = super()._to_json()
        if self._conda_dependencies_file:
            content = CondaDependencies(self._conda_dependencies_file)._to_json()
            found.update(condaDependenciesFile=None, condaDependencies=content)
        return found


class SparkPackage(Section):
    """A package of Spark."""

    _schema = {"group": TEXT, "artifact": TEXT, "version": TEXT}

    def __init__(
        self, group: Optional[str] = None, artifact: Optional[str] = None, version: Optional[str] = None
    ) -> None:
        """Keep the coordinates."""
        self.group = group
        self.artifact = artifact
        self.version = version


class SparkSection(Section):
    """The Spark part of an environment."""

    _schema = {
        "repositories": Field(LIST, TEXT),
        "packages": Field(LIST, SparkPackage),
        "precache_packages": FLAG,
    }

    def __init__(self, **kwargs: Any) -> None:
        """Start empty."""
        self.repositories: List[str] = []
        self.packages: List[SparkPackage] = []
        self.precache_packages = True


class PythonEnvironment(PythonSection):
    """v1's older name of `PythonSection`."""


class SparkEnvironment(SparkSection):
    """v1's older name of `SparkSection`."""
