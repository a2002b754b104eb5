"""What passes between the server, a runner, a monitor and a job: files in the attempt folder.

An attempt folder holds, in the order of their making::

    spec.json        JobSpec           written by the server before anything starts
    claim            ProcessMark       exclusive: the runner that owns the attempt; claim.1, claim.2 … the
                                       runners that followed dead ones
    job.claim        ProcessMark       exclusive: the monitor that may start the job, once ever, and the
                                       process that waits to become it (`job`)
    exit.json        JobExit           the monitor: how the job ended
    manifest.json    Manifest          the runner: what the attempt made; its presence ends the attempt
    work/            the job's working directory: a private copy of the snapshot, with outputs/ and logs/
    out/<name>       outputs before they are sealed
    in/<name>        downloads and linked inputs
    artifacts/       azureml-logs/, user_logs/, outputs/, logs/: what becomes the run's files
    metrics.jsonl    the metric spool
    cancel           empty             somebody asked for the end of the attempt
    datasets.json    direct datasets   {name: {id, name, version, definition, paths: [[absolute, relative]…]}}
    created.json     [paths]           what was made for the job outside of this folder, and goes after it
    runner.log       the runner's own words, when it has any
"""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from azud.core.processes import ProcessMark as ProcessMark  # noqa: PLC0414 - re-exported
from azud.model.definition import Argument
from azud.model.runs import RunError
from azud.model.snapshot import SnapshotFile


@dataclasses.dataclass(frozen=True)
class StagedInput:
    """An input with its place on this machine.

    Args:
        name, kind, mode, path_on_compute: As in `InputPort`.
        paths: Absolute local files or folders that the input stands for, and the name that each gets below
            the input's folder; one entry named "" is the file or folder itself.
        digest: Content digest that the action key used, or None if it was not fingerprinted.
        dataset: For datasets: `{"id", "name", "version", "definition"}`, else None.
        fetch: For data elsewhere: the `DatasetDefinition` that the server is asked to bring; `paths` is then empty.
    """

    name: str
    kind: str
    mode: str
    paths: Tuple[Tuple[str, ...], ...] = ()
    path_on_compute: Optional[str] = None
    digest: Optional[str] = None
    dataset: Optional[Dict[str, Any]] = None
    fetch: Optional[Dict[str, Any]] = None


@dataclasses.dataclass(frozen=True)
class StagedOutput:
    """An output with its places on this machine.

    Args:
        name, kind, mode, path_on_compute, overwrite: As in `OutputPort`.
        authority: Absolute path where the sealed bytes will lie; unique to the step run.
        publish_to: Absolute path that receives a writable copy (a destination the user fixed), or None.
        send: For a datastore elsewhere, what the server is asked to do once the output is sealed: `{"datastore",
            "source", "path", "own"}`, `source` being the authority's path on this machine's mirror of that datastore.
    """

    name: str
    kind: str
    mode: str
    authority: str
    publish_to: Optional[str] = None
    path_on_compute: Optional[str] = None
    overwrite: bool = False
    send: Optional[Dict[str, Any]] = None


