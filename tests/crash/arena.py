"""A place for one shot after another: a user of its own, and a workspace that is put back as it was before each."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.crash.scenario import CANCELED, Scenario

from azud.client import homes, launch
from azud.client.places import runtime_folder
from azud.core.errors import AzudError
from azud.core.processes import mark_of, wait_gone
from azud.model.runs import RunStatus

HOME_VARIABLES = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
END_S = 60.0
"""A run that takes longer is stuck; undisturbed it takes one or two."""


class Arena:
    """Everything that a shot touches, below one folder with a short path.

    Args:
        folder: Made if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live = folder / "live"
        self.template = folder / "template"
        self.workspace = self.live / "ws"
        self.store = self.workspace / ".azud" / "azud.db"
        self.scenario = Scenario(self.workspace, self.live / "place")

    def enter(self) -> None:
        """Make this process act for the arena's user."""
        for name in HOME_VARIABLES:
            path = self.folder / name.lower()
            path.mkdir(parents=True, exist_ok=True)
            os.environ[name] = str(path)
        os.environ.pop("XDG_RUNTIME_DIR", None)
        os.environ["AZUD_SERVER_PYTHON"] = sys.executable
        os.environ["AZUD_SLOTS"] = "2"
        os.environ["AZUD_RETRY_DELAY_S"] = "0.05"
        os.environ["AZUD_TCP"] = "127.0.0.1:0"
        for name in ("AZUD_LIBRARY_PATH", "AZUD_ATTEMPT_DIR", "AZUD_ENDPOINT", "CI", "AZUD_LAUNCH"):
            os.environ.pop(name, None)

    def prepare(self) -> None:
        """Make the workspace as every shot finds it: its data there, the step `prepare` run once."""
        self.live.mkdir(parents=True, exist_ok=True)
        (self.live / "place").mkdir()
        homes.create_home(str(self.workspace), "crash")
        tcp = os.environ.pop("AZUD_TCP")  # the first server that listens on TCP makes a token
        try:
            self.scenario.seed()
        finally:
            self.end()
            os.environ["AZUD_TCP"] = tcp
        self.scenario.counter.unlink()
        shutil.copytree(self.live, self.template, symlinks=True)

    def set_up(self) -> None:
        """Work in this arena, as it was when it was prepared, which is done if nobody has."""
        self.enter()
        if not self.template.exists():
            self.prepare()
        self.restore()

    def restore(self) -> None:
        """Put everything back."""
        for path in self.live.iterdir():  # it may itself be the root of a file system
            shutil.rmtree(path)
        shutil.copytree(self.template, self.live, symlinks=True, dirs_exist_ok=True)

    @property
    def home(self) -> homes.Home:
        """The workspace's home."""
        return homes.load_home(str(self.workspace / ".azud"))

    def cancel(self, run_id: str) -> None:
        """Cancel the endless step once it is up; who is told that it was accepted asks once only."""
        deadline = time.monotonic() + END_S
        client = launch.connect(self.home)
        [step] = [step for step in client.get(f"/runs/{run_id}/steps")["value"] if step["name"] == CANCELED]
        while time.monotonic() < deadline:
            if client.get(f"/runs/{step['id']}")["status"] in RunStatus.TERMINAL:
                break
            with contextlib.suppress(AzudError):  # it has no log yet
                if b"up" in b"".join(client.download(f"/runs/{step['id']}/files/azureml-logs/70_driver_log.txt")):
                    break
            time.sleep(0.02)
        client.post(f"/runs/{step['id']}/cancel", {}, repeat=True)

    def wait(self, run_id: str) -> bool:
        """Wait for a run's end, starting the server whenever it is gone; False if it does not end."""
        deadline = time.monotonic() + END_S
        while time.monotonic() < deadline:
            with contextlib.suppress(AzudError):
                answer = launch.connect(self.home).get(f"/runs/{run_id}/end", {"wait_s": 5.0}, wait_s=5.0)
                if answer["terminal"]:
                    return True
            time.sleep(0.02)
        return False

    def end(self) -> None:
        """Stop the server and end whatever else of this workspace still lives."""
        with contextlib.suppress(AzudError):
            launch.connect(self.home).post("/server/stop", {})
        for pid in self.processes():
            if b"azud.server" in command_of(pid):
                wait_gone(mark_of(pid), timeout_s=20)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Return the processes of this workspace: server, fork servers, runners, monitors, jobs."""
        places = (os.fsencode(runtime_folder(self.home.path)), os.fsencode(self.home.path))
        return [pid for pid in _pids() if any(place in command_of(pid) for place in places)]


def _pids() -> Iterator[int]:
    own = os.getpid()
    return (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own)


def command_of(pid: int) -> bytes:
    """Return the command line of a process, b"" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
