"""Mistakes that a checker reports: each line that ends in `# E:` must be reported with that text, and no other."""

from __future__ import annotations

from azureml.core import Dataset, Environment, Experiment, LinkedService, Run, ScriptRunConfig, Webservice, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.runconfig import RunConfiguration
from azureml.core.webservice import AciWebservice
from azureml.pipeline.core import Pipeline, PipelineData, PipelineRun, Schedule
from azureml.pipeline.steps import ParallelRunStep, PythonScriptStep
from azureml.train.automl import AutoMLConfig
from azureml.interpret import ExplanationClient  # E: has no attribute "ExplanationClient"
from azureml.contrib.services.aml_request import AMLRequest  # E: "azureml.contrib.services
from azud import Workplace  # E: has no attribute "Workplace"

ws = Workspace.from_config()
Workspace.from_config(pth="x")  # E: Unexpected keyword argument "pth"
ws.get_default_store()  # E: has no attribute "get_default_store"
Workspace("s", "r")  # E: Missing positional argument "workspace_name"
ws.get_default_datastore().upload(source="x")  # E: Unexpected keyword argument "source"
ws.datastores["a"].nmae  # E: has no attribute "nmae"
ws.compute_targets["a"].sise  # E: has no attribute "sise"
ws.models["a"].wait()  # E: has no attribute "wait"
ws.datasets["a"].to_panda()  # E: has no attribute "to_panda"
Dataset.get_by_name(ws, "a").to_panda_dataframe()  # E: has no attribute "to_panda_dataframe"
Dataset.Tabular.from_delimited_files(path="x").take(3).to_path()  # E: has no attribute "to_path"
AmlCompute.provisioning_configuration(max_nodes="4")  # E: incompatible type "str"
ComputeTarget.create(ws, "cpu", "STANDARD_D2")  # E: No overload variant

PythonScriptStep("a.py", compute="cpu")  # E: Unexpected keyword argument "compute"
PythonScriptStep(script="a.py")  # E: Unexpected keyword argument "script"
PythonScriptStep("a.py", arguments="--rate 1")  # E: incompatible type "str"
PythonScriptStep("a.py", retries="2")  # E: incompatible type "str"
PipelineData(datastore=None)  # E: Missing positional argument "name"
pipeline = Pipeline(ws, step=[])  # E: Unexpected keyword argument "step"
pipeline.submit("iris", regenerate_output=True)  # E: Unexpected keyword argument "regenerate_output"
Pipeline("ws", [])  # E: incompatible type "str"

experiment = Experiment("iris", ws)  # E: incompatible type
run = experiment.submit(pipeline, pipeline_parameters=["rate"])  # E: No overload variant
experiment.submit("train.py")  # E: No overload variant
experiment.submit(pipeline).wait_for_completion(timeout=3)  # E: Unexpected keyword argument "timeout"
experiment.submit(pipeline).get_step()  # E: has no attribute "get_step"
experiment.submit(ScriptRunConfig("src")).get_steps()  # E: has no attribute "get_steps"
for step in experiment.submit(pipeline).get_steps():
    step.get_output(1)  # E: incompatible type "int"
    step.get_outputs()["a"].download_to()  # E: has no attribute "download_to"
status: int = PipelineRun(experiment, "id").get_status()  # E: Incompatible types in assignment
PipelineRun.get(ws, "id").get_stepz()  # E: has no attribute "get_stepz"
next(experiment.get_runs()).get_metric()  # E: has no attribute "get_metric"

context = Run.get_context()
context.logg("a", 1)  # E: has no attribute "logg"
context.log(1, 2)  # E: incompatible type "int"
context.parent.logg("a", 1)  # E: has no attribute "logg"
context.child_run("a").lag("b", 1)  # E: has no attribute "lag"
context.input_dataset["a"]  # E: has no attribute "input_dataset"
with experiment.start_logging() as started:
    started.logs("a", 1)  # E: has no attribute "logs"

configuration = RunConfiguration(scrip="a")  # E: Unexpected keyword argument "scrip"
configuration.environment.pyhton  # E: has no attribute "pyhton"
ScriptRunConfig("src", argumnts=[])  # E: Unexpected keyword argument "argumnts"
Environment(3)  # E: incompatible type "int"
Environment.get(ws, "a").pyhton  # E: has no attribute "pyhton"

# What azud does not have imports, can be a base, an annotation, in isinstance, and is reported where it is used.


class Score(Webservice):
    """A subclass."""


def is_service(linked: LinkedService, service: object) -> bool:
    """Annotate with a missing class and ask for another one."""
    return isinstance(service, (Webservice, Score)) and linked is not None


AutoMLConfig(task="classification")  # E: Unexpected keyword argument "task"
ParallelRunStep(name="a")  # E: Unexpected keyword argument "name"
Schedule.create(ws, "a")  # E: has no attribute "create"
AciWebservice.deploy_configuration(cpu_cores=1)  # E: has no attribute "deploy_configuration"
ws.get_default_keyvault().secret("a")  # E: has no attribute "secret"
ws.get_mlflow_tracking_uri()  # E: "NotThereYet" not callable
pipeline.publish(name="a")  # E: "NotThereYet" not callable
Dataset.Tabular.register_spark_dataframe("a")  # E: Too many arguments
