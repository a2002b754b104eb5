"""Configuration objects in programs as v1's users write them: built, saved, loaded, registered, and run with."""

from __future__ import annotations

from tests.acceptance.pages import Project

IMPORTS = """
import os, shutil
from azureml.core import Environment, Experiment, RunConfiguration, ScriptRunConfig, Workspace
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.runconfig import DEFAULT_CPU_IMAGE, DockerConfiguration, MpiConfiguration
from azureml.exceptions import UserErrorException
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()


def run(name, run_config, **options):
    step = PythonScriptStep("show.py", name=name, source_directory="show", compute_target="local",
                            runconfig=run_config, **options)
    submitted = Experiment(ws, "configuration").submit(Pipeline(ws, steps=[step]))
    submitted.wait_for_completion(show_output=True)
    return submitted
"""
SHOW = """
import os, sys
print("SHOWN", os.environ.get("GREETING"), "EXAMPLE_ENV_VAR" in os.environ, sys.argv[1:])
"""


def test_both_ways_to_ask_for_docker_and_old_pins(project: Project) -> None:
    project.write("show/show.py", SHOW)
    text = """
# As in 2019.
run_config = RunConfiguration()
run_config.target = "local"
run_config.environment.docker.enabled = True
run_config.environment.docker.base_image = DEFAULT_CPU_IMAGE
run_config.environment.python.user_managed_dependencies = False
run_config.environment.python.conda_dependencies = CondaDependencies.create(
    conda_packages=["pandas", "numpy<1.24"], pip_packages=["azureml-sdk", "tensorflow==1.13.1"],
    python_version="3.6.2", pin_sdk_version=False)
run_config.environment.environment_variables = {"GREETING": "old"}
run("old", run_config)

# As in 2021.
env = Environment(name="newer")
deps = CondaDependencies()
deps.add_channel("conda-forge")
deps.add_conda_package("scikit-learn==0.20.3")
deps.add_pip_package("azureml-dataprep[pandas,fuse]")
env.python.conda_dependencies = deps
newer = RunConfiguration(conda_dependencies=deps)
newer.environment = env
newer.docker = DockerConfiguration(use_docker=True)
newer.docker.shm_size = "4g"
newer.environment_variables = {"GREETING": "new"}
run("new", newer, arguments=["--a", "b c"])
"""
    printed = project.run("docker.py", IMPORTS + text)
    assert "SHOWN old False []" in printed
    assert "SHOWN new False ['--a', 'b c']" in printed
    assert "tensorflow" in printed  # what the step's Python lacks is told


def test_a_run_configuration_that_lies_in_the_project(project: Project) -> None:
    project.write("show/show.py", SHOW)
    project.write(
        ".azureml/train.runconfig",
        """\
        # The script to run.
        script: show.py
        # The arguments to the script file.
        arguments: []
        target: local
        framework: Python
        communicator: None
        autoPrepareEnvironment: true
        nodeCount: 1
        environment:
        # Environment variables set for the run.
          environmentVariables:
            GREETING: from a file
          python:
            userManagedDependencies: false
            interpreterPath: python
            condaDependenciesFile: .azureml/train_conda.yml
          docker:
            enabled: true
            baseImage: mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04
        history:
          outputCollection: true
          directoriesToWatch:
          - logs
        """,
    )
    project.write(".azureml/train_conda.yml", "dependencies:\n  - python=3.6.2\n  - pip: [numpy]\n")
    text = """
run_config = RunConfiguration.load(path=".", name="train")
assert list(run_config.environment.python.conda_dependencies.pip_packages) == ["numpy"]
run("loaded", run_config)

run_config.environment_variables["GREETING"] = "changed"
run_config.save(path=".", name="changed")
assert os.path.exists(".azureml/changed") and os.path.exists(".azureml/conda_dependencies.yml")
run("saved", RunConfiguration.load(".", "changed"))
RunConfiguration.delete(".", "changed")
try:
    RunConfiguration.load(".", "changed")
except Exception as error:
    print("REFUSED", type(error).__name__, error.message)
"""
    printed = project.run("loading.py", IMPORTS + text)
    assert "SHOWN from a file False []" in printed
    assert "SHOWN changed False []" in printed
    assert "REFUSED RunConfigurationException there is no run configuration 'changed'" in printed


