"""Fixtures for every tier: private homes, so that no test sees the user's folders or another test's."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from tests.servers.databases import mariadb, postgresql  # noqa: F401 - fixtures
from tests.servers.proxy import cutting_proxy  # noqa: F401
from tests.servers.storage import azurite, moto_s3, sftp_server  # noqa: F401

from azud.client import homes, launch
from azud.client.places import socket_path
from azud.core.processes import is_alive, mark_of


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Ctrl-C works in what the tests start, even if the tests themselves were started as a shell's background job."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def private_user(tmp_path, monkeypatch):
    """A user of its own: HOME, caches and runtime folder below a short temporary path."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        folder = tmp_path / name.lower()
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("AZUD_SERVER_PYTHON", sys.executable)
    for name in ("AZUD_LIBRARY_PATH", "AZUD_ATTEMPT_DIR", "AZUD_ENDPOINT", "CI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


class LiveWorkspace:
    """A workspace with a real server that is started on first use and ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = homes.create_home(str(folder), "test-workspace")

    @property
    def client(self):
        return launch.connect(self.home)

    def server_pid(self) -> int:
        return int(self.client.get("/server")["pid"])

    def kill_server(self) -> None:
        pid = self.server_pid()
        os.kill(pid, signal.SIGKILL)
        self._wait_gone(pid)

    def stop_server(self) -> None:
        if not os.path.exists(socket_path(self.home.path)):
            return
        pid = self.server_pid()
        self.client.post("/server/stop", {})
        self._wait_gone(pid)

    @staticmethod
    def _wait_gone(pid: int) -> None:
        mark = mark_of(pid)
        deadline = time.monotonic() + 20
        while is_alive(mark):
            assert time.monotonic() < deadline, f"server {pid} does not end"
            time.sleep(0.01)


@pytest.fixture
def workspace(private_user):
    live = LiveWorkspace(private_user / "ws")
    yield live
    live.stop_server()
