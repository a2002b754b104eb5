"""`azureml.pipeline.steps.estimator_step`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "EstimatorStep": "steps",
    },
)
