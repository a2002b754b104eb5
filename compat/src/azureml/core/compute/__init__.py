"""`azureml.core.compute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AdlaCompute": "compute.adla",
        "AksCompute": "compute.aks",
        "AmlCompute": "compute",
        "BatchCompute": "compute.batch",
        "ComputeInstance": "compute.instance",
        "ComputeTarget": "compute",
        "DataFactoryCompute": "compute.datafactory",
        "DatabricksCompute": "compute.databricks",
        "DsvmCompute": "compute.dsvm",
        "HDInsightCompute": "compute.hdinsight",
        "KubernetesCompute": "compute.kubernetes",
        "KustoCompute": "compute.kusto",
        "RemoteCompute": "compute.remote",
        "SynapseCompute": "compute.synapse",
    },
)
