"""What users import: v1's classes, which build `azud.model` values and speak through `azud.client`.

Standard library only and lazy: importing this package imports no module of it. The names below are what
`azud` and `azureml` re-export.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

PLACES: Dict[str, str] = {
    "AmlCompute": "compute",
    "CondaDependencies": "conda",
    "ComputeTarget": "compute",
    "DataPath": "datapath",
    "DataPathComputeBinding": "datapath",
    "DataReference": "datapath",
    "DataType": "data_types",
    "Dataset": "legacy_dataset",
    "DatasetConsumptionConfig": "dataset_consumption",
    "Datastore": "datastore",
    "Environment": "environment",
    "Experiment": "experiment",
    "FileDataset": "dataset",
    "Model": "model",
    "OutputFileDatasetConfig": "output_dataset",
    "Pipeline": "pipeline",
    "PipelineData": "pipeline_data",
    "PipelineParameter": "parameter",
    "PipelineRun": "pipeline_run",
    "PipelineStep": "step",
    "PythonScriptStep": "python_script_step",
    "Run": "run",
    "RunConfiguration": "runconfig",
    "ScriptRunConfig": "script_run_config",
    "StepRun": "pipeline_run",
    "StepSequence": "step",
    "TabularDataset": "dataset",
    "Workspace": "workspace",
}
"""Public name to the module of this package that defines it."""

__all__ = list(PLACES)


def __getattr__(name: str) -> Any:
    place = PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(__import__(f"{__name__}.{place}", fromlist=(place,)), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted(set(globals()) | set(PLACES))
