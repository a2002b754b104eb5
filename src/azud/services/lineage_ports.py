"""What lineage needs from the store. Every question names many things at once and is answered through an index."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from azud.model.data import DatasetRecord
from azud.model.lineage import DataUse
from azud.model.runs import RunRecord


@dataclasses.dataclass(frozen=True)
class Made:
    """A step run made a registered version: `how` is `OUTPUT` or `REGISTERED`, `output` the output's name or ""."""

    name: str
    version: int
    step_run_id: str
    how: str
    output: str = ""


@dataclasses.dataclass(frozen=True)
class Handed:
    """A step of a run read the output of another step of it."""

    source: str
    target: str
    output: str


class LineageStore(Protocol):
    """What was read and made."""

    def makers(self, versions: Iterable[tuple[str, int]]) -> Sequence[Made]:
        """Return who made these registered versions."""

    def made(self, step_runs: Iterable[str]) -> Sequence[Made]:
        """Return the registered versions that these step runs made."""

    def uses_by(self, step_runs: Iterable[str]) -> Sequence[DataUse]:
        """Return what these step runs read that no step of their own run made."""

    def uses_of(self, dataset_ids: Iterable[str]) -> Sequence[DataUse]:
        """Return what read datasets with these saved ids, under whatever name."""

    def uses_of_outputs(self, step_runs: Iterable[str]) -> Sequence[DataUse]:
        """Return what read outputs of these step runs from other runs."""

    def versions(self, names: Iterable[tuple[str, int]]) -> Sequence[DatasetRecord]:
        """Return those of these versions that are registered."""

    def versions_of(self, dataset_ids: Iterable[str]) -> Sequence[DatasetRecord]:
        """Return the registered versions with these saved ids."""

    def saved(self, dataset_ids: Iterable[str]) -> Mapping[str, DatasetRecord]:
        """Return saved datasets by id."""

    def steps(self, step_runs: Iterable[str]) -> Mapping[str, RunRecord]:
        """Return step runs that are kept, by id."""

    def step_ids(self, run_id: str) -> Sequence[str]:
        """Return the step runs of a pipeline or script run; of a step run itself."""

    def script_runs(self, runs: Iterable[str]) -> frozenset[str]:
        """Return those of these runs whose only step people do not see."""

    def handed(self, run_id: str) -> Sequence[Handed]:
        """Return what the steps of a run handed to each other; nothing if the run is gone."""
