# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute import AmlCompute as AmlCompute
from azud.sdk.conda import CondaDependencies as CondaDependencies
from azud.sdk.compute import ComputeTarget as ComputeTarget
from azud.sdk.datapath import DataPath as DataPath
from azud.sdk.datapath import DataPathComputeBinding as DataPathComputeBinding
from azud.sdk.datapath import DataReference as DataReference
from azud.sdk.data_types import DataType as DataType
from azud.sdk.legacy_dataset import Dataset as Dataset
from azud.sdk.dataset_consumption import DatasetConsumptionConfig as DatasetConsumptionConfig
from azud.sdk.datastore import Datastore as Datastore
from azud.sdk.environment import Environment as Environment
from azud.sdk.experiment import Experiment as Experiment
from azud.sdk.dataset import FileDataset as FileDataset
from azud.sdk.model import Model as Model
from azud.sdk.output_dataset import OutputFileDatasetConfig as OutputFileDatasetConfig
from azud.sdk.pipeline import Pipeline as Pipeline
from azud.sdk.pipeline_data import PipelineData as PipelineData
from azud.sdk.parameter import PipelineParameter as PipelineParameter
from azud.sdk.pipeline_run import PipelineRun as PipelineRun
from azud.sdk.step import PipelineStep as PipelineStep
from azud.sdk.python_script_step import PythonScriptStep as PythonScriptStep
from azud.sdk.run import Run as Run
from azud.sdk.runconfig import RunConfiguration as RunConfiguration
from azud.sdk.script_run_config import ScriptRunConfig as ScriptRunConfig
from azud.sdk.pipeline_run import StepRun as StepRun
from azud.sdk.step import StepSequence as StepSequence
from azud.sdk.dataset import TabularDataset as TabularDataset
from azud.sdk.workspace import Workspace as Workspace

__version__: str
