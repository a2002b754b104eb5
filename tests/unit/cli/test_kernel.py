"""`azud kernel`: what is written, where, and that it starts."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import sys
from typing import Any

import pytest

from azud.cli import kernel
from azud.cli.entry import main
from azud.client.library import library_path

HAS_KERNEL = importlib.util.find_spec("ipykernel") is not None


@pytest.fixture
def data(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The user's own folder of Jupyter's, and an interpreter that has ipykernel."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    if not HAS_KERNEL:
        monkeypatch.setattr(kernel, "_checked_version", lambda interpreter: "3.11")
    return tmp_path / "jupyter" / "kernels"


def _spec(folder: pathlib.Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "kernel.json").read_text())
    return found


def test_a_kernel_runs_the_interpreter_with_azuds_packages(data: pathlib.Path) -> None:
    assert main(["kernel", "install", "--python", sys.executable]) == 0
    spec = _spec(data / "azud")
    assert spec["argv"] == [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert spec["language"] == "python" and spec["display_name"].startswith("azud, Python 3.")
    assert spec["env"] == {
        "PYTHONPATH": library_path(),
        "AZUD_LIBRARY_PATH": library_path(),
        "AZUD_SERVER_PYTHON": sys.executable,
    }


def test_names_places_and_lists(data: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    prefix = str(tmp_path / "environment")
    assert main(["kernel", "install", "--user", "--name", "churn", "--python", sys.executable]) == 0
    assert main(["kernel", "install", "--prefix", prefix, "--python", sys.executable]) == 0
    assert _spec(data / "churn")["display_name"].endswith("(churn)")
    assert (tmp_path / "environment" / "share" / "jupyter" / "kernels" / "azud" / "kernel.json").is_file()
    capsys.readouterr()
    assert main(["kernel", "ls"]) == main(["kernel", "ls", "--prefix", prefix, "--json"]) == 0
    table, _, listed = capsys.readouterr().out.partition("[")
    assert table.splitlines()[1:] == [f"churn\t{sys.executable}\tok\t{data / 'churn'}"]
    assert json.loads(f"[{listed}")[0]["name"] == "azud"
    assert main(["kernel", "uninstall", "churn"]) == 0
    assert not (data / "churn").exists()


def test_a_kernel_that_cannot_start_any_more_is_told(data: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["kernel", "install", "--python", sys.executable])
    spec = _spec(data / "azud")
    for change in ({"env": {"AZUD_LIBRARY_PATH": "/nowhere"}}, {"argv": ["/nowhere/python"]}):
        (data / "azud" / "kernel.json").write_text(json.dumps({**spec, **change}))
        capsys.readouterr()
        main(["kernel", "ls"])
        assert "install it again" in capsys.readouterr().out
    assert main(["kernel", "install", "--python", sys.executable]) == 0
    assert _spec(data / "azud") == spec


def test_somebody_elses_kernel_stays(data: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "mine").mkdir(parents=True)
    (data / "mine" / "kernel.json").write_text('{"argv": ["python"], "metadata": {}}')
    assert main(["kernel", "install", "--name", "mine", "--python", sys.executable]) == 2
    assert main(["kernel", "uninstall", "mine"]) == 2
    assert "is not azud's" in capsys.readouterr().err
    assert main(["kernel", "ls"]) == 0
    assert "no kernel of azud's" in capsys.readouterr().err
    assert (data / "mine" / "kernel.json").is_file()


@pytest.mark.parametrize("name", ["a b", "../x", ""])
def test_bad_names(name: str, data: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernel", "install", "--name", name]) == 2
    assert main(["kernel", "uninstall", name]) == 2
    assert "no name for a kernel" in capsys.readouterr().err
    assert main(["kernel", "ls", "--user", "--prefix", "x"]) == 2


def test_without_ipykernel_azud_says_what_to_do(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = tmp_path / "ipykernel"
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'ipykernel'\")\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    assert main(["kernel", "install", "--python", sys.executable]) == 2
    err = capsys.readouterr().err
    assert "has no ipykernel" in err and f"{sys.executable} -m pip install ipykernel" in err
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(not HAS_KERNEL, reason="this environment has no ipykernel")
def test_a_client_starts_it_and_notebooks_find_azureml(data: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = pytest.importorskip("jupyter_client.manager")
    monkeypatch.setenv("JUPYTER_PATH", str(data.parent))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert main(["kernel", "install", "--python", sys.executable]) == 0
    started, client = manager.start_new_kernel(kernel_name="azud", startup_timeout=120)
    said: list[dict[str, Any]] = []
    try:
        program = "import azureml\nfrom azureml.core import Workspace\nprint(azureml.__file__)"
        client.execute_interactive(program, output_hook=said.append, timeout=120)
    finally:
        client.stop_channels()
        started.shutdown_kernel(now=True)
    printed = [message["content"]["text"] for message in said if message["msg_type"] == "stream"]
    assert printed == [f"{library_path()}/azureml/__init__.py\n"]
