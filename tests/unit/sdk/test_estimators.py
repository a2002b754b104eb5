"""v1's estimators: the run configurations that they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.environment import asked_packages, differences
from azud.sdk.conda import CondaDependencies
from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.datapath import DataReference
from azud.sdk.environment import Environment
from azud.sdk.estimators.base import MMLBaseEstimator, MMLBaseEstimatorRunConfig
from azud.sdk.estimators.distributed import Gloo, Mpi, Nccl, ParameterServer
from azud.sdk.estimators.estimator import Estimator
from azud.sdk.estimators.frameworks import Chainer, PyTorch, SKLearn, TensorFlow
from azud.sdk.exceptions import TrainingException, UserErrorException
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.runconfig import DEFAULT_GPU_IMAGE


def test_an_estimator_of_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    made = Estimator(
        source_directory="src",
        compute_target="cpu-cluster",
        entry_script="train.py",
        script_params={"--rate": 0.1, "--verbose": "", "--zero": 0},
        conda_packages=["scikit-learn"],
        pip_packages=["requests==2"],
        environment_variables={"A": "1"},
        shm_size="4g",
        max_run_duration_seconds=60,
    )
    config = made.run_config
    assert (made.source_directory, config.script, config.target) == ("src", "train.py", "cpu-cluster")
    assert config.arguments == ["--rate", 0.1, "--verbose", "--zero", 0]
    assert (config.framework, config.communicator, config.node_count) == ("Python", "None", 1)
    assert list(made.conda_dependencies.pip_packages) == ["azureml-defaults", "requests==2"]
    assert asked_packages(config.environment._to_json()) == {"scikit-learn": "", "requests": "==2"}
    assert config.environment.environment_variables == {"A": "1"}
    assert (config.docker.use_docker, config.environment.docker.enabled, config.docker.shm_size) == (True, True, "4g")
    assert config.max_run_duration_seconds == 60
    assert "ScriptRunConfig" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "options", "communicator", "framework"),
    [
        (Estimator, {"node_count": 2}, "IntelMpi", "Python"),
        (Estimator, {"process_count_per_node": "4"}, "IntelMpi", "Python"),
        (Estimator, {"distributed_training": Mpi(2)}, "IntelMpi", "Python"),
        (Estimator, {"distributed_backend": "mpi", "process_count_per_node": 2}, "IntelMpi", "Python"),
        (PyTorch, {"distributed_training": Gloo(), "node_count": 2}, "Gloo", "PyTorch"),
        (PyTorch, {"distributed_training": Nccl()}, "Nccl", "PyTorch"),
        (PyTorch, {"distributed_backend": "nccl"}, "Nccl", "PyTorch"),
        (TensorFlow, {"distributed_training": ParameterServer(3, 2)}, "ParameterServer", "TensorFlow"),
        (TensorFlow, {"distributed_backend": "ps", "worker_count": 3}, "ParameterServer", "TensorFlow"),
        (Chainer, {"distributed_training": Mpi()}, "IntelMpi", "Python"),
    ],
)
def test_distributed_estimators(kind: Any, options: dict[str, Any], communicator: str, framework: str) -> None:
    config = kind("src", compute_target="c", entry_script="a.py", **options).run_config
    assert (config.communicator, config.framework) == (communicator, framework)
    if communicator == "ParameterServer":
        assert config.tensorflow.worker_count == 3
    if "process_count_per_node" in options:
        assert config.mpi.process_count_per_node == int(options["process_count_per_node"])


@pytest.mark.parametrize(
    ("made", "asked", "version"),
    [
        (PyTorch("src", compute_target="c", entry_script="a.py"), {"torch": "==1.4.*"}, "1.4"),
        (TensorFlow("src", compute_target="c"), {"tensorflow": "==1.13.*"}, "1.13"),
        (TensorFlow("src", framework_version="2.0", pip_packages=["k"]), {"tensorflow": "==2.0.*", "k": ""}, "2.0"),
        (Chainer("src"), {"chainer": "==5.1.0"}, "5.1.0"),
        (SKLearn("src", conda_packages=["pandas"]), {"scikit-learn": "==0.20.3", "pandas": ""}, "0.20.3"),
    ],
)  # fmt: skip
def test_frameworks(made: Any, asked: dict[str, str], version: str) -> None:
    assert asked_packages(made.run_config.environment._to_json()) == asked
    assert made.framework_version == version
    assert made.DEFAULT_VERSION in made.get_supported_versions()


def test_a_version_without_its_last_part_stands_for_all() -> None:
    definition = TensorFlow("src").run_config.environment._to_json()
    assert differences(definition, {"tensorflow": "1.13.1"}) == []
    assert differences(definition, {"tensorflow": "1.13"}) == []
    assert differences(definition, {"tensorflow": "1.130.1"}) == ["tensorflow is 1.130.1, asked for 1.13.*"]


def test_machines_and_images() -> None:
    registry = ContainerRegistry()
    made = Estimator("src", vm_size="STANDARD_D2", vm_priority="lowpriority", custom_docker_image="mine",
                     image_registry_details=registry, user_managed=True, use_docker=False)  # fmt: skip
    config = made.run_config
    assert (config.target, config.amlcompute.vm_size, config.amlcompute.vm_priority) == (
        "amlcompute", "STANDARD_D2", "lowpriority"
    )  # fmt: skip
    assert config.environment.docker.base_image == "mine"
    assert config.environment.docker.base_image_registry is registry
    assert config.environment.python.user_managed_dependencies
    assert (config.docker.use_docker, config.environment.docker.enabled) == (False, False)
    assert Estimator("src", use_gpu=True).run_config.environment.docker.base_image == DEFAULT_GPU_IMAGE


def test_packages_in_files(tmp_path: Path) -> None:
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.6, numpy, {pip: [a==1, b==1]}]\n")
    (tmp_path / "pip.txt").write_text("--pre\na==2\n")
    made = PyTorch(
        str(tmp_path), conda_dependencies_file="conda.yml", pip_requirements_file="pip.txt", pip_packages=["c"],
        conda_packages=["scipy"],
    )  # fmt: skip
    assert asked_packages(made.run_config.environment._to_json()) == {
        "numpy": "", "scipy": "", "b": "==1", "a": "==2", "torch": "==1.4.*", "c": ""
    }  # fmt: skip
    assert list(made.conda_dependencies.pip_options) == ["--pre"]
    older = Estimator(str(tmp_path), conda_dependencies_file_path=str(tmp_path / "conda.yml"))
    assert asked_packages(older.run_config.environment._to_json()) == {"numpy": "", "a": "==1", "b": "==1"}
    with pytest.raises(UserErrorException, match=r"none\.yml"):
        Estimator(str(tmp_path), conda_dependencies_file="none.yml")


def test_an_environment_of_ones_own() -> None:
    environment = Environment("mine")
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["x"])
    before = environment._to_json()
    made = Estimator("src", environment_definition=environment)
    assert made.run_config.environment is environment
    assert environment._to_json() == before


def test_inputs(workspace: FakeWorkspace) -> None:
    reference = DataReference(workspace.store, "raw", "a/b")
    named = Dataset.File.from_files((workspace.store, "c"), validate=False).as_named_input("files").as_mount()
    config = Estimator("src", inputs=[reference, named]).run_config
    assert config.data_references["raw"].path_on_data_store == "a/b"
    assert config.data == {"files": named}


@pytest.mark.parametrize(
    "options",
    [
        {"script_params": ["--a", 1]},
        {"inputs": ["x"]},
        {"node_count": 0},
        {"node_count": "two"},
        {"distributed_backend": "horovod"},
        {"distributed_training": "mpi"},
        {"distributed_training": Mpi(0)},
        {"distributed_training": Mpi(), "distributed_backend": "mpi"},
        {"custom_docker_image": "a", "custom_docker_base_image": "b"},
        {"pip_requirements_file": "a", "pip_requirements_file_path": "b"},
        {"environment_definition": "AzureML-Minimal"},
        {"environment_definition": Environment("e"), "pip_packages": ["a"]},
        {"environment_definition": Environment("e"), "use_gpu": True},
        {"environment_definition": Environment("e"), "conda_dependencies_file": "a"},
    ],
)
def test_estimators_that_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TrainingException, match=r"\(.+\)"):
        Estimator("src", compute_target="c", **options)


def test_kinds_that_a_framework_does_not_have() -> None:
    with pytest.raises(TrainingException, match="PyTorch"):
        PyTorch("src", distributed_training=ParameterServer())
    with pytest.raises(TrainingException, match="TensorFlow"):
        TensorFlow("src", distributed_backend="gloo")


def test_the_base_of_estimators_is_one_itself() -> None:
    config = MMLBaseEstimatorRunConfig("c", entry_script="a.py", distributed_backend="mpi", process_count_per_node=3)
    made = MMLBaseEstimator("src", compute_target="c", estimator_config=config)
    assert made.run_config is config and config.mpi.process_count_per_node == 3
    assert MMLBaseEstimator(None, compute_target="c").run_config.target == "c"
    assert made.conda_dependencies is config.environment.python.conda_dependencies
