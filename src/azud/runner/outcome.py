"""How an attempt ended, in words: outcomes, errors with hints, the end of a traceback."""

from __future__ import annotations

import errno
import os

from azud.core.errors import AzudError
from azud.model.attempt_files import DRIVER_LOG
from azud.model.jobs import JobExit, JobSpec
from azud.model.runs import RunError

TAIL_BYTES = 64 << 10
TAIL_LINES = 20
ALMOST_FULL_BYTES = 1 << 20

UNSTARTED = "unstarted"
COMPLETED, FAILED, CANCELED, TIMED_OUT, LOST = "completed", "failed", "canceled", "timed_out", "lost"


def outcome_of(ended: JobExit | None) -> str:
    """Return the manifest's word for how a job ended."""
    if ended is None or ended.reason == UNSTARTED:
        return LOST
    if ended.reason in (CANCELED, TIMED_OUT):
        return ended.reason
    return COMPLETED if ended.exit_code == 0 else FAILED


def job_error(spec: JobSpec, ended: JobExit | None, log: str) -> RunError | None:
    """Return why a job did not succeed, or None if it did.

    Args:
        spec: What was run.
        ended: How it ended, or None if that is not known.
        log: Path of its log on this machine.
    """
    outcome = outcome_of(ended)
    if ended is None:
        return _lost(spec)
    if outcome in (COMPLETED, LOST):
        return None if outcome == COMPLETED else never_started_error(spec)
    tail = log_tail(log)
    how = f"signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}"
    if outcome == FAILED and _is_almost_full(os.path.dirname(log)):
        # Then its log could not take its traceback either.
        how += "; No space left on device: the disk of the workspace is full"
    code, message, hint = {
        CANCELED: ("canceled", f"step {spec.step_name!r} was canceled", None),
        TIMED_OUT: (
            "step_timed_out",
            f"step {spec.step_name!r} ran longer than its limit of {spec.timeout_s:g} seconds"
            if spec.timeout_s is not None
            else f"step {spec.step_name!r} ran longer than its limit",
            "give the step a higher timeout, or make it faster",
        ),
        FAILED: ("step_failed", f"step {spec.step_name!r} ended with {how}", _hint(spec, ended, tail)),
    }[outcome]
    return RunError(
        code=code,
        message=message,
        hint=hint,
        exit_code=ended.exit_code,
        signal=ended.signal,
        traceback_tail=() if outcome == CANCELED else tail,
        log=DRIVER_LOG,
        step=spec.step_name,
    )


def never_started_error(spec: JobSpec) -> RunError:
    """Return the error of an attempt whose runner, or the process that was to be the job, died before the start."""
    return RunError(
        code="never_started",
        message=f"step {spec.step_name!r} was not started: the process that prepared it died",
        hint="nothing of the step has run; it can be tried again",
        step=spec.step_name,
    )


def rebooted_error(spec: JobSpec) -> RunError:
    """Return the error of an attempt during which the machine was started again."""
    return RunError(
        code=LOST,
        message=f"how step {spec.step_name!r} ended is not known: the machine was started again before all it made was "
        "on disk",
        hint="it has run in part or as a whole; look at its log before it is run again",
        log=DRIVER_LOG,
        step=spec.step_name,
    )


def unreadable_error(attempt_id: str) -> RunError:
    """Return the error of an attempt whose spec a loss of power has torn."""
    return RunError(
        code=LOST,
        message=f"attempt {attempt_id} was lost: its spec.json cannot be read",
        hint="the machine lost power while it was started, or somebody changed the file",
    )


def azud_error(error: Exception, step: str | None = None) -> RunError:
    """Return a run's error for something that azud, not the script, met."""
    if isinstance(error, AzudError):
        code, message, hint = error.code, error.message, error.hint
    elif isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        code, message = "storage", f"{error.strerror or error}{where}"
        hint = "free space on that disk and run the step again" if _is_full(error) else None
    else:
        code, message, hint = "invariant", f"{type(error).__name__}: {error}", "runner.log in the attempt has more"
    return RunError(code=code, message=message, hint=hint, step=step)


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _is_almost_full(folder: str) -> bool:
    try:
        state = os.statvfs(folder)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < ALMOST_FULL_BYTES


def _lost(spec: JobSpec) -> RunError:
    return RunError(
        code="lost",
        message=f"how step {spec.step_name!r} ended is not known: the process that watched it was killed, "
        "and the job with it",
        hint="it may have run in part; look at its log before it is run again",
        log=DRIVER_LOG,
        step=spec.step_name,
    )


def _hint(spec: JobSpec, ended: JobExit, tail: tuple[str, ...]) -> str | None:
    last = tail[-1] if tail else ""
    hint: str | None = f"the whole log is {DRIVER_LOG}"
    if ended.signal == "SIGKILL":
        hint = "the system or somebody killed it; often memory ran out (look at `dmesg`)"
    elif ended.signal in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"):
        hint = "a native library crashed; set PYTHONFAULTHANDLER=1 in the step's environment to see where"
    elif last.startswith(("ModuleNotFoundError", "ImportError")):
        hint = f"the step ran with {spec.interpreter}; install the module there or choose another interpreter"
    elif last.startswith(("SyntaxError", "IndentationError", "TabError")):
        hint = "the script does not compile with the step's Python; correct the line that is shown"
    elif ended.exit_code == 127 and spec.command is not None:
        hint = "the shell did not find a program of the command; is it installed here?"
    elif ended.exit_code == 127:
        hint = f"check that {spec.interpreter} exists and runs"
    return hint


def log_tail(path: str, lines: int = TAIL_LINES) -> tuple[str, ...]:
    """Return the last lines of a log, from the last traceback's head on if there is one among them.

    Only the last 64 KiB are read, however long the log is.
    """
    try:
        with open(path, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - TAIL_BYTES))
            text = stream.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    found = text.rstrip().splitlines()
    heads = [index for index, line in enumerate(found) if line.startswith("Traceback (most recent call last)")]
    start = max(heads[-1] if heads else 0, len(found) - lines)
    return tuple(line[:2000] for line in found[start:])
