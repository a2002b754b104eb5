"""Work that takes longer than a request: one thread, one task at a time, its progress for whoever asks."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import AzudError, BackendError, ConflictError

_log = logging.getLogger(__name__)
NONE, RUNNING, DONE, FAILED = "none", "running", "done", "failed"


@dataclasses.dataclass(frozen=True)
class TaskStatus:
    """How a task stands: `none`, `running`, `done` with its `result`, or `failed` with its `error` (a problem)."""

    state: str = NONE
    started_at: str | None = None
    ended_at: str | None = None
    total: int = 0
    count: int = 0
    result: Any = None
    error: dict[str, Any] | None = None


class Progress:
    """Counts what a task has done. Thread-safe."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self.total = 0
        self.count = 0

    def expect(self, more: int) -> None:
        """So much more is to be done."""
        self.total += more

    def advance(self, count: int = 1) -> None:
        """So much was done.

        Raises:
            BackendError: The server ends; what is left to do is found by the next task.
        """
        self.count += count
        if self._stopping.is_set():
            raise BackendError("the server ended before this was done", hint="give the command again", retryable=True)


class Task:
    """One kind of long work.

    Args:
        name: For messages and the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._status = TaskStatus()
        self._stopping = threading.Event()
        self._progress = Progress(self._stopping)
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[Progress], Any]) -> TaskStatus:
        """Begin in a thread of its own and return at once.

        Raises:
            ConflictError: It is being done already.
        """
        with self._changed:
            if self._status.state == RUNNING:
                raise ConflictError(f"{self._name} is going on already", hint="wait for its end, then try again")
            self._progress = Progress(self._stopping)
            self._status = TaskStatus(RUNNING, now_text())
            self._thread = threading.Thread(target=self._run, args=[work, self._progress], name=self._name, daemon=True)
            self._thread.start()
        return self.status()

    def _run(self, work: Callable[[Progress], Any], progress: Progress) -> None:
        started_at = self._status.started_at
        try:
            ended = TaskStatus(DONE, started_at, result=work(progress))
        except AzudError as error:
            ended = TaskStatus(FAILED, started_at, error=error.to_problem())
        except Exception as error:  # noqa: BLE001 - whoever asks for the status hears of it
            _log.exception("%s failed", self._name)
            problem = AzudError(f"{self._name} failed: {error}", hint="see: azud server logs").to_problem()
            ended = TaskStatus(FAILED, started_at, error=problem)
        with self._changed:
            self._status = dataclasses.replace(ended, ended_at=now_text(), total=progress.total, count=progress.count)
            self._changed.notify_all()

    def status(self, wait_s: float = 0.0) -> TaskStatus:
        """Return how it stands, after waiting for its end for a while."""
        with self._changed:
            if wait_s > 0:
                self._changed.wait_for(lambda: self._status.state != RUNNING, wait_s)
            if self._status.state != RUNNING:
                return self._status
            return dataclasses.replace(self._status, total=self._progress.total, count=self._progress.count)

    def close(self) -> None:
        """Have it end soon, and return when it has."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
