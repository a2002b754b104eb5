# Made by `python -m azud.porting.stubs`.

from azureml.pipeline.core.graph import StoredProcedureParameter as StoredProcedureParameter
from azureml.pipeline.core.graph import StoredProcedureParameterType as StoredProcedureParameterType
