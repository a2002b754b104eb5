"""Starting a server: once, detached, with a clean environment; and saying why it did not start."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import sys
import textwrap
import time
from pathlib import Path

import pytest

from azud.client import launch
from azud.client.homes import Home, create_home
from azud.client.library import FILES, PACKAGES, library_path
from azud.client.transport import Client
from azud.core.errors import BackendError, SettingsError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("AZUD_SERVER_PYTHON", raising=False)
    return create_home(str(tmp_path / "p"))


def _stand_in(path: Path, body: str) -> str:
    """Return an executable that is started in place of the server's interpreter."""
    path.write_text(f"#!{sys.executable}\nimport os, sys, json\n" + textwrap.dedent(body))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


ANSWERING = """
import socket
arguments = dict(zip(sys.argv[3::2], sys.argv[4::2]))
assert sys.argv[1:3] == ["-m", "azud.server"], sys.argv
with open(arguments["--home"] + "/seen.json", "a") as stream:
    stream.write(json.dumps({"env": dict(os.environ), "sid": os.getsid(0)}) + "\\n")
os.fstat(int(arguments["--lock-fd"]))
listener = socket.socket(fileno=int(arguments["--listen-fd"]))
for _ in range(int(os.environ.get("AZUD_TEST_ANSWERS", "1"))):
    link, _address = listener.accept()
    link.recv(65536)
    link.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nConnection: close\\r\\n\\r\\n1")
    link.close()
"""


def _starts(home: Home) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(home.path, "seen.json").read_text().splitlines()]


def test_the_first_call_starts_the_server(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_SERVER_PYTHON", _stand_in(tmp_path / "python", ANSWERING))
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("AZUD_SUBMISSION_ID", "x")
    assert launch.connect(home).get("/x") == 1
    (start,) = _starts(home)
    environment = start["env"]
    assert isinstance(environment, dict)
    assert start["sid"] != os.getsid(0)
    assert not {"PYTHONPATH", "SECRET", "AZUD_SUBMISSION_ID"} & set(environment)
    assert environment["XDG_RUNTIME_DIR"] == os.environ["XDG_RUNTIME_DIR"]


def test_a_server_that_was_killed_is_started_again(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_SERVER_PYTHON", _stand_in(tmp_path / "python", ANSWERING))
    client = launch.connect(home)
    for _ in range(3):  # the stand-in ends after one answer
        assert client.get("/x") == 1
    assert len(_starts(home)) == 3


def test_one_server_for_callers_at_the_same_time(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_SERVER_PYTHON", _stand_in(tmp_path / "python", ANSWERING))
    monkeypatch.setenv("AZUD_TEST_ANSWERS", "4")
    addresses = {launch.ensure_server(home) for _ in range(4)}
    assert len(addresses) == 1
    for _ in range(4):
        client = Client(*addresses)
        assert client.get("/x") == 1
        client.close()
    assert len(_starts(home)) == 1


def test_a_server_that_fails_at_its_start_is_not_tried_again_and_again(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = "print('no module named fastapi'); sys.exit(3)"
    monkeypatch.setenv("AZUD_SERVER_PYTHON", _stand_in(tmp_path / "python", failing))
    started = time.monotonic()
    with pytest.raises(BackendError, match="no module named fastapi"):
        launch.connect(home).get("/x")
    assert time.monotonic() - started < 10


def test_no_interpreter(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_SERVER_PYTHON", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match="cannot be started"):
        launch.ensure_server(home)


def test_a_job_never_starts_a_server(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_ATTEMPT_DIR", "/somewhere")
    with pytest.raises(BackendError, match="a job may not start it"):
        launch.connect(home).get("/x")
    with pytest.raises(BackendError):
        launch.ensure_server(home)
    assert not Path(home.path, "server.lock").exists()


def test_a_home_that_is_served_on_another_host(home: Home) -> None:
    with open(Path(home.path, "server.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"host": "elsewhere"}))
        lock.flush()
        with pytest.raises(SettingsError, match="served on host 'elsewhere'"):
            launch.ensure_server(home)


def test_the_library_holds_what_travels_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = library_path()
    assert folder == library_path()
    assert sorted(os.listdir(folder)) == ["azud", "azureml", "azureml_user", "msrest"]
    assert sorted(os.listdir(os.path.join(folder, "azud"))) == sorted([*FILES, *PACKAGES])
    assert os.listdir(tmp_path / "azud" / "lib") == [os.path.basename(folder)]
