"""`azud runs logs`: what the steps printed, at once or as it comes."""

from __future__ import annotations

import codecs
import time

from azud.cli import output
from azud.cli.waiting import leaving_it_running
from azud.cli.workspace import is_step, run_by_id, steps_of
from azud.client.transport import Client
from azud.core.errors import NotFoundError
from azud.model.attempt_files import DRIVER_LOG
from azud.model.runs import RunRecord, RunStatus

_PAUSE_S = 0.4
_LONG_POLL_S = 10.0


def show_logs(client: Client, run: RunRecord, *, path: str | None, follow: bool) -> RunRecord:
    """Print the log of a step, or of every step of a pipeline run, and return the run's last record.

    Args:
        client: Of the run's workspace.
        run: A pipeline run or a step run.
        path: Which of the run's files to print; None is the step's own output.
        follow: Go on until the run has ended. Steps that run side by side are told apart by their names at
            the beginning of each line.
    """
    if path is not None or is_step(run):
        return _one(client, run, path or DRIVER_LOG, follow=follow)
    return _follow_all(client, run) if follow else _all(client, run)


def _one(client: Client, run: RunRecord, path: str, *, follow: bool) -> RunRecord:
    tail = _Tail(client, run, path)
    with leaving_it_running(run.parent_id or run.id):
        while True:
            run = run_by_id(client, run.id) if follow else run
            ended = run.status in RunStatus.TERMINAL
            output.raw(tail.read(run, wait_s=0 if ended or not follow else _LONG_POLL_S))
            if ended or not follow:
                break
            if not tail.exists:
                time.sleep(_PAUSE_S)
    if not tail.exists:
        _say_missing(client, run, path)
    return run


def _all(client: Client, run: RunRecord) -> RunRecord:
    for step in steps_of(client, run):
        tail = _Tail(client, step, DRIVER_LOG)
        content = tail.read(step, wait_s=0)
        output.line(f"==> {step.name} ({step.status}) <==")
        output.raw(content)
        if content and not content.endswith("\n"):
            output.line()
    return run


def _follow_all(client: Client, run: RunRecord) -> RunRecord:
    tails: dict[str, _Tail] = {}
    finished: set[str] = set()
    with leaving_it_running(run.id):
        while True:
            # The states are read before the logs: what ended before was written before.
            run = run_by_id(client, run.id)
            steps = steps_of(client, run)
            width = max((len(step.name) for step in steps), default=0)
            for step in steps:
                if step.id in finished or step.status in (RunStatus.NOT_STARTED, RunStatus.QUEUED):
                    continue
                tail = tails.setdefault(step.id, _Tail(client, step, DRIVER_LOG))
                ended = step.status in RunStatus.TERMINAL
                for each in tail.lines(step, last=ended):
                    output.raw(f"{step.name:<{width}} | {each}\n")
                if ended:
                    finished.add(step.id)
            if run.status in RunStatus.TERMINAL:
                return run
            time.sleep(_PAUSE_S)


def _say_missing(client: Client, run: RunRecord, path: str) -> None:
    files = [item["path"] for item in client.get(f"/runs/{run.id}/files")["value"]]
    if run.status in RunStatus.TERMINAL and path not in files:
        raise NotFoundError(
            f"run {run.id[:8]} has no file {path}",
            hint=f"its files are: {', '.join(files)}" if files else "it ended before it printed anything",
        )


class _Tail:
    """A file of a run, read from where the last read ended; of a step that is tried again, attempt after attempt."""

    def __init__(self, client: Client, run: RunRecord, path: str) -> None:
        self._client = client
        self._address = f"/runs/{run.id}/files/{path}"
        self._attempt = max(run.attempt, 1)
        self._begin()
        self._rest = ""
        self.exists = False

    def _begin(self) -> None:
        self._offset = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def read(self, run: RunRecord, *, wait_s: float) -> str:
        """Return what is new, as of this record of the run; wait up to `wait_s` seconds if nothing is."""
        before = ""
        while self._attempt < run.attempt:
            before += self._more(wait_s=0)
            if before and not before.endswith("\n"):
                before += "\n"
            self._attempt += 1
            before += f"--- attempt {self._attempt} ---\n"
            self._begin()
        return before + self._more(wait_s=0 if before else wait_s)

    def _more(self, *, wait_s: float) -> str:
        query = {"offset": self._offset, "wait_s": wait_s, "attempt": self._attempt}
        try:
            response = self._client.open(self._address, query, wait_s=wait_s)
        except NotFoundError:
            return ""
        self.exists = True
        try:
            data = response.read()
        except OSError:  # the server died over it; the next read goes on from where this one began
            return ""
        self._offset += len(data)
        return self._decode(data)

    def lines(self, run: RunRecord, *, last: bool) -> list[str]:
        """Return the new complete lines; with `last`, an incomplete one too."""
        content = self._rest + self.read(run, wait_s=0)
        *complete, self._rest = content.split("\n")
        if last and self._rest:
            complete.append(self._rest)
            self._rest = ""
        return complete
