"""The attempt folder as its processes use it: marks, claims, the cancel request, how the job ended.

Two kinds of claim make "at most once" true whatever dies. `job.claim` is taken once, ever: its holder alone
may start the job. `claim` names the runner that may seal; when that runner is dead the next one takes
`claim.1`, then `claim.2` and so on, each created exclusively, so that there is one successor only.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
from typing import Any, Dict, Optional, Tuple

from azud.core import durable
from azud.core.processes import ProcessMark, boot_id, is_alive, own_mark, send_signal
from azud.model import attempt_files, codec, jobs

CANCEL = "cancel"
MONITOR, RUNNER = "monitor", "runner"


@dataclasses.dataclass(frozen=True)
class Attempt:
    """An attempt folder, by its absolute path."""

    folder: str

    def path(self, name: str) -> str:
        """Return the absolute path of a file of this attempt."""
        return os.path.join(self.folder, name)

    def has(self, name: str) -> bool:
        """Return whether this attempt has a file.

        Raises:
            OSError: That cannot be known; `os.path.exists` would say no.
        """
        try:
            os.stat(self.path(name))
        except FileNotFoundError:
            return False
        return True

    # Claims

    def claim_for_runner(self) -> Optional[int]:
        """Take the right to seal this attempt.

        Returns:
            0 for the first runner, n for the one that follows n dead ones, None while another lives.
        """
        generation, holder = self._last_claim()
        if holder is not None and is_alive(holder):
            return None
        name = attempt_files.CLAIM if generation < 0 else f"{attempt_files.CLAIM}.{generation + 1}"
        return generation + 1 if self._take(name, RUNNER, sync=False, point="runner.claim") else None

    def runner_mark(self) -> Optional[ProcessMark]:
        """Return the mark of the runner that holds the attempt, dead or alive, or None before any did."""
        return self._last_claim()[1]

    def _last_claim(self) -> Tuple[int, Optional[ProcessMark]]:
        generation, holder = -1, None
        while True:
            name = attempt_files.CLAIM if generation < 0 else f"{attempt_files.CLAIM}.{generation + 1}"
            data = self._read(name)
            if data is None:
                return generation, holder
            generation, holder = generation + 1, _mark(data)

    def claim_job(self, by: str = MONITOR, job: Optional[ProcessMark] = None) -> bool:
        """Take the right to start the job, which is given once, ever; on disk when this returns.

        Args:
            by: Who takes it; the runner takes it so that nobody else can.
            job: The process that waits to become the job.
        """
        point = "monitor.claim_job" if by == MONITOR else "runner.claim_job"
        return self._take(attempt_files.JOB_CLAIM, by, job, sync=True, point=point)

    def job_claim(self) -> Optional[Tuple[str, ProcessMark]]:
        """Return who took the right to start the job (`monitor` or `runner`) and its mark, or None."""
        data = self._read(attempt_files.JOB_CLAIM)
        return None if data is None else (str(data.get("by", MONITOR)), _mark(data))

    def job_mark(self) -> Optional[ProcessMark]:
        """Return the mark of the job's main process, or None if nobody took the right to start it."""
        data = self._read(attempt_files.JOB_CLAIM)
        job = None if data is None else data.get("job")
        return _mark(job) if isinstance(job, dict) else None

    def is_of_another_boot(self) -> bool:
        """Return whether the machine was started again since somebody took the right to start the job.

        Nothing of the job lives then, and what it wrote last, its exit status too, may not have come to the disk.
        """
        claim = self.job_claim()
        return claim is not None and claim[1].boot != boot_id()

    def _take(self, name: str, by: str, job: Optional[ProcessMark] = None, *, sync: bool, point: str) -> bool:
        content = dict(codec.to_json(own_mark()), by=by)
        if job is not None:
            content["job"] = codec.to_json(job)
        # After a reboot the holder is dead whoever it was, so the name has to survive and the mark has not.
        return durable.create_exclusive(self.path(name), _encode(content), point=point, sync=sync, sync_content=False)

    # How it ended

    def write_exit(self, ended: jobs.JobExit) -> None:
        """Record how the job ended; the exit status then survives everybody but the machine."""
        durable.write_new(self.path(attempt_files.EXIT), _encode(codec.to_json(ended)), point="monitor.exit")

    def read_exit(self) -> Optional[jobs.JobExit]:
        """Return how the job ended, or None if that is not known (yet)."""
        data = self._read(attempt_files.EXIT)
        return codec.from_json(jobs.JobExit, data) if data else None

    # Cancelling

    def request_cancel(self) -> bool:
        """Ask for the end of the job, now or before it starts. May be called by anybody, any number of times.

        The file is the request and the signal only wakes the monitor, so that a request survives every
        process. A monitor looks for the file after it has claimed the job; this looks for the claim after
        it has made the file: one of the two sees the other.

        Returns:
            Whether a monitor was there to be woken.
        """
        durable.create_exclusive(self.path(CANCEL), b"", point="attempt.cancel", sync=False)
        claim = self.job_claim()
        return claim is not None and claim[0] == MONITOR and send_signal(claim[1], signal.SIGTERM)

    def is_canceled(self) -> bool:
        """Return whether somebody asked for the end of this attempt."""
        return os.path.exists(self.path(CANCEL))

    def _read(self, name: str) -> Optional[Dict[str, Any]]:
        try:
            with open(self.path(name), "rb", buffering=0) as stream:
                content = stream.read()
        except FileNotFoundError:
            return None
        try:
            data = json.loads(content)
        except ValueError:
            # Whoever was writing it died over it, or the machine did.
            return {}
        return data if isinstance(data, dict) else {}


def _mark(data: Dict[str, Any]) -> ProcessMark:
    return ProcessMark(int(data.get("pid", 0)), str(data.get("started", "")), str(data.get("boot", "")))


def _encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
