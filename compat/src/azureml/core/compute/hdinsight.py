"""`azureml.core.compute.hdinsight`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "HDInsightAttachConfiguration": "compute",
        "HDInsightCompute": "compute",
    },
)
