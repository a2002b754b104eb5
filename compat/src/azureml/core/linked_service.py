"""`azureml.core.linked_service`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "LinkedService": "linked",
        "LinkedServiceConfiguration": "linked",
        "SynapseWorkspaceLinkedServiceConfiguration": "linked",
    },
)
