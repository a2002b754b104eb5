"""Starting the server of a workspace home, once, and connecting to it.

Whoever gets the lock on `server.lock` starts the server and hands it the lock and a listening socket, so that
callers connect at once: the kernel queues their connections until the server accepts them (see
docs/architecture.md, "Starting a server").
"""

from __future__ import annotations

import json
import os
import platform
import time
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from azud import __version__
from azud.client.homes import Home, server_interpreter
from azud.client.places import socket_path
from azud.client.transport import DEFAULT_RETRY_S, Client, in_job
from azud.core import durable
from azud.core.errors import BackendError, ConflictError, NotFoundError, SettingsError

if TYPE_CHECKING:
    import socket
    import subprocess

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "USER", "LOGNAME")
_KEPT_PREFIXES = ("LC_", "XDG_", "AZUD_")
_DROPPED_VARIABLES = (
    "AZUD_ATTEMPT_DIR",
    "AZUD_ENDPOINT",
    "AZUD_LIBRARY_PATH",
    "AZUD_PLAN_FILE",
    "AZUD_SUBMISSION_ID",
)
_BACKLOG = 512
_MOST_STARTS = 5
_HANDOVER_S = 30.0
_HANDOVER_LOOK_S = 0.05
_START_S = 60.0  # an end this soon after the start says that the server cannot run

_started: Dict[str, "List[Tuple[float, subprocess.Popen[bytes]]]"] = {}
_clients: Dict[str, Client] = {}


def connect(home: Home, *, retry_s: float = DEFAULT_RETRY_S) -> Client:
    """Return the client of a home's server, the same one for every call in this process.

    The server is started by the first request that finds none. Inside a job it never is.
    """
    found = _clients.get(home.path)
    if found is None:
        if not in_job():
            _agree_on_version(home)
        start = _refuse_in_job if in_job() else (lambda: ensure_server(home))
        found = Client(f"unix:{socket_path(home.path)}", retry_s=retry_s, on_unreachable=start)
        _clients[home.path] = found
    return found


