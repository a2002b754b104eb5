"""A run as people look at it: what is shown of it, as text and as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

if TYPE_CHECKING:
    from azud.sdk.run import Run

MOST_STEPS = 200
MOST_METRICS = 30
_LOG_LINES = 12
_COLOURS = {
    "Completed": "#1a7f37",
    "Failed": "#cf222e",
    "Canceled": "#6e7781",
    "Bypassed": "#6e7781",
    "Running": "#0969da",
    "Queued": "#9a6700",
}


class StepView(NamedTuple):
    """A run below the shown one."""

    name: str
    status: str
    seconds: Optional[float]
    note: str


class RunView(NamedTuple):
    """What is shown of a run.

    Args:
        seconds: For how long it has run.
        metrics: Names and the values that were logged last, as text.
        log: The last lines of what a script run has written.
    """

    run_id: str
    title: str
    status: str
    seconds: Optional[float]
    steps: Tuple[StepView, ...]
    more_steps: int
    metrics: Tuple[Tuple[str, str], ...]
    error: str
    log: Tuple[str, ...]
    address: str


def view_of(run: Run) -> RunView:
    """Ask how a run stands."""
    record = run._fresh()
    below = list(run._api.items(f"/runs/{run.id}/children"))
    logged = [(name, _short(value)) for name, value in run.get_metrics().items()]
    name = record.get("name") or ""
    return RunView(
        run_id=run.id,
        title=record["experiment"] + (f" · {name}" if name and name != record["experiment"] else ""),
        status=record["status"],
        seconds=_seconds(record),
        steps=tuple(_step(item) for item in below[:MOST_STEPS]),
        more_steps=max(0, len(below) - MOST_STEPS),
        metrics=tuple(logged[:MOST_METRICS]),
        error=str((record.get("error") or {}).get("message") or ""),
        log=_log(run, record),
        address=run.get_portal_url(),
    )


def as_text(view: RunView) -> str:
    """Return a view as lines."""
    lines = [f"{view.title}: {view.status}{_took(view.seconds)}", f"run {view.run_id}"]
    width = max((len(step.name) for step in view.steps), default=0)
    for step in view.steps:
        note = f"  {step.note}" if step.note else ""
        lines.append(f"  {step.name.ljust(width)}  {step.status}{_took(step.seconds)}{note}")
    if view.more_steps:
        lines.append(f"  … and {view.more_steps} more")
    lines += [f"  {name} = {value}" for name, value in view.metrics]
    if view.error:
        lines.append(f"error: {view.error}")
    return "\n".join(lines)


def as_html(view: RunView) -> str:
    """Return a view as a piece of HTML; everything that people wrote is text in it."""
    parts = [
        '<div style="font-family:system-ui,sans-serif;font-size:13px;line-height:1.5;max-width:60em">',
        f"<div><b>{_text(view.title)}</b> {_badge(view.status)} {_text(_took(view.seconds).strip())}</div>",
        f'<div style="color:#6e7781;font-size:12px">run {_text(view.run_id)}</div>',
    ]
    if view.steps:
        rows = [[_text(each.name), _badge(each.status), _time(each.seconds), _text(each.note)] for each in view.steps]
        if view.more_steps:
            rows.append([f"… and {view.more_steps} more", "", "", ""])
        parts.append(_table(("step", "status", "took", ""), rows))
    if view.metrics:
        parts.append(_table(("metric", "value"), [[_text(name), _text(value)] for name, value in view.metrics]))
    if view.error:
        parts.append(f'<div style="color:#cf222e">{_text(view.error)}</div>')
    if view.log:
        text = "\n".join(view.log)
        parts.append(f'<pre style="background:#f6f8fa;color:#24292f;padding:.5em;overflow:auto">{_text(text)}</pre>')
    parts.append("</div>")
    return "".join(parts)


def _step(record: Mapping[str, Any]) -> StepView:
    note = "reused" if record.get("reused_from") else str((record.get("error") or {}).get("message") or "")
    return StepView(str(record.get("name") or record["id"]), record["status"], _seconds(record), note)


def _seconds(record: Mapping[str, Any]) -> Optional[float]:
    from azud.core.clock import from_text, now_text

    if not record.get("started_at"):
        return None
    return (from_text(record.get("ended_at") or now_text()) - from_text(record["started_at"])).total_seconds()


def _log(run: Run, record: Mapping[str, Any]) -> Tuple[str, ...]:
    """Return the end of a script run's log, and of a step's."""
    if record["type"] not in ("azureml.scriptrun", "azureml.StepRun"):
        return ()
    name = "azureml-logs/70_driver_log.txt"
    if name not in run.get_file_names():
        return ()
    return tuple(run._file_text(name).splitlines()[-_LOG_LINES:])


def _short(value: Any) -> str:
    if isinstance(value, list):
        last = _short(value[-1]) if value else "nothing"
        return f"{last} (the last of {len(value)})"
    if isinstance(value, dict):
        return f"table of {', '.join(map(str, value))}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _time(seconds: Optional[float]) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _took(seconds: Optional[float]) -> str:
    return f", {_time(seconds)}" if seconds is not None else ""


def _text(value: str) -> str:
    return html.escape(value)


def _badge(status: str) -> str:
    return f'<span style="color:{_COLOURS.get(status, "#6e7781")}">● {_text(status)}</span>'


def _table(head: Tuple[str, ...], rows: List[List[str]]) -> str:
    cell = 'style="text-align:left;padding:1px 1em 1px 0"'
    parts = ["".join(f"<th {cell}>{_text(name)}</th>" for name in head)]
    parts += ["".join(f"<td {cell}>{value}</td>" for value in row) for row in rows]
    return "<table>" + "".join(f"<tr>{part}</tr>" for part in parts) + "</table>"


def as_data(view: RunView) -> Dict[str, Any]:
    """Return a view as plain data."""
    return {**view._asdict(), "steps": [step._asdict() for step in view.steps], "metrics": dict(view.metrics)}
