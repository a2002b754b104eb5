"""`azureml.core.compute.hdinsight`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "HDInsightAttachConfiguration": "compute.hdinsight",
        "HDInsightCompute": "compute.hdinsight",
    },
)
