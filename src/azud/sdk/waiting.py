"""Waiting for a run: its events by long poll, its log lines as they come, plain text on standard output."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from azud.core.errors import NotFoundError
from azud.core.ids import attempt_number
from azud.sdk.exceptions import ActivityFailedException, ExperimentExecutionException, translated
from azud.sdk.run import TERMINAL

if TYPE_CHECKING:
    from azud.sdk.run import Run

_LONG_POLL_S = 30.0
# A followed log has no events, so this bounds how late a line is seen.
_FOLLOW_POLL_S = 0.5
_MOST_LOGS_AT_ONCE = 20
_DRIVER_LOG = "azureml-logs/70_driver_log.txt"
_RULE = "=" * 30
_WORDS = {"completed": "Finished", "failed": "Failed", "timed_out": "Failed", "canceled": "Canceled"}


def wait(run: Run, *, show_output: bool, timeout_s: Optional[float], raise_on_error: bool) -> str:
    """Wait for a run's end and return its state in the words of its class.

    Raises:
        ActivityFailedException: The run failed, and `raise_on_error`.
        ExperimentExecutionException: Ctrl-C; the run goes on.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    try:
        ended = _follow(run, deadline) if show_output else _await_end(run, deadline)
    except KeyboardInterrupt as error:
        message = f"the wait for run {run.id} was ended by Ctrl-C; the run itself goes on"
        print(f"{message}. See `azud runs show {run.id}`; `azud runs cancel {run.id}` ends it.")
        raise ExperimentExecutionException(message, inner_exception=error) from error
    record = run._fresh()
    status = run.get_status() if record["status"] not in TERMINAL else _word(run, record["status"])
    if not ended:
        print(f"Timed out after {timeout_s:g} s of waiting; run {run.id} goes on and is {status}")
        return status
    if show_output:
        _print_end(run, record, status)
    if raise_on_error and record["status"] == "Failed":
        raise failure_of(record)
    return status


def _await_end(run: Run, deadline: Optional[float]) -> bool:
    """Wait for a run's end, and for nothing else; return False when the time was up before."""
    while True:
        poll_s = _LONG_POLL_S if deadline is None else max(0.0, min(_LONG_POLL_S, deadline - time.monotonic()))
        if run._api.get(f"/runs/{run.id}/end", {"wait_s": poll_s}, wait_s=poll_s)["terminal"]:
            return True
        if deadline is not None and time.monotonic() >= deadline:
            return False


def _follow(run: Run, deadline: Optional[float]) -> bool:
    """Print what happens in a run until its end; return False when the time was up before."""
    record = run._fresh()
    if record["type"] == "azureml.interactive":  # it has neither events nor logs of its own
        return _await_end(run, deadline)
    parent = record.get("parent_id")
    watched = parent or run.id
    kind = _ScriptPrinter if record["type"] == "azureml.scriptrun" else _Printer
    printer = kind(run, watched, only_node=record.get("node_id") if parent else None)
    after = -1
    while True:
        left = _LONG_POLL_S if deadline is None else max(0.0, deadline - time.monotonic())
        poll_s = min(left, _FOLLOW_POLL_S if printer.is_following else _LONG_POLL_S)
        news = run._api.get(f"/runs/{watched}/events", {"after": after, "wait_s": poll_s}, wait_s=poll_s)
        for event in news["events"]:
            after = max(after, int(event["seq"]))
        printer.show(news["events"])
        status = news["status"] if not parent else run._fresh()["status"]
        if status in TERMINAL:
            printer.finish()
            return True
        if deadline is not None and time.monotonic() >= deadline:
            return False


