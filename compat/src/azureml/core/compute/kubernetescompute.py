"""`azureml.core.compute.kubernetescompute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "KubernetesCompute": "compute.kubernetes",
        "KubernetesComputeAttachConfiguration": "compute.kubernetes",
        "KubernetesComputeStatus": "compute.kubernetes",
    },
)
