"""`Environment` and its sections: what a step asks of the Python that it runs in, in v1's words."""

from __future__ import annotations

from azud.sdk.environment.definition import DEFAULT_NAME, Environment, is_default
from azud.sdk.environment.docker import DockerSection
from azud.sdk.environment.sections import PythonSection, SparkSection

__all__ = ["DEFAULT_NAME", "DockerSection", "Environment", "PythonSection", "SparkSection", "is_default"]
