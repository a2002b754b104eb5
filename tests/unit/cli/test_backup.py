"""`azud backup` and `azud restore` as commands: what they print, where, and how they end."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable

import pytest

from azud.adapters.stores.database import Database
from azud.cli import backup
from azud.client.homes import Home, create_home

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
