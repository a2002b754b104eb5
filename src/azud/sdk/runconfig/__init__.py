"""`RunConfiguration` and its sections: how a script runs, in v1's words."""

from __future__ import annotations

from azud.sdk.container_registry import ContainerRegistry as _ContainerRegistry
from azud.sdk.runconfig.configuration import EnvironmentDefinition, RunConfiguration
from azud.sdk.runconfig.data import (
    Data,
    DatacacheConfiguration,
    DataLocation,
    DataPath,
    DataReferenceConfiguration,
    Dataset,
    Uri,
)
from azud.sdk.runconfig.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from azud.sdk.runconfig.outputs import (
    DatasetRegistrationOptions,
    GlobsOptions,
    MountOptions,
    OutputData,
    OutputOptions,
    RegistrationOptions,
    UploadOptions,
)
from azud.sdk.runconfig.sections import (
    AmlComputeConfiguration,
    ApplicationEndpointConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    KubernetesComputeConfiguration,
    SparkConfiguration,
)
from azud.sdk.runconfig.settings import settings_of

DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"


class ContainerRegistry(_ContainerRegistry):
    """v1's older place of `azureml.core.container_registry.ContainerRegistry`."""


class AzureContainerRegistry(ContainerRegistry):
    """v1's oldest name of `ContainerRegistry`."""


__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "AmlComputeConfiguration",
    "ApplicationEndpointConfiguration",
    "AzureContainerRegistry",
    "ContainerRegistry",
    "Data",
    "DataLocation",
    "DataPath",
    "DataReferenceConfiguration",
    "DatacacheConfiguration",
    "Dataset",
    "DatasetRegistrationOptions",
    "DockerConfiguration",
    "EnvironmentDefinition",
    "GlobsOptions",
    "HdiConfiguration",
    "HistoryConfiguration",
    "KubernetesComputeConfiguration",
    "MountOptions",
    "MpiConfiguration",
    "OutputData",
    "OutputOptions",
    "ParallelTaskConfiguration",
    "PyTorchConfiguration",
    "RegistrationOptions",
    "RunConfiguration",
    "SparkConfiguration",
    "TensorflowConfiguration",
    "UploadOptions",
    "Uri",
    "settings_of",
]
