# Made by `python -m azud.porting.stubs`.

from azud.sdk.dataset_factory import FileDatasetFactory as FileDatasetFactory
from azud.sdk.dataset_factory import TabularDatasetFactory as TabularDatasetFactory
from azud.sdk.data_types import DataType as DataType
