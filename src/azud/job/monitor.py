"""The process between a runner and its job: starts the job once, waits, ends what must end, writes how.

A monitor outlives its runner and its fork server. Nothing but its own death (or the machine's) loses the
job's exit status, and when it dies the kernel kills the job with it.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import resource  # noqa: F401 - os.wait4 imports it, and a fork server does so better than each monitor
import signal
import socket
import time
from typing import Any, Dict, List, Optional, Tuple

from azud.core import clock, durable, native
from azud.core.processes import ProcessMark, descendants, mark_of
from azud.job.attempt import Attempt
from azud.job.lines import LineReader, send_line
from azud.job.script import Launch, become_job, enter_own_session
from azud.job.signals import SignalWaiter, restore_caught_signals
from azud.job.stages import Prepared, note
from azud.model import codec
from azud.model.attempt_files import EXIT
from azud.model.jobs import JobExit

SETTLE_S = 0.5
"""How long helpers of the job (multiprocessing's resource tracker) have to notice that it is gone."""
LEFTOVER_GRACE_S = 2.0
"""How long other processes that the job left behind have between SIGTERM and SIGKILL."""
UNKILLABLE_S = 5.0
"""After how long a process that got SIGKILL counts as unkillable."""
FULL_DISK_S = 600.0
"""How long to wait for space to record how the job ended, when nobody listens either."""
FULL_DISK_RETRY_S = 0.5
BEGUN = b"\n"
"""What the process that waits says when it knows that it is the job."""


@dataclasses.dataclass(frozen=True)
class MonitorOrder:
    """What a runner asks of a monitor.

    Args:
        timeout_s: Wall-clock seconds after which the job is ended, or None.
        grace_s: Seconds between SIGTERM and SIGKILL.
    """

    attempt_dir: str
    launch: Launch
    timeout_s: Optional[float] = None
    grace_s: float = 10.0

    def to_args(self) -> Dict[str, Any]:
        """Return the order as the JSON-able arguments of the `monitor` entry."""
        return dataclasses.asdict(self)

    @classmethod
    def from_args(cls, args: Dict[str, Any]) -> MonitorOrder:
        """Return the order that `to_args` described."""
        launch = dict(args["launch"], arguments=tuple(args["launch"]["arguments"]))
        return cls(**dict(args, launch=Launch(**launch)))


def standby() -> Prepared:
    """Do what a monitor does before it knows its attempt: fork the process that will be the job, which waits.

    Returns:
        In the monitor, the entry that watches one job; in the job's process, the stage that becomes it.
    """
    # Before any claim: whoever sees the claim may send SIGTERM.
    waiter = SignalWaiter()
    native.set_subreaper()
    monitor_pid = os.getpid()
    ours, theirs = socket.socketpair()
    # Blocked, so that a SIGTERM which finds the child before it is the job waits until it is.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGCHLD))
    job_pid = durable.fork(point="monitor.fork_job")
    if job_pid == 0:
        ours.close()
        return Prepared(stage=functools.partial(_await_start, theirs, monitor_pid))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGCHLD))
    theirs.close()
    return Prepared(entry=functools.partial(_watch, waiter, mark_of(job_pid), ours))


def _await_start(channel: socket.socket, monitor_pid: int) -> None:
    """In the job's process: become the job when the monitor says so, end when it ends without saying it."""
    enter_own_session(monitor_pid)
    restore_caught_signals()
    args = LineReader(channel).read()
    if args is not None:
        order = MonitorOrder.from_args(args)
        channel.send(BEGUN)
        become_job(order.launch)


def _watch(
    waiter: SignalWaiter, job: ProcessMark, channel: socket.socket, connection: socket.socket, args: Dict[str, Any]
) -> bool:
    """Claim one attempt's job, start it, and report how it ended."""
    order = MonitorOrder.from_args(args)
    attempt = Attempt(order.attempt_dir)
    if not attempt.claim_job(job=job):
        send_line(connection, {"done": True, "claimed": False})
        return False
    started_at = clock.now_text()
    if attempt.is_canceled():
        ended = JobExit(None, None, "canceled", started_at, clock.now_text())
        channel.close()
    else:
        durable.commit(lambda: send_line(channel, args), point="monitor.start_job")
        ended = JobWatch(order, attempt, waiter, job.pid, started_at).run()
        if ended.signal is not None and ended.reason == "exited" and not _has_begun(channel):
            ended = dataclasses.replace(ended, reason="unstarted")
    heard = _tell(attempt, ended, connection)
    channel.close()
    waiter.close()
    return heard and not ended.unkillable and ended.reason == "exited"


def _has_begun(channel: socket.socket) -> bool:
    """Return whether the process that was to be the job had been told so; if not, nothing of the step has run."""
    channel.setblocking(False)
    try:
        return channel.recv(1) == BEGUN
    except OSError:
        return False


