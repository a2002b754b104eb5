"""`azureml.core.compute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AmlCompute": "compute",
        "ComputeTarget": "compute",
    },
    absent={
        "AdlaCompute": "compute",
        "AksCompute": "compute",
        "BatchCompute": "compute",
        "ComputeInstance": "compute",
        "DataFactoryCompute": "compute",
        "DatabricksCompute": "compute",
        "DsvmCompute": "compute",
        "HDInsightCompute": "compute",
        "KubernetesCompute": "compute",
        "KustoCompute": "compute",
        "RemoteCompute": "compute",
        "SynapseCompute": "compute",
    },
)
