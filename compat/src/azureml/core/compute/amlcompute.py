"""`azureml.core.compute.amlcompute`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AmlCompute": "compute",
        "AmlComputeNodeStateCounts": "compute.aml_status",
        "AmlComputeProvisioningConfiguration": "compute.aml_configuration",
        "AmlComputeStatus": "compute.aml_status",
        "ScaleSettings": "compute.aml_configuration",
    },
)
