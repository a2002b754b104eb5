# Made by `python -m azud.porting.stubs`.

from azud.sdk.datastore import AbstractAzureStorageDatastore as AbstractAzureStorageDatastore
from azud.sdk.datastore import AzureBlobDatastore as AzureBlobDatastore
from azud.sdk.datastore import AzureFileDatastore as AzureFileDatastore
