"""Starting the job through its monitor, and waiting for how it ended, whoever started it."""

from __future__ import annotations

import functools
import os
import signal
import socket
from typing import Any

from azud.core import durable
from azud.core.errors import BackendError
from azud.core.processes import ProcessMark, is_alive, session_members, wait_gone
from azud.job import children, monitor
from azud.job.attempt import MONITOR, RUNNER, Attempt
from azud.job.baseline import needs_fresh_interpreter
from azud.job.forkclient import request_fork
from azud.job.lines import LineReader
from azud.job.monitor import MonitorOrder
from azud.job.script import Launch, close_descriptors_from
from azud.job.signals import drop_caught_signals
from azud.job.stages import Stage, run_stages
from azud.model import codec
from azud.model.attempt_files import ARTIFACTS, DRIVER_LOG, WORK
from azud.model.jobs import JobExit, JobSpec
from azud.runner.environment import command_line, job_baseline, job_environment
from azud.runner.staging import Staged


def order_for(spec: JobSpec, attempt: Attempt, staged: Staged) -> MonitorOrder:
    """Return what a monitor has to know to start the job.

    A job whose variables only a starting interpreter would notice is started as a fresh one, whatever the
    spec says; so is one without a fork server, and the shell of a command.

    Raises:
        DefinitionError: An argument names something that the step does not have.
    """
    environment = job_environment(spec, attempt, staged.inputs)
    warm = spec.launch == "fork" and spec.job_server is not None and spec.command is None
    if warm and needs_fresh_interpreter(environment, job_baseline(spec)):
        warm = False
    launch = Launch(
        mode="fork" if warm else "exec",
        interpreter=spec.interpreter,
        script=spec.script,
        arguments=command_line(spec, attempt, staged.inputs),
        environment=environment,
        directory=attempt.path(WORK),
        log=attempt.path(os.path.join(ARTIFACTS, DRIVER_LOG)),
        command=spec.command,
    )
    return MonitorOrder(attempt.folder, launch, spec.timeout_s, spec.grace_s)


def run_job(spec: JobSpec, attempt: Attempt, order: MonitorOrder) -> JobExit | None:
    """Start the job and wait for its end; returns None if how it ended cannot be known."""
    # A fresh interpreter may be started from anywhere, so our own fork server's waiting monitors do.
    server = spec.job_server if order.launch.mode == "fork" else children.own_server
    reader = _ask_fork_server(server, order) if server is not None else None
    if reader is None:
        # Perhaps a monitor was started and we did not hear of it: whichever claims the job first runs it.
        reader = _fork_monitor(order)
    said = None
    with reader:
        while (message := reader.read()) is not None:
            if message.get("done"):
                said = message.get("exit")
                break
    _reap()
    if said is not None:
        return codec.from_json(JobExit, said)
    return await_exit(attempt)


def _ask_fork_server(socket_path: str, order: MonitorOrder) -> LineReader | None:
    """Return a reader of a monitor from a fork server, or None if that is gone."""
    try:
        reader = LineReader(request_fork(socket_path, "monitor", order.to_args()))
    except BackendError:
        return None  # the fallback is a fresh interpreter, whose start is slower and otherwise the same
    answer = reader.read()
    if answer is not None and "pid" in answer:
        return reader
    reader.close()
    return None


def _fork_monitor(order: MonitorOrder) -> LineReader:
    """Return a reader of a monitor forked from this process, which starts the job as a fresh interpreter."""
    args = order.to_args()
    args["launch"]["mode"] = "exec"
    ours, theirs = socket.socketpair()
    if durable.fork(point="runner.fork_monitor") == 0:
        # Not least the runner's connection to the server, which must end when the runner does.
        close_descriptors_from(3, keep=(theirs.fileno(),))
        drop_caught_signals()
        os.setsid()
        run_stages(functools.partial(_monitor_here, theirs, args))
    theirs.close()
    return LineReader(ours)


def _reap() -> None:
    """Collect monitors that this process forked itself and that have ended; it may run many attempts."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _monitor_here(connection: socket.socket, args: dict[str, Any]) -> Stage | None:
    prepared = monitor.standby()
    if prepared.entry is not None:
        prepared.entry(connection, args)
    return prepared.stage


def await_exit(attempt: Attempt) -> JobExit | None:
    """Wait until the job's fate is decided.

    Returns:
        How it ended; or None if its monitor died without telling, after ending what is left of the job.
    """
    claim = attempt.job_claim()
    if claim is None or claim[0] != MONITOR:
        return None
    ended = attempt.read_exit()
    if ended is None:
        wait_gone(claim[1])
        ended = attempt.read_exit()
    if ended is None:
        _end_orphans(attempt.job_mark())
    return ended


def never_started(attempt: Attempt) -> bool:
    """Return whether the job did not run and, after this call, never will under this attempt.

    Takes the right to start it, if nobody has.
    """
    if attempt.job_claim() is None:
        attempt.claim_job(RUNNER)
    claim = attempt.job_claim()
    return claim is not None and claim[0] == RUNNER


def _end_orphans(job: ProcessMark | None) -> None:
    """Kill what is left of a job whose monitor was killed: its main process and everything in its session."""
    if job is None:
        return
    for mark in session_members(job):
        try:
            os.kill(mark.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue  # gone already, or somebody else's: then it is not ours to end
    if is_alive(job):
        wait_gone(job, timeout_s=monitor.UNKILLABLE_S)
