"""`azureml.core.conda_dependencies`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "CondaDependencies": "conda",
    },
)
