# Made by `python -m azud.porting.stubs`.

from azud.sdk.pipeline_output_dataset import DatasetRegistration as DatasetRegistration
from azud.sdk.pipeline_output_dataset import PipelineOutputAbstractDataset as PipelineOutputAbstractDataset
from azud.sdk.pipeline_output_dataset import PipelineOutputFileDataset as PipelineOutputFileDataset
from azud.sdk.pipeline_output_dataset import PipelineOutputTabularDataset as PipelineOutputTabularDataset
