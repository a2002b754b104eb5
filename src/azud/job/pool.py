"""The fork servers of one workspace server: one for runners, one for each interpreter that jobs run in."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any, Dict, Optional

from azud.core.errors import BackendError
from azud.job.forkclient import JOB_PRELOAD, RUNNER_PRELOAD, ForkServer

_RUNNERS = ""


class ForkServers:
    """Starts fork servers when they are first needed, and again when one has died. Thread-safe.

    Args:
        runtime_dir: Private folder for their sockets.
        log_path: File to which all of them append their own words.
        library_path: Folder that jobs get on their path.
        runner_interpreter: azud's own Python.
    """

    def __init__(
        self, runtime_dir: str, log_path: str, library_path: str, runner_interpreter: str = sys.executable
    ) -> None:
        self._runtime_dir = runtime_dir
        self._log_path = log_path
        self.library_path = library_path
        self._runner_interpreter = runner_interpreter
        self._lock = threading.Lock()
        self._servers: Dict[str, ForkServer] = {}

    def start_runners(self) -> None:
        """Start the fork server for runners now, before anybody waits for it."""
        self._server(_RUNNERS)

    def job_socket(self, interpreter: str) -> str:
        """Return the socket of an interpreter's fork server, started if need be.

        Raises:
            BackendError: The interpreter cannot be started.
        """
        return self._server(interpreter).socket_path

    def fork_runner(self, args: Dict[str, Any]) -> socket.socket:
        """Have a runner forked; see `ForkServer.fork`.

        Raises:
            BackendError: No fork server for runners can be started.
        """
        return self._fork(_RUNNERS, "runner", args)

    def fork_in(self, interpreter: str, entry: str, args: Dict[str, Any]) -> socket.socket:
        """Have a child forked in an interpreter that jobs use; see `ForkServer.fork`.

        Raises:
            BackendError: The interpreter cannot be started.
        """
        return self._fork(interpreter, entry, args)

    def renew(self, interpreter: str) -> None:
        """Have the interpreter's next fork server started afresh: it reads its path when it starts. Jobs go on."""
        with self._lock:
            server = self._servers.pop(interpreter, None)
            if server is not None:
                server.close()

    def _fork(self, key: str, entry: str, args: Dict[str, Any]) -> socket.socket:
        server = self._server(key)
        try:
            return server.fork(entry, args)
        except BackendError:
            # It may have died since; what it was asked for was not started, so asking a new one is safe.
            return self._server(key, instead_of=server).fork(entry, args)

    def _server(self, key: str, instead_of: Optional[ForkServer] = None) -> ForkServer:
        with self._lock:
            server = self._servers.get(key)
            if server is not None and server is not instead_of and server.is_running():
                return server
            if server is not None:
                server.close()
            server = self._servers[key] = self._start(key)
            return server

    def _start(self, key: str) -> ForkServer:
        runners = key == _RUNNERS
        return ForkServer.start(
            self._runner_interpreter if runners else key,
            runtime_dir=self._runtime_dir,
            log_path=self._log_path,
            library_path=None if runners else self.library_path,
            preload=RUNNER_PRELOAD if runners else JOB_PRELOAD,
        )

    def close(self) -> None:
        """Tell all of them that nobody will come any more; those with children stay until these end."""
        with self._lock:
            for server in self._servers.values():
                server.close()
                if os.path.exists(server.socket_path) and not server.is_running():
                    os.unlink(server.socket_path)
            self._servers.clear()
