"""`azureml.pipeline.steps.parallel_run_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "ParallelRunStep": "parallel",
    },
)
