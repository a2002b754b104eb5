# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AbstractADLSDatastore yet")
class AbstractADLSDatastore:
    """Not there yet: datastores are folders of this machine; copy the data into one with azud data or
    datastore.upload."""

@deprecated("azud does not have AzureDataLakeDatastore yet")
class AzureDataLakeDatastore:
    """Not there yet: datastores are folders of this machine; copy the data into one with azud data or
    datastore.upload."""

@deprecated("azud does not have AzureDataLakeGen2Datastore yet")
class AzureDataLakeGen2Datastore:
    """Not there yet: datastores are folders of this machine; copy the data into one with azud data or
    datastore.upload."""
