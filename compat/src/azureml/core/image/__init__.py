"""`azureml.core.image`."""

from azud.sdk.absent import absent_below
from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "ContainerImage": "serving",
        "Image": "serving",
    },
)

absent_below(__name__, "serving")
