"""What must hold after a run, whoever was killed in it: read from the store's file and the disk, not from a server."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.crash.scenario import METRICS, NEEDS, RUN_METRICS, RUN_TAGS, STATUSES

from azud.core.digests import digest_file
from azud.engine.events import read_event
from azud.engine.machine import replay
from azud.sdk.metrics import fold

NO_SPACE = ("No space left", "disk is full", "disk of the workspace is full")
LOSSES_ALLOWED = 2
"""How often a lost attempt is tried again (`infrastructure_retries`)."""
WORDS = {"completed": "Completed", "failed": "Failed", "canceled": "Canceled", "bypassed": "Bypassed"}


class Store:
    """A workspace's store, opened for reading.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, statement: str, *values: str) -> list[dict[str, Any]]:
        """Return what a statement finds."""
        return [dict(row) for row in self._connection.execute(statement, values)]

    def steps(self, run_id: str) -> dict[str, dict[str, Any]]:
        """Return the rows of a run's steps by name."""
        return {row["name"]: row for row in self.rows("SELECT * FROM runs WHERE parent_id = ?", run_id)}

    def sealed(self, step: dict[str, Any]) -> list[dict[str, Any]]:
        """Return a step's sealed outputs, those that it took over included."""
        made_by = step["reused_from"] or step["id"]
        return [json.loads(row["sealed"]) for row in self.rows("SELECT * FROM outputs WHERE step_run_id = ?", made_by)]

    def metrics(self, step: dict[str, Any]) -> dict[str, Any]:
        """Return a step's metrics in the SDK's form."""
        made_by = step["reused_from"] or step["id"]
        rows = self.rows("SELECT * FROM metrics WHERE run_id = ? ORDER BY seq", made_by)
        return fold([{**row, "value": _value(row["value"])} for row in rows])


def _value(stored: Any) -> Any:
    """Read a JSON column, from which SQLite gives plain numbers as such."""
    return json.loads(stored) if isinstance(stored, str) else stored


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a store for reading."""
    store = Store(path)
    try:
        yield store
    finally:
        store.close()


def output_digests(path: Path, run_id: str) -> dict[str, str]:
    """Return the digests of all outputs of a run, by `step/output`."""
    with opened(path) as store:
        steps = store.steps(run_id)
        return {f"{name}/{one['name']}": one["digest"] for name in steps for one in store.sealed(steps[name])}


def killed_attempts(path: Path, run_id: str) -> list[str]:
    """Return the attempts of a run whose jobs ended with SIGKILL."""
    with opened(path) as store:
        rows = store.rows("SELECT id, exit FROM attempts WHERE run_id = ? AND exit IS NOT NULL", run_id)
        return [row["id"] for row in rows if (json.loads(row["exit"]) or {}).get("signal") == "SIGKILL"]


def out_of_space(path: Path, run_id: str) -> list[str]:
    """Return the attempts of steps that failed and say that it was for want of space."""
    with opened(path) as store:
        failed = [step for step in store.steps(run_id).values() if step["status"] == "Failed"]
        return [step["attempt"] for step in failed if any(word in (step["error"] or "") for word in NO_SPACE)]


def tried_too_often(path: Path, run_id: str) -> list[str]:
    """Return the last attempts of steps that were lost as often as azud tries again."""
    with opened(path) as store:
        rows = store.rows("SELECT id, step_run_id FROM attempts WHERE run_id = ? AND outcome = 'lost'", run_id)
        lost = collections.Counter(row["step_run_id"] for row in rows)
        return [row["id"] for row in rows if lost[row["step_run_id"]] > LOSSES_ALLOWED]


def shot_before_they_began(path: Path, run_id: str, killed: set[int]) -> list[str]:
    """Return the attempts of a run whose job's process we killed when nothing showed yet that it was one."""
    found = []
    with opened(path) as store:
        for row in store.rows("SELECT id FROM attempts WHERE run_id = ?", run_id):
            claim = path.parent / "attempts" / row["id"] / "job.claim"
            if claim.exists() and json.loads(claim.read_bytes()).get("job", {}).get("pid") in killed:
                found.append(row["id"])
    return found


def check_run(
    path: Path,
    run_id: str,
    counter: Path,
    *,
    digests: dict[str, str],
    shot: Iterable[str] = (),
    all_metrics: bool = True,
) -> list[str]:
    """Return what does not hold of one run.

    Args:
        path: The store.
        run_id: The pipeline run.
        counter: The file to which every script appended its step and attempt.
        digests: Digests of the outputs of an undisturbed run.
        shot: Ids of attempts whose jobs were killed by us, so that their steps may have failed.
        all_metrics: Whether no metric may be missing; on a full disk a job goes on without them, and says so.
    """
    with opened(path) as store:
        [run] = store.rows("SELECT * FROM runs WHERE id = ?", run_id)
        steps = store.steps(run_id)
        hurt = _hurt(steps, frozenset(shot))
        found = _wrong_statuses(run, steps, hurt)
        for name, step in steps.items():
            if step["status"] == "Completed":
                found += _wrong_results(store, name, step, digests, all_metrics=all_metrics)
        found += _wrong_side_effects(steps, counter)
        lost = store.rows("SELECT id FROM attempts WHERE run_id = ? AND outcome = 'lost'", run_id)
        alone = (
            all_metrics and not hurt and len(lost) == 1
        )  # what an attempt did to its parent before it was lost stays done
        if alone and (store.metrics(run), json.loads(run["tags"])) != (RUN_METRICS, RUN_TAGS):
            found.append(f"it has the metrics {store.metrics(run)} and the tags {run['tags']}")
        return [f"run {run_id}: {text}" for text in found]


