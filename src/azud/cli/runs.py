"""`azud runs …`: lists, one run's story, its metrics and outputs, and ending it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from azud.cli import output, text
from azud.cli.verifying import as_column, verifications
from azud.cli.waiting import summary, wait_for_run
from azud.cli.workspace import find_run, is_step, open_workspace, pages, runs, steps_of
from azud.client.transport import Client
from azud.core.errors import NotFoundError
from azud.model.codec import from_json, to_json
from azud.model.runs import MetricPoint, OutputRecord, RunRecord, RunStatus
from azud.model.verifications import VERIFIES, Verification


def ls(folder: str | None, *, experiment: str | None, status: str | None, limit: int, as_json: bool) -> int:
    """Print the newest pipeline runs."""
    client = open_workspace(folder).client
    found = list(runs(client, limit=limit, experiment=experiment, status=status))
    if as_json:
        output.as_json(to_json(found))
        return 0
    columns = ("run", "experiment", "no.", "status", "submitted", "took", "name")
    output.table(columns, (_row(run) for run in found), empty="no runs yet; azud run PROGRAM submits one")
    return 0


def _row(run: RunRecord) -> tuple[Any, ...]:
    return (
        _id(run),
        run.experiment,
        run.number,
        run.status,
        text.local_time(run.created_at),
        _took(run),
        run.name,
    )


def _id(run: RunRecord) -> str:
    # People type beginnings; programs that read a pipe need the whole.
    return run.id[:8] if output.is_terminal() else run.id


def _took(run: RunRecord) -> str:
    return text.duration(text.seconds_between(run.started_at, run.ended_at))


def show(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Print how a run or step run stands, its steps, warnings and error."""
    client = open_workspace(folder).client
    run = find_run(client, reference)
    steps = [] if is_step(run) else steps_of(client, run)
    found = verifications(client, run.id)
    if as_json:
        output.as_json({"run": to_json(run), "steps": to_json(steps), "verifications": to_json(found)})
        return 0
    output.fields({**_facts(run), "verified": as_column(found, run)})
    for warning in run.warnings:
        output.line(f"warning: {text.one_line(warning)}")
    if steps:
        output.line()
        _show_steps(steps, found)
    failed = [step for step in steps if step.error] or ([run] if run.error else [])
    for step in failed:
        _show_error(step)
    return 0


def _show_steps(steps: Sequence[RunRecord], found: Sequence[Verification]) -> None:
    columns = ["step", "status", "took", "reused from", "warnings"]
    rows = [[s.name, s.status, _took(s), (s.reused_from or "")[:8], "; ".join(s.warnings)] for s in steps]
    if found:
        columns.append("verified")
        rows = [[*row, as_column(found, step)] for row, step in zip(rows, steps, strict=True)]
    output.table(columns, rows)


def _facts(run: RunRecord) -> dict[str, Any]:
    kind = "step" if is_step(run) else "name"
    return {
        "run": run.id,
        "experiment": f"{run.experiment}" + (f" (no. {run.number})" if run.number else ""),
        kind: run.name,
        "of run": run.parent_id,
        "status": run.status,
        "submitted": text.local_time(run.created_at),
        "started": text.local_time(run.started_at),
        "ended": text.local_time(run.ended_at),
        "took": _took(run),
        "compute": run.compute,
        "reused from": run.reused_from,
        "verification of": run.properties.get(VERIFIES),
        "tags": ", ".join(name if value is None else f"{name}={value}" for name, value in run.tags.items()),
    }


def _show_error(run: RunRecord) -> None:
    error = run.error
    if error is None:
        return
    output.line(f"\n{error.step or run.name or run.id}: {error.message}")
    for each in error.traceback_tail:
        output.line(f"    {each}")
    if error.hint:
        output.line(f"  hint: {error.hint}")
    if error.log:
        output.line(f"  log:  azud runs logs {run.id}")


def wait(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Wait until a run has ended; 0 if it completed, else 1."""
    client = open_workspace(folder).client
    run = wait_for_run(client, find_run(client, reference).id)
    if as_json:
        output.as_json(to_json(run))
    return 0 if run.status == RunStatus.COMPLETED else 1


def logs(folder: str | None, reference: str, *, path: str | None, follow: bool) -> int:
    """Print what a run's steps wrote; when following, 1 if the run did not complete."""
    from azud.cli.logs import show_logs

    client = open_workspace(folder).client
    run = show_logs(client, find_run(client, reference), path=path, follow=follow)
    return 1 if follow and run.status != RunStatus.COMPLETED else 0


def cancel(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Ask a run or one step of it to end."""
    client = open_workspace(folder).client
    run = find_run(client, reference)
    if run.status in RunStatus.TERMINAL:
        output.note(f"run {run.id[:8]} has ended already: {summary(run)}")
    else:
        run = from_json(RunRecord, client.post(f"/runs/{run.id}/cancel", repeat=True))
    if as_json:
        output.as_json(to_json(run))
    else:
        output.line(f"{run.id}: {run.status}")
    return 0


def metrics(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Print what a run and its steps measured, in the order in which it was logged."""
    client = open_workspace(folder).client
    run = find_run(client, reference)
    found = [(step, point) for step in _run_and_steps(client, run) for point in _points(client, step)]
    if as_json:
        output.as_json([{"step_name": step.name, "run_id": step.id, **to_json(point)} for step, point in found])
        return 0
    rows = ((step.name, point.name, point.step, _value(point)) for step, point in found)
    output.table(("step", "metric", "at", "value"), rows, empty=f"run {run.id[:8]} has logged no metrics")
    return 0


def _points(client: Client, run: RunRecord) -> list[MetricPoint]:
    found: list[MetricPoint] = []
    after: str | None = None
    while True:
        page = client.get(f"/runs/{run.id}/metrics", {"after": after})
        found += [from_json(MetricPoint, item) for item in page["points"]]
        after = page["next"]
        if after is None:
            return found


def _value(point: MetricPoint) -> str:
    value = point.value
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def outputs(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Print the outputs of a run's steps, and where their files are."""
    client = open_workspace(folder).client
    run = find_run(client, reference)
    steps = steps_of(client, run)
    found = [(step, each) for step in steps for each in _outputs(client, step)]
    if as_json:
        output.as_json([{"step_name": step.name, "run_id": step.id, **to_json(each)} for step, each in found])
        return 0
    columns = ("step", "output", "kind", "files", "size", "where")
    rows = (
        (step.name, each.name, each.kind, each.file_count, text.size(each.size_bytes), _where(each))
        for step, each in found
    )
    output.table(columns, rows, empty=f"run {run.id[:8]} has no outputs")
    return 0


def _outputs(client: Client, step: RunRecord) -> list[OutputRecord]:
    try:
        return [from_json(OutputRecord, item) for item in pages(client, f"/runs/{step.id}/outputs")]
    except NotFoundError:
        return []


def _where(each: OutputRecord) -> str:
    return each.local_path or f"{each.datastore}:{each.path}"


def _run_and_steps(client: Client, run: RunRecord) -> list[RunRecord]:
    return [run] if is_step(run) else list(itertools.chain([run], steps_of(client, run)))
