"""Conda specifications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azud.sdk.conda import CondaDependencies
from azud.sdk.exceptions import UserErrorException


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


def test_packages_of_one_name() -> None:
    made = CondaDependencies.create(pip_packages=["scikit_learn==1", "a[x]>1"], conda_packages=["c::numpy"])
    made.add_pip_package("Scikit-Learn>=2")
    made.remove_pip_package("a")
    made.remove_conda_package("numpy==1.2")
    assert list(made.pip_packages) == ["Scikit-Learn>=2"]
    assert list(made.conda_packages) == ["python=3.10.18"]
    assert CondaDependencies.merge_requirements(["a[x]>1", "A<2", "a<2"]) == ["a[x]>1,<2"]


def test_frameworks_and_options() -> None:
    made = CondaDependencies.create(pip_packages=[])
    made.add_tensorflow_pip_package("gpu", "1.13.1")
    made.add_tensorflow_conda_package(version="1.13.1")
    made.add_cntk_package("gpu")
    made.set_pip_option("--pre")
    made.set_pip_index_url("https://a")
    made.set_pip_index_url("https://b")
    made.remove_pip_option("--pre")
    assert list(made.pip_packages) == ["tensorflow-gpu==1.13.1", "cntk-gpu"]
    assert list(made.pip_options) == ["--index-url https://b"]
    assert "tensorflow=1.13.1" in list(made.conda_packages)
    made.set_pip_requirements(["x"])
    assert list(made.pip_packages) == ["x"]


@pytest.mark.parametrize(
    "text", ["- a", "dependencies: x", "channels: 3", "dependencies: [{pip: x}]", "a: &b 1", b"\xff\xfe: 1"]
)
def test_files_that_are_no_specification(tmp_path: Path, text: Any) -> None:
    path = tmp_path / "c.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserErrorException, match=r"c\.yml"):
        CondaDependencies(str(path))


def test_an_empty_part_of_a_specification(tmp_path: Path) -> None:
    path = tmp_path / "c.yml"
    path.write_text("name: x\nchannels:\ndependencies:\n- pip:\n")
    made = CondaDependencies(str(path))
    made.add_channel("c")
    made.add_pip_package("a")
    assert made.as_dict() == {"name": "x", "channels": ["c"], "dependencies": [{"pip": ["a"]}]}


@pytest.mark.parametrize("packages", ["numpy", 3, [None], [""]])
def test_packages_that_are_no_list_of_texts(packages: Any) -> None:
    with pytest.raises(UserErrorException, match="package"):
        CondaDependencies.create(pip_packages=packages)
    with pytest.raises(UserErrorException, match="package"):
        CondaDependencies.create(conda_packages=packages)