def _hurt(steps: dict[str, dict[str, Any]], shot: frozenset[str]) -> set[str]:
    """Return the steps that may have failed because we killed their jobs, and those that wait for them."""
    hurt = {name for name, step in steps.items() if step["attempt"] in shot}
    for name, needed in NEEDS.items():  # in topological order
        if hurt & set(needed):
            hurt.add(name)
    return hurt


def _wrong_statuses(run: dict[str, Any], steps: dict[str, dict[str, Any]], hurt: set[str]) -> list[str]:
    found = []
    if run["status"] != "Failed":
        found.append(f"it is {run['status']}")
    if steps.keys() != STATUSES.keys():
        found.append(f"it has the steps {sorted(steps)}")
    for name, step in steps.items():
        wanted = ("Failed", "Bypassed", STATUSES[name]) if name in hurt else (STATUSES[name],)
        if step["status"] not in wanted:
            found.append(f"step {name} is {step['status']} ({step['error']})")
    if not hurt and not steps["prepare"]["reused_from"]:
        found.append("step prepare was not reused")
    return found


def _wrong_results(
    store: Store, name: str, step: dict[str, Any], digests: dict[str, str], *, all_metrics: bool
) -> list[str]:
    found = []
    metrics = store.metrics(step)
    if all_metrics and metrics != METRICS[name]:
        found.append(f"step {name} has the metrics {metrics}")
    sealed = {f"{name}/{one['name']}": one for one in store.sealed(step)}
    wanted = {key: value for key, value in digests.items() if key.startswith(f"{name}/")}
    for key in sorted(wanted.keys() | sealed.keys()):
        files = [file["path"] for file in sealed.get(key, {}).get("files", [])]
        if key not in sealed or sealed[key]["digest"] != wanted.get(key):
            found.append(f"output {key} is another one: {files}")
    for key, one in sealed.items():
        for file in one["files"]:
            path = os.path.join(one["path"], file["path"]) if file["path"] else one["path"]
            if not os.path.isfile(path) or digest_file(path) != file["digest"]:
                found.append(f"{path} of output {key} is not what was sealed")
    return found


def _wrong_side_effects(steps: dict[str, dict[str, Any]], counter: Path) -> list[str]:
    lines = counter.read_text().splitlines() if counter.exists() else []
    times = collections.Counter(line.split(" ")[1] for line in lines)
    found = [f"attempt {attempt} ran {count} times" for attempt, count in times.items() if count > 1]
    for name, step in steps.items():
        if step["status"] == "Completed" and not step["reused_from"] and times[step["attempt"]] != 1:
            found.append(f"the successful attempt of step {name} ran {times[step['attempt']]} times")
    return found


def check_touched(path: Path) -> list[str]:
    """Return what is not there, or there twice, of what `Scenario.touch` made and was told that it is made."""
    found = []
    with opened(path) as store:
        runs = store.rows("SELECT id, name, status, parent_id FROM interactive_runs ORDER BY created_at")
        shown = [(run["name"], run["status"], run["parent_id"] is not None) for run in runs]
        if shown != [("by hand", "Completed", False), ("below", "Completed", True)]:
            found.append(f"the runs that a program drove are {shown}")
        for run, value in zip(runs, (1, 2), strict=False):
            metrics = store.metrics({**run, "reused_from": None})
            if metrics != {"loss": value}:
                found.append(f"run {run['name']} has the metrics {metrics}")
        models = store.rows("SELECT name, version, snapshot, body FROM models ORDER BY name")
        names = [(model["name"], model["version"], json.loads(model["body"])["tags"]) for model in models]
        if names != [("of-file", 1, {"kind": "text"}), ("of-run", 1, {})]:
            found.append(f"the models are {names}")
        if [row["name"] for row in store.rows("SELECT name FROM secrets")] != ["password"]:
            found.append("the secret is not there")
        if len({model["snapshot"] for model in models}) != 1:
            found.append("equal files of models are kept as different ones")
    return found


def check_store(path: Path) -> list[str]:
    """Return where a store is damaged, or its events and their projection disagree."""
    found = []
    with opened(path) as store:
        if store.rows("PRAGMA integrity_check") != [{"integrity_check": "ok"}]:
            found.append(f"{path} is damaged")
        for run in store.rows("SELECT * FROM runs WHERE parent_id IS NULL"):
            # Nothing is collected here, so each event has a row of its own.
            events = store.rows("SELECT type, body FROM run_events WHERE run_id = ? ORDER BY seq", run["id"])
            machine = replay(run["id"], [read_event(row["type"], json.loads(row["body"])) for row in events])
            machine.validate()
            if machine.status != run["status"]:
                found.append(f"run {run['id']} is {run['status']}, its events say {machine.status}")
            for step in store.steps(run["id"]).values():
                state = machine.steps[step["node_id"]].state
                if WORDS.get(state) != step["status"]:
                    found.append(f"step {step['name']} of {run['id']} is {step['status']}, its events say {state}")
    return found
