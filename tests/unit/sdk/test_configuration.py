"""Run configurations, script runs, clusters and data in them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.environment import asked_packages
from azud.sdk.conda import CondaDependencies
from azud.sdk.databricks import DatabricksCluster, DatabricksSection
from azud.sdk.dataset import dataset_of_record
from azud.sdk.environment import Environment, is_default
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.resource_configuration import ResourceConfiguration
from azud.sdk.runconfig import (
    Data,
    DatacacheConfiguration,
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    RunConfiguration,
    TensorflowConfiguration,
    settings_of,
)
from azud.sdk.script_run_config import ScriptRunConfig, get_run_config_from_script_run


def test_defaults() -> None:
    config = RunConfiguration()
    assert (config.target, config.framework, config.communicator, config.node_count) == ("local", "Python", "None", 1)
    assert config.history.directories_to_watch == ["logs"]
    assert config.environment.name == "default-environment"
    assert is_default(config.environment)
    assert (config.docker.use_docker, config.docker.shm_size) == (False, "2g")
    assert config.environment_variables == {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}


@pytest.mark.parametrize(
    "section", [RunConfiguration(), Environment("e"), Environment("e").python, DockerConfiguration()]
)
def test_a_misspelt_setting_is_an_error(section: Any) -> None:
    with pytest.raises(AttributeError, match="traget"):
        section.traget = 1
    with pytest.raises(AttributeError):
        _ = section.traget


def test_settings_that_are_submitted() -> None:
    config = RunConfiguration(framework="Python", communicator="OpenMpi")
    config.mpi.process_count_per_node = 4
    config.environment.python.conda_dependencies = CondaDependencies.create(
        conda_packages=["pandas", "scikit-learn==1.0"],
        pip_packages=["azureml-sdk", "requests>=2"],
        pin_sdk_version=False,
    )
    settings = settings_of(config, "step")
    assert (settings.communicator, settings.process_count_per_node) == ("OpenMpi", 4)
    assert asked_packages(settings.environment.definition) == {
        "pandas": "",
        "scikit-learn": "==1.0",
        "requests": ">=2",
    }
    config.environment.python.user_managed_dependencies = True
    assert asked_packages(settings_of(config, "step").environment.definition) == {}
    config.framework = "PySpark"
    with pytest.raises(ValueError, match="PySpark"):
        settings_of(config, "step")


def test_what_is_not_there_yet_is_named() -> None:
    with pytest.raises(NotYetError, match=r"Environment\.build"):
        Environment("e").build(None)
    config = RunConfiguration()
    config.data = {"x": 1}
    with pytest.raises(ValueError, match=r"RunConfiguration\.data"):
        settings_of(config, "step")


def test_script_run_config(capsys: pytest.CaptureFixture[str]) -> None:
    config = RunConfiguration()
    assert ScriptRunConfig(".", run_config=config, compute_target="x").run_config is config
    assert "ignored" in capsys.readouterr().err
    assert ScriptRunConfig(".", compute_target="x").run_config.target == "x"


@pytest.mark.parametrize(("value", "count"), [("2", 2), (None, 1), (3, 3)])
def test_counts_of_nodes(value: Any, count: int) -> None:
    config = RunConfiguration()
    config.node_count = value
    assert settings_of(config, "step").node_count == count
    for wrong in ("two", 0, -1, 1.5, ""):
        config.node_count = wrong  # type: ignore[assignment]
        with pytest.raises(ValueError, match="step 'step': node_count is"):
            settings_of(config, "step")


def test_one_process_of_a_distributed_step_runs_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    settings_of(ScriptRunConfig(".", "a.py", distributed_job_config=PyTorchConfiguration()).run_config, "step")
    assert "asks for Nccl: azud runs one process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("job", "framework", "communicator", "nodes"),
    [
        (MpiConfiguration(4, 2), "Python", "IntelMpi", 2),
        (PyTorchConfiguration(node_count=3), "PyTorch", "Nccl", 3),
        (PyTorchConfiguration("Gloo", 4, 2), "PyTorch", "Gloo", 2),
        (TensorflowConfiguration(3, 1), "TensorFlow", "ParameterServer", 3),
        (TensorflowConfiguration(2, 0), "TensorFlow", "ParameterServer", 2),
    ],
)
def test_distributed_jobs(job: Any, framework: str, communicator: str, nodes: int) -> None:
    config = ScriptRunConfig(".", "a.py", distributed_job_config=job).run_config
    assert (config.framework, config.communicator, config.node_count) == (framework, communicator, nodes)
    assert job in (config.mpi, config.pytorch, config.tensorflow)


def test_a_script_run_takes_what_its_run_configuration_has(capsys: pytest.CaptureFixture[str]) -> None:
    config = RunConfiguration("a.py", ["--x", 1])
    run = ScriptRunConfig("src", run_config=config)
    assert (run.script, run.command, run.arguments) == ("a.py", None, ["--x", 1])
    assert capsys.readouterr().err == ""
    other = ScriptRunConfig("src", command=["echo", "x"], run_config=config, arguments=[], max_run_duration_seconds=5)
    assert (other.script, other.command, other.arguments) == (None, ["echo", "x"], [])
    assert "max_run_duration_seconds are ignored" in capsys.readouterr().err
    assert config.max_run_duration_seconds is None
    found = get_run_config_from_script_run(other)
    assert (found.command, config.command, found.script, found.environment) == (
        ["echo", "x"], None, None, config.environment
    )  # fmt: skip
    assert ScriptRunConfig("src", "a.py").run_config.max_run_duration_seconds == 2592000


@pytest.mark.parametrize(
    "options",
    [
        {"script": "a.py", "command": "b"},
        {"arguments": "--a 1"},
        {"run_config": {}},
        {"environment": "AzureML-Minimal"},
        {"docker_runtime_config": True},
        {"distributed_job_config": "mpi"},
        {"distributed_job_config": PyTorchConfiguration("nccl")},
    ],
)
def test_script_runs_that_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\(.+\)"):
        ScriptRunConfig(".", **options)
    if "arguments" in options:
        with pytest.raises(UserErrorException, match="list"):
            RunConfiguration(**options)


def test_variables_of_a_run_come_after_those_of_its_environment() -> None:
    config = RunConfiguration()
    config.environment_variables["A"] = "1"
    assert config.environment.environment_variables["A"] == "1"
    config.environment_variables = {"A": 2, "B": "3"}  # type: ignore[dict-item]
    config.environment = Environment("other")
    config.environment.environment_variables = {"A": "x", "C": None}  # type: ignore[dict-item]
    assert settings_of(config, "step").environment_variables == {"A": "2", "B": "3", "C": ""}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"existing_cluster_id": "c", "num_workers": 1},
        {"existing_cluster_id": "c", "spark_conf": {}},
        {"num_workers": 1, "min_workers": 1},
        {"min_workers": 1},
        {"num_workers": 1, "permit_cluster_restart": True},
    ],
)
def test_clusters_that_are_none(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="DatabricksCluster"):
        DatabricksCluster(**settings).validate()


def test_clusters() -> None:
    DatabricksCluster(existing_cluster_id="c", permit_cluster_restart=True).validate()
    DatabricksCluster(spark_version="10.4", num_workers=2).validate()
    DatabricksCluster(min_workers=0, max_workers=2).validate()
    section = DatabricksSection()
    section.cluster = DatabricksCluster("c")
    with pytest.raises(ValueError, match="cluster"):
        section.cluster = "c"  # type: ignore[assignment]


def test_resources() -> None:
    made = ResourceConfiguration(1.5, 2, 1)
    found = ResourceConfiguration.deserialize(made.serialize())
    assert found is not None and vars(found) == vars(made)
    assert ResourceConfiguration.deserialize(None) is None


def test_data_of_a_run_configuration(workspace: FakeWorkspace) -> None:
    dataset = dataset_of_record(
        workspace,  # type: ignore[arg-type]
        {"id": "d1", "name": "n", "version": 2, "definition": {"type": "file", "locations": []}},
    )
    data = Data.create(dataset.as_named_input("x").as_mount("/in"))
    assert data._to_json() == {
        "dataLocation": {"dataset": {"id": "d1", "name": "n", "version": "2"}, "dataPath": None, "uri": None},
        "createOutputDirectories": None,
        "mechanism": "mount",
        "environmentVariableName": "x",
        "pathOnCompute": "/in",
        "overwrite": False,
        "options": None,
    }
    assert Data.create(data) is data
    cache = DatacacheConfiguration.create(dataset.as_named_input("x"))
    assert cache.dataset_id == "d1" and DatacacheConfiguration.create(cache) is cache
    with pytest.raises(UserErrorException, match="as_named_input"):
        Data.create(dataset)
