"""One attempt from its spec to its manifest: claim → stage → start → wait → seal → manifest.

A runner may die at any point. The next one for the same attempt takes over where the files say things stand:
before the job's claim the attempt is given up without having run anything, after it the monitor's word counts.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable
from typing import Any

from azud.core import clock, durable
from azud.core.errors import AzudError, DefinitionError
from azud.core.processes import ProcessMark, is_alive, mark_of
from azud.job.attempt import Attempt
from azud.job.lines import send_line
from azud.job.spool import SPOOL, read_records
from azud.job.stages import Prepared, note
from azud.model import codec
from azud.model.attempt_files import ARTIFACTS, DRIVER_LOG, MANIFEST, OUTPUTS, SPEC
from azud.model.jobs import JobExit, JobSpec, Manifest, SealedFile, SealedOutput
from azud.model.runs import RunError
from azud.runner import launching, outcome
from azud.runner.artifacts import gather_artifacts, move_artifacts, paths_to_sync, set_aside
from azud.runner.files import remove, size_below
from azud.runner.leftovers import is_little, remove_leftovers
from azud.runner.moving import Moves
from azud.runner.sealing import gather_outputs, list_outputs, move_outputs
from azud.runner.staging import (
    Staged,
    changed_inputs,
    remove_created,
    stage,
    staged_by_another,
)
from azud.runner.transferring import send_artifacts

LOG = "runner.log"
SPOOL_IN_MANIFEST_BYTES = 64 << 10
"""A spool of at most this size goes into the manifest: one file less to write to disk and to read."""
_is_warm = False

HELD = "held"
"""What a runner reports that found another one alive; it has done nothing."""


def entry(connection: socket.socket, args: dict[str, Any]) -> bool:
    """Run the attempt in `args["attempt_dir"]` and report once on the connection.

    The report is `{"done": true, "outcome": …}` after the manifest is on disk (or `held`), or
    `{"done": true, "error": {"code", "message", "hint"}}` if none could be written; then the attempt stands
    where it stood, and another runner can finish it when the cause is gone.

    Returns:
        Whether this process may run another attempt: not while it holds the claim of an unfinished one.
    """
    attempt = Attempt(args["attempt_dir"])
    try:
        report: dict[str, Any] = {"outcome": run_attempt(attempt, lambda: send_line(connection, {"sealing": True}))}
    except Exception as error:  # noqa: BLE001 - the server hears of it, and runner.log has the rest
        _log_exception(attempt)
        failure = outcome.azud_error(error)
        report = {"error": {"code": failure.code, "message": failure.message, "hint": failure.hint}}
    heard = send_line(connection, {"done": True, **report})
    if report.get("outcome") == outcome.COMPLETED and not is_little(attempt):
        remove_leftovers(attempt)
    return heard and "error" not in report


def run_attempt(attempt: Attempt, sealing: Callable[[], object] = lambda: None) -> str:
    """Bring an attempt to its manifest and return its outcome, or `held` if another runner lives.

    Args:
        attempt: Its folder.
        sealing: Called when the job is over and only its bytes have to be kept: its core is free.

    Raises:
        OSError, AzudError: No manifest could be written.
    """
    # Looked at before the claim, whose holder may still live and serve another attempt by now.
    generation = None if os.path.exists(attempt.path(MANIFEST)) else attempt.claim_for_runner()
    finished = read_manifest(attempt)
    if finished is not None:
        return finished.outcome
    if generation is None:
        return HELD
    spec = _read_spec(attempt)
    if spec is None:
        manifest = _without_spec(attempt)
        _write_manifest(attempt, manifest)
        return manifest.outcome
    untouched = generation == 0 and attempt.job_claim() is None
    manifest = _run(spec, attempt, sealing) if untouched else _resume(spec, attempt, sealing)
    _write_manifest(attempt, manifest)
    return manifest.outcome


def _read_spec(attempt: Attempt) -> JobSpec | None:
    """Return an attempt's spec, or None where a loss of power has torn it: the server does not wait for the disk."""
    try:
        with open(attempt.path(SPEC), "rb") as stream:
            return codec.from_json(JobSpec, json.load(stream))
    except (FileNotFoundError, ValueError, DefinitionError):
        return None


def _without_spec(attempt: Attempt) -> Manifest:
    """Give an attempt up of which nothing is known, once it is sure that its job does not run."""
    if not launching.never_started(attempt):
        launching.await_exit(attempt)
    attempt_id = os.path.basename(attempt.folder)
    error = outcome.unreadable_error(attempt_id)
    return Manifest(attempt_id, outcome.LOST, error=error, ended_at=clock.now_text())


