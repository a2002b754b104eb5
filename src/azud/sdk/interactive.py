"""Runs that this program drives itself: `Experiment.start_logging`, `Run.child_run`, `Run.create_children`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from azud.core.ids import new_token, new_uuid
from azud.sdk.exceptions import UserErrorException
from azud.sdk.observing import note_write
from azud.sdk.run import Run, run_of_record
from azud.sdk.support import text_items

if TYPE_CHECKING:
    from azud.sdk.experiment import Experiment

MOST_CHILDREN = 100


def start_logging(
    experiment: Experiment,
    *,
    outputs: Any = None,
    snapshot_directory: Optional[str] = ".",
    display_name: Optional[str] = None,
) -> Run:
    """Begin a run of the experiment; see `Experiment.start_logging`."""
    snapshot = None if snapshot_directory is None else take_snapshot(experiment, snapshot_directory)
    item = {"id": new_uuid(), "name": display_name or ""}
    body = {"experiment": experiment.name, "runs": [item], "snapshot": snapshot, **_driver(start=True)}
    return _begun(experiment, body, outputs)[0]


def begin_children(
    parent: Run,
    *,
    names: Sequence[Optional[str]] = (None,),
    tags: Sequence[Optional[Dict[str, Any]]] = (None,),
    run_id: Optional[str] = None,
    outputs: Any = None,
    start: bool = True,
) -> List[Run]:
    """Begin runs below another one, as many as there are names and tags."""
    if run_id is not None:
        from azud.core.ids import is_safe_id

        if not is_safe_id(run_id):
            raise UserErrorException(f"a run cannot have the id {run_id!r}", hint="use letters, digits, - and _")
    items = [
        {"id": run_id or new_uuid(), "name": name or "", "tags": text_items(labels or {})}
        for name, labels in zip(names, tags)
    ]
    body = {"experiment": parent.experiment.name, "parent_id": parent.id, "runs": items, **_driver(start=start)}
    note_write("run", run=parent.id, changed="children")
    return _begun(parent.experiment, body, outputs)


def create_children(
    parent: Run, count: Optional[int], tag_key: Optional[str], tag_values: Optional[List[Any]]
) -> List[Run]:
    """Make runs that wait to be started; see `Run.create_children`."""
    if (count is None) == (tag_key is None or tag_values is None):
        raise UserErrorException("create_children(): give count, or tag_key and tag_values, one of them")
    number = len(tag_values) if tag_values is not None and count is None else count
    if not isinstance(number, int) or not 1 <= number <= MOST_CHILDREN:
        raise UserErrorException(f"create_children(): {number!r} runs cannot be made", hint=f"1 to {MOST_CHILDREN}")
    labels: List[Optional[Dict[str, Any]]] = [None] * number
    if tag_key is not None and tag_values is not None:
        labels = [{tag_key: value} for value in tag_values]
    return begin_children(parent, names=[None] * number, tags=labels, start=False)


def change(run: Run, status: str, error: Optional[Dict[str, Any]] = None) -> None:
    """Start or end a run that this program drives.

    Raises:
        UserErrorException: It has ended otherwise, or the engine drives it.
    """
    body: Dict[str, Any] = {"status": status, "error": error}
    if status == "Running":
        body["owner"] = _own_mark()
    elif run._outputs:
        keep_outputs(run, run._outputs)
    run._record_value = run._api.send("POST", f"/interactive-runs/{run.id}/status", body, repeat=True)


def error_of(details: Any, code: Optional[str]) -> Dict[str, Any]:
    """Return the error of a run that failed, from what `Run.fail` was given: text, an exception, a dict, or None."""
    if isinstance(details, dict):
        nested = details.get("error")
        inner = nested if isinstance(nested, dict) else details
        message, code = inner.get("message") or str(details), code or inner.get("code")
    elif isinstance(details, BaseException):
        message = f"{type(details).__name__}: {details}"
    else:
        message = "the program said that the run failed" if details is None else str(details)
    return {"code": str(code or "UserError"), "message": message}


def keep_outputs(run: Run, folder: str) -> None:
    """Keep the files of a local folder with the run, below the folder's name, but for those that it has."""
    from azud.sdk.datastore_files import files_below

    if not os.path.isdir(folder):
        return
    known, base = set(run.get_file_names()), os.path.abspath(folder)
    for path in files_below(base):
        name = f"{os.path.basename(base)}/{os.path.relpath(path, base).replace(os.sep, '/')}"
        if name not in known:
            run.upload_file(name, path)


def take_snapshot(experiment: Experiment, path: str) -> str:
    """Keep a folder as a snapshot and return its digest.

    Raises:
        UserErrorException: There is no such folder, or a file cannot be read.
    """
    from azud.sdk.submitting import upload_sources

    folder = os.path.abspath(path)
    return upload_sources(experiment.workspace._api, [folder])[folder].digest


def _driver(*, start: bool) -> Dict[str, Any]:
    from azud.sdk.submitting import user_name

    return {"start": start, "owner": _own_mark() if start else None, "submitted_by": user_name()}


def _own_mark() -> Dict[str, Any]:
    import dataclasses

    from azud.core.processes import own_mark

    return dataclasses.asdict(own_mark())


def _begun(experiment: Experiment, body: Dict[str, Any], outputs: Any) -> List[Run]:
    answer = experiment.workspace._api.send("POST", "/interactive-runs", body, key=new_token())
    runs = [run_of_record(experiment, record) for record in answer["value"]]
    for run in runs:
        run._outputs = os.fspath(outputs) if outputs else None
    return runs
