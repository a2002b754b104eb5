"""Environments: their sections, where they come from, and how they are stored."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.planning.environment import asked_packages
from azud.sdk.conda import CondaDependencies
from azud.sdk.container_registry import ContainerRegistry
from azud.sdk.environment import (
    DockerBuildContext,
    Environment,
    EnvironmentReference,
    RCranPackage,
    RGitHubPackage,
    RSection,
    SparkPackage,
)
from azud.sdk.exceptions import UserErrorException


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


def test_another_image_dockerfile_or_context_resets_the_first_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    docker = Environment("e").docker
    docker.base_dockerfile = "FROM x"
    assert docker.base_image is None
    assert capsys.readouterr().err == ""  # nobody chose the image of a new environment
    docker.base_image = None
    assert docker.base_dockerfile == "FROM x"
    docker.base_image = "y"
    assert "docker.base_dockerfile is reset" in capsys.readouterr().err
    docker.build_context = DockerBuildContext("git", "https://example.org/x.git")
    assert (docker.base_image, docker.base_dockerfile) == (None, None)
    assert docker.build_context.location_type is DockerBuildContext.LocationType.Git
    assert "docker.base_image is reset" in capsys.readouterr().err


def full_environment() -> Environment:
    """Return an environment in which no section is empty."""
    made = Environment("full")
    made.environment_variables = {"A_b": "1", "with space": "x: y"}
    made.python.conda_dependencies = CondaDependencies.create(
        pip_packages=["torch==1.4", "--pre"], python_version="3.6"
    )
    made.docker.enabled = True
    made.docker.base_dockerfile = "FROM ubuntu\nRUN echo 'a: b'\n"
    made.docker.base_image_registry.address = "registry.example.org"
    made.docker.arguments = ["--cpus=1"]
    made.docker.shm_size = "1g"
    made.spark.packages = [SparkPackage("g", "a", "1")]
    made.spark.precache_packages = False
    made.r = RSection()
    made.r.cran_packages = [package("ggplot2", "3.3")]
    made.inferencing_stack_version = "latest"
    return made


def package(name: str, version: str) -> RCranPackage:
    found = RCranPackage()
    found.name, found.version = name, version
    return found


def test_a_full_environment_is_registered_and_got_again(workspace: FakeWorkspace) -> None:
    kept: dict[str, Any] = {}

    def put(body: dict[str, Any]) -> dict[str, Any]:
        # As the server keeps it: JSON.
        kept.update(json.loads(json.dumps(body)), version="1")
        return kept

    workspace._api.replies["PUT /environments/full"] = put
    workspace._api.answers["/environments/full"] = lambda query: kept
    registered = full_environment().register(workspace)  # type: ignore[arg-type]
    assert registered._to_json() == {**full_environment()._to_json(), "version": "1"}
    assert EnvironmentReference("full", "1").get_environment(workspace).r.cran_packages[0].name == "ggplot2"  # type: ignore
    registered.register(workspace)  # type: ignore[arg-type]
    first, second = (body for _, _, body in workspace._api.sent)
    assert first == second  # so that the server keeps the version


def test_curated_environments_are_changed_by_a_clone(workspace: FakeWorkspace) -> None:
    curated = Environment.get(workspace, "AzureML-Minimal", version=3)  # type: ignore[arg-type]
    assert curated.version == 3
    with pytest.raises(UserErrorException, match="clone"):
        curated.register(workspace)  # type: ignore[arg-type]
    assert curated.clone("mine").version is None


def test_secrets_are_never_part_of_what_is_stored_or_shown(capsys: pytest.CaptureFixture[str]) -> None:
    environment = Environment("e")
    registry = ContainerRegistry()
    registry.username, registry.password = "me", "hunter2"
    environment.docker.base_image_registry = registry
    environment.r = RSection()
    environment.r.github_packages = [RGitHubPackage()]
    environment.r.github_packages[0].auth_token = "hunter2"
    assert "hunter2" not in repr(environment) + json.dumps(environment._to_json())
    assert "ContainerRegistry.password is a secret" in capsys.readouterr().err


def test_a_folder_of_an_environment(tmp_path: Path) -> None:
    folder = tmp_path / "full"
    made = full_environment()
    made.save_to_directory(str(folder))
    assert sorted(path.name for path in folder.iterdir()) == [
        "BaseDockerfile", "azureml_environment.json", "conda_dependencies.yml"
    ]  # fmt: skip
    assert (folder / "BaseDockerfile").read_text() == made.docker.base_dockerfile
    assert Environment.load_from_directory(str(folder))._to_json() == made._to_json()
    with pytest.raises(UserErrorException, match="not empty"):
        made.save_to_directory(str(folder))
    plain = Environment.from_docker_image("plain", "image")
    plain.python.conda_dependencies = None
    plain.save_to_directory(str(folder), overwrite=True)
    assert Environment.load_from_directory(str(folder))._to_json() == plain._to_json()


def test_a_folder_that_v1_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definition = {
        "assetId": None,
        "databricks": {"eggLibraries": [], "jarLibraries": [{"library": "dbfs:/a.jar"}]},
        "docker": {"baseImage": None, "baseDockerfile": None, "enabled": True, "newSetting": 7},
        "environmentVariables": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"},
        "name": "theirs",
        "python": {"interpreterPath": "python", "userManagedDependencies": False, "condaDependenciesFile": None},
        "version": "3",
    }
    (tmp_path / "azureml_environment.json").write_text(json.dumps(definition))
    (tmp_path / "conda_dependencies.yml").write_text("dependencies: [python=3.6, {pip: [tensorflow==1.13.1]}]\n")
    found = Environment.load_from_directory(str(tmp_path))
    assert (found.name, found.version, found.docker.enabled) == ("theirs", "3", True)
    assert found.databricks is not None and found.databricks.jar_libraries[0].library == "dbfs:/a.jar"
    assert asked_packages(found._to_json()) == {"tensorflow": "==1.13.1"}
    assert "docker.newSetting" in capsys.readouterr().err
    assert found._to_json()["docker"]["newSetting"] == 7


@pytest.mark.parametrize("text", [None, "{", "[1]", '{"docker": [1]}', '{"python": {"condaDependencies": 3}}'])
def test_a_folder_without_a_sound_environment_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "azureml_environment.json").write_text(text)
    with pytest.raises(UserErrorException):
        Environment.load_from_directory(str(tmp_path))


def test_a_wheel_of_ones_own(workspace: FakeWorkspace, tmp_path: Path) -> None:
    wheel = tmp_path / "mine-1.2-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    address = Environment.add_private_pip_wheel(workspace, str(wheel))  # type: ignore[arg-type]
    assert Path(address.removeprefix("file://")).read_bytes() == b"wheel"
    conda = CondaDependencies.create(pip_packages=[address])
    environment = Environment("e")
    environment.python.conda_dependencies = conda
    assert asked_packages(environment._to_json()) == {"mine": "==1.2"}
    with pytest.raises(UserErrorException, match="exist_ok"):
        Environment.add_private_pip_wheel(workspace, str(wheel))  # type: ignore[arg-type]
    assert Environment.add_private_pip_wheel(workspace, str(wheel), exist_ok=True) == address  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="not a wheel"):
        Environment.add_private_pip_wheel(workspace, str(tmp_path))  # type: ignore[arg-type]


def test_a_folder_to_build_from(workspace: FakeWorkspace, tmp_path: Path) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    with pytest.raises(UserErrorException, match="no Dockerfile"):
        DockerBuildContext.from_local_directory(workspace, str(folder))  # type: ignore[arg-type]
    (folder / "Dockerfile").write_text("FROM x")
    context = DockerBuildContext.from_local_directory(workspace, str(folder))  # type: ignore[arg-type]
    assert Path(str(context.location).removeprefix("file://"), "Dockerfile").read_text() == "FROM x"
    again = DockerBuildContext.from_local_directory(workspace, str(folder))  # type: ignore[arg-type]
    assert again.location == context.location
    environment = Environment.from_docker_build_context("e", context)
    assert environment._to_json()["docker"]["buildContext"] == {
        "locationType": "storageAccount",
        "location": context.location,
        "dockerfilePath": "Dockerfile",
    }
    with pytest.raises(UserErrorException, match="storageAccount"):
        DockerBuildContext("nowhere")


CONDA = """#!{python}
import sys
if sys.argv[-1] != "there":
    sys.exit("EnvironmentLocationNotFound: " + sys.argv[-1])
