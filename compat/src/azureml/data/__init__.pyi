# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azureml.data.output_dataset_config import HDFSOutputDatasetConfig as HDFSOutputDatasetConfig
from azureml.data.output_dataset_config import LinkFileOutputDatasetConfig as LinkFileOutputDatasetConfig
from azureml.data.output_dataset_config import LinkTabularOutputDatasetConfig as LinkTabularOutputDatasetConfig
from azud.sdk.data_types import DataType as DataType
from azud.sdk.dataset import FileDataset as FileDataset
from azud.sdk.dataset import TabularDataset as TabularDataset
from azud.sdk.output_dataset import OutputFileDatasetConfig as OutputFileDatasetConfig

@deprecated("azud does not have DatacacheStore yet")
class DatacacheStore:
    """Not there yet: datastores are folders of this machine; copy the data into one with azud data or
    datastore.upload."""
