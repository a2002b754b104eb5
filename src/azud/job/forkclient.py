"""Starting a fork server and asking it to fork."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence

from azud.core import durable
from azud.core.errors import BackendError
from azud.core.ids import new_token
from azud.job.baseline import baseline_environment
from azud.job.lines import LineReader, encode_line

if TYPE_CHECKING:
    import subprocess

RUNNER_PRELOAD = ("azud.runner.main",)
JOB_PRELOAD = (
    "argparse",
    "json",
    "azud.job.monitor",
    "azud.job.spool",
    "azud.sdk.context",
    "azureml.core",
)

_BACKLOG = 1024
_CONNECT_S = 30.0
# `-c` rather than `-m`: nothing but this string stands between the interpreter's start and the first look at
# what it has imported by itself.
_PROGRAM = (
    "import sys; bare = frozenset(sys.modules); del sys.path[0]; "
    "from azud.job.forkserver import main; main(sys.argv[1:], bare)"
)


class ForkServer:
    """A fork server that this process started. It outlives this process for as long as its children need it.

    Args:
        interpreter: Absolute path of the Python that it runs in.
        socket_path: Where it listens.
        process: Its process.
        parent_fd: Write end of the pipe whose closing tells it that nobody will come any more.
    """

    def __init__(self, interpreter: str, socket_path: str, process: subprocess.Popen[bytes], parent_fd: int) -> None:
        self.interpreter = interpreter
        self.socket_path = socket_path
        self.process = process
        self._parent_fd: Optional[int] = parent_fd

    @classmethod
    def start(
        cls,
        interpreter: str,
        *,
        runtime_dir: str,
        log_path: str,
        library_path: Optional[str] = None,
        preload: Sequence[str] = JOB_PRELOAD,
        drain_idle_s: Optional[float] = None,
    ) -> ForkServer:
        """Start a fork server and return at once: its socket queues connections until it has started.

        Args:
            interpreter: Absolute path of the Python to run it in.
            runtime_dir: Private folder for the socket; the whole path has at most about 100 bytes.
            log_path: File to which it appends its own words.
            library_path: Folder with azud's standard-library packages, or None if `interpreter` has them.
            preload: Modules to import before forking; those that are missing are skipped.
            drain_idle_s: How long it stays when it is no longer needed, or None for the default.

        Raises:
            BackendError: The interpreter cannot be started, or the path is too long.
        """
        socket_path = os.path.join(runtime_dir, f"fork-{new_token()[:12]}.sock")
        listener = _listen(socket_path)
        read_end, write_end = os.pipe()
        argv = [interpreter, "-u", "-c", _PROGRAM, "--socket", socket_path]
        argv += ["--listen-fd", str(listener.fileno()), "--parent-fd", str(read_end)]
        for name in preload:
            argv += ["--preload", name]
        if drain_idle_s is not None:
            argv += ["--drain-idle-s", str(drain_idle_s)]
        environment = baseline_environment(library_path)
        environment.update({name: os.environ[name] for name in durable.FAIL_VARIABLES if name in os.environ})
        null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            process = durable.spawn(
                argv,
                env=environment,
                cwd="/",
                stdin=null,
                stdout=log,
                stderr=log,
                pass_fds=(listener.fileno(), read_end),
                start_new_session=True,
                point="forkserver.spawn",
            )
        except OSError as error:
            os.close(write_end)
            os.unlink(socket_path)
            raise BackendError(
                f"the interpreter {interpreter} cannot be started: {error.strerror}",
                hint="check that the file exists and is a Python interpreter",
            ) from error
        finally:
            for descriptor in (null, log, read_end):
                os.close(descriptor)
            listener.close()
        return cls(interpreter, socket_path, process, write_end)

    def fork(self, entry: str, args: Dict[str, Any]) -> socket.socket:
        """Have a child forked that runs an entry, and return the connection that it owns.

        The child's first line is `{"pid", "started", "boot"}`; its last has `"done": true`; then comes the end.
        An `{"error": text}` instead says that nothing was forked.

        Raises:
            BackendError: The fork server is gone.
        """
        return request_fork(self.socket_path, entry, args)

    def ping(self, timeout_s: float = 10.0) -> Dict[str, Any]:
        """Return `{"ok", "pid", "children"}` once the fork server serves.

        Raises:
            BackendError: It is gone or does not answer in time.
        """
        connection = _connect(self.socket_path, {"op": "ping"})
        with connection:
            connection.settimeout(timeout_s)
            try:
                answer = LineReader(connection).read()
            except (OSError, ValueError) as error:
                raise _gone(self.socket_path, error) from error
        if answer is None:
            raise _gone(self.socket_path, None)
        return answer

    def is_running(self) -> bool:
        """Return whether its process lives."""
        return self.process.poll() is None

    def close(self) -> None:
        """Tell it that nobody will come any more: it ends once its children have, this does not wait."""
        if self._parent_fd is not None:
            os.close(self._parent_fd)
            self._parent_fd = None


def request_fork(socket_path: str, entry: str, args: Dict[str, Any]) -> socket.socket:
    """Ask the fork server at a socket for a child and return the connection that the child owns.

    Raises:
        BackendError: No fork server listens there; nothing was forked.
    """
    return _connect(socket_path, {"op": "fork", "entry": entry, "args": args})


def _connect(socket_path: str, request: Dict[str, Any]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_CONNECT_S)
        connection.connect(socket_path)
        connection.sendall(encode_line(request))
        connection.settimeout(None)
    except OSError as error:
        connection.close()
        raise _gone(socket_path, error) from error
    return connection


def _gone(socket_path: str, error: Optional[BaseException]) -> BackendError:
    return BackendError(
        f"the fork server at {socket_path} does not answer ({error or 'it closed the connection'})",
        hint="its log lies beside the server's; jobs can be started as fresh interpreters instead",
        retryable=True,
    )


def _listen(socket_path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(socket_path)
        os.chmod(socket_path, 0o600)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise BackendError(
            f"no socket can be made at {socket_path}: {error}",
            hint="the folder must exist and the whole path have at most about 100 bytes",
        ) from error
    return listener
