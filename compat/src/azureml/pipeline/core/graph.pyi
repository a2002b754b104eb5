# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.graph import Edge as Edge
from azud.sdk.graph import Graph as Graph
from azud.sdk.graph import ModuleNode as ModuleNode
from azud.sdk.graph import Node as Node
from azud.sdk.graph import DataSourceNode as DataSourceNode
from azud.sdk.pipeline_data import InputPortBinding as InputPortBinding
from azud.sdk.pipeline_data import OutputPortBinding as OutputPortBinding
from azud.sdk.parameter import PipelineParameter as PipelineParameter
from azud.sdk.run_outputs import PortDataReference as PortDataReference
from azud.sdk.sql_data_reference import StoredProcedureParameter as StoredProcedureParameter
from azud.sdk.sql_data_reference import StoredProcedureParameterType as StoredProcedureParameterType
from azud.sdk.pipeline_data import TrainingOutput as TrainingOutput

@deprecated("azud does not have DataSource yet")
class DataSource:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have DataSourceDef yet")
class DataSourceDef:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have DataType yet")
class DataType:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have InputPort yet")
class InputPort:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have InputPortDef yet")
class InputPortDef:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have Module yet")
class Module:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have ModuleDef yet")
class ModuleDef:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have OutputPort yet")
class OutputPort:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have OutputPortDef yet")
class OutputPortDef:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have Param yet")
class Param:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have ParamDef yet")
class ParamDef:
    """Not there yet: graphs are made from steps; use a PythonScriptStep."""

@deprecated("azud does not have PipelineDataset yet")
class PipelineDataset:
    """Not there yet: read and write files in the step itself."""

@deprecated("azud does not have PublishedPipeline yet")
class PublishedPipeline:
    """Not there yet: submit the pipeline with Experiment.submit, and parameters with pipeline_parameters."""
