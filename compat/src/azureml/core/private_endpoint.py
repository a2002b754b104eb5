"""`azureml.core.private_endpoint`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "PrivateEndPoint": "linked",
        "PrivateEndPointConfig": "linked",
    },
)
