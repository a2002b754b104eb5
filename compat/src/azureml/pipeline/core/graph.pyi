# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.graph.sources import DataSource as DataSource
from azud.sdk.graph.sources import DataSourceDef as DataSourceDef
from azud.sdk.graph.nodes import DataSourceNode as DataSourceNode
from azud.sdk.graph.definitions import DataType as DataType
from azud.sdk.graph.ports import Edge as Edge
from azud.sdk.graph.graphs import Graph as Graph
from azud.sdk.graph.ports import InputPort as InputPort
from azud.sdk.graph.definitions import InputPortDef as InputPortDef
from azud.sdk.graph.definitions import Module as Module
from azud.sdk.graph.definitions import ModuleDef as ModuleDef
from azud.sdk.graph.nodes import ModuleNode as ModuleNode
from azud.sdk.graph.nodes import Node as Node
from azud.sdk.graph.ports import OutputPort as OutputPort
from azud.sdk.graph.definitions import OutputPortDef as OutputPortDef
from azud.sdk.graph.definitions import Param as Param
from azud.sdk.graph.definitions import ParamDef as ParamDef
from azud.sdk.graph.sources import PipelineDataset as PipelineDataset
from azud.sdk.input_binding import InputPortBinding as InputPortBinding
from azud.sdk.pipeline_data import OutputPortBinding as OutputPortBinding
from azud.sdk.parameter import PipelineParameter as PipelineParameter
from azud.sdk.run_outputs import PortDataReference as PortDataReference
from azud.sdk.sql_data_reference import StoredProcedureParameter as StoredProcedureParameter
from azud.sdk.sql_data_reference import StoredProcedureParameterType as StoredProcedureParameterType
from azud.sdk.training_output import TrainingOutput as TrainingOutput

@deprecated("azud does not have PublishedPipeline yet")
class PublishedPipeline:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""
