"""Starting a server's process, waiting until it answers, and ending it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

LOCALHOST = "127.0.0.1"
_START_S = 60.0
_END_S = 20.0
_LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


class Account(NamedTuple):
    """A user of this machine that a server runs as."""

    name: str
    uid: int
    gid: int


def account(*names: str) -> Account:
    """Return the user to run a server as: for root the first of these names that exists, else the tests' own."""
    if os.getuid() == 0:
        for name in names:
            with contextlib.suppress(KeyError):
                found = pwd.getpwnam(name)
                return Account(found.pw_name, found.pw_uid, found.pw_gid)
    own = pwd.getpwuid(os.getuid())
    return Account(own.pw_name, own.pw_uid, own.pw_gid)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server_folder(owner: Account) -> Iterator[pathlib.Path]:
    """Yield an empty folder that this user owns and may reach (pytest's own folders are closed to others)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="azud-server-"))
    try:
        if os.getuid() == 0:
            os.chown(folder, owner.uid, owner.gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_tool(command: Sequence[str], owner: Account) -> None:
    """Run a command as this user to its end.

    Raises:
        AssertionError: It failed; with what it printed.
    """
    done = subprocess.run(_launched(command, owner, signal.SIGKILL), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr or done.stdout}"


def _launched(command: Sequence[str], owner: Account, end: signal.Signals) -> list[str]:
    head = [sys.executable, "-S", "-E", str(_LAUNCHER)]
    return [*head, *(str(int(word)) for word in (os.getpid(), end, owner.uid, owner.gid)), *command]


@contextlib.contextmanager
def serving(
    command: Sequence[str],
    log: pathlib.Path,
    port: int,
    *,
    owner: Account,
    ready: str = "",
    end: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Run a server, yield its pid once it answers, and end it.

    Args:
        command: The server in the foreground.
        log: Where its output goes.
        port: Of 127.0.0.1; it answers when this accepts connections.
        owner: The user that it runs as.
        ready: A text that its log has to hold, too.
        end: The signal that ends it quickly; the kernel sends it when the test process dies.
        env: Variables beside those of this process.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            _launched(command, owner, end),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env={**os.environ, **(env or {})},
        )
    try:
        _wait_until_ready(process, log, port, ready)
        yield process.pid
    finally:
        _end(process, end)


def _wait_until_ready(process: subprocess.Popen[bytes], log: pathlib.Path, port: int, ready: str) -> None:
    deadline = time.monotonic() + _START_S
    while not (accepts(port) and ready.encode() in log.read_bytes()):
        told = log.read_text("utf-8", "replace")[-2000:]
        assert process.poll() is None, f"{process.args} ended with {process.returncode}: {told}"
        assert time.monotonic() < deadline, f"{process.args} does not answer: {told}"
        time.sleep(0.05)


def accepts(port: int) -> bool:
    """Return whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex((LOCALHOST, port)) == 0


def _end(process: subprocess.Popen[bytes], end: signal.Signals) -> None:
    process.send_signal(end)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
