# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AzureMySqlDatastore yet")
class AzureMySqlDatastore:
    """Not there yet: datastores are folders of this machine; copy the data into one with azud data or
    datastore.upload."""
