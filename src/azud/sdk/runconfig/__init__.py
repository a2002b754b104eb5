"""`RunConfiguration` and its sections: how a script runs, in v1's words."""

from __future__ import annotations

from azud.sdk.runconfig.configuration import EnvironmentDefinition, RunConfiguration
from azud.sdk.runconfig.data import DataReferenceConfiguration
from azud.sdk.runconfig.distributed import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
from azud.sdk.runconfig.sections import (
    AmlComputeConfiguration,
    DockerConfiguration,
    HistoryConfiguration,
    SparkConfiguration,
)
from azud.sdk.runconfig.settings import settings_of

DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"

__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "AmlComputeConfiguration",
    "DataReferenceConfiguration",
    "DockerConfiguration",
    "EnvironmentDefinition",
    "HistoryConfiguration",
    "MpiConfiguration",
    "PyTorchConfiguration",
    "RunConfiguration",
    "SparkConfiguration",
    "TensorflowConfiguration",
    "settings_of",
]
