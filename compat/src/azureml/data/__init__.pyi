# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.data_types import DataType as DataType
from azud.sdk.dataset import FileDataset as FileDataset
from azud.sdk.dataset import TabularDataset as TabularDataset
from azud.sdk.output_dataset import OutputFileDatasetConfig as OutputFileDatasetConfig
from azud.sdk.linked_output import HDFSOutputDatasetConfig as HDFSOutputDatasetConfig
from azud.sdk.linked_output import LinkFileOutputDatasetConfig as LinkFileOutputDatasetConfig
from azud.sdk.linked_output import LinkTabularOutputDatasetConfig as LinkTabularOutputDatasetConfig

@deprecated("azud does not have DatacacheStore yet")
class DatacacheStore:
    """Not there yet: use a datastore of files: Datastore.register_azure_blob_container, register_s3, register_sftp
    …."""
