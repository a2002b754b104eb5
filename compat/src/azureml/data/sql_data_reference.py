"""`azureml.data.sql_data_reference`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "SqlDataReference": "sql_data_reference",
    },
)
