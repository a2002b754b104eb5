"""`azureml.core.model`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "Dataset": "legacy_dataset",
        "Model": "model",
    },
    absent={
        "InferenceConfig": "serving",
        "ModelPackage": "models",
    },
)
