"""A past step's job laid out in a folder of a person's own, to be run there by hand.

The folder holds `source/` (the snapshot: the working folder), `inputs/<name>`, `outputs/`, and `artifacts/` for logs.
What the runner makes of a spec in an attempt folder is made here by the same functions; only the places differ.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

from azud.core.paths import safe_join
from azud.job.attempt import Attempt
from azud.job.baseline import NAMES
from azud.job.script import shell_line
from azud.model.attempt_files import ARTIFACTS, INPUTS, OUTPUTS, WORK
from azud.model.jobs import JobSpec, StagedInput, StagedOutput
from azud.model.snapshot import SnapshotFile
from azud.runner.environment import command_line, job_environment
from azud.runner.files import copy_tree
from azud.runner.staging import (
    output_place,
    place_input,
    prepare_output,
    require_present,
    write_datasets,
)

_PLACES = {WORK: "source", INPUTS: "inputs", OUTPUTS: "outputs"}
_OF_THE_SERVER = (
    "AZUD_ATTEMPT_DIR",
    "AZUD_ENDPOINT",
    "AZUREML_RUN_TOKEN",
    "AZUREML_RUN_TOKEN_EXPIRY",
    "AZUREML_SERVICE_ENDPOINT",
    "AZUREML_DISCOVERY_SERVICE_ENDPOINT",
)
"""Variables by which a job reaches its server; without them `Run.get_context()` gives an offline run."""
REPLAY_VARIABLE = "AZUD_REPLAY_DIR"


@dataclasses.dataclass(frozen=True)
class ReplayFolder(Attempt):
    """The places of an attempt, under the names that a person finds in the folder."""

    def path(self, name: str) -> str:
        """Return the absolute path of what an attempt calls `name`."""
        first, slash, rest = name.partition("/")
        return os.path.join(self.folder, _PLACES.get(first, first) + slash + rest)


@dataclasses.dataclass(frozen=True)
class Replay:
    """What was laid out.

    Args:
        command: Interpreter, options, script and arguments.
        environment: The variables of the job, but those that every process takes over from the shell (`baseline`).
        baseline: Names of variables that a job takes over from the server's environment, if they are set there.
        inputs: What the script gets for each input: a path, or the id of a direct dataset.
        outputs: Where the script writes each output.
        folders: Folders that have to be there, empty, before the script starts.
        notes: What is not as in the job.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    baseline: tuple[str, ...]
    inputs: dict[str, str]
    outputs: dict[str, str]
    folders: tuple[str, ...]
    notes: tuple[str, ...]


def lay_out(
    spec: JobSpec, folder: str, library_path: str, fetch: Callable[[SnapshotFile, str], None], *, link: bool
) -> Replay:
    """Make everything that the job found when it started, below an empty folder.

    Args:
        spec: The job.
        folder: Absolute path of the folder.
        library_path: Folder with `azureml` and azud's standard-library packages.
        fetch: Writes a file of the snapshot to a path.
        link: Link to the inputs instead of copying them.

    Raises:
        NotFoundError: An input is not on this machine.
        OSError: The disk is full, or a file cannot be read.
    """
    place = ReplayFolder(folder)
    spec, notes = _inside(dataclasses.replace(spec, library_path=library_path))
    _lay_out_source(spec, place, fetch)
    os.makedirs(place.path(OUTPUTS))
    for output in spec.outputs:
        prepare_output(place, output)
    put = os.symlink if link else copy_tree
    inputs, direct = {}, {}
    for item in spec.inputs:
        given = _lay_out_input(place, item, put)
        inputs[item.name] = given
        if item.mode == "direct":
            inputs[item.name] = str((item.dataset or {}).get("id", ""))
            direct[item.name] = _described(item, given)
    write_datasets(place, direct)
    environment = job_environment(spec, place, inputs)
    os.makedirs(environment["AZUREML_LOGDIRECTORY_PATH"], exist_ok=True)
    outputs = {output.name: output_place(place, output) for output in spec.outputs}
    arguments = command_line(spec, place, inputs)
    script = f"./{spec.script}" if spec.script.startswith("-") else spec.script
    started = [spec.interpreter, "-u", script, *arguments]
    if spec.command is not None:
        started = shell_line(spec.command, arguments)
    return Replay(
        command=tuple(started),
        environment=_without_server(spec, environment, folder),
        baseline=NAMES,
        inputs=inputs,
        outputs=outputs,
        folders=(place.path(OUTPUTS), *(outputs[item.name] for item in spec.outputs if item.kind == "dataset")),
        notes=notes,
    )


def _inside(spec: JobSpec) -> tuple[JobSpec, tuple[str, ...]]:
    """Give inputs and outputs at fixed places of the machine one below the folder."""
    ports: list[StagedInput | StagedOutput] = [*spec.inputs, *spec.outputs]
    notes = [
        f"{item.name!r} was at {item.path_on_compute}, a fixed place; here it is below the folder"
        for item in ports
        if os.path.isabs(item.path_on_compute or "")
    ]
    inputs = tuple(_relative_input(item) for item in spec.inputs)
    outputs = tuple(_relative_output(item) for item in spec.outputs)
    return dataclasses.replace(spec, inputs=inputs, outputs=outputs), tuple(notes)


def _relative_input(item: StagedInput) -> StagedInput:
    relative = item.mode == "download" and not os.path.isabs(item.path_on_compute or "")
    return item if relative else dataclasses.replace(item, path_on_compute=None)


def _relative_output(item: StagedOutput) -> StagedOutput:
    return dataclasses.replace(item, path_on_compute=None) if os.path.isabs(item.path_on_compute or "") else item


def _lay_out_source(spec: JobSpec, place: ReplayFolder, fetch: Callable[[SnapshotFile, str], None]) -> None:
    work = place.path(WORK)
    os.makedirs(work)
    for file in spec.snapshot:
        target = safe_join(work, file.path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        fetch(file, target)
        os.chmod(target, 0o755 if file.executable else 0o644)
    for name in ("outputs", "logs"):
        os.makedirs(os.path.join(work, name), exist_ok=True)
    os.makedirs(place.path(ARTIFACTS))


def _lay_out_input(place: ReplayFolder, item: StagedInput, put: Callable[[str, str], None]) -> str:
    require_present(item)
    os.makedirs(place.path(INPUTS), exist_ok=True)
    return place_input(place, item, put)


def _described(item: StagedInput, given: str) -> dict[str, Any]:
    """Return a direct dataset as `datasets.json` holds it, with the places of its files here."""
    if len(item.paths) == 1 and item.paths[0][1] == "":
        return dict(item.dataset or {}, paths=[[given, ""]])
    root = given if os.path.isdir(given) and len(item.paths) > 1 else None
    names = [entry[1] for entry in item.paths]
    base = root if root is not None else given[: -len(names[0]) - 1]
    return dict(item.dataset or {}, paths=[[os.path.join(base, name), name] for name in names])


def _without_server(spec: JobSpec, environment: dict[str, str], folder: str) -> dict[str, str]:
    """Return the variables to write down: neither the server's, nor those of whoever runs this."""
    left_out = {*_OF_THE_SERVER, *(name for name in NAMES if name not in spec.environment_variables)}
    kept = {name: value for name, value in environment.items() if name not in left_out}
    return {**kept, REPLAY_VARIABLE: folder}
