"""`azureml.exceptions`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ActivityFailedException": "exceptions",
        "AuthenticationException": "exceptions",
        "AzureMLException": "exceptions",
        "AzureMLAggregatedException": "exceptions",
        "ComputeTargetException": "exceptions",
        "DatasetTimestampMissingError": "exceptions",
        "DiscoveryUrlNotFoundException": "exceptions",
        "ExperimentExecutionException": "exceptions",
        "ModelNotFoundException": "exceptions",
        "ModelPathNotFoundException": "exceptions",
        "ParallelRunException": "exceptions",
        "ProjectSystemException": "exceptions",
        "RunConfigurationException": "exceptions",
        "RunEnvironmentException": "exceptions",
        "ServiceException": "exceptions",
        "SnapshotException": "exceptions",
        "TrainingException": "exceptions",
        "UserErrorException": "exceptions",
        "WebserviceException": "exceptions",
        "WorkspaceException": "exceptions",
        "WorkspacePrivateEndpointException": "exceptions",
    },
)