def ensure_server(home: Home) -> str:
    """Return the address of the home's server, starting it if none lives.

    Effects: May spawn a detached process that outlives this one.
    Idempotent: by the lock of the home; callers in many processes start one server between them.

    Raises:
        SettingsError: No interpreter can start the server, or the home is served from another machine.
        BackendError: The server ended at once; the message holds the end of its log.
        NotFoundError: The home is gone.
    """
    import fcntl

    if in_job():
        _refuse_in_job()
    path = socket_path(home.path)
    if not os.path.isdir(home.path):
        raise NotFoundError(f"the workspace in {home.path} is gone", hint="it was deleted, or its folder was moved")
    lock = os.open(os.path.join(home.path, "server.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _check_host(lock, home)
            return f"unix:{path}"
        _check_earlier_start(home)
        listener = _listen(path)
        try:
            _spawn(home, lock, listener)
        finally:
            listener.close()
    finally:
        os.close(lock)
    return f"unix:{path}"


def _agree_on_version(home: Home) -> None:
    """End a server of an older azud, so that this one starts its own, which adopts what runs; refuse a newer one.

    Raises:
        ConflictError: The server is of a newer azud.
        BackendError: An older server does not end.
    """
    try:
        with open(os.path.join(home.path, "server.lock"), "rb") as stream:
            holder = json.loads(stream.read() or b"{}")
    except (FileNotFoundError, ValueError):  # none yet, or one that is just signing
        return
    theirs = str(holder.get("version") or __version__)
    if theirs == __version__ or not _is_locked(home):
        return
    if _version_key(theirs) > _version_key(__version__):
        raise ConflictError(
            f"the server of {home.path} is azud {theirs}, this program uses azud {__version__}",
            hint="use the newer azud, or end that server with its own `azud server stop`",
        )
    Client(f"unix:{socket_path(home.path)}").post("/server/stop", {}, repeat=True)
    deadline = time.monotonic() + _HANDOVER_S
    while _is_locked(home):
        if time.monotonic() > deadline:
            raise BackendError(f"the server of azud {theirs} in {home.path} does not end", hint="end it by hand")
        time.sleep(_HANDOVER_LOOK_S)


def _is_locked(home: Home) -> bool:
    """Return whether a server holds the home."""
    import fcntl

    lock = os.open(os.path.join(home.path, "server.lock"), os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _version_key(version: str) -> List[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _refuse_in_job() -> None:
    raise BackendError(
        "the workspace server does not answer, and a job may not start it",
        hint="it is started again by the next azud command outside of jobs",
        retryable=True,
    )


def check_host(home: Home) -> None:
    """Refuse a home that a server on another machine holds, because two machines must not open one database.

    Raises:
        SettingsError: It is served from another host.
    """
    path = os.path.join(home.path, "server.lock")
    if os.path.exists(path) and _is_locked(home):
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check_host(lock, home)
        finally:
            os.close(lock)


def _check_host(lock: int, home: Home) -> None:
    raw = os.pread(lock, 65536, 0)
    try:
        holder = json.loads(raw) if raw else {}
    except ValueError:  # the holder is just writing it
        return
    host = holder.get("host") if isinstance(holder, dict) else None
    if host and host != platform.node():
        raise SettingsError(
            f"the workspace in {home.path} is served on host {host!r}, and this is {platform.node()!r}",
            hint="run there, or let that host share it with `azud serve`",
        )


def _check_earlier_start(home: Home) -> None:
    """Raise if a server that this process started just now failed by itself; one that was killed is started again."""
    now = time.monotonic()
    starts = [start for start in _started.get(home.path, []) if start[1].poll() is None or now - start[0] < _START_S]
    _started[home.path] = starts
    codes = [process.poll() for _, process in starts]
    not_told = [code for code in codes if code != 0]  # a server that was told to stop did nothing wrong
    if any(code is not None and code > 0 for code in codes) or len(not_told) >= _MOST_STARTS:
        starts.clear()
        raise BackendError(
            f"the workspace server of {home.path} ended at its start:\n{_log_tail(home)}",
            hint=f"see {os.path.join(home.path, 'server.log')} and `azud doctor`",
        )


def _listen(path: str) -> socket.socket:
    import socket

    # Only the holder of the lock comes here, so whoever bound this name before is dead.
    if os.path.lexists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _spawn(home: Home, lock: int, listener: socket.socket) -> None:
    interpreter = _interpreter(home)
    argv = [
        interpreter,
        *("-m", "azud.server", "--home", home.path),
        *("--lock-fd", str(lock), "--listen-fd", str(listener.fileno())),
    ]
    with open(os.devnull, "rb") as nothing, open(os.path.join(home.path, "server.log"), "ab") as log:
        try:
            process = durable.spawn(
                argv,
                env=server_environment(),
                cwd=home.path,
                stdin=nothing,
                stdout=log,
                stderr=log,
                pass_fds=(lock, listener.fileno()),
                start_new_session=True,
                point="client.launch.spawn",
            )
        except OSError as error:
            raise SettingsError(
                f"the server's interpreter {interpreter} cannot be started: {error}",
                hint="set AZUD_SERVER_PYTHON to the Python that azud is installed in",
            ) from error
    _started[home.path].append((time.monotonic(), process))


def _interpreter(home: Home) -> str:
    found: Optional[str] = os.environ.get("AZUD_SERVER_PYTHON") or home.interpreter
    if found and not os.access(found, os.X_OK):
        found = None if "AZUD_SERVER_PYTHON" not in os.environ else found
    found = found or server_interpreter()
    if not found:
        raise SettingsError(
            f"no interpreter is known that can start the server of {home.path}",
            hint="start your program with `azud run`, or set AZUD_SERVER_PYTHON to the Python that azud is "
            "installed in",
        )
    return found


def server_environment() -> Dict[str, str]:
    """Return the environment that servers start in: a fixed baseline, nothing of the user's Python."""
    return {
        name: value
        for name, value in os.environ.items()
        if (name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)) and name not in _DROPPED_VARIABLES
    }


def _log_tail(home: Home, lines: int = 15) -> str:
    try:
        with open(os.path.join(home.path, "server.log"), "rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 8192))
            return "\n".join(stream.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError as error:
        return f"(its log cannot be read: {error})"