class _Printer:
    """Prints what events say, and one running step's log at a time."""

    def __init__(self, run: Run, pipeline_run_id: str, *, only_node: Optional[str]) -> None:
        self._run = run
        self._api = run._api
        self._only = only_node
        steps = self._api.items(f"/runs/{pipeline_run_id}/steps")
        self._steps: Dict[str, Dict[str, Any]] = {step["node_id"]: step for step in steps}
        self._offsets: Dict[str, int] = {}  # by attempt
        self._running: List[Tuple[str, str]] = []  # node and attempt
        if only_node is None:
            self._begin(pipeline_run_id, run.get_portal_url())

    def _begin(self, run_id: str, address: str) -> None:
        print(f"PipelineRunId: {run_id}")
        print(f"Link to Azure Machine Learning Portal: {address}")
        print("PipelineRun Status: Running")

    def _say(self, text: str) -> None:
        """Print what is said of a step."""
        print(text)

    @property
    def is_following(self) -> bool:
        return bool(self._running)

    def show(self, events: List[Dict[str, Any]]) -> None:
        logs_left = _MOST_LOGS_AT_ONCE
        for event in events:
            node = event.get("step")
            step = self._steps.get(node or "")
            if node is None or step is None or self._only not in (None, node):
                continue
            if event["type"] == "AttemptStarted":
                self._say(f"\n\nStepRunId: {step['id']}\nStepRun( {step['name']} ) Status: Running")
                self._running.append((node, event["attempt"]))
            elif event["type"] == "AttemptEnded":
                ended = (node, event["attempt"])
                if ended in self._running:
                    self._running.remove(ended)
                if logs_left > 0 or event["attempt"] in self._offsets:
                    logs_left -= 1
                    self._print_log(*ended)
                word = _WORDS.get(event["outcome"], "Failed")
                self._say(f"StepRun( {step['name']} ) Status: {word}")
            elif event["type"] == "StepReused":
                self._say(f"\n\nStepRunId: {step['id']}")
                self._say(f"StepRun( {step['name']} ) Status: Finished (reused from step run {event['source']})")
            elif event["type"] == "StepRefused":
                self._say(f"\n\nStepRunId: {step['id']}\nStepRun( {step['name']} ) Status: Failed ({event['code']})")
        if self._running:
            self._print_log(*self._running[0])

    def finish(self) -> None:
        for node, attempt in self._running:
            self._print_log(node, attempt)
        self._running = []

    def _print_log(self, node: str, attempt: str) -> None:
        """Print what an attempt's log holds beyond what was printed."""
        step = self._steps[node]
        offset = self._offsets.get(attempt, 0)
        query = {"offset": offset, "attempt": attempt_number(attempt)}
        path = f"/runs/{step['id']}/files/{_DRIVER_LOG}"
        with translated():
            try:
                data = b"".join(self._api.client.download(path, query))
            except NotFoundError:
                return  # nothing was written yet
        if not data:
            return
        if offset == 0:
            print(f"\nStreaming {_DRIVER_LOG}\n{_RULE}")
        self._offsets[attempt] = offset + len(data)
        text = data.decode("utf-8", "replace")
        print(text, end="" if text.endswith("\n") else "\n", flush=True)


class _ScriptPrinter(_Printer):
    """Of a script run only its log is shown: its one step is the run itself."""

    def _begin(self, run_id: str, address: str) -> None:
        print(f"RunId: {run_id}")
        print(f"Web View: {address}")

    def _say(self, text: str) -> None:
        """Say nothing."""


def _word(run: Run, status: str) -> str:
    from azud.sdk.pipeline_run import _EngineRun, pipeline_word

    return pipeline_word(status) if isinstance(run, _EngineRun) else status


def _print_end(run: Run, record: Dict[str, Any], status: str) -> None:
    kind = {"azureml.StepRun": "StepRun ", "azureml.PipelineRun": "PipelineRun "}.get(record["type"], "")
    print(f"\n\n{kind}Execution Summary\n{_RULE}")
    print(f"{kind}Status: {status}")
    for text in record.get("warnings") or []:
        print(f"Warning: {text}")
    error = record.get("error")
    if error:
        where = f" in step {error['step']}" if error.get("step") else ""
        print(f"Error{where}: {error['message']}")
        for line in error.get("traceback_tail") or []:
            print(f"    {line}")
        if error.get("exit_code") is not None:
            print(f"Exit code: {error['exit_code']}")
        if error.get("log"):
            print(f"Log: {error['log']} (azud runs logs {run.id})")
    print({key: record.get(key) for key in ("id", "status", "started_at", "ended_at")}, flush=True)


def failure_of(record: Mapping[str, Any]) -> ActivityFailedException:
    """Return the exception of a run that did not succeed, with the error as JSON, as in v1."""
    import json

    error = dict(record.get("error") or {"code": "canceled", "message": f"the run ended as {record['status']}"})
    lines = [str(error.get("message"))]
    for label, key in (("exit code", "exit_code"), ("signal", "signal"), ("log", "log")):
        if error.get(key) is not None:
            lines.append(f"{label}: {error[key]}")
    lines.extend(error.pop("traceback_tail", None) or [])
    body = {"error": {"code": error.get("code"), "message": "\n".join(lines), "details": error}}
    return ActivityFailedException(json.dumps(body, indent=4, ensure_ascii=False), code=str(error.get("code")))
