"""What the services need from the store.

Reads see committed state only. Writers here are not fenced by the engine's lease: they touch only what the engine never
writes after a run exists (tags, properties, metrics, assets), or make a new run in one transaction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol

from azud.engine.ports import ReuseDecision, RunOptions, VersionState
from azud.engine.retrying import NO_RULE, RetryRule
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatasetRecord, DatastoreRecord
from azud.model.definition import PipelineDefinition
from azud.model.jobs import SealedOutput
from azud.model.runs import MetricPoint, RunRecord, RunType
from azud.model.snapshot import SourceSnapshot


@dataclasses.dataclass(frozen=True)
class NewStep:
    """A step run to be made, in topological order; `retry` is None where the run's rule holds."""

    id: str
    node_id: str
    name: str
    type: str
    compute: str | None
    snapshot: str
    predecessors: tuple[str, ...]
    properties: dict[str, str]
    warnings: tuple[str, ...] = ()
    retry: RetryRule | None = None


@dataclasses.dataclass(frozen=True)
class NewRun:
    """A pipeline or script run to be made, with everything that its submission decided."""

    id: str
    experiment: str
    definition: PipelineDefinition
    definition_json: dict[str, Any]
    options: RunOptions
    steps: tuple[NewStep, ...]
    submitted_by: str = ""
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    retry: RetryRule = NO_RULE
    idempotency_key: str | None = None
    type: str = RunType.PIPELINE
    submitted_under: str | None = None


@dataclasses.dataclass(frozen=True)
class StoredOutput:
    """A sealed output with its place on a datastore."""

    step_run_id: str
    datastore: str
    path: str
    sealed: SealedOutput
    data_type: str | None = None
    pipeline_output_name: str | None = None


class RunCatalog(Protocol):
    """Runs as people see them."""

    def create_run(self, new: NewRun) -> RunRecord:
        """Make a run, its step runs and its first event in one transaction.

        Idempotent: by `idempotency_key`; a key that was used returns the run that it made.
        """

    def run(self, run_id: str) -> RunRecord:
        """Return a run or step run.

        Raises:
            NotFoundError: There is none with this id.
        """

    def runs(
        self,
        *,
        experiment: str | None,
        status: str | None,
        parent: str | None,
        limit: int,
        after: str | None,
        type: str | None = None,
    ) -> tuple[Sequence[RunRecord], str | None]:
        """Return runs that are below no other, newest first, or the steps of `parent` in creation order.

        Returns:
            A page, and the cursor of the next one.
        """

    def children(self, run_id: str) -> Sequence[RunRecord]:
        """Return what is right below a run: steps, what was submitted under it, interactive runs."""

    def subject(self, run_id: str) -> RunRecord:
        """Return the run whose job logs and writes: the only step of a script run, else the run itself."""

    def definition(self, run_id: str) -> PipelineDefinition:
        """Return what was submitted."""

    def events(self, run_id: str, after: int) -> tuple[Sequence[dict[str, Any]], str]:
        """Return the events after a sequence number, as `{"seq", "type", …}`, and the run's status after them.

        Raises:
            NotFoundError: There is no such run.
        """

    def patch(
        self,
        run_id: str,
        *,
        set_tags: Mapping[str, str | None],
        remove_tags: Sequence[str],
        add_properties: Mapping[str, str],
        display_name: str | None,
    ) -> RunRecord:
        """Change tags, add properties.

        Raises:
            ConflictError: A property exists with another value; nothing was changed.
        """

    def metrics(
        self, run_id: str, after: int = -1, limit: int | None = None, *, spooled: bool = True
    ) -> tuple[Sequence[MetricPoint], int]:
        """Return a run's points in the order in which they were logged, and the place of the last of them.

        Args:
            run_id: Of a run or step run.
            after: Only those after this place.
            limit: At most so many.
            spooled: With those of a long spool, which are there before the step has ended.
        """

    def add_metrics(self, run_id: str, points: Sequence[MetricPoint], idempotency_key: str | None = None) -> None:
        """Append points."""

    def outputs(self, run_id: str) -> Sequence[StoredOutput]:
        """Return the sealed outputs of a step run, or the named outputs of a pipeline run."""

    def decision(self, step_run_id: str) -> ReuseDecision | None:
        """Return why a step ran or did not, or None while that is not decided."""


