"""`azureml.core.compute_target`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "AbstractComputeTarget": "compute.legacy",
        "ComputeTargetException": "exceptions",
        "LocalTarget": "compute.legacy",
    },
    absent={
        "attach_legacy_compute_target": "compute",
        "is_compute_target_prepared": "compute",
        "prepare_compute_target": "compute",
        "remove_legacy_compute_target": "compute",
    },
)
