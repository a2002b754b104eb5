"""`azud doctor`: each check against facts that are good and bad."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest

from azud.cli import doctor
from azud.client.homes import Home, create_home

Azud = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A workspace in a home of its own, without a server."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return create_home(str(tmp_path), "lab")


def states(folder: str | None = None) -> dict[str, str]:
    return {check.name: check.state for check in doctor.run_checks(folder, None)}


def test_a_sound_workspace_has_no_failure(project: Home, azud: Azud) -> None:
    code, out, _ = azud("doctor", "--json")
    found = {check["name"]: check for check in json.loads(out)}
    assert code == 0, out
    assert found["your python"]["detail"].endswith(sys.executable)
    assert found["workspace"]["state"] == found["settings"]["state"] == found["fork"]["state"] == "ok"
    assert "not running" in found["server"]["detail"]
    assert found["sqlite"]["detail"].startswith(f"SQLite {sqlite3.sqlite_version}")
    assert "no database yet" in found["journal"]["detail"]


@pytest.mark.parametrize(
    ("version", "state", "words"),
    [((3, 34, 1), "fail", "3.34.1"), ((3, 40, 1), "ok", "one writer"), ((3, 51, 3), "ok", "SQLite 3.51.3")],
)
def test_the_linked_sqlite(version: tuple[int, int, int], state: str, words: str) -> None:
    check = doctor._sqlite(version)
    assert (check.state, words in check.detail) == (state, True)
    assert bool(check.hint) is (state == "fail")


@pytest.mark.parametrize(("mode", "state", "words"), [("WAL", "ok", "WAL"), ("DELETE", "warn", "rollback journal")])
def test_the_journal_of_the_workspace(project: Home, mode: str, state: str, words: str) -> None:
    connection = sqlite3.connect(os.path.join(project.path, "azud.db"))
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    check = doctor._journal(project)
    assert (check.state, words in check.detail) == (state, True)


def test_no_workspace_is_a_warning(project: Home, tmp_path: pathlib.Path) -> None:
    (tmp_path / ".azureml" / "config.json").unlink()
    assert states()["workspace"] == "warn"


def test_a_wrong_setting_is_a_failure_with_its_file(project: Home, azud: Azud) -> None:
    pathlib.Path(project.path, "settings.toml").write_text("slots = 0\n")
    code, out, _ = azud("doctor")
    assert code == 1
    assert "fail\tsettings\t" in out and "settings.toml" in out


def test_settings_say_where_they_come_from(project: Home, azud: Azud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_SLOTS", "3")
    assert "slots = 3 (AZUD_SLOTS)" in azud("doctor")[1]


def test_a_python_that_does_not_run_is_a_failure(project: Home, tmp_path: pathlib.Path, azud: Azud) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 3\n")
    broken.chmod(0o755)
    code, out, _ = azud("doctor", "--python", str(broken))
    assert code == 1
    assert "out of order" in out


def test_azures_own_sdk_is_noticed(project: Home, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An environment of its own: the one that runs the tests may hold azud's package of that name.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    (tmp_path / "site" / "azureml_core-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    found = {check.name: check.state for check in doctor.run_checks(None, str(tmp_path / "bare" / "bin" / "python"))}
    assert found["azureml-core"] == "warn"


def test_two_azureml_packages_in_one_environment_are_a_failure(
    project: Home, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, azud: Azud
) -> None:
    (tmp_path / "site" / "azud_azureml-0.1.0.dist-info").mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    assert states()["azureml"] == "ok"
    (tmp_path / "site" / "azureml_core-1.0.dist-info").mkdir(parents=True)
    assert states()["azureml-core"] == "fail"
    code, _, err = azud("doctor")
    assert code == 1 and "pip uninstall azureml-core" in err


@pytest.mark.parametrize(
    ("path", "state"),
    [("/home/me/p/.azud", "ok"), ("/mnt/share/p/.azud", "warn"), ("/mnt/shared/.azud", "ok"), ("/", "ok")],
)
def test_network_file_systems_are_found_by_the_longest_mount(path: str, state: str) -> None:
    mounts = [("/", "ext4"), ("/mnt/share", "nfs4"), ("/home", "xfs")]
    assert doctor._file_system(path, mounts).state == state


def test_a_later_mount_hides_an_earlier_one() -> None:
    assert doctor._file_system("/data/x", [("/", "ext4"), ("/data", "nfs"), ("/data", "xfs")]).state == "ok"


@pytest.mark.parametrize(("free", "state"), [(10 << 30, "ok"), (1 << 30, "warn"), (1 << 20, "fail")])
def test_space(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: _Usage(free))
    assert doctor._space("/").state == state


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_home_that_others_may_write_is_a_warning(project: Home) -> None:
    os.chmod(project.path, 0o777)
    assert doctor._permissions(project).state == "warn"
