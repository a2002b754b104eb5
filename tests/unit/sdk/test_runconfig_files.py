"""Run configurations in files: those that v1 wrote, and our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.environment import asked_packages
from azud.sdk import yaml
from azud.sdk.datapath import DataReference
from azud.sdk.exceptions import RunConfigurationException, UserErrorException
from azud.sdk.runconfig import RunConfiguration, settings_of

THEIRS = """\
# The script to run.
script: train.py
# The arguments to the script file.
arguments:
- --rate
- 0.10
# The name of the compute target to use for this run.
target: cpu-cluster
# Framework to execute inside. Allowed values are "Python",  "PySpark", "CNTK",  "TensorFlow", and "PyTorch".
framework: Python
# Communicator for the given framework. Allowed values are "None",  "ParameterServer", "OpenMpi", and "IntelMpi".
communicator: IntelMpi
# Automatically prepare the run environment as part of the run itself.
autoPrepareEnvironment: true
# Maximum allowed duration for the run.
maxRunDurationSeconds: 3600
# Number of nodes to use for running job.
nodeCount: 2
# Environment details.
environment:
# Environment name
  name: mine
# Environment version
  version:
# Environment variables set for the run.
  environmentVariables:
    EXAMPLE_ENV_VAR: EXAMPLE_VALUE
    threads_perNode: 04
# Python details
  python:
    userManagedDependencies: false
    interpreterPath: python
# Path to the conda dependencies file to use for this run. If a project
# contains multiple programs with different sets of dependencies, it may be
# convenient to manage those environments with separate files.
    condaDependenciesFile: .azureml/conda_dependencies.yml
    baseCondaEnvironment:
# Docker details
  docker:
    enabled: true
    baseImage: mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04
    baseDockerfile:
    sharedVolumes: true
    shmSize: 2g
    arguments: []
    baseImageRegistry:
      address:
      username:
      password:
# Spark details
  spark:
    repositories:
    - https://example.org/maven
    packages:
    - group: com.microsoft.ml.spark
      artifact: mmlspark_2.11
      version: '0.12'
    precachePackages: true
# History details.
history:
  outputCollection: true
  snapshotProject: true
  directoriesToWatch:
  - logs
# Spark configuration details.
spark:
  configuration:
    spark.app.name: Azure ML Experiment
    spark.yarn.maxAppAttempts: 1
# HDI details.
hdi:
  yarnDeployMode: cluster
# Mpi details.
mpi:
  processCountPerNode: 4
dataReferences:
  my_input:
    dataStoreName: workspaceblobstore
    pathOnDataStore: some/path
    mode: mount
    overwrite: false
    pathOnCompute:
# AmlCompute details.
amlcompute:
  vmSize: STANDARD_D2_V2
  vmPriority:
  retainCluster: false
  name:
  clusterMaxNodeCount: 2
somethingNewer:
  maxDepth: 3
"""
CONDA = "# packages\nname: project_environment\ndependencies:\n  - python=3.6.2\n  - pip:\n    - tensorflow==1.13.1\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a run configuration that v1 wrote."""
    folder = tmp_path / "project"
    (folder / ".azureml").mkdir(parents=True)
    (folder / ".azureml" / "train.runconfig").write_text(THEIRS)
    (folder / ".azureml" / "conda_dependencies.yml").write_text(CONDA)
    return folder


