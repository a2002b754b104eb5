"""A whole program: one step, submitted and waited for."""

import os

from azureml.core import Experiment, Workspace
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep

workspace = Workspace.from_config()
store = workspace.get_default_datastore()
source = DataReference(store, data_reference_name="source", path_on_datastore="source.txt")
copy = PipelineData("copy", datastore=store)
step = PythonScriptStep(
    name="copy",
    script_name="step.py",
    source_directory=os.environ["AZUD_BENCH_SOURCE"],
    arguments=["--input", source, "--output", copy, "--number", 0],
    inputs=[source],
    outputs=[copy],
    allow_reuse=False,
)
Experiment(workspace, "bench").submit(Pipeline(workspace, steps=[step])).wait_for_completion(show_output=False)
