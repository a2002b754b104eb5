"""Attempts on this machine: runners forked from a warm fork server, watched through their connections.

What an attempt is lies in its folder (see `azud.model.jobs`), so it outlives this process. A runner that
disappears without a manifest is followed by another, which finds out from the claims what became of the
job; it never starts a job twice.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

from azud.adapters.compute.tidying import Tidier
from azud.core.errors import AzudError, BackendError, StorageError
from azud.core.processes import is_alive, pidfd
from azud.engine.ports import ABSENT, ENDED, FOUND, UNKNOWN, AttemptListener, Capacity
from azud.job.attempt import Attempt
from azud.job.pool import ForkServers
from azud.job.spool import SPOOL, read_records
from azud.model.attempt_files import MANIFEST, SPEC
from azud.model.codec import from_json, to_json
from azud.model.jobs import JobSpec, Manifest

_log = logging.getLogger(__name__)
RUNNERS_PER_ATTEMPT = 4
RETRY_S = 2.0
_GPU = re.compile(r"^nvidia(\d+)$")


@dataclasses.dataclass
class _Watched:
    attempt: str
    started: bool = False
    failed: bool = False
    buffer: bytes = b""


class LocalBackend:
    """`azud.engine.ports.ComputeBackend` on this machine.

    Args:
        attempts: Folder of all attempt folders.
        servers: The fork servers.
        slots: How many attempts may run at once.
    """

    def __init__(self, attempts: str, servers: ForkServers, slots: int) -> None:
        self._attempts = attempts
        self._servers = servers
        self._slots = slots
        self._listener: AttemptListener | None = None
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._runners: dict[str, int] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._new: list[tuple[Any, _Watched]] = []
        self._closing = False
        self.active_runs: Callable[[], int] = lambda: 0
        """How many runs are worked on: nothing is tidied beside them, even if all their steps are reused."""
        self._tidier = Tidier(attempts, lambda: bool(self._runners) or self.active_runs() > 0)
        self._thread = threading.Thread(target=self._watch, name="attempts", daemon=True)

    def open(self, listener: AttemptListener) -> None:
        """Begin to report to a listener."""
        self._listener = listener
        self._thread.start()
        self._tidier.open()
        self._servers.start_runners()

    def close(self) -> None:
        """Stop watching; attempts go on."""
        self._closing = True
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._tidier.close()
        self._servers.close()

    # -- what this machine has ------------------------------------------------------------------

    def capacity(self) -> Capacity:
        gpus = sorted(int(found.group(1)) for name in os.listdir("/dev") if (found := _GPU.match(name)))
        return Capacity(self._slots, _meminfo("MemTotal"), tuple(str(number) for number in gpus))

    def free_memory_bytes(self) -> int:
        return _meminfo("MemAvailable")

    # -- attempts -------------------------------------------------------------------------------

    def attempt_folder(self, attempt_id: str) -> str:
        return os.path.join(self._attempts, attempt_id)

    def start(self, spec: JobSpec) -> None:
        folder = self.attempt_folder(spec.attempt_id)
        if spec.launch == "fork":
            spec = dataclasses.replace(spec, job_server=self._servers.job_socket(spec.interpreter))
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            # Not synced: after a loss of power the attempt is started again from the event that intended it.
            with open(os.path.join(folder, SPEC), "w", encoding="utf-8") as stream:
                json.dump(to_json(spec), stream, ensure_ascii=False, separators=(",", ":"))
        except OSError as error:
            raise StorageError(
                f"the attempt folder {folder} cannot be written: {error.strerror}",
                hint="is the disk full?",
                retryable=True,
            ) from error
        self._launch(spec.attempt_id)

    def adopt(self, attempt_id: str) -> None:
        self._next(attempt_id)

    def find(self, attempt_id: str) -> str:
        attempt = Attempt(self.attempt_folder(attempt_id))
        try:
            if attempt.has(MANIFEST):
                return ENDED
            return FOUND if attempt.runner_mark() is not None else ABSENT
        except OSError as error:
            _log.error("attempt %s: its files cannot be read: %s", attempt_id, error)
            return UNKNOWN

    def cancel(self, attempt_id: str) -> None:
        folder = self.attempt_folder(attempt_id)
        if os.path.isdir(folder):
            Attempt(folder).request_cancel()

    def manifest(self, attempt_id: str) -> Manifest | None:
        path = os.path.join(self.attempt_folder(attempt_id), MANIFEST)
        try:
            with open(path, "rb") as stream:
                return from_json(Manifest, json.load(stream))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StorageError(f"{path} cannot be read: {error}", hint="the attempt counts as lost") from error

    def survivors(self, attempt_id: str) -> list[int]:
        manifest = self.manifest(attempt_id)
        return [] if manifest is None else [mark.pid for mark in manifest.survivors if is_alive(mark)]

    def spool(self, attempt_id: str, offset: int = 0, most_bytes: int = -1) -> tuple[list[dict[str, Any]], int]:
        return read_records(os.path.join(self.attempt_folder(attempt_id), SPOOL), offset, most_bytes)

    # -- runners --------------------------------------------------------------------------------

    def _launch(self, attempt_id: str) -> None:
        """Have a runner forked for an attempt, the first or one that follows a dead one."""
        self._runners[attempt_id] = self._runners.get(attempt_id, 0) + 1
        connection = self._servers.fork_runner({"attempt_dir": self.attempt_folder(attempt_id)})
        connection.setblocking(False)
        self._observe(connection, _Watched(attempt_id))

    def _next(self, attempt_id: str) -> None:
        """Nobody is known to care for this attempt: find out what it needs."""
        attempt = Attempt(self.attempt_folder(attempt_id))
        try:
            ended = attempt.has(MANIFEST)
            holder = attempt.runner_mark()
        except OSError as error:
            _log.error("attempt %s: its files cannot be read, so they are looked at again: %s", attempt_id, error)
            self._next_later(attempt_id)
            return
        if ended:
            self._ended(attempt_id)
            return
        if holder is not None and is_alive(holder):
            descriptor = pidfd(holder.pid)
            # The pid may have gone to another process before we opened it, so look once more.
            if descriptor is not None and is_alive(holder):
                self._observe(descriptor, _Watched(attempt_id, started=True))
                return
            if descriptor is not None:
                os.close(descriptor)
        if self._runners.get(attempt_id, 0) >= RUNNERS_PER_ATTEMPT:
            _log.error("attempt %s lost %d runners", attempt_id, RUNNERS_PER_ATTEMPT)
            self._ended(attempt_id)
            return
        try:
            self._launch(attempt_id)
        except AzudError as error:
            _log.error("attempt %s cannot be taken up: %s", attempt_id, error)
            self._ended(attempt_id)

    def _next_later(self, attempt_id: str) -> None:
        timer = threading.Timer(RETRY_S, self._next, [attempt_id])
        timer.daemon = True
        timer.start()

    def _ended(self, attempt_id: str) -> None:
        self._runners.pop(attempt_id, None)
        self._report("ended", attempt_id)

    def _report(self, what: str, attempt_id: str) -> None:
        if self._listener is None:
            raise BackendError("the backend was used before it was opened")
        self._listener(what, attempt_id)

    # -- the watching thread --------------------------------------------------------------------

    def _observe(self, source: Any, watched: _Watched) -> None:
        with self._lock:
            self._new.append((source, watched))
        os.write(self._wake_write, b"x")

    def _watch(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._take_new()
                else:
                    try:
                        self._readable(key.fileobj, key.data)
                    except Exception:  # noqa: BLE001 - one attempt's trouble must not blind us for the others
                        _log.exception("attempt %s: watching it failed", key.data.attempt)

    def _take_new(self) -> None:
        os.read(self._wake_read, 4096)
        with self._lock:
            new, self._new = self._new, []
        for source, watched in new:
            self._selector.register(source, selectors.EVENT_READ, watched)

    def _readable(self, source: Any, watched: _Watched) -> None:
        if isinstance(source, socket.socket):
            try:
                data = source.recv(65536)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""
            if data and not self._done(watched, data):
                return
            self._selector.unregister(source)
            source.close()
        else:
            self._selector.unregister(source)
            os.close(source)
        if watched.failed:
            # Its job is over, its manifest could not be written (a full disk, say): the attempt waits for better times.
            self._runners.pop(watched.attempt, None)
            self._next_later(watched.attempt)
            return
        self._next(watched.attempt)

    def _done(self, watched: _Watched, data: bytes) -> bool:
        """Take in what a runner said; True once it has said its last word."""
        *lines, watched.buffer = (watched.buffer + data).split(b"\n")
        for line in lines:
            words = json.loads(line)
            if "error" in words:
                _log.error("attempt %s: %s", watched.attempt, words["error"])
                watched.failed = bool(words.get("done"))
            if words.get("outcome") == "completed":
                self._tidier.add(watched.attempt)
            if words.get("done"):
                return True
            if "error" in words:
                continue
            if words.get("sealing"):
                self._report("sealing", watched.attempt)
            elif not watched.started:
                watched.started = True
                self._report("started", watched.attempt)
        return False


def _meminfo(name: str) -> int:
    """Return a line of `/proc/meminfo` in bytes."""
    with open("/proc/meminfo", encoding="ascii") as stream:
        for line in stream:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    raise BackendError(f"/proc/meminfo has no {name}", hint="azud runs on Linux")
