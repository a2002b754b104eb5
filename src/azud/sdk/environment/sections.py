"""The Python and the Spark part of an environment."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.conda import CondaDependencies
from azud.sdk.section import Section


class PythonSection(Section):
    """The Python part of an environment."""

    _fields = ("interpreter_path", "user_managed_dependencies", "conda_dependencies", "conda_dependencies_file")

    def __init__(self, **kwargs: Any) -> None:
        """Start with v1's defaults."""
        self.interpreter_path = "python"
        self.user_managed_dependencies = False
        self.conda_dependencies_file: Optional[str] = None
        self.conda_dependencies: Any = CondaDependencies() if kwargs.get("_defaults", True) else None

    def _to_json(self) -> Dict[str, Any]:
        conda = self.conda_dependencies
        if self.conda_dependencies_file:
            conda = CondaDependencies(self.conda_dependencies_file)
        return {
            "interpreterPath": self.interpreter_path,
            "userManagedDependencies": bool(self.user_managed_dependencies),
            "condaDependencies": conda.as_dict() if conda is not None else None,
        }


class SparkSection(Section):
    """The Spark part of an environment."""

    _fields = ("repositories", "packages", "precache_packages")

    def __init__(self, **kwargs: Any) -> None:
        """Start empty."""
        self.repositories: List[str] = []
        self.packages: List[Any] = []
        self.precache_packages = True
