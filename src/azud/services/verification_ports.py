"""What verifying and replaying past steps need from the store and from the disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from azud.model.verifications import Verification


@dataclasses.dataclass(frozen=True)
class Observed:
    """What a step run's job read through the SDK without declaring it, and what it wrote elsewhere."""

    reads: tuple[dict[str, Any], ...] = ()
    writes: tuple[dict[str, Any], ...] = ()


class VerificationStore(Protocol):
    """The store's side of verifying past steps."""

    def observed(self, step_run_id: str) -> Observed:
        """Return what a step run's job read and wrote beside its inputs and outputs."""

    def environment_contents(self, digest: str) -> Mapping[str, Any] | None:
        """Return what an interpreter held, by its digest, or None if that is not known."""

    def add_verification(self, found: Verification, warning: str) -> None:
        """Keep what came of running a step again; one that differs is marked, with the warning on its step run.

        Effects: A row of `verifications`; property and warning of the original step run. One transaction.
        Idempotent: by the two step runs.
        """

    def verifications(self, run_id: str) -> Sequence[Verification]:
        """Return, oldest first, what is known about the steps of a run, or about one step run.

        These are verifications of the results that they show, verifications that they made themselves, and those of
        other step runs of the same name and source that proved non-deterministic.
        """

    def compared(self, run_id: str) -> frozenset[str]:
        """Return the step runs of a verifying run whose verification is stored."""

    def unsettled(self) -> Sequence[str]:
        """Return the verifying runs with step runs whose verification is not stored, active ones too."""


@dataclasses.dataclass(frozen=True)
class FirstDifference:
    """Where two files begin to differ: offset of the byte, and for small texts number and words of the line."""

    byte: int
    line: int | None = None
    lines: tuple[str, ...] = ()


class FileComparer(Protocol):
    """Reads two files side by side."""

    def first_difference(self, one: str, other: str) -> FirstDifference | None:
        """Return where two files differ first, or None if that cannot be found with reasonable effort."""
