"""`azureml.core`."""

from azud.sdk.lazy import reexport

VERSION = __version__ = "1.61.0"  # the version whose behaviour azud follows

__getattr__, __dir__ = reexport(
    __name__,
    {
        "ComputeTarget": "compute",
        "ContainerRegistry": "container_registry",
        "Dataset": "legacy_dataset",
        "Datastore": "datastore",
        "Environment": "environment",
        "Experiment": "experiment",
        "Keyvault": "keyvault",
        "Model": "model",
        "Run": "run",
        "RunConfiguration": "runconfig",
        "ScriptRun": "script_run",
        "ScriptRunConfig": "script_run_config",
        "Workspace": "workspace",
        "get_run": "run",
    },
    absent={
        "Image": "serving",
        "LinkedService": "linked",
        "PrivateEndPoint": "linked",
        "PrivateEndPointConfig": "linked",
        "SynapseWorkspaceLinkedServiceConfiguration": "linked",
        "Webservice": "serving",
        "attach_legacy_compute_target": "compute",
        "diagnostic_log": "internal",
        "is_compute_target_prepared": "compute",
        "prepare_compute_target": "compute",
        "remove_legacy_compute_target": "compute",
    },
)