print("name: there\\nchannels: [c]\\ndependencies: [python=3.9, {{pip: [a==1]}}]\\nprefix: /somewhere")
"""


def test_a_conda_environment_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONDA_EXE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="conda"):
        Environment.from_existing_conda_environment("e", "there")
    program = tmp_path / "conda"
    program.write_text(CONDA.format(python=sys.executable))
    program.chmod(0o755)
    found = Environment.from_existing_conda_environment("e", "there")
    assert found.name == "e"
    assert found.python.conda_dependencies is not None
    assert found.python.conda_dependencies.as_dict() == {
        "name": "there", "channels": ["c"], "dependencies": ["python=3.9", {"pip": ["a==1"]}]
    }  # fmt: skip
    with pytest.raises(UserErrorException, match="EnvironmentLocationNotFound: missing"):
        Environment.from_existing_conda_environment("e", "missing")


def test_a_dockerfile_that_is_not_there_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match="cannot be read"):
        Environment.from_dockerfile("e", str(tmp_path / "Dockerfile"))
    environment = Environment.from_dockerfile("e", "FROM x")
    assert environment._to_json()["docker"]["baseDockerfile"] == "FROM x"
    (tmp_path / "Dockerfile").write_text("FROM y\nRUN z\n")
    environment.docker.base_dockerfile = str(tmp_path / "Dockerfile")
    assert environment._to_json()["docker"]["baseDockerfile"] == "FROM y\nRUN z\n"


def test_requirements_with_options_and_long_lines(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("--extra-index-url https://x\na==1 \\\n  ; python_version>'3'\n# c\nb[extra]>=2  # why\n")
    conda = Environment.from_pip_requirements("e", str(path), pip_version="20.1").python.conda_dependencies
    assert conda is not None
    assert list(conda.pip_options) == ["--extra-index-url https://x"]
    assert list(conda.pip_packages) == ["a==1    ; python_version>'3'", "b[extra]>=2"]
    assert "pip=20.1" in list(conda.conda_packages)


def test_bad_input_of_environments() -> None:
    with pytest.raises(UserErrorException, match="dict"):
        Environment("e").environment_variables = "A=b"  # type: ignore[assignment]
    with pytest.raises(UserErrorException, match="not both"):
        Environment.from_docker_image("e", "x", conda_specification="a", pip_requirements="b")
