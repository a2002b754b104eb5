"""`Environment` and its sections: what a step asks of the Python that it runs in, in v1's words."""

from __future__ import annotations

from azud.sdk.environment.definition import (
    DEFAULT_NAME,
    Environment,
    EnvironmentReference,
    environment_of_record,
    is_default,
)
from azud.sdk.environment.docker import DockerBuildContext, DockerEnvironment, DockerImagePlatform, DockerSection
from azud.sdk.environment.images import DockerImageDetails, ImageBuildDetails
from azud.sdk.environment.r import RCranPackage, RGitHubPackage, RSection
from azud.sdk.environment.sections import (
    PythonEnvironment,
    PythonSection,
    SparkEnvironment,
    SparkPackage,
    SparkSection,
)

__all__ = [
    "DEFAULT_NAME",
    "DockerBuildContext",
    "DockerEnvironment",
    "DockerImageDetails",
    "DockerImagePlatform",
    "DockerSection",
    "Environment",
    "EnvironmentReference",
    "ImageBuildDetails",
    "PythonEnvironment",
    "PythonSection",
    "RCranPackage",
    "RGitHubPackage",
    "RSection",
    "SparkEnvironment",
    "SparkPackage",
    "SparkSection",
    "environment_of_record",
    "is_default",
]
