"""What came of running a finished step again, and what is needed to run one elsewhere."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

from azud.model.jobs import JobSpec

VERIFIES = "azud.verifies"
"""Property of a verifying pipeline run (the run that it verifies) and of its step runs (whose result each compares)."""
NONDETERMINISTIC = "azud.nondeterministic"
"""Property of a step run that made other bytes when it ran again: the files that differed."""

SAME, DIFFERENT, FAILED, NOT_COMPARABLE = "same", "different", "failed", "not_comparable"
RUNNING, SKIPPED = "running", "skipped"


@dataclasses.dataclass(frozen=True)
class FileDifference:
    """A file that is not the same in both step runs; each pair holds the original first.

    Args:
        output: Name of the output.
        path: Below the output, or "" where the output is itself a file.
        what: `content`, `missing` (the second run did not write it) or `added` (only the second run wrote it).
        sizes: Bytes; None where there is no file.
        digests: SHA-256; None where there is no file.
        first_byte: Offset of the first byte that differs, from 0, if it was looked for and found.
        first_line: Number of the first line that differs, from 1, for small text files.
        lines: That line in both, cut to some length.
    """

    output: str
    path: str
    what: str
    sizes: Tuple[Optional[int], ...]
    digests: Tuple[Optional[str], ...]
    first_byte: Optional[int] = None
    first_line: Optional[int] = None
    lines: Tuple[str, ...] = ()

    def name(self) -> str:
        """Return `output/path`."""
        return f"{self.output}/{self.path}" if self.path else self.output


@dataclasses.dataclass(frozen=True)
class Verification:
    """What came of running a step again.

    Args:
        step_run_id: The step run whose bytes were compared: the one that made them.
        verified_by: The step run that ran again.
        outcome: `same`, `different`, `failed` (the second run did not complete) or `not_comparable` (something that it
            read, or its environment, was not what it had been).
        at: When they were compared.
        reason: Why the outcome is neither `same` nor `different`, in words.
        file_count: Files that were compared.
        differing_count: Files that differ; `files` lists at most some of them.
        applies_to: Filled in when it is read: the step run of the run that was asked about.
        of_same_code: Filled in when it is read: the step run is another one, of the same name and source.
    """

    step_run_id: str
    step_name: str
    verified_by: str
    outcome: str
    at: str
    reason: str = ""
    file_count: int = 0
    differing_count: int = 0
    files: Tuple[FileDifference, ...] = ()
    applies_to: str = ""
    of_same_code: bool = False


@dataclasses.dataclass(frozen=True)
class StepToVerify:
    """What happens to a step that was to be verified.

    `outcome` is `running`, `skipped` or `not_comparable`; `reason` says why it does not run.
    `verified_by` is the step run that runs it again.
    """

    step_run_id: str
    step_name: str
    outcome: str
    reason: str = ""
    verified_by: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class ReplayPlan:
    """All that a past step needs to be run elsewhere.

    Args:
        step_run_id, run_id, status: The step run that was asked for.
        reused_from: The step run that really ran, if another did.
        spec: Its job, without token, endpoint and the server's own folders.
        changes: What is not as it was when the step ran, in words: interpreter, packages, inputs.
    """

    step_run_id: str
    run_id: str
    status: str
    spec: JobSpec
    reused_from: Optional[str] = None
    changes: Tuple[str, ...] = ()