def test_a_file_that_v1_wrote(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = RunConfiguration.load(str(project), "train")
    assert (config.script, config.arguments, config.target) == ("train.py", ["--rate", "0.10"], "cpu-cluster")
    assert (config.communicator, config.node_count, config.max_run_duration_seconds) == ("IntelMpi", 2, 3600)
    assert config.mpi.process_count_per_node == 4
    assert config.environment.environment_variables["threads_perNode"] == "04"
    assert config.environment.docker.enabled is True
    assert config.environment.spark.packages[0].version == "0.12"
    assert config.spark.configuration == {"spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": 1}
    assert config.data_references["my_input"].path_on_data_store == "some/path"
    assert (config.amlcompute.vm_size, config.amlcompute._cluster_max_node_count) == ("STANDARD_D2_V2", 2)
    assert config.tensorflow.worker_count == 1  # not in the file
    told = capsys.readouterr().err
    assert "somethingNewer" in told
    assert "autoPrepareEnvironment" not in told
    config.data_references = {}
    settings = settings_of(config, "step")
    assert (settings.process_count_per_node, settings.environment_variables) == (4, {"threads_perNode": "04"})
    assert asked_packages(settings.environment.definition) == {"tensorflow": "==1.13.1"}


def test_what_was_read_is_written_again(project: Path) -> None:
    config = RunConfiguration.load(str(project), "train")
    config.save()  # where it came from
    text = (project / ".azureml" / "train.runconfig").read_text()
    again = RunConfiguration.load(str(project), "train.runconfig")
    assert again._to_json() == config._to_json()
    written, before = yaml.resolved(yaml.load(text)), yaml.resolved(yaml.load(THEIRS))
    assert written["somethingNewer"] == {"maxDepth": 3}
    before["arguments"][1], before["environment"]["environmentVariables"]["threads_perNode"] = "0.10", "04"
    del before["autoPrepareEnvironment"]  # a switch that nothing follows any more
    assert_within(before, written)


def assert_within(part: Any, whole: Any) -> None:
    """Everything in `part` stands in `whole` under the same keys."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole
            assert_within(value, whole[key])
    else:
        assert part == whole


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", ["mine", "mine.runconfig", "mine.json"])
def test_files_of_ones_own(tmp_path: Path, name: str, apart: bool) -> None:
    config = RunConfiguration("a.py", ["--a", "b c"])
    config.environment.python.conda_dependencies.add_pip_package("torch==1.4")
    config.environment_variables = {"MY_key": "v"}
    config.save(str(tmp_path), name, separate_environment_yaml=apart)
    files = {path.name for path in (tmp_path / ".azureml").iterdir()}
    assert files == {name, "conda_dependencies.yml"} | ({"environment.yml"} if apart else set())
    assert RunConfiguration.load(str(tmp_path), "mine" if name == "mine.runconfig" else name)._to_json() == (
        config._to_json()
    )
    assert RunConfiguration.load(str(tmp_path / ".azureml" / name))._to_json() == config._to_json()
    RunConfiguration.delete(str(tmp_path), name)
    with pytest.raises(RunConfigurationException, match="mine"):
        RunConfiguration.load(str(tmp_path), name)
    with pytest.raises(RunConfigurationException, match="mine"):
        RunConfiguration.delete(str(tmp_path), name)


def test_a_file_in_the_project_itself_or_its_older_folder(tmp_path: Path) -> None:
    (tmp_path / "a.runconfig").write_text("target: here\n")
    assert RunConfiguration.load(str(tmp_path), "a").target == "here"
    (tmp_path / "aml_config").mkdir()
    (tmp_path / "aml_config" / "a").write_text("target: older\n")
    assert RunConfiguration.load(str(tmp_path), "a").target == "older"


def test_settings_of_other_types_are_kept(tmp_path: Path) -> None:
    config = RunConfiguration()
    config.node_count = "4"  # type: ignore[assignment]
    config.target = None
    config.mpi = None
    config.environment.python.conda_dependencies = None
    config.save(str(tmp_path), "a")
    found = RunConfiguration.load(str(tmp_path), "a")
    assert (found.node_count, found.target, found.mpi) == (4, None, None)
    assert found.environment.python.conda_dependencies is None


def test_data_references_of_a_program(workspace: FakeWorkspace, tmp_path: Path) -> None:
    config = RunConfiguration()
    reference = DataReference(workspace.store, "in", "a/b", mode="download")
    config.data_references = {"by_config": reference.to_config(), "itself": reference}
    config.save(str(tmp_path), "a")
    found = RunConfiguration.load(str(tmp_path), "a").data_references
    assert {item.path_on_data_store for item in found.values()} == {"a/b"}


def test_what_has_no_form_in_a_file_is_named(tmp_path: Path) -> None:
    config = RunConfiguration(arguments=["--a", object()])
    with pytest.raises(UserErrorException, match=r"RunConfiguration\.arguments\[1\]"):
        config.save(str(tmp_path), "a")
    with pytest.raises(UserErrorException, match="name"):
        RunConfiguration().save(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no fields"),
        ("- a", "no fields"),
        ("environment: &a x", "line 1"),
        ("environment: missing.yml", r"missing\.yml"),
        ("environment: [1]", "environment holds"),
        ("mpi: 3", "mpi holds"),
        ("environment: {python: {condaDependenciesFile: none.yml}}", r"none\.yml"),
        ("{", "bracket"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.runconfig").write_text(text)
    with pytest.raises(RunConfigurationException, match=message):
        RunConfiguration.load(str(tmp_path), "a")


def test_the_files_are_json_to_whom_asks_for_it(tmp_path: Path) -> None:
    RunConfiguration().save(str(tmp_path), "a.json")
    content = json.loads((tmp_path / ".azureml" / "a.json").read_text())
    assert content["nodeCount"] == 1
    assert content["applicationEndpoints"] == {}
    assert content["environment"]["python"]["condaDependenciesFile"] == ".azureml/conda_dependencies.yml"
