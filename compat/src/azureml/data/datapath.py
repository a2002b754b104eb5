"""`azureml.data.datapath`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "DataPath": "datapath",
        "DataPathComputeBinding": "datapath",
    },
)
