"""The cells of a notebook, one after the other."""

from __future__ import annotations

import azureml.core
from azureml.core import Experiment, Model, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication, ServicePrincipalAuthentication
from azureml.core.experiment import ViewType
from azureml.exceptions import UserErrorException, WebserviceException
from azureml.pipeline.core import PipelineRun
from azureml.pipeline.core.run import StepRun
from azureml.train.hyperdrive import choice

print("SDK", azureml.core.VERSION)

ws = Workspace.from_config(auth=InteractiveLoginAuthentication(tenant_id="t"))
ServicePrincipalAuthentication(tenant_id="t", service_principal_id="i", service_principal_password="p")
ws.write_config(path=".azureml")
print(ws.get_details()["location"], list(ws.compute_targets), list(ws.datasets), list(ws.environments))
for name, target in ws.compute_targets.items():
    print(name.upper(), target.type, target.provisioning_state)
for name, model in ws.models.items():
    print(name, model.version, model.tags.get("a"))

with Experiment(ws, "notebook").start_logging(snapshot_directory=None) as run:
    run.log("alpha", 0.1)
    run.log_list("values", [1, 2])
    child = run.child_run("child")
    child.complete()
print(run.get_portal_url(), run.get_metrics()["alpha"], run.status)
try:
    run.fail("late")
except UserErrorException as error:
    print(error.message, isinstance(error, WebserviceException))

for experiment in Experiment.list(ws, view_type=ViewType.All):
    print(experiment.name, experiment.tags)
    experiment.archive()

pipeline_run = PipelineRun(Experiment(ws, "iris"), "some-id")
steps: list[StepRun] = list(pipeline_run.get_steps())
status: str = pipeline_run.get_status()
got = PipelineRun.get(ws, "some-id")
print(got.find_step_run("train")[0].get_job_log(), [step.id for step in steps if step.get_status() == "Finished"])

model = Model.register(workspace=ws, model_path="model.pkl", model_name="iris", tags={"a": "1"})
latest = Model(ws, name="iris")
for each in Model.list(ws, name="iris", tags=[["a", "1"]], latest=True):
    print(each.name, each.version, each.created_time, each.description, each.properties)
print(latest.download(target_dir=".", exist_ok=True), model.id)
latest.add_tags({"stage": "test"})
latest.delete()
print(choice(1, 2))
