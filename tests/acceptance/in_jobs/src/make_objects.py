"""Imports what people's programs import, and makes the objects that they make, within a job."""

import importlib
import os

from azureml.core import Environment, Experiment, Run, RunConfiguration, ScriptRunConfig, Workspace
from azureml.core.authentication import MsiAuthentication
from azureml.core.compute import AmlCompute
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.runconfig import DockerConfiguration, MpiConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.exceptions import AzureMLException, ComputeTargetException
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.steps import PythonScriptStep

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "imports.txt"), encoding="utf-8") as stream:
    for path in stream.read().split():
        module, _, name = path.rpartition(".")
        if not module or not hasattr(importlib.import_module(module), name):
            importlib.import_module(path)

run = Run.get_context()
ws = Workspace.from_config(auth=MsiAuthentication())
assert ws.name == run.experiment.workspace.name and ws.get_details()["name"] == "acceptance"
assert "in-jobs" in [experiment.name for experiment in Experiment.list(ws)]

environment = Environment("train")
environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["lightgbm"], conda_packages=["numpy"])
environment.environment_variables = {"A": "b"}
environment.save_to_directory("environment", overwrite=True)
loaded = Environment.load_from_directory("environment")
assert list(loaded.python.conda_dependencies.pip_packages) == ["lightgbm"]
assert run.get_environment().name == "as-submitted"

configuration = RunConfiguration(script="train.py", conda_dependencies=environment.python.conda_dependencies)
configuration.environment_variables = {"A": "1"}
configuration.docker = DockerConfiguration(use_docker=True)
configuration.save(path="configurations", name="train")
assert RunConfiguration.load("configurations", "train").environment_variables == {"A": "1"}
config = ScriptRunConfig(".", script="exits.py", arguments=["0"], distributed_job_config=MpiConfiguration())
assert config.script == "exits.py" and config.run_config.communicator == "IntelMpi"

data = PipelineData("data")
out = OutputFileDatasetConfig(name="out").as_upload(overwrite=True)
first = PythonScriptStep("exits.py", arguments=[data, out, PipelineParameter("rate", 0.1)], outputs=[data])
second = PythonScriptStep("read_data.py", inputs=[data], arguments=[out.as_input("out")])
assert Pipeline(ws, [first, second]).validate() == []
try:
    from azureml.core.compute import ComputeTarget

    ComputeTarget.create(ws, "mine", AmlCompute.provisioning_configuration("STANDARD_D2_V2", max_nodes=2))
except ComputeTargetException as error:
    assert isinstance(error, AzureMLException) and "job" in error.message, error
else:
    raise AssertionError("a job made a compute target")
