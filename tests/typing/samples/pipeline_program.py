"""A pipeline as its author writes it: compute, data, steps, submission, results."""

from __future__ import annotations

from azureml.core import Dataset, Datastore, Environment, Experiment, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.runconfig import DEFAULT_CPU_IMAGE, RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.data.data_reference import DataReference
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter, PipelineRun, StepSequence
from azureml.pipeline.core.graph import PipelineParameter as SameParameter
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
print(ws.name, ws.resource_group, ws.location, ws.subscription_id, sep="\n")

cluster_name = "cpu-cluster"
try:
    cluster = ComputeTarget(workspace=ws, name=cluster_name)
    print("found it")
except ComputeTargetException:
    config = AmlCompute.provisioning_configuration(
        vm_size="STANDARD_D2_V2", min_nodes=0, max_nodes=4, idle_seconds_before_scaledown=600
    )
    cluster = ComputeTarget.create(ws, cluster_name, config)
cluster.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
print(cluster.get_status())

run_config = RunConfiguration()
run_config.target = cluster
run_config.environment.docker.enabled = True
run_config.environment.docker.base_image = DEFAULT_CPU_IMAGE
run_config.environment.python.user_managed_dependencies = False
run_config.environment.python.conda_dependencies = CondaDependencies.create(
    conda_packages=["pandas", "scikit-learn"], pip_packages=["azureml-sdk"]
)
environment = Environment.from_pip_requirements(name="train", file_path="requirements.txt")
run_config.environment = environment
for known in Environment.list(workspace=ws):
    print(known)

store = ws.get_default_datastore()
store.upload(src_dir="data", target_path="iris", overwrite=True, show_progress=False)
blob = Datastore.get(ws, "workspaceblobstore")
same = Datastore(ws, "workspaceblobstore")
names: list[str] = [datastore.name for datastore in ws.datastores.values()]

iris = Dataset.Tabular.from_delimited_files(path=[(store, "iris/*.csv")])
iris = iris.register(workspace=ws, name="iris", create_new_version=True)
images = Dataset.File.from_files(path=(blob, "images/**"))
everything = Dataset.get_by_name(ws, "everything").as_named_input("everything")

raw = DataReference(datastore=store, data_reference_name="raw", path_on_datastore="iris")
folder_parameter = PipelineParameter(name="folder", default_value=DataPath(datastore=store, path_on_datastore="iris"))
folder = (folder_parameter, DataPathComputeBinding(mode="mount"))
rate = SameParameter(name="rate", default_value=0.01)
prepared = PipelineData("prepared", datastore=store, is_directory=True)
model = OutputFileDatasetConfig(name="model", destination=(store, "models/{run-id}")).as_upload(overwrite=True)

prepare = PythonScriptStep(
    name="prepare",
    script_name="prepare.py",
    arguments=["--raw", raw, "--out", prepared, "--iris", iris.as_named_input("iris")],
    inputs=[raw, images.as_named_input("images").as_mount(), everything],
    outputs=[prepared],
    compute_target=cluster,
    runconfig=run_config,
    source_directory="src",
    allow_reuse=True,
)
train = PythonScriptStep(
    "train.py",
    name="train",
    arguments=["--in", prepared, "--rate", rate, "--model", model, "--folder", folder],
    inputs=[prepared, folder],
    compute_target="cpu-cluster",
    source_directory="src",
)
report = PythonScriptStep(
    "report.py", arguments=[model.as_input("model"), model.read_delimited_files().keep_columns(["a"])]
)
report.run_after(train)

pipeline = Pipeline(workspace=ws, steps=[prepare, [train, report]], description="iris")
pipeline.validate()
Pipeline(ws, StepSequence(steps=[prepare, train]), default_datastore=store, default_source_directory="src")

experiment = Experiment(workspace=ws, name="iris")
run = experiment.submit(
    pipeline,
    tags={"why": "weekly"},
    pipeline_parameters={"rate": 0.1},
    continue_on_step_failure=False,
    regenerate_outputs=True,
)
run.wait_for_completion(show_output=True)
of_the_pipeline: PipelineRun = pipeline.submit("iris", pipeline_parameters={"rate": 1})
for step in run.get_steps():
    print(step.name, step.get_status(), step.get_details()["status"], step.get_metrics())
    for name, output in step.get_outputs().items():
        print(name, output.get_port_data_reference().path_on_datastore)
train_run = run.find_step_run("train")[0]
train_run.get_output_data("prepared").download(local_path=".")
print(train_run.get_stdout_log(), train_run.get_output("prepared"))
print(run.get_pipeline_output("prepared"), run.experiment.name, run.id)
