# Made by `python -m azud.porting.stubs`.

from azud.sdk.sql_data_reference import SqlDataReference as SqlDataReference
