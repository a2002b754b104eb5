"""Waiting for runs: what changed, shown as it happens, and what Ctrl-C means."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from azud.cli import output, text
from azud.cli.run import SUBMISSION_PROPERTY
from azud.cli.workspace import run_by_id, runs, server_answer, steps_of
from azud.client.homes import Home, find_home, load_home, read_registry
from azud.client.launch import connect
from azud.client.transport import Client
from azud.core.errors import NotFoundError
from azud.model.runs import RunRecord, RunStatus

if TYPE_CHECKING:
    from rich.progress import Progress

_POLL_S = 20.0
_REDRAW_S = 0.3
_MOST_OTHERS = 200


class Moment(NamedTuple):
    """A run and its steps at one moment."""

    run: RunRecord
    steps: list[RunRecord]

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.run.status in RunStatus.TERMINAL


def moments(client: Client, run_id: str) -> Iterator[Moment]:
    """Yield the run now, and again after every change, until it has ended.

    Changes that come quickly one after another are yielded together.
    """
    after = -1
    while True:
        run = run_by_id(client, run_id)
        moment = Moment(run, steps_of(client, run))
        yield moment
        if moment.terminal:
            return
        time.sleep(_REDRAW_S)
        events = _next_events(client, run_id, after)
        after = max((int(event["seq"]) for event in events), default=after)


def _next_events(client: Client, run_id: str, after: int) -> list[dict[str, Any]]:
    query = {"after": after, "wait_s": _POLL_S}
    answer: dict[str, Any] = client.get(f"/runs/{run_id}/events", query, wait_s=_POLL_S)
    events: list[dict[str, Any]] = answer["events"]
    return events


@contextlib.contextmanager
def leaving_it_running(run_id: str) -> Iterator[None]:
    """Say, when Ctrl-C ends a wait, that the run goes on, and how to see or end it."""
    try:
        yield
    except KeyboardInterrupt:
        output.note(
            f"\nazud: stopped waiting; run {run_id[:8]} goes on\n"
            f"  hint: watch it with: azud runs logs -f {run_id[:8]}   end it with: azud runs cancel {run_id[:8]}"
        )
        raise


def wait_for_run(client: Client, run_id: str) -> RunRecord:
    """Show a run's progress until it ends, and return its last record."""
    with leaving_it_running(run_id), _shown(run_id) as show:
        for moment in moments(client, run_id):
            show.update(moment)
    return moment.run


def wait_for_submission(submission: str) -> bool:
    """Wait for every run that one `azud run` submitted; return whether any did not complete.

    The SDK writes the submission's id into the runs' properties. They are looked for in the workspace of the
    current folder and in every workspace of this user whose server runs.
    """
    failed = False
    for home in _candidate_homes():
        client = connect(home)
        for run in _submitted(client, submission):
            failed |= wait_for_run(client, run.id).status != RunStatus.COMPLETED
    return failed


def _submitted(client: Client, submission: str) -> list[RunRecord]:
    # Newest first, so the program's runs stand at the beginning, mixed only with what others submitted meanwhile.
    found: list[RunRecord] = []
    others = 0
    for run in runs(client):
        if run.properties.get(SUBMISSION_PROPERTY) == submission:
            found.append(run)
            others = 0
        else:
            others += 1
        if others >= _MOST_OTHERS:
            break
    return found[::-1]


def _candidate_homes() -> list[Home]:
    homes: dict[str, Home] = {}
    with contextlib.suppress(NotFoundError):
        here = find_home(None)
        homes[here.path] = here
    for path in read_registry().values():
        with contextlib.suppress(NotFoundError):
            home = load_home(path)
            if home.path not in homes and server_answer(home) is not None:
                homes[home.path] = home
    return list(homes.values())


def _shown(run_id: str) -> _Lines | _Bar:
    return _Bar(run_id) if output.is_terminal() else _Lines()


def summary(run: RunRecord) -> str:
    """Return one line that says how a run or step stands."""
    took = text.duration(text.seconds_between(run.started_at, run.ended_at)) if run.ended_at else ""
    reused = f", reused from {run.reused_from[:8]}" if run.reused_from else ""
    failure = f": {text.one_line(run.error.message)}" if run.error else ""
    return f"{run.status}{f' in {took}' if took and not reused else ''}{reused}{failure}"


class _Lines:
    """A line for every change, for logs and pipes."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def update(self, moment: Moment) -> None:
        for step in moment.steps:
            if step.status != RunStatus.NOT_STARTED:
                self._say(step, step.name)
        self._say(moment.run, f"run {moment.run.id}")

    def _say(self, run: RunRecord, name: str) -> None:
        if self._seen.get(run.id) != run.status:
            self._seen[run.id] = run.status
            output.line(f"{name}: {summary(run)}")


class _Bar:
    """A bar of ended steps and the names of the running ones, for terminals."""

    def __init__(self, run_id: str) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        name = TextColumn("{task.description}", markup=False)
        self._progress: Progress = Progress(
            name, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=output.console()
        )
        self._task = self._progress.add_task(f"run {run_id[:8]}", total=None)
        self._ended: set[str] = set()

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, moment: Moment) -> None:
        running = [step.name for step in moment.steps if step.status == RunStatus.RUNNING]
        for step in moment.steps:
            if step.status in RunStatus.TERMINAL and step.id not in self._ended:
                self._ended.add(step.id)
                self._print(f"{step.name}: {summary(step)}")
        shown = ", ".join(running[:3]) + (f" and {len(running) - 3} more" if len(running) > 3 else "")
        self._progress.update(
            self._task,
            description=text.one_line(f"run {moment.run.id[:8]} {shown}"),
            total=len(moment.steps),
            completed=len(self._ended),
        )
        if moment.terminal:
            self._print(f"run {moment.run.id}: {summary(moment.run)}")

    def _print(self, message: str) -> None:
        from rich.text import Text

        self._progress.console.print(Text(text.one_line(message)))
