# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore_sql import AzureSqlDatabaseDatastore as AzureSqlDatabaseDatastore
