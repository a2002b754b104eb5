"""`azureml.pipeline.core.module`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "Module": "modules",
        "ModuleVersion": "modules",
        "ModuleVersionDescriptor": "modules",
    },
)