@dataclasses.dataclass(frozen=True)
class JobSpec:
    """All that a runner needs to run one attempt. It holds no credential but the run's own token.

    Args:
        interpreter: Absolute path of the Python that runs the script.
        launch: `fork` (through the interpreter's fork server) or `exec` (a fresh interpreter).
        job_server: Socket of the interpreter's fork server, or None.
        library_path: Folder with `azureml` and azud's standard-library packages, put on the job's path.
        blobs: Folder of the content-addressed store.
        endpoint: Address of the workspace server for the job's own calls.
        workspace: `{"subscription_id", "resource_group", "name", "id"}`.
        parameters: The step's `params` with their effective values, as text.
        artifacts_to: Absolute folder on the default datastore that becomes the run's files.
        artifacts_send: As `StagedOutput.send`, where that datastore lies elsewhere.
        timeout_s: Limit of the job's wall-clock seconds, or None.
        grace_s: Seconds between the request to end and the kill.
        number: Counts the attempts of the step run from 1.
        shown_as: The id that the job knows its run by; the step run's if "".
        command: A line for the shell instead of the script.
        gpus: Value for `CUDA_VISIBLE_DEVICES`, or None to leave it unset.
    """

    attempt_id: str
    run_id: str
    step_run_id: str
    step_name: str
    experiment: str
    interpreter: str
    launch: str
    library_path: str
    blobs: str
    script: str
    artifacts_to: str
    workspace: Dict[str, str]
    endpoint: str = ""
    run_token: str = ""
    job_server: Optional[str] = None
    arguments: Tuple[Argument, ...] = ()
    snapshot: Tuple[SnapshotFile, ...] = ()
    environment_variables: Dict[str, str] = dataclasses.field(default_factory=dict)
    parameters: Dict[str, str] = dataclasses.field(default_factory=dict)
    pipeline_parameters: Dict[str, str] = dataclasses.field(default_factory=dict)
    inputs: Tuple[StagedInput, ...] = ()
    outputs: Tuple[StagedOutput, ...] = ()
    node_count: int = 1
    process_count_per_node: int = 1
    timeout_s: Optional[float] = None
    grace_s: float = 10.0
    gpus: Optional[str] = None
    number: int = 1
    shown_as: str = ""
    command: Optional[str] = None
    artifacts_send: Optional[Dict[str, Any]] = None
    format: int = 1


@dataclasses.dataclass(frozen=True)
class JobExit:
    """How a job's process ended.

    Args:
        exit_code: What the process returned, or None if a signal ended it.
        signal: Name of that signal (`SIGKILL`), or None.
        reason: `exited`; `canceled` or `timed_out`: why it was asked to end; or `unstarted`: it was killed before it
            had begun to be the job.
        left_behind: Processes that outlived the job's main process and were ended.
        unkillable: Processes that could not be ended.
    """

    exit_code: Optional[int]
    signal: Optional[str]
    reason: str
    started_at: str
    ended_at: str
    max_rss_bytes: int = 0
    user_s: float = 0.0
    system_s: float = 0.0
    left_behind: int = 0
    unkillable: Tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class SealedFile:
    """One file of a sealed output, with what `stat` said when it was sealed.

    A file whose inode, size, mtime and ctime are all unchanged holds the same bytes.
    """

    path: str
    digest: str
    size_bytes: int
    inode: int
    mtime_ns: int
    ctime_ns: int


@dataclasses.dataclass(frozen=True)
class SealedOutput:
    """An output whose bytes will not change any more.

    `kind` is `file` (then `files` has one entry with path "") or `directory`; `digest` is the file's digest
    or the tree's. `published_to` is the absolute path of the copy at a destination that the user fixed, or
    `DATASTORE/PATH` for one elsewhere.
    """

    name: str
    path: str
    kind: str
    digest: str
    size_bytes: int
    files: Tuple[SealedFile, ...] = ()
    published_to: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What an attempt made. Written last, atomically, after everything it names is on disk.

    `outcome` is `completed`, `failed`, `canceled`, `timed_out` or `lost` (the job's fate is unknown, for
    instance because its monitor was killed). `spooled` holds what the job logged, if that is little; else the
    server reads the spool, which is on disk. `survivors` are processes of the job that could not be ended.
    """

    attempt_id: str
    outcome: str
    exit: Optional[JobExit] = None
    error: Optional[RunError] = None
    outputs: Tuple[SealedOutput, ...] = ()
    changed_inputs: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    artifacts_bytes: int = 0
    spool_bytes: int = 0
    spooled: Optional[Tuple[Dict[str, Any], ...]] = None
    ended_at: str = ""
    survivors: Tuple[ProcessMark, ...] = ()
    format: int = 1
