"""`azureml.data.stored_procedure_parameter`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "StoredProcedureParameter": "datastores",
        "StoredProcedureParameterType": "datastores",
    },
)
