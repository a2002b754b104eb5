# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AzureSqlDatabaseDatastore yet")
class AzureSqlDatabaseDatastore:
    """Not there yet: use a datastore of files: Datastore.register_azure_blob_container, register_s3, register_sftp
    …."""