def test_environments_of_a_workspace(project: Project) -> None:
    project.write("show/show.py", SHOW)
    project.write("conda.yml", "name: x\ndependencies:\n  - python=3.8\n  - pip:\n    - numpy==1.16\n")
    text = """
env = Environment.from_conda_specification(name="shared", file_path="conda.yml")
env.environment_variables = {"GREETING": "registered"}
first = env.register(workspace=ws)
assert env.register(ws).version == first.version == "1"
assert Environment.get(ws, "shared").register(ws).version == "1"
env.python.conda_dependencies.add_pip_package("scipy")
assert env.register(workspace=ws).version == "2"
assert list(Environment.get(ws, "shared", version="1").python.conda_dependencies.pip_packages) == ["numpy==1.16"]
assert "shared" in ws.environments and "shared" in Environment.list(workspace=ws)

shutil.rmtree("as_folder", ignore_errors=True)
Environment.get(ws, name="shared").save_to_directory("as_folder")
loaded = Environment.load_from_directory(path="as_folder")
assert sorted(os.listdir("as_folder")) == ["azureml_environment.json", "conda_dependencies.yml"]
run_config = RunConfiguration()
run_config.environment = loaded
run("shared", run_config)

mine = Environment.get(ws, "AzureML-Minimal").clone("mine")
mine.python.conda_dependencies = CondaDependencies.create(pip_packages=["pip"])
mine.register(ws)
print("NAMES", sorted(Environment.list(ws)))
try:
    Environment.get(ws, "nowhere")
except UserErrorException as error:
    print("REFUSED", error.message)
try:
    env.build(ws)
except NotImplementedError as error:
    print("REFUSED", error)
"""
    printed = project.run("environments.py", IMPORTS + text)
    assert "SHOWN registered False []" in printed
    assert "NAMES ['mine', 'shared']" in printed
    assert "REFUSED Environment 'nowhere' does not exist" in printed
    assert "REFUSED azud does not have Environment.build yet" in printed


def test_a_wheel_of_ones_own_and_a_dockerfile(project: Project) -> None:
    project.write("show/show.py", SHOW)
    project.write("Dockerfile", "FROM mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04\nRUN pip install x\n")
    project.write("wheels/own-0.1-py3-none-any.whl", "not read by anybody here")
    text = """
url = Environment.add_private_pip_wheel(workspace=ws, file_path="wheels/own-0.1-py3-none-any.whl", exist_ok=True)
env = Environment.from_dockerfile(name="built", dockerfile="./Dockerfile")
assert env.docker.base_image is None and env.docker.base_dockerfile.startswith("FROM mcr")
env.python.conda_dependencies.add_pip_package(url)
env.python.user_managed_dependencies = False
run_config = RunConfiguration()
run_config.environment = env.register(ws)
assert run_config.environment.docker.base_dockerfile == env.docker.base_dockerfile
run("wheel", run_config)
"""
    printed = project.run("wheels.py", IMPORTS + text)
    assert "SHOWN None False []" in printed
    assert "own==0.1 is not installed" in printed


def test_descriptions_of_what_is_still_to_come(project: Project) -> None:
    """Notebooks build such objects in cells that others do not use: nothing of that fails."""
    project.write("show/show.py", SHOW)
    text = """
from azureml.core.databricks import PyPiLibrary
from azureml.core.environment import RCranPackage, RSection
from azureml.train.dnn import PyTorch, TensorFlow
from azureml.train.estimator import Estimator
from azureml.train.hyperdrive import (BanditPolicy, HyperDriveConfig, PrimaryMetricGoal, RandomParameterSampling,
                                      choice, loguniform)
from azureml.train.sklearn import SKLearn

estimator = Estimator(source_directory="show", compute_target="local", entry_script="show.py",
                      conda_packages=["scikit-learn"], environment_variables={"GREETING": "estimated"})
run("estimator", estimator.run_config)
PyTorch(source_directory="show", entry_script="show.py", framework_version="1.4", compute_target="local", use_gpu=True)

src = ScriptRunConfig(source_directory="show", script="show.py", arguments=["--lr", 0.1], compute_target="local",
                      environment=Environment.get(ws, "AzureML-Minimal"),
                      distributed_job_config=MpiConfiguration(node_count=2))
assert (src.run_config.communicator, src.run_config.node_count) == ("IntelMpi", 2)
sampling = RandomParameterSampling({"--lr": loguniform(-6, -1), "--b": choice(1, 2)})
sweep = HyperDriveConfig(run_config=src, policy=BanditPolicy(evaluation_interval=2, slack_factor=0.1),
                         hyperparameter_sampling=sampling,
                         primary_metric_name="accuracy", primary_metric_goal=PrimaryMetricGoal.MAXIMIZE,
                         max_total_runs=4, max_concurrent_runs=2)
try:
    Experiment(ws, "sweep").submit(sweep)
except NotImplementedError as error:
    print("REFUSED", error)

rsection = RSection()
package = RCranPackage()
package.name = "ggplot2"
rsection.cran_packages = [package]
env = Environment("r")
env.r = rsection
env.databricks.pypi_libraries.append(PyPiLibrary("mlflow"))
assert env.register(ws).r.cran_packages[0].name == "ggplot2"
"""
    printed = project.run("described.py", IMPORTS + text)
    assert "SHOWN estimated False []" in printed
    assert "REFUSED azud cannot submit a HyperDriveConfig yet" in printed
