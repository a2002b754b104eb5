"""`azureml.core.compute.kubernetescompute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "KubernetesCompute": "compute",
        "KubernetesComputeAttachConfiguration": "compute",
        "KubernetesComputeStatus": "compute",
    },
)
