"""Run configurations, environments and conda specifications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.environment import asked_packages
from azud.sdk.conda import CondaDependencies
from azud.sdk.environment import Environment, is_default
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.runconfig import DockerConfiguration, RunConfiguration, settings_of
from azud.sdk.script_run_config import ScriptRunConfig


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
    with pytest.raises(NotYetError, match=r"RunConfiguration\.load"):
        RunConfiguration.load(".")
    config = RunConfiguration()
    config.data = {"x": 1}
    with pytest.raises(ValueError, match=r"RunConfiguration\.data"):
        settings_of(config, "step")


def test_script_run_config(capsys: pytest.CaptureFixture[str]) -> None:
    config = RunConfiguration()
    assert ScriptRunConfig(".", run_config=config, compute_target="x").run_config is config
    assert "ignored" in capsys.readouterr().err
    assert ScriptRunConfig(".", compute_target="x").run_config.target == "x"


# Environments


def test_getting_environments(workspace: FakeWorkspace) -> None:
    curated = Environment.get(workspace, "AzureML-Tutorial")  # type: ignore[arg-type]
    assert asked_packages(curated._to_json()) == {}
    with pytest.raises(UserErrorException, match="does not exist"):
        Environment.get(workspace, "mine")  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="not both"):
        Environment.get(workspace, "mine", version="1", label="latest")  # type: ignore[arg-type]


def test_registering_an_environment(workspace: FakeWorkspace) -> None:
    kept: dict[str, Any] = {}

    def put(body: dict[str, Any]) -> dict[str, Any]:
        kept.update(body, version="1")
        return kept

    workspace._api.replies["PUT /environments/mine"] = put
    environment = Environment("mine")
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["x==1"])
    environment.docker.base_image = "image"
    environment.environment_variables = {"A": "b"}
    registered = environment.register(workspace)  # type: ignore[arg-type]
    assert registered.version == "1"
    assert registered._to_json() | {"version": None} == environment._to_json()
    workspace._api.answers["/environments/mine"] = kept
    assert Environment.get(workspace, "mine").docker.base_image == "image"  # type: ignore[arg-type]
    clone = registered.clone("other")
    assert (clone.name, clone.version, registered.name) == ("other", None, "mine")


def test_images_and_dockerfiles_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x")
    environment = Environment.from_dockerfile("e", str(tmp_path / "Dockerfile"))
    assert (environment.docker.base_dockerfile, environment.docker.base_image) == ("FROM x", None)
    assert environment.python.user_managed_dependencies
    environment.docker.base_image = "y"
    assert environment.docker.base_dockerfile is None
    assert Environment.from_docker_image("e", "z").docker.base_image == "z"


def test_environments_of_files(tmp_path: Path) -> None:
    conda = tmp_path / "env.yml"
    conda.write_text("name: x\nchannels:\n- conda-forge\ndependencies:\n- python=3.9\n- numpy\n- pip:\n  - a==1\n")
    packages = asked_packages(Environment.from_conda_specification("e", str(conda))._to_json())
    assert packages == {"numpy": "", "a": "==1"}
    pip = tmp_path / "requirements.txt"
    pip.write_text("# comment\nb>=2  # why\n\nc\n")
    assert asked_packages(Environment.from_pip_requirements("e", str(pip))._to_json()) == {"b": ">=2", "c": ""}
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(UserErrorException, match="cannot be read"):
            Environment.from_conda_specification("e", str(path))


# Conda


def test_conda_dependencies() -> None:
    default = CondaDependencies()
    assert list(default.conda_packages) == ["python=3.8.13"]
    assert list(default.pip_packages) == ["azureml-defaults"]
    assert list(default.conda_channels) == ["anaconda", "conda-forge"]
    made = CondaDependencies.create(pip_packages=["a"], conda_packages=["numpy"], pip_indexurl="http://x")
    assert made.get_python_version() == "3.10.18"
    assert list(made.pip_packages) == ["a"]
    assert list(made.pip_options) == ["--index-url http://x"]
    made.add_pip_package("A==2")
    made.add_conda_package("numpy==1")
    assert list(made.pip_packages) == ["A==2"]
    assert list(made.conda_packages) == ["python=3.10.18", "numpy", "numpy==1"]
    made.remove_conda_package("numpy")
    made.remove_pip_package("a")
    made.set_python_version("3.9")
    made.add_channel("c")
    made.remove_channel("anaconda")
    assert list(made.conda_packages) == ["python=3.9"]
    assert list(made.pip_packages) == []
    assert list(made.conda_channels) == ["conda-forge", "c"]
    assert CondaDependencies.merge_requirements(["a>1", "b", "a<2"]) == ["a>1,<2", "b"]


def test_conda_files_are_written_and_read(tmp_path: Path) -> None:
    made = CondaDependencies.create(pip_packages=["a[x]==1", "--pre"], conda_packages=["defaults::numpy"])
    path = made.save(str(tmp_path / "c.yml"))
    assert CondaDependencies(path).as_dict() == made.as_dict()
    assert made.save_to_file(str(tmp_path)) == "conda_dependencies.yml"
    assert (tmp_path / "conda_dependencies.yml").read_text() == made.serialize_to_string()