def _tell(attempt: Attempt, ended: JobExit, connection: socket.socket) -> bool:
    """Record how the job ended and tell the client; returns whether it was there to hear.

    On a full disk the client's word is as good as the file; without either this waits for space.
    """
    message = {"done": True, "claimed": True, "exit": codec.to_json(ended)}
    deadline = time.monotonic() + FULL_DISK_S
    while True:
        try:
            attempt.write_exit(ended)
            return send_line(connection, message)
        except OSError as error:
            note(f"{attempt.path(EXIT)} cannot be written: {error.strerror}")
            if send_line(connection, message):
                return False  # its end is what a second client would wait for
            if time.monotonic() >= deadline:
                raise
            time.sleep(FULL_DISK_RETRY_S)


class JobWatch:
    """Waits for one job and ends it when its time is up.

    Args:
        job_pid: The job's main process, a child of this one and the leader of its own session.
    """

    def __init__(
        self, order: MonitorOrder, attempt: Attempt, waiter: SignalWaiter, job_pid: int, started_at: str
    ) -> None:
        self._order = order
        self._attempt = attempt
        self._waiter = waiter
        self._job_pid = job_pid
        self._started_at = started_at
        self._status: Optional[int] = None
        self._alone = False
        self._reason = "exited"
        self._user_s = self._system_s = 0.0
        self._max_rss_bytes = 0

    def run(self) -> JobExit:
        """Return how the job ended, once it and everything below it has."""
        self._await_job()
        ended_at = clock.now_text()
        left_behind, unkillable = self._end_leftovers()
        exit_code, signal_name = _decode(self._status)
        return JobExit(
            exit_code=exit_code,
            signal=signal_name,
            reason=self._reason,
            started_at=self._started_at,
            ended_at=ended_at,
            max_rss_bytes=self._max_rss_bytes,
            user_s=self._user_s,
            system_s=self._system_s,
            left_behind=left_behind,
            unkillable=unkillable,
        )

    def _await_job(self) -> None:
        """Wait for the main process; ask it to end, then kill it, when it was cancelled or ran too long."""
        deadline = None if self._order.timeout_s is None else time.monotonic() + self._order.timeout_s
        while not self._reap():
            now = time.monotonic()
            if self._reason == "exited":
                canceled = self._attempt.is_canceled()
                if canceled or (deadline is not None and now >= deadline):
                    self._reason = "canceled" if canceled else "timed_out"
                    self._ask_to_end()
                    deadline = now + self._order.grace_s
            elif deadline is not None and now >= deadline:
                self._kill_below()
                self._wait_until(now + UNKILLABLE_S)
                return
            self._waiter.wait(None if deadline is None else deadline - now)

    def _ask_to_end(self) -> None:
        for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped process hears nothing but SIGKILL
            try:
                os.killpg(self._job_pid, number)
            except (ProcessLookupError, PermissionError):
                _send(self._job_pid, number)  # it has no group of its own yet, or not all of that is ours

    def _wait_until(self, deadline: float) -> None:
        while not self._reap() and time.monotonic() < deadline:
            self._waiter.wait(deadline - time.monotonic())

    def _reap(self) -> bool:
        """Collect every ended child, adopted orphans too; returns whether the job is among them."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self._alone = True
                break
            if pid == 0:
                self._alone = False
                break
            self._user_s += usage.ru_utime
            self._system_s += usage.ru_stime
            self._max_rss_bytes = max(self._max_rss_bytes, usage.ru_maxrss * 1024)
            if pid == self._job_pid:
                self._status = status
        return self._status is not None

    def _end_leftovers(self) -> Tuple[int, Tuple[int, ...]]:
        """End everything below this process; returns how many there were, and which would not end."""
        if self._is_alone():
            return 0, ()
        if self._status is not None and self._wait_alone(SETTLE_S):
            return 0, ()
        left = self._living()
        if self._reason == "exited":
            for pid in left:
                _send(pid, signal.SIGTERM)
            if self._wait_alone(min(LEFTOVER_GRACE_S, self._order.grace_s)):
                return len(left), ()
        deadline = time.monotonic() + UNKILLABLE_S
        while not self._is_alone() and time.monotonic() < deadline:
            # Again and again, since what is killed may have forked in between.
            self._kill_below()
            self._wait_alone(min(0.2, deadline - time.monotonic()))
        return max(len(left), 1), tuple(self._living())

    def _living(self) -> List[int]:
        self._reap()
        return descendants(os.getpid())

    def _is_alone(self) -> bool:
        """Return whether no process is left below this one, after collecting those that have ended."""
        self._reap()
        return self._alone

    def _wait_alone(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while not self._is_alone():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self._waiter.wait(remaining)
        return True

    def _kill_below(self) -> None:
        for pid in descendants(os.getpid()) or [self._job_pid]:
            _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> None:
    """Signal a process below this one; what is gone or belongs to somebody else shows in the count later."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _decode(status: Optional[int]) -> Tuple[Optional[int], Optional[str]]:
    """Return `(exit code, None)` or `(None, signal name)` of a wait status; nothing if it never ended."""
    if status is None:
        return None, None
    if not os.WIFSIGNALED(status):
        return os.WEXITSTATUS(status), None
    number = os.WTERMSIG(status)
    try:
        return None, signal.Signals(number).name
    except ValueError:
        return None, f"SIG{number}"