def _write_manifest(attempt: Attempt, manifest: Manifest) -> None:
    """Write what an attempt made, which ends it; on a full disk, in the place of what only the job needed."""
    data = json.dumps(codec.to_json(manifest)).encode()
    try:
        durable.replace_file(attempt.path(MANIFEST), data, point="runner.manifest")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        remove_leftovers(attempt)
        durable.replace_file(attempt.path(MANIFEST), data, point="runner.manifest")


def read_manifest(attempt: Attempt) -> Manifest | None:
    """Return an attempt's manifest, or None while it has none."""
    try:
        with open(attempt.path(MANIFEST), "rb") as stream:
            return codec.from_json(Manifest, json.load(stream))
    except FileNotFoundError:
        return None


def _run(spec: JobSpec, attempt: Attempt, sealing: Callable[[], object]) -> Manifest:
    try:
        set_aside(spec, attempt)
        staged = stage(spec, attempt)
        order = launching.order_for(spec, attempt, staged)
    except Exception as error:  # noqa: BLE001 - whatever staging met becomes the step's error
        _log_exception(attempt)
        return _failed_manifest(spec, attempt, None, outcome.azud_error(error, spec.step_name), lost=_may_pass(error))
    ended = launching.run_job(spec, attempt, order)
    _say_sealing(ended, sealing)
    return _finish(spec, attempt, staged, ended)


def _resume(spec: JobSpec, attempt: Attempt, sealing: Callable[[], object]) -> Manifest:
    """Take over from a runner that died."""
    if launching.never_started(attempt):
        remove_created(attempt)
        error = outcome.never_started_error(spec)
        return Manifest(spec.attempt_id, outcome.LOST, error=error, ended_at=clock.now_text())
    if attempt.is_of_another_boot():
        for output in spec.outputs:
            remove(output.authority)  # moved there, and no manifest vouches for its bytes
        return _failed_manifest(spec, attempt, None, outcome.rebooted_error(spec))
    ended = launching.await_exit(attempt)
    _say_sealing(ended, sealing)
    return _finish(spec, attempt, staged_by_another(spec), ended)


def _say_sealing(ended: JobExit | None, sealing: Callable[[], object]) -> None:
    """Tell that the job's core is free, unless something of the job goes on."""
    if ended is None or not ended.unkillable:
        sealing()


def _finish(spec: JobSpec, attempt: Attempt, staged: Staged, ended: JobExit | None) -> Manifest:
    """Seal what the job made and return the manifest."""
    log = attempt.path(os.path.join(ARTIFACTS, DRIVER_LOG))
    if not os.path.exists(log):
        log = os.path.join(spec.artifacts_to, DRIVER_LOG)  # an earlier runner had got so far
    error = outcome.job_error(spec, ended, log)
    if error is not None:
        return _failed_manifest(spec, attempt, ended, error)
    changed = tuple(changed_inputs(spec, staged))
    moves = Moves(attempt)
    try:
        warnings = gather_artifacts(attempt)
        artifacts = paths_to_sync(attempt)
        to_sync = gather_outputs(spec, attempt) + artifacts + _long_spool(attempt)
        durable.sync_files(to_sync, folder=attempt.folder, point="runner.sync_bytes")
        move_outputs(spec, attempt, moves)
        outputs = list_outputs(spec, attempt, moves)
    except Exception as problem:  # noqa: BLE001 - whatever sealing met becomes the step's error
        _log_exception(attempt)
        found = outcome.azud_error(problem, spec.step_name)
        return _failed_manifest(spec, attempt, ended, found, lost=_may_pass(problem))
    warnings += move_artifacts(spec, attempt, moves, sync=bool(artifacts))
    moves.sync()
    warnings += send_artifacts(spec, attempt)
    remove_created(attempt)
    return Manifest(
        attempt_id=spec.attempt_id,
        outcome=outcome.COMPLETED,
        exit=ended,
        outputs=outputs,
        changed_inputs=changed,
        warnings=(*_exit_warnings(ended), *warnings),
        artifacts_bytes=size_below(spec.artifacts_to),
        spool_bytes=_spool_bytes(attempt),
        spooled=_spooled(attempt),
        ended_at=clock.now_text(),
        survivors=_survivors(ended),
    )


def _may_pass(error: Exception) -> bool:
    """Return whether something away, not the step, is to blame: then the step may be tried again on azud's account."""
    return isinstance(error, AzudError) and error.retryable