class AssetCatalog(Protocol):
    """What a workspace holds beside runs."""

    def datastores(self) -> Sequence[DatastoreRecord]:
        """Return all datastores."""

    def save_dataset(self, record: DatasetRecord) -> DatasetRecord:
        """Keep a definition under its id."""

    def dataset(self, dataset_id: str) -> DatasetRecord:
        """Return a saved dataset.

        Raises:
            NotFoundError: There is none with this id.
        """

    def dataset_versions(self, name: str | None) -> Sequence[DatasetRecord]:
        """Return registered versions, newest first; of every name if `name` is None."""

    def registered_id(self, name: str, version: int | None) -> str | None:
        """Return the saved id of a registered dataset, of its newest version if None is given; None without one."""

    def unseen_versions(self) -> Sequence[DatasetRecord]:
        """Return the registered versions whose files nobody has looked at yet, oldest first."""

    def note_state(self, found: VersionState) -> None:
        """Keep what a version's files are: as its fingerprint if it has none with a digest, else as what was seen.

        Effects: None if the version is gone or means something else, or if nothing is new.
        """

    def register_dataset(
        self, record: DatasetRecord, *, create_new_version: bool, makers: Sequence[tuple[str, str, str]] = ()
    ) -> DatasetRecord:
        """Give a dataset a name.

        Args:
            record: What is registered.
            create_new_version: Whether a name that is taken gets a further version.
            makers: Who made it: step run, `azud.model.lineage.OUTPUT` or `REGISTERED`, and the output's name.

        Raises:
            ConflictError: The name exists and no new version was asked for.
        """

    def change_dataset(
        self, name: str, version: int, *, description: str | None, tags: Mapping[str, str] | None
    ) -> bool:
        """Replace what is not None; returns whether there is such a version."""

    def unregister_dataset(self, name: str) -> int:
        """Forget all versions of a name and return how many; definitions and bytes stay."""

    def compute_targets(self) -> Sequence[ComputeTargetRecord]:
        """Return all compute targets."""

    def put_compute(self, record: ComputeTargetRecord) -> None:
        """Create or replace a compute target."""

    def delete_compute(self, name: str) -> None:
        """Forget a compute target."""

    def environments(self) -> Sequence[dict[str, Any]]:
        """Return the newest version of each environment."""

    def environment(self, name: str, version: str | None) -> dict[str, Any]:
        """Return an environment; without a version the newest.

        Raises:
            NotFoundError: There is none.
        """

    def put_environment(self, name: str, definition: dict[str, Any]) -> dict[str, Any]:
        """Register a definition; an equal one keeps its version."""

    def put_snapshot(self, snapshot: SourceSnapshot) -> str:
        """Keep a snapshot's listing and return its digest."""

    def snapshot(self, digest: str) -> SourceSnapshot:
        """Return a snapshot's listing."""

    def missing_snapshots(self, digests: Sequence[str]) -> Sequence[str]:
        """Return those digests that are not stored."""


class Blobs(Protocol):
    """Content-addressed bytes."""

    def missing(self, digests: Sequence[str]) -> Sequence[str]:
        """Return those digests whose bytes are not here."""

    def open(self, digest: str) -> IO[bytes]:
        """Open the bytes of a digest.

        Raises:
            BlobMissing: They are not here.
        """

    def put(self, digest: str, chunks: Any) -> None:
        """Store bytes.

        Raises:
            DigestMismatch: The bytes have another digest; nothing was stored.
        """
