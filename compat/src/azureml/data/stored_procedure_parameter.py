"""`azureml.data.stored_procedure_parameter`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {
        "StoredProcedureParameter": "sql_data_reference",
        "StoredProcedureParameterType": "sql_data_reference",
    },
)
