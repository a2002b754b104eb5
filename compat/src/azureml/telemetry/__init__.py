"""`azureml.telemetry`."""

from azud.sdk.absent import absent_below
from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "set_diagnostics_collection": "telemetry",
    },
)

absent_below(__name__, "internal")
