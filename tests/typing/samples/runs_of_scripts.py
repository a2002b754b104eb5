"""Scripts that are submitted by themselves, with their configurations."""

from __future__ import annotations

from azureml.core import Environment, Experiment, Run, RunConfiguration, ScriptRun, ScriptRunConfig, Workspace
from azureml.core.environment import CondaDependencies
from azureml.core.runconfig import DockerConfiguration, MpiConfiguration, PyTorchConfiguration
from azureml.widgets import RunDetails

ws = Workspace.get(name="mine", subscription_id="s", resource_group="r")
environment = Environment("train")
environment.python.conda_dependencies = CondaDependencies(conda_dependencies_file_path="conda.yml")
environment.python.conda_dependencies.add_pip_package("lightgbm")
environment.environment_variables["A"] = "b"
environment.docker.base_image = None
environment.register(workspace=ws)
same = Environment.get(ws, "train", version="1").clone("other")

configuration = RunConfiguration(script="train.py", framework="Python")
configuration.environment_variables = {"A": "1"}
configuration.docker = DockerConfiguration(use_docker=True)
configuration.save(path=".", name="train")
loaded = RunConfiguration.load(path=".", name="train")
loaded.arguments = ["--rate", 0.1]

config = ScriptRunConfig(
    source_directory="src",
    script="train.py",
    arguments=["--rate", 0.1],
    compute_target="local",
    environment=environment,
    docker_runtime_config=DockerConfiguration(use_docker=False),
)
config.run_config.target = "local"
distributed = ScriptRunConfig(
    "src",
    command=["python", "train.py"],
    distributed_job_config=MpiConfiguration(process_count_per_node=1, node_count=2),
)
ScriptRunConfig("src", script="train.py", distributed_job_config=PyTorchConfiguration(process_count=2))

experiment = Experiment(ws, "scripts")
run = experiment.submit(config, tags={"a": "b"})
details = run.wait_for_completion(show_output=True, raise_on_error=False)
print(details["status"], run.get_metrics(), run.get_file_names(), run.get_environment().name)
run.download_file("outputs/model.pkl", output_file_path="model.pkl")
run.download_files(prefix="outputs", output_directory=".")
run.register_model("iris", model_path="outputs/model.pkl", model_framework="ScikitLearn")
RunDetails(run).show()


def best(runs: list[Run]) -> Run:
    """Return the run with the least loss."""
    return min(runs, key=lambda run: float(run.get_metrics()["loss"]))


def submitted(of: Experiment) -> list[ScriptRun]:
    """Return what a loop submits."""
    return [of.submit(ScriptRunConfig("src", "train.py", ["--rate", rate])) for rate in (0.1, 0.2)]


print(best([*submitted(experiment), *experiment.get_runs(tags={"a": "b"}), ws.get_run("id")]).id)
