"""`azureml.train.automl`."""

from azud.sdk.absent import absent_below
from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AutoMLConfig": "automl",
        "AutoMLImageConfig": "automl",
        "get_sdk_dependencies": "automl",
    },
)

absent_below(__name__, "automl")
