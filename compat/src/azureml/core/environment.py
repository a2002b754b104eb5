"""`azureml.core.environment`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Environment": "environment",
        "CondaDependencies": "conda",
        "PythonSection": "environment",
        "DockerSection": "environment",
        "SparkSection": "environment",
        "ContainerRegistry": "environment",
        "PythonEnvironment": "environment:PythonSection",
        "DockerEnvironment": "environment:DockerSection",
        "SparkEnvironment": "environment:SparkSection",
        "DEFAULT_CPU_IMAGE": "runconfig",
        "DEFAULT_GPU_IMAGE": "runconfig",
    },
    absent={
        "DockerBuildContext": "configuration",
        "DockerImageDetails": "configuration",
        "DockerImagePlatform": "configuration",
        "EnvironmentReference": "configuration",
        "ImageBuildDetails": "configuration",
        "RCranPackage": "configuration",
        "RGitHubPackage": "configuration",
        "RSection": "configuration",
        "SparkPackage": "configuration",
    },
)
