"""`azureml.core.webservice`."""

from azud.sdk.absent import absent_below
from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "AciWebservice": "serving",
        "AksEndpoint": "serving",
        "AksWebservice": "serving",
        "LocalWebservice": "serving",
        "Webservice": "serving",
    },
)

absent_below(__name__, "serving")
