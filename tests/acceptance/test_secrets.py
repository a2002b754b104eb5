"""Secrets as programs and steps use them, and nowhere else to be found."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile

from tests.acceptance.pages import Project, answer

CANARY = "c4n4ry-7f3e9a"


def test_a_secret_is_found_by_who_asks_and_lies_nowhere_in_clear(project: Project, tmp_path: pathlib.Path) -> None:
    project.write(
        "vault/step.py",
        """
        from azureml.core import Run

        run = Run.get_context()
        password = run.get_secret("password")
        assert run.experiment.workspace.get_default_keyvault().get_secret("missing") is None
        run.log("length", len(password))
        run.tag("reversed", password[::-1][:3])
        """,
    )
    text = """
import json
from azureml.core import Experiment, Keyvault, Workspace
from azureml.exceptions import UserErrorException
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
vault = ws.get_default_keyvault()
assert isinstance(vault, Keyvault)
with open("canary.txt") as stream:
    canary = stream.read()
vault.set_secret(name="password", value=canary)
vault.set_secrets({"other": canary + "2", "third": "3"})
vault.delete_secret("third")
vault.delete_secret("never")
try:
    vault.set_secret("bad/name", canary)
except UserErrorException as error:
    assert canary not in str(error)
    print("REFUSED")
run = Experiment(ws, "vault").submit(Pipeline(ws, [PythonScriptStep("step.py", source_directory="vault")]))
run.wait_for_completion(show_output=False)
(step,) = run.get_steps()
print(json.dumps({"metrics": step.get_metrics(), "names": [item["name"] for item in vault.list_secrets()],
                  "several": sorted(vault.get_secrets(["other", "third"]).items(), key=str) == sorted(
                      {"other": canary + "2", "third": None}.items(), key=str), "shown": repr(vault)}))
"""
    (project.folder / "canary.txt").write_text(CANARY)
    printed = project.run("vault.py", text)
    (project.folder / "canary.txt").unlink()
    assert answer(printed) == {
        "metrics": {"length": len(CANARY)},
        "names": ["other", "password"],
        "several": True,
        "shown": "Keyvault(workspace=acceptance)",
    }
    assert "REFUSED" in printed
    listed = project.azud("secrets", "ls", "--json")
    assert CANARY not in listed + printed + project.azud("runs", "show")
    project.azud("backup", str(tmp_path / "backup.tar"))
    with tarfile.open(tmp_path / "backup.tar") as archive:
        assert not any("secret.key" in name for name in archive.getnames())
    for path in [*project.folder.rglob("*"), *tmp_path.rglob("*"), *(project.folder.parent / "home").rglob("*")]:
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path


def test_a_value_comes_by_standard_input(project: Project) -> None:
    command = [sys.executable, "-m", "azud.cli", "secrets", "set", "piped"]
    for text, code in ((f"{CANARY}\n", 0), ("", 2)):
        done = subprocess.run(
            command, input=text, cwd=project.folder, env=project.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code
        assert CANARY not in done.stdout + done.stderr
    look = (
        "from azureml.core import Workspace\nprint(Workspace.from_config().get_default_keyvault().get_secret('piped'))"
    )
    assert CANARY in project.run("look.py", look)
    project.azud("secrets", "rm", "piped")
    assert "piped" not in project.azud("secrets", "ls")
