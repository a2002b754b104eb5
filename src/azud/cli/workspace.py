"""From a folder and a person's word for a run to the server and the records of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from azud.client.homes import Home, find_home
from azud.client.launch import connect
from azud.client.places import socket_path
from azud.client.transport import Client
from azud.core.errors import BackendError, NotFoundError, UserError
from azud.model.codec import from_json
from azud.model.runs import RunRecord
from azud.model.verifications import VERIFIES

_PAGE = 100
_FEW = 5
_FULL_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_PREFIX = re.compile(r"^[0-9a-f-]{1,35}$")


class Opened(NamedTuple):
    """A workspace and the client of its server."""

    home: Home
    client: Client


def open_workspace(folder: str | None) -> Opened:
    """Return the workspace of a folder; its server is started by the first request.

    Raises:
        NotFoundError: The folder belongs to no workspace.
    """
    home = find_home(folder)
    return Opened(home, connect(home))


def server_answer(home: Home) -> dict[str, Any] | None:
    """Return what the home's server says of itself, or None if no server runs. Never starts one."""
    client = Client(f"unix:{socket_path(home.path)}", retry_s=0)
    try:
        answer: dict[str, Any] = client.get("/server")
    except BackendError:
        return None
    finally:
        client.close()
    return answer


def pages(client: Client, path: str, **query: str | int | None) -> Iterator[Any]:
    """Yield the items of a list that the API hands out in pages."""
    after: str | None = None
    while True:
        answer = client.get(path, {**query, "after": after})
        yield from answer["value"]
        after = answer.get("next")
        if not after:
            return


def runs(client: Client, *, limit: int | None = None, **query: str | None) -> Iterator[RunRecord]:
    """Yield pipeline runs, newest first."""
    size = min(limit or _PAGE, _PAGE)
    for index, item in enumerate(pages(client, "/runs", limit=size, **query)):
        if index == limit:
            return
        yield from_json(RunRecord, item)


def run_by_id(client: Client, run_id: str) -> RunRecord:
    """Return the run or step run of this id.

    Raises:
        NotFoundError: There is none.
    """
    return from_json(RunRecord, client.get(f"/runs/{run_id}"))


def steps_of(client: Client, run: RunRecord) -> list[RunRecord]:
    """Return a pipeline run's step runs in the order of their creation; of a step run, itself."""
    if is_step(run):
        return [run]
    return [from_json(RunRecord, item) for item in pages(client, f"/runs/{run.id}/steps")]


def is_step(run: RunRecord) -> bool:
    """Return whether the record is a step of a pipeline run."""
    return run.type == "azureml.StepRun"


def find_run(client: Client, reference: str) -> RunRecord:
    """Return the run that a person means.

    Args:
        client: Of the workspace to look in.
        reference: `latest` (the newest that verifies no other), an id, the unique beginning of a pipeline run's id, or
            one of these with a step: `latest/train`.

    Raises:
        NotFoundError: Nothing matches.
        UserError: Several runs or steps match, or the text cannot be a reference.
    """
    name, slash, step = reference.partition("/")
    run = _pipeline_run(client, name)
    return _step(client, run, step) if slash else run


def find_step(client: Client, reference: str, step: str | None = None) -> RunRecord:
    """Return the step run that a person means: of a run, or of `RUN/STEP` when no step is named beside it.

    Raises:
        NotFoundError: Nothing matches.
        UserError: Several match, or it is not said which step.
    """
    run = find_run(client, reference)
    if step is not None:
        return _step(client, run, step)
    steps = steps_of(client, run)
    if len(steps) != 1:
        raise UserError(
            f"run {run.id[:8]} has {len(steps)} steps", hint=f"name one: {', '.join(item.name for item in steps)}"
        )
    return steps[0]


def _pipeline_run(client: Client, reference: str) -> RunRecord:
    if reference == "latest":
        for item in pages(client, "/runs", limit=_FEW):
            if VERIFIES not in item["properties"]:
                return from_json(RunRecord, item)
        raise NotFoundError("there are no runs yet", hint="azud run PROGRAM submits one")
    if _FULL_ID.match(reference):
        return run_by_id(client, reference)
    if not _PREFIX.match(reference):
        raise UserError(
            f"{reference!r} is not a run", hint="use 'latest', or an id or its beginning from: azud runs ls"
        )
    found = [run for run in runs(client) if run.id.startswith(reference)]
    return _only(found, f"run whose id starts with {reference!r}", "azud runs ls lists them")


def _step(client: Client, run: RunRecord, step: str) -> RunRecord:
    steps = steps_of(client, run)
    found = [item for item in steps if step in (item.name, item.id)]
    names = ", ".join(dict.fromkeys(item.name for item in steps))
    return _only(found, f"step {step!r} in run {run.id[:8]}", f"its steps are: {names}")


def _only(found: list[RunRecord], what: str, hint: str) -> RunRecord:
    if not found:
        raise NotFoundError(f"there is no {what}", hint=hint)
    if len(found) > 1:
        raise UserError(f"there is more than one {what}", hint=f"give the id: {', '.join(run.id for run in found[:5])}")
    return found[0]
