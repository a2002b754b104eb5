"""`azud backup` and `azud restore` as commands: what they print, where, and how they end."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from azud.adapters.stores.database import Database
from azud.cli import backup
from azud.client.homes import Home, create_home, forget_home

Azud = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(private_user: pathlib.Path) -> Home:
    """A workspace without runs and without a server."""
    made = create_home(str(private_user / "project"), "lab")
    Database(os.path.join(made.path, "azud.db")).close()
    return made


def test_there_and_back(home: Home, azud: Azud, private_user: pathlib.Path) -> None:
    file, project = str(private_user / "lab.tar"), os.path.dirname(home.path)
    code, out, err = azud("backup", file, "-w", project)
    assert (code, err) == (0, "backing up lab\n")
    assert out.startswith(f"{file}: workspace lab, ") and ", 0 runs, " in out
    code, out, err = azud("restore", file, str(private_user / "copy"))
    assert code == 0, err
    assert out.startswith(f"workspace lab in {private_user / 'copy'}: ")
    assert err.startswith("restoring lab.tar\n") and "still belong to another folder" in err


def test_answers_as_json(home: Home, azud: Azud, private_user: pathlib.Path) -> None:
    file = str(private_user / "lab.tar.gz")
    _, out, _ = azud("backup", file, "-w", os.path.dirname(home.path), "--json")
    told = json.loads(out)
    assert (told["file"], told["workspace"], told["active_runs"]) == (file, "lab", [])
    assert told["size_bytes"] == os.path.getsize(file)
    _, out, _ = azud("restore", file, str(private_user / "copy"), "--json")
    assert json.loads(out)["home"] == str(private_user / "copy" / ".azud")


def test_what_is_in_the_way_ends_with_2_and_a_hint(home: Home, azud: Azud, private_user: pathlib.Path) -> None:
    file, project = str(private_user / "lab.tar"), os.path.dirname(home.path)
    azud("backup", file, "-w", project)
    code, _, err = azud("backup", file, "-w", project)
    assert (code, "exists already" in err, "hint: " in err) == (2, True, True)
    code, _, err = azud("restore", file, project)
    assert (code, "--force" in err) == (2, True)
    code, _, err = azud("restore", file, project, "--force")
    assert code == 0, err
    kept = next(path for path in pathlib.Path(project).iterdir() if path.name.startswith(".azud.before-restore-"))
    assert str(kept) in err and (kept / "azud.db").is_file()


def test_a_workspace_of_another_name_in_the_folder_is_not_overwritten(
    home: Home, azud: Azud, private_user: pathlib.Path
) -> None:
    file = str(private_user / "lab.tar")
    azud("backup", file, "-w", os.path.dirname(home.path))
    config = private_user / "theirs" / ".azureml" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"subscription_id": "s", "resource_group": "g", "workspace_name": "theirs"}')
    code, _, err = azud("restore", file, str(private_user / "theirs"))
    assert (code, "names another workspace" in err) == (2, True)
    assert "theirs" in config.read_text() and not (private_user / "theirs" / ".azud").exists()
    assert azud("restore", file, str(private_user / "theirs"), "--force")[0] == 0
    assert '"lab"' in config.read_text()


def test_a_file_that_is_no_backup_ends_with_1(azud: Azud, private_user: pathlib.Path) -> None:
    code, _, err = azud("restore", str(private_user / "none.tar"), str(private_user / "copy"))
    assert (code, "there is no file" in err) == (1, True)
    (private_user / "text.tar").write_text("text")
    code, _, err = azud("restore", str(private_user / "text.tar"), str(private_user / "copy"))
    assert (code, "damaged or no backup" in err) == (1, True)


RESTORING = (
    *("restore.sync:before", "restore.sync:after", "restore.keep:before", "restore.keep:after"),
    *("restore.place:before", "restore.place:after", "client.registry.replace:before", "client.registry.replace:after"),
)


def _azud(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "azud.cli", *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("point", RESTORING)
def test_a_restore_that_is_killed_leaves_one_whole_workspace_or_the_next_one_succeeds(
    point: str, home: Home, azud: Azud, private_user: pathlib.Path
) -> None:
    file, project = str(private_user / "lab.tar"), pathlib.Path(home.path).parent
    azud("backup", file, "-w", str(project))
    pathlib.Path(home.path, "mark").write_text("of the old one")
    forget_home(home.names)
    killed = _azud("restore", file, str(project), "--force", AZUD_FAIL_POINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    placed = RESTORING.index(point) >= RESTORING.index("restore.place:after")
    displaced = point in ("restore.keep:after", "restore.place:before")
    assert (project / ".azud" / "azud.db").is_file() is not displaced
    assert (project / ".azud" / "mark").is_file() is not (placed or displaced)
    assert any((path / "mark").is_file() for path in project.iterdir())  # the old one is never lost
    again = _azud("restore", file, str(project), *([] if displaced else ["--force"]))
    assert again.returncode == 0, again.stderr
    assert not (project / ".azud" / "mark").exists()
    Database(str(project / ".azud" / "azud.db")).close()


def test_these_are_all_points_of_a_restore(home: Home, azud: Azud, private_user: pathlib.Path) -> None:
    file, log = str(private_user / "lab.tar"), private_user / "log"
    assert _azud("backup", file, "-w", os.path.dirname(home.path), AZUD_FAIL_LOG=str(log)).returncode == 0
    backing_up = ["store.copy:before", "store.copy:after", "archive.finish:before", "archive.finish:after"]
    assert log.read_text().split() == backing_up
    log.unlink()
    forget_home(home.names)
    assert _azud("restore", file, os.path.dirname(home.path), "--force", AZUD_FAIL_LOG=str(log)).returncode == 0
    assert log.read_text().split() == list(RESTORING)


def test_a_backup_that_is_killed_has_not_taken_its_name(home: Home, private_user: pathlib.Path) -> None:
    file = private_user / "lab.tar"
    killed = _azud("backup", str(file), "-w", os.path.dirname(home.path), AZUD_FAIL_POINT="archive.finish:before")
    assert killed.returncode == -signal.SIGKILL
    assert not file.exists()
    assert _azud("backup", str(file), "-w", os.path.dirname(home.path)).returncode == 0


def test_a_terminal_sees_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with backup._progress("backing up [lab]") as watch:
        for done in (10, 50, 100):
            watch(done, 100)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "backing up [lab]" in shown.err and "100" in shown.err
