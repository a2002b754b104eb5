"""What a submit sends, Git's properties, exceptions, and what importing the SDK costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.core.errors import ConflictError, DefinitionError, NotFoundError, StepFailed, StorageError
from azud.sdk import exceptions, git
from azud.sdk.exceptions import ComputeTargetException, NotYetError, UserErrorException, from_azud, translated
from azud.sdk.experiment import Experiment
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline import Pipeline
from azud.sdk.python_script_step import PythonScriptStep
from azud.sdk.script_run_config import ScriptRunConfig
from azud.sdk.workspace import Workspace

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def experiment(workspace: Any) -> Experiment:
    return Experiment(workspace, "e")


def test_a_submit_is_few_requests(
    workspace: FakeWorkspace, experiment: Experiment, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parameter = PipelineParameter("p", 1)
    steps = [
        PythonScriptStep(name, source_directory=source, arguments=[parameter]) for name in ("a.py", "b.py", "c.py") * 10
    ]
    workspace._api.sent.clear()
    workspace._api.keys.clear()
    run = experiment.submit(
        Pipeline(workspace, steps),  # type: ignore[arg-type]
        tags={"t": 1},
        pipeline_parameters={"p": 2},
        continue_on_step_failure=True,
        ignored=1,
    )
    assert run.id == "r1"
    assert [path for _, path, _ in workspace._api.sent] == ["/blobs/missing", "/snapshots", "/runs"]
    assert len(workspace._api.uploaded) == 3
    body = workspace._api.sent[-1][2]
    assert workspace._api.keys[-1]
    assert body["experiment"] == "e"
    assert body["interpreter"] == sys.executable
    assert body["tags"] == {"t": "1"}
    assert body["parameters"] == {"p": 2}
    assert body["continue_on_step_failure"] is True
    assert body["regenerate_outputs"] is False
    assert {step["snapshot"] for step in body["definition"]["steps"]} == {"snapshot-of-3"}
    printed = capsys.readouterr().out
    assert "Created step a.py [n1]" in printed
    assert "Submitted PipelineRun r1" in printed


def test_a_source_folder_is_read_again_at_every_submit(
    workspace: FakeWorkspace, experiment: Experiment, source: str
) -> None:
    pipeline = Pipeline(workspace, [PythonScriptStep("a.py", source_directory=source)])  # type: ignore[arg-type]
    experiment.submit(pipeline)
    Path(source, "a.py").write_text("print('changed')")
    workspace._api.uploaded.clear()
    pipeline.submit("e", pipeline_parameters=None)
    assert b"print('changed')" in workspace._api.uploaded.values()


def test_datasets_are_saved_once(workspace: FakeWorkspace, experiment: Experiment, source: str) -> None:
    (workspace.root / "x.txt").write_text("x")
    first, second = (Dataset.File.from_files((workspace.store, "x.txt")) for _ in range(2))
    steps = [PythonScriptStep("a.py", source_directory=source, inputs=[first.as_named_input("x")]) for _ in range(5)]
    steps.append(PythonScriptStep("b.py", source_directory=source, inputs=[second.as_named_input("x")]))
    experiment.submit(Pipeline(workspace, steps))  # type: ignore[arg-type]
    assert [path for _, path, _ in workspace._api.sent].count("/datasets") == 1
    assert first.id == second.id == "d1"


def test_what_cannot_be_submitted(workspace: FakeWorkspace, experiment: Experiment, source: str) -> None:
    with pytest.raises(UserErrorException, match="neither script nor command"):
        experiment.submit(ScriptRunConfig(source))
    with pytest.raises(NotYetError, match="a str"):
        experiment.submit("train.py")
    pipeline = Pipeline(workspace, [PythonScriptStep("a.py", source_directory=source)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="colour"):
        pipeline.submit("e", colour=1)


def test_marks_for_azud_run(
    workspace: FakeWorkspace, experiment: Experiment, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUD_SUBMISSION_ID", "mark")
    experiment.submit(Pipeline(workspace, [PythonScriptStep("a.py", source_directory=source)]))  # type: ignore[arg-type]
    properties = workspace._api.sent[-1][2]["properties"]
    assert properties["azud.submission"] == "mark"
    assert properties["ContentSnapshotId"] == "snapshot-of-3"


# Git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_text("a")
    for command in (
        ["init", "-q", "-b", "main"],
        ["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "--allow-empty", "-m", "x"],
        ["add", "."],
        ["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "y"],
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def answer(folder: Path) -> dict[str, str]:
    return git.start(git.repository_of(str(folder))).answer()


def test_git_properties(repository: Path) -> None:
    found = answer(repository)
    commit = subprocess.run(["git", "-C", str(repository), "rev-parse", "HEAD"], check=True, capture_output=True)
    assert found == {
        "azureml.git.commit": commit.stdout.decode().strip(),
        "mlflow.source.git.commit": commit.stdout.decode().strip(),
        "azureml.git.branch": "main",
        "mlflow.source.git.branch": "main",
        "azureml.git.dirty": "False",
    }
    (repository / "new").write_text("x")
    sub = repository / "sub"
    sub.mkdir()
    assert answer(sub)["azureml.git.dirty"] == "True"
    remote = "https://name:secret@example.com/r.git"
    subprocess.run(["git", "-C", str(repository), "remote", "add", "origin", remote], check=True)
    assert answer(repository)["azureml.git.repository_uri"] == "https://example.com/r.git"
    subprocess.run(["git", "-C", str(repository), "checkout", "-q", "--detach"], check=True)
    assert "azureml.git.branch" not in answer(repository)


def test_git_properties_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git.start(None).answer() == {}
    monkeypatch.setenv("AZUREML_GIT_COMMIT", "c")
    assert git.start(None).answer() == {"azureml.git.commit": "c", "mlflow.source.git.commit": "c"}


def test_git_properties_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert answer(repository) == {}


# Workspaces


@pytest.fixture
def own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("AZUD_SERVER_PYTHON", sys.executable)


@pytest.mark.usefixtures("own_registry")
def test_what_a_workspace_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ws = Workspace.create("lacking", show_output=False)
    for call, hint in (
        (lambda: ws.set_connection("a", "b", "c", "PAT", "secret"), "azud secrets set"),
        (ws.list_keys, "linked"),
        (lambda: ws.diagnose_workspace({}), "azud doctor"),
        (lambda: ws.service_context, "not public"),
        (lambda: ws.update(image_build_compute="c"), "image_build_compute"),
    ):
        with pytest.raises(NotYetError, match=hint):
            call()
    assert not hasattr(ws, "service_context") and not hasattr(ws, "discovery_url")


@pytest.mark.usefixtures("own_registry")
def test_workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p").mkdir()
    monkeypatch.chdir(tmp_path / "p")
    with pytest.raises(UserErrorException, match="no workspace configuration"):
        Workspace.from_config()
    made = Workspace.create("first", subscription_id="s", resource_group="g", show_output=False)
    assert (made.name, made.subscription_id, made.resource_group) == ("first", "s", "g")
    assert Workspace.from_config().name == "first"
    assert Workspace.get("first").resource_group == "g"
    assert Workspace("s", "g", "first").name == "first"
    assert list(Workspace.list("s")) == ["first"]
    assert Workspace.create("first", subscription_id="s", resource_group="g", exist_ok=True).name == "first"
    with pytest.raises(exceptions.WorkspaceException, match="exists already"):
        Workspace.create("first", subscription_id="s", resource_group="g")
    for lookup in (lambda: Workspace.get("other"), lambda: Workspace("s", "g", "other")):
        with pytest.raises(exceptions.WorkspaceException, match="does not exist"):
            lookup()
    made.write_config(str(tmp_path / "q"))
    assert Workspace.from_config(str(tmp_path / "q")).name == "first"
    with pytest.raises(UserErrorException, match="does not exist"):
        Workspace.from_config(str(tmp_path / "missing"))
    (tmp_path / "p/.azureml/config.json").write_text("{")
    with pytest.raises(UserErrorException, match=r"config\.json cannot be read") as caught:
        Workspace.from_config()
    assert "azud init" in str(caught.value)


def test_a_job_gets_its_own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "AZUD_ATTEMPT_DIR": "/attempt",
        "AZUD_ENDPOINT": "unix:/nowhere",
        "AZUREML_ARM_SUBSCRIPTION": "s",
        "AZUREML_ARM_RESOURCEGROUP": "g",
        "AZUREML_ARM_WORKSPACE_NAME": "w",
    }.items():
        monkeypatch.setenv(name, value)
    assert Workspace.from_config().name == "w"
    assert Workspace("s", "g", "w")._api.client.address == "unix:/nowhere"


# Exceptions


def test_errors_become_v1s_exceptions() -> None:
    for error, kind in (
        (NotFoundError("x"), UserErrorException),
        (ConflictError("x"), UserErrorException),
        (DefinitionError("x"), UserErrorException),
        (StepFailed("x"), exceptions.ActivityFailedException),
        (StorageError("x"), exceptions.AzureMLException),
    ):
        found = from_azud(error)
        assert type(found) is kind
        assert (found.message, found.inner_exception, found.code) == ("x", error, error.code)
    with pytest.raises(ComputeTargetException, match="x"), translated(ComputeTargetException):
        raise NotFoundError("x", hint="look")
    text = str(UserErrorException("wrong", hint="do this"))
    assert text.startswith("UserErrorException:\n\tMessage: wrong (do this)\n\tInnerException None\n\tErrorResponse {")
    assert not issubclass(exceptions.ServiceException, exceptions.AzureMLException)


def test_exceptions_are_as_v1_makes_them(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise exceptions.WebserviceException("gone", status_code=404, inner_exception=KeyError("key"))
    except exceptions.AzureMLException as error:
        assert (error.message, error.status_code, type(error.inner_exception)) == ("gone", 404, KeyError)
        error.message = "still gone"
        error.inner_exception = None
        assert "Message: still gone\n\tInnerException None" in str(error)
        error.print_stacktrace()
    assert "still gone" in capsys.readouterr().err
    assert exceptions.WorkspaceException("two", found_multiple=True).found_multiple
    assert exceptions.ModelNotFoundException("no", None).message == "no"
    retried = exceptions.ParallelRunException("busy", 429, delay_seconds=5)
    assert (retried.code, retried.delay_seconds) == (429, 5)
    assert not issubclass(exceptions.WorkspacePrivateEndpointException, exceptions.WorkspaceException)
    failed = exceptions.ServiceException(OSError("down"), status_code=503)
    assert (failed.message, failed.status_code, type(failed.inner_exception)) == ("down", 503, OSError)
    failed.print_stacktrace()
    assert "OSError: down" in capsys.readouterr().err


# Imports

IMPORTS = (
    "from azureml.core import Workspace, Experiment, Run; from azureml.pipeline.core import Pipeline; "
    "from azureml.pipeline.steps import PythonScriptStep"
)
SLOW = {
    *("http", "http.client", "ssl", "email", "urllib", "urllib.request", "asyncio", "inspect", "logging"),
    *("tempfile", "subprocess", "shutil", "socket", "dataclasses", "pathlib", "hashlib", "azud.model"),
}


def _python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "compat/src"), str(CHECKOUT / "src")])}
    return subprocess.run(
        [sys.executable, *arguments, "-c", program], env=env, capture_output=True, text=True, check=True
    )


def test_importing_the_sdk_imports_nothing_slow_and_nothing_foreign() -> None:
    program = f"import sys; before = set(sys.modules)\n{IMPORTS}\nprint(*(set(sys.modules) - before))"
    found = set(_python(program).stdout.split())
    assert not found & SLOW
    roots = {name.split(".")[0] for name in found}
    assert roots - {"azud", "azureml"} <= set(sys.stdlib_module_names)


NOT_IN_A_JOB = {"typing", "contextlib", "dataclasses", "datetime", "importlib", "azud.client", "azud.sdk.workspace"}


def test_a_step_that_logs_imports_little(tmp_path: Path) -> None:
    """A fresh interpreter pays for each import in every step."""
    program = (
        "import sys, os; before = set(sys.modules)\n"
        f"os.environ.update(AZUD_ATTEMPT_DIR={str(tmp_path)!r}, AZUREML_RUN_ID='r')\n"
        "from azureml.core import Run; run = Run.get_context(); run.log('x', 1); run.tag('a', 'b')\n"
        "print(*(set(sys.modules) - before))"
    )
    # Without `site`, which may import anything that is installed beside azud.
    found = set(_python(program, "-S").stdout.split())
    assert "azud.job.spool" in found
    assert not found & (SLOW - {"azud.model"} | NOT_IN_A_JOB)
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 2


def test_importing_azud_costs_nothing() -> None:
    program = "import sys; before = set(sys.modules); import azud; azud.__version__; print(set(sys.modules) - before)"
    assert _python(program).stdout == "{'azud'}\n"
    assert "PythonScriptStep" in _python("import azud; print(azud.PythonScriptStep, 'Workspace' in dir(azud))").stdout
    missing = "import azud\ntry:\n azud.Nothing\nexcept AttributeError as error: print(error)"
    assert "has no attribute 'Nothing'" in _python(missing).stdout


def test_every_name_of_azureml_is_there() -> None:
    program = """
import importlib, pathlib, azureml
root = pathlib.Path(azureml.__file__).parent
for path in sorted(path for path in root.rglob("*.py") if "_last_resort" not in path.parts):
    parts = path.relative_to(root.parent).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    for name in getattr(module, "__all__", []):
        assert getattr(module, name) is not None, name
    assert "def " not in path.read_text(), path  # names that lead to azud.sdk, no logic
print("ok")
"""
    assert _python(program, "-W", "error").stdout == "ok\n"


def test_what_azureml_lacks_is_named() -> None:
    program = "try:\n from azureml.pipeline.steps import RunStep\nexcept ImportError as error: print(error)"
    assert "RunStep" in _python(program).stdout
