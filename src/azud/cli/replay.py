"""`azud replay`: a past step in a folder of one's own, to be run, edited and debugged there."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shlex
import shutil
from collections.abc import Iterator
from typing import Any

from azud.cli import output, text
from azud.cli.workspace import find_step, open_workspace
from azud.client.library import library_path
from azud.client.transport import Client
from azud.core.errors import DigestMismatch, NotFoundError, StorageError, UserError
from azud.model.codec import from_json
from azud.model.jobs import JobSpec, StagedInput
from azud.model.snapshot import SnapshotFile
from azud.model.verifications import ReplayPlan
from azud.runner.replaying import Replay, lay_out

SCRIPT = "run.sh"
_TERMINAL = "TERM"
"""Passed on as well, for debuggers."""


def main(folder: str | None, reference: str, step: str | None, directory: str, *, link: bool, as_json: bool) -> int:
    """Lay a step out in a folder, write `run.sh`, and say how to run it."""
    place = _checked(directory)
    client = open_workspace(folder).client
    found = find_step(client, reference, step)
    plan = from_json(ReplayPlan, client.get(f"/runs/{found.id}/replay"))
    made = _lay_out(client, plan, place, link=link)
    script = os.path.join(place, SCRIPT)
    with open(script, "w", encoding="utf-8") as stream:
        stream.write("\n".join(_script(plan, made, place)) + "\n")
    os.chmod(script, 0o700)
    warnings = [*_warnings(plan), *made.notes]
    if as_json:
        output.as_json(_as_json(plan, made, place, script, warnings))
        return 0
    for warning in warnings:
        output.note(f"warning: {warning}")
    output.fields(
        {
            "step": f"{plan.spec.step_name} ({plan.status}, {plan.step_run_id})",
            "source": os.path.join(place, "source"),
            **{f"input {name}": value for name, value in made.inputs.items()},
            **{f"output {name}": value for name, value in made.outputs.items()},
            "run it with": shlex.quote(script),
        }
    )
    return 0


def _brought(client: Client, spec: JobSpec) -> JobSpec:
    """Return the job with the files of datastores elsewhere on this machine."""

    def bring(item: StagedInput) -> StagedInput:
        if item.fetch is None:
            return item
        try:
            found = client.follow("/fetches", {"dataset": item.fetch})["paths"]
        except NotFoundError:
            if item.kind != "reference":
                raise
            found = []  # as in the job: a reference may lead to where nothing is
        return dataclasses.replace(item, paths=tuple((str(path), str(name)) for path, name in found))

    return dataclasses.replace(spec, inputs=tuple(bring(item) for item in spec.inputs))


def _checked(directory: str) -> str:
    place = os.path.abspath(directory)
    if os.path.lexists(place) and not (os.path.isdir(place) and not os.listdir(place)):
        raise UserError(f"{directory} is there already, and not empty", hint="name a new or empty folder")
    return place


def _lay_out(client: Client, plan: ReplayPlan, place: str, *, link: bool) -> Replay:
    existed = os.path.isdir(place)

    def fetch(file: SnapshotFile, target: str) -> None:
        state = hashlib.sha256()
        with open(target, "wb") as stream:
            for chunk in client.download(f"/blobs/{file.digest}"):
                state.update(chunk)
                stream.write(chunk)
        if state.hexdigest() != file.digest:
            raise DigestMismatch(
                f"the stored bytes of {file.path} are not what they were", hint="azud verify --storage says more"
            )

    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        return lay_out(_brought(client, plan.spec), place, library_path(), fetch, link=link)
    except BaseException as error:
        # Half a folder would look like a whole one.
        for name in os.listdir(place) if os.path.isdir(place) else ():
            shutil.rmtree(os.path.join(place, name))
        if not existed and os.path.isdir(place):
            os.rmdir(place)
        if isinstance(error, OSError):
            raise StorageError(f"{place} cannot be filled: {error}", hint="is the disk full?") from error
        raise


def _warnings(plan: ReplayPlan) -> list[str]:
    found = [f"not as it was: {change}" for change in plan.changes]
    if not os.access(plan.spec.interpreter, os.X_OK):
        found.append(f"the interpreter {plan.spec.interpreter} is gone; put another one into {SCRIPT}")
    if plan.reused_from is not None:
        found.append(f"the step did not run in this run: its result is that of {plan.reused_from}, made with the same")
    return found


def _script(plan: ReplayPlan, made: Replay, place: str) -> Iterator[str]:
    """Yield the lines of `run.sh`; the folder's own places follow it when it is moved."""
    yield "#!/bin/sh"
    yield f"# Step {text.one_line(plan.spec.step_name)} of run {plan.run_id}, written by azud replay."
    yield "# It gets the job's own environment, and nothing else of yours. What you give this script goes to Python,"
    yield "# before the step's script: ./run.sh -m pdb"
    yield 'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1'
    folders = [_word(folder, place) for folder in made.folders]
    yield f"rm -rf -- {folders[0]} && mkdir -p -- {' '.join(folders)} || exit 1  # a job finds no outputs, either"
    yield 'cd -- "$here/source" || exit 1'
    yield "exec env -i \\"
    for name in (*made.baseline, _TERMINAL):
        if name not in made.environment and name != "PATH":
            yield f'  ${{{name}+"{name}=${name}"}} \\'
    if "PATH" not in made.environment:
        yield f'  PATH={_word(os.path.dirname(made.command[0]), place)}:"$PATH" \\'
    for name, value in made.environment.items():
        yield f"  {_word(f'{name}={value}', place)} \\"
    interpreter, unbuffered, *rest = made.command
    yield f'  {_word(interpreter, place)} {unbuffered} "$@" {" ".join(_word(item, place) for item in rest)}'


def _word(value: str, place: str) -> str:
    """Quote a word for the shell, with the folder in it as `$here`."""
    return '"$here"'.join(shlex.quote(part) if part else "" for part in value.split(place)) or "''"


def _as_json(plan: ReplayPlan, made: Replay, place: str, script: str, warnings: list[str]) -> dict[str, Any]:
    return {
        "step_run_id": plan.step_run_id,
        "run_id": plan.run_id,
        "status": plan.status,
        "folder": place,
        "source": os.path.join(place, "source"),
        "script": script,
        "command": list(made.command),
        "env": made.environment,
        "inputs": made.inputs,
        "outputs": made.outputs,
        "warnings": warnings,
    }
