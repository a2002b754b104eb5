"""`azureml.core.environment`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "CondaDependencies": "conda",
        "ContainerRegistry": "container_registry",
        "DEFAULT_CPU_IMAGE": "runconfig",
        "DEFAULT_GPU_IMAGE": "runconfig",
        "DatabricksEnvironment": "databricks",
        "DatabricksSection": "databricks",
        "DockerBuildContext": "environment",
        "DockerEnvironment": "environment",
        "DockerImageDetails": "environment",
        "DockerImagePlatform": "environment",
        "DockerSection": "environment",
        "Environment": "environment",
        "EnvironmentReference": "environment",
        "ImageBuildDetails": "environment",
        "PythonEnvironment": "environment",
        "PythonSection": "environment",
        "RCranPackage": "environment",
        "RGitHubPackage": "environment",
        "RSection": "environment",
        "SparkEnvironment": "environment",
        "SparkPackage": "environment",
        "SparkSection": "environment",
    },
)
