"""`azureml.core.runconfig`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "RunConfiguration": "runconfig",
        "DEFAULT_CPU_IMAGE": "runconfig",
        "DEFAULT_GPU_IMAGE": "runconfig",
        "DockerConfiguration": "runconfig",
        "HistoryConfiguration": "runconfig",
        "MpiConfiguration": "runconfig",
        "TensorflowConfiguration": "runconfig",
        "PyTorchConfiguration": "runconfig",
        "SparkConfiguration": "runconfig",
        "AmlComputeConfiguration": "runconfig",
        "DataReferenceConfiguration": "runconfig",
        "EnvironmentDefinition": "runconfig",
        "CondaDependencies": "conda",
        "Environment": "environment",
        "ContainerRegistry": "container_registry",
        "PythonEnvironment": "environment:PythonSection",
        "DockerEnvironment": "environment:DockerSection",
        "SparkEnvironment": "environment:SparkSection",
    },
)
