# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore_kinds import AbstractADLSDatastore as AbstractADLSDatastore
from azud.sdk.datastore_kinds import AzureDataLakeDatastore as AzureDataLakeDatastore
from azud.sdk.datastore_kinds import AzureDataLakeGen2Datastore as AzureDataLakeGen2Datastore
