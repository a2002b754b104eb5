# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore_sql import AzurePostgreSqlDatastore as AzurePostgreSqlDatastore