def _failed_manifest(
    spec: JobSpec, attempt: Attempt, ended: JobExit | None, error: RunError, *, lost: bool = False
) -> Manifest:
    """Return the manifest of an attempt that made nothing; its artifacts are kept as far as they can be."""
    word = outcome.LOST if lost else outcome.outcome_of(ended)
    # Half-written outputs go first: on a full disk they are what keeps the manifest from being written.
    remove(attempt.path(OUTPUTS))
    moves = Moves(attempt)
    warnings = _gather_what_can_be(attempt)
    artifacts = paths_to_sync(attempt)
    durable.sync_files(artifacts + _long_spool(attempt), folder=attempt.folder, point="runner.sync_bytes")
    warnings += move_artifacts(spec, attempt, moves, sync=bool(artifacts))
    moves.sync()
    warnings += send_artifacts(spec, attempt)
    remove_created(attempt)
    unknown = ended is None and error.code != "lost" and not lost
    return Manifest(
        attempt_id=spec.attempt_id,
        outcome=outcome.FAILED if unknown or word == outcome.COMPLETED else word,
        exit=ended,
        error=error,
        warnings=(*_exit_warnings(ended), *warnings),
        artifacts_bytes=size_below(spec.artifacts_to),
        spool_bytes=_spool_bytes(attempt),
        spooled=_spooled(attempt),
        ended_at=clock.now_text(),
        survivors=_survivors(ended),
    )


def _gather_what_can_be(attempt: Attempt) -> list[str]:
    """Gather the artifacts of an attempt that failed anyway: what cannot be kept is a warning, not its error."""
    try:
        return gather_artifacts(attempt)
    except (AzudError, OSError) as problem:
        return [f"not all of the run's files were kept: {problem}"]


def _survivors(ended: JobExit | None) -> tuple[ProcessMark, ...]:
    """Return the marks of processes that could not be ended: their pids may be somebody else's one day."""
    marks = [mark_of(pid) for pid in ended.unkillable] if ended is not None else []
    return tuple(mark for mark in marks if is_alive(mark))


def _exit_warnings(ended: JobExit | None) -> tuple[str, ...]:
    found = []
    if ended is not None and ended.left_behind:
        found.append(f"{ended.left_behind} process(es) outlived the script and were ended")
    if ended is not None and ended.unkillable:
        pids = ", ".join(map(str, ended.unkillable))
        found.append(f"these processes could not be ended: {pids}")
    return tuple(found)


def _spool_bytes(attempt: Attempt) -> int:
    try:
        return os.stat(attempt.path(SPOOL)).st_size
    except FileNotFoundError:
        return 0


def _spooled(attempt: Attempt) -> tuple[dict[str, Any], ...] | None:
    """Return what a short spool holds; None says that it stays where it is."""
    if _spool_bytes(attempt) > SPOOL_IN_MANIFEST_BYTES:
        return None
    return tuple(read_records(attempt.path(SPOOL), 0)[0])


def _long_spool(attempt: Attempt) -> list[str]:
    return [attempt.path(SPOOL)] if _spool_bytes(attempt) > SPOOL_IN_MANIFEST_BYTES else []


def _log_exception(attempt: Attempt) -> None:
    """Append the traceback of the exception being handled to the runner's log."""
    import traceback  # costs a fork server's every child, and is seldom needed

    text = traceback.format_exc()
    try:
        with open(attempt.path(LOG), "a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        note(text)  # the disk is full: the fork server's log may be elsewhere


def standby() -> Prepared:
    """Touch what every runner uses, while nobody waits: the first use of a page copies it."""
    global _is_warm  # noqa: PLW0603 - once a process
    if not _is_warm:
        prepare()
        _is_warm = True
    return Prepared(entry=entry)


def prepare() -> None:
    """Do once, in the fork server, what each runner would otherwise do for the first time."""
    blank = ("attempt_id", "run_id", "step_run_id", "step_name", "experiment", "interpreter", "launch")
    example = {
        **dict.fromkeys((*blank, "library_path", "blobs", "script", "artifacts_to"), ""),
        "workspace": {},
        "arguments": [{"kind": "literal", "value": ""}],
        "snapshot": [{"path": "", "digest": "", "size_bytes": 0}],
        "inputs": [{"name": "", "kind": "", "mode": "", "paths": [["", ""]]}],
        "outputs": [{"name": "", "kind": "", "mode": "", "authority": ""}],
    }
    codec.from_json(JobSpec, json.loads(json.dumps(example)))
    ended = JobExit(0, None, "exited", clock.now_text(), clock.now_text())
    sealed = SealedOutput("", "", "file", "", 0, files=(SealedFile("", "", 0, 0, 0, 0),))
    manifest = Manifest("", outcome.COMPLETED, exit=ended, outputs=(sealed,))
    codec.from_json(Manifest, json.loads(json.dumps(codec.to_json(manifest))))
