"""What explanations need from the store."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from azud.engine.ports import ListedFile
from azud.model.explanation import EarlierStep
from azud.model.runs import RunRecord


@dataclasses.dataclass(frozen=True)
class EarlierKey:
    """A decision that was made before: whose, how it went, and its key with the pre-image."""

    step: EarlierStep
    code: str
    key: str
    preimage: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


class ExplanationStore(Protocol):
    """What is stored of earlier decisions and of what went into keys."""

    def earlier_keys(self, name: str, limit: int, before: RunRecord | None = None) -> Sequence[EarlierKey]:
        """Return the keys of earlier steps of a name, newest first, of each key the newest.

        Args:
            name: Of the steps.
            limit: So many of the newest step runs are looked at.
            before: Only those of other runs that were made before this step run.
        """

    def earlier_step(self, step_run_id: str) -> EarlierStep | None:
        """Return a step run with its run, or None if it is not kept any more."""

    def step_run_of(self, run_id: str, node_id: str) -> str | None:
        """Return the step run that has, or shows, the results of a step of a run."""

    def environment(self, digest: str) -> Mapping[str, Any] | None:
        """Return what an environment held (`azud.job.fingerprint`), or None if that is not kept."""

    def data_files(self, digest: str) -> Sequence[ListedFile] | None:
        """Return the files of an input that no step made, or None if they are not kept."""


class BlobReader(Protocol):
    """Reads the bytes of source files."""

    def path(self, digest: str) -> str:
        """Return the local path of a blob; it need not exist."""
