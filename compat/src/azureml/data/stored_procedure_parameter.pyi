# Made by `python -m azud.porting.stubs`.

from azud.sdk.sql_data_reference import StoredProcedureParameter as StoredProcedureParameter
from azud.sdk.sql_data_reference import StoredProcedureParameterType as StoredProcedureParameterType
