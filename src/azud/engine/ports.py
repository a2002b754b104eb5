"""What the engine needs from the world, and what it may rely on.

The rules that matter more than the signatures:

* **A write is fenced.** Every write of the engine names the token of the lease under which it works. If
  another holder has taken the lease since, nothing is written and `LeaseLost` is raised; the holder stops.
* **Start once.** `ComputeBackend.start` may be called for an attempt only after `AttemptIntended` was
  committed, and may be called again for the same attempt after a restart: a backend must then find what it
  started rather than start it twice.
* **Never guess.** `find` says FOUND when something of the attempt lives, ENDED when its manifest is there,
  ABSENT only when it is certain that nothing was ever started and nothing can start any more under this
  attempt's files, else UNKNOWN.
* **Reuse is weak.** An entry may vanish at any time; a hit counts only after its bytes were verified.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from azud.engine.events import Event
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatasetDefinition, DatasetRecord, DataState, DatastoreRecord
from azud.model.definition import EnvironmentSpec, PipelineDefinition
from azud.model.jobs import JobSpec, Manifest, SealedOutput
from azud.model.lineage import DataUse
from azud.model.models import ModelRecord
from azud.model.runs import MetricPoint, RunError, RunType
from azud.model.snapshot import SourceSnapshot

SPOOLED_FROM = 1_000_000_000
"""The place of the first metric point of a long spool among a run's: after all that came through the API before it."""
ListedFile = tuple[str, str, int]
"""A file of an input: name, digest, size in bytes."""
FOUND, ENDED, ABSENT, UNKNOWN = "FOUND", "ENDED", "ABSENT", "UNKNOWN"


@dataclasses.dataclass
class StepRow:
    """The stored state of a step run; the engine keeps it in memory and writes it whole."""

    id: str
    step: str
    status: str = "NotStarted"
    attempt: str | None = None
    reused_from: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    error: RunError | None = None
    key: str | None = None
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What was said at submit beside the definition."""

    interpreter: str
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    continue_on_step_failure: bool = False
    regenerate_outputs: bool = False
    timeout_s: float | None = None
    launch: str = "fork"


@dataclasses.dataclass(frozen=True)
class StoredRun:
    """A run as the engine loads it."""

    id: str
    experiment: str
    created_at: str
    definition: PipelineDefinition
    options: RunOptions
    steps: tuple[StepRow, ...]
    events: tuple[Event, ...]
    sealed: Mapping[str, tuple[SealedOutput, ...]]
    warnings: tuple[str, ...] = ()
    type: str = RunType.PIPELINE


@dataclasses.dataclass(frozen=True)
class ReuseEntry:
    """A result that may stand for another step: whose it is, what it made, and what it read undeclared."""

    key: str
    run_id: str
    step_run_id: str
    outputs: tuple[SealedOutput, ...]
    node_id: str = ""
    reads: tuple[dict[str, Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class ReuseDecision:
    """Why a step ran or did not.

    `outcome` is `hit`, `miss`, `disabled`, `regenerated`, `not_fingerprinted` or `retry`; `reason` says it
    in a sentence.
    """

    step_run_id: str
    outcome: str
    reason: str
    key: str | None = None
    preimage: dict[str, Any] | None = None
    reused_from: str | None = None


@dataclasses.dataclass(frozen=True)
class AttemptEnd:
    """What an ended attempt adds to the record. `spooled`: its metrics were stored before, by `add_spooled`."""

    attempt: str
    step_run_id: str
    signature: str
    manifest: Manifest
    outputs: tuple[tuple[SealedOutput, str, str, str | None, str | None], ...] = ()
    registrations: tuple[dict[str, Any], ...] = ()
    metrics: tuple[MetricPoint, ...] = ()
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    reads: tuple[dict[str, Any], ...] = ()
    writes: tuple[dict[str, Any], ...] = ()
    spooled: bool = False


@dataclasses.dataclass(frozen=True)
class ResolvedEnvironment:
    """What a step will really run in.

    Args:
        interpreter: Absolute path of the Python.
        digest: Identity of everything in it that can change a result.
        distributions: Installed versions by normalised name.
    """

    interpreter: str
    digest: str
    distributions: Mapping[str, str]
    body: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class VersionState:
    """What the files behind a registered version of a dataset were when a step that reads them was decided."""

    name: str
    version: int
    dataset_id: str
    state: DataState


@dataclasses.dataclass
class RunUpdate:
    """Everything that one advance of a run changes; applied in one transaction or not at all.

    `steps` are rows whose state changed, `properties` those that got new properties as well; `environments`
    and `contents` (the files of inputs) are kept under their digests, so that a later run can say what differs; `uses`
    are what steps read that no step of the run made, `datasets` the definitions of it by saved id, `states` what was
    seen of registered versions on the way.
    """

    run_id: str
    first_seq: int
    events: list[Event] = dataclasses.field(default_factory=list)
    status: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    error: RunError | None = None
    warnings: tuple[str, ...] | None = None
    steps: list[StepRow] = dataclasses.field(default_factory=list)
    ends: list[AttemptEnd] = dataclasses.field(default_factory=list)
    entries: list[ReuseEntry] = dataclasses.field(default_factory=list)
    decisions: list[ReuseDecision] = dataclasses.field(default_factory=list)
    dropped_keys: list[str] = dataclasses.field(default_factory=list)
    properties: list[StepRow] = dataclasses.field(default_factory=list)
    environments: list[ResolvedEnvironment] = dataclasses.field(default_factory=list)
    contents: dict[str, tuple[ListedFile, ...]] = dataclasses.field(default_factory=dict)
    uses: list[DataUse] = dataclasses.field(default_factory=list)
    datasets: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    states: list[VersionState] = dataclasses.field(default_factory=list)


class RunStore(Protocol):
    """The engine's side of the store."""

    def acquire_lease(self, holder: str) -> int:
        """Take the engine's lease and return its fencing token, greater than every earlier one."""

    def active_runs(self) -> Sequence[str]:
        """Return the ids of runs that have not ended, oldest first."""

    def load_run(self, run_id: str) -> StoredRun:
        """Return a run with its events.

        Raises:
            NotFoundError: There is no such run.
            RecordUnreadable: What is stored of it cannot be read.
        """

    def give_up(self, run_id: str, error: RunError, token: int) -> Sequence[str]:
        """End a run as `Failed`, and those of its steps that have not ended as `Canceled`, without reading its record.

        Effects: The status, end and error of its rows; events and definition stay as they are.

        Returns:
            The attempts of the steps that had not ended.

        Raises:
            LeaseLost: The token is not the newest; nothing was written.
        """

    def add_spooled(self, step_run_id: str, position: int, points: Sequence[MetricPoint], token: int) -> None:
        """Store metric points of a long spool, the first of which is its `position`-th.

        Idempotent: what is stored again takes its own place.

        Raises:
            LeaseLost: The token is not the newest; nothing was written.
        """

    def apply(self, update: RunUpdate, token: int) -> None:
        """Write an update.

        Raises:
            LeaseLost: The token is not the newest; nothing was written.
        """

    def lookup(self, keys: Sequence[str]) -> Mapping[str, ReuseEntry]:
        """Return the entries that exist for these keys."""

    def sealed_outputs(self, step_run_id: str) -> Mapping[str, SealedOutput]:
        """Return what a step run sealed, by output; nothing if it did not complete or is gone."""

    def last_rss_bytes(self, signatures: Iterable[str]) -> Mapping[str, int]:
        """Return the memory that steps with these signatures used at their peak when they last ran."""

    def registered_dataset(self, name: str, version: int | None) -> str | None:
        """Return the id of a registered dataset, of its newest version if None is given; None if there is none."""

    def dataset_version(self, name: str, version: int | None) -> DatasetRecord | None:
        """Return a registered version of a dataset, the newest if None is given; None if there is none."""

    def dataset_used(self, step_run_id: str, port: str) -> DatasetRecord | None:
        """Return the registered dataset that an input of a decided step stands for, or None.

        It is found when it is not registered any more, too.
        """

    def models(self, name: str | None) -> Sequence[ModelRecord]:
        """Return all versions of a registered model, or of every model."""

    def snapshot(self, digest: str) -> SourceSnapshot:
        """Return a stored snapshot.

        Raises:
            BlobMissing: It is not there.
        """

    def datastores(self) -> Mapping[str, DatastoreRecord]:
        """Return all datastores by name."""

    def compute_targets(self) -> Mapping[str, ComputeTargetRecord]:
        """Return all compute targets by name."""


class Environments(Protocol):
    """Finds out what an interpreter holds."""

    def resolve(self, spec: EnvironmentSpec, interpreter: str) -> ResolvedEnvironment:
        """Return the environment that steps asking for `spec` get.

        Raises:
            EnvironmentBuildError: The interpreter cannot be run.
        """

    def is_current(self, environment: ResolvedEnvironment) -> bool:
        """Return whether an environment is still what it was when it was resolved, by a quick look."""


def _nothing_listed() -> None:
    """The files of an output of a step: they are listed where it was sealed."""


def _not_measured() -> None:
    """What is no dataset is not counted."""


@dataclasses.dataclass(frozen=True)
class RemoteFiles:
    """Files that are not on this machine: whoever needs them has them fetched, as those of this dataset.

    `files` and `size_bytes` are None where nobody has counted.
    """

    dataset: DatasetDefinition
    files: int | None = None
    size_bytes: int | None = None


@dataclasses.dataclass(frozen=True)
class DataFingerprint:
    """What data at a place were when they were looked at.

    `digest` is None when they cannot be fingerprinted; `reason` then says why.
    `paths` are the local files or folders and the names that they get under an input's folder; `files` returns
    what the digest was made of, or None where that is too long to keep or not known any more; `measure` the number of
    files and their bytes together, or None. `remote`: the data are elsewhere, and `paths` is empty.
    """

    digest: str | None
    paths: tuple[tuple[str, str], ...]
    reason: str = ""
    files: Callable[[], tuple[ListedFile, ...] | None] = _nothing_listed
    remote: RemoteFiles | None = None
    measure: Callable[[], tuple[int, int] | None] = _not_measured


class DataPort(Protocol):
    """Local views of datastores."""

    def locate(self, datastore: DatastoreRecord, path: str) -> str:
        """Return the absolute local path of a place on a datastore; it need not exist."""

    def fingerprint_reference(self, datastore: DatastoreRecord, path: str) -> DataFingerprint:
        """Fingerprint a `DataReference`: one file or folder, which may not exist yet."""

    def fingerprint_dataset(self, datastores: Mapping[str, DatastoreRecord], dataset: Any) -> DataFingerprint:
        """Fingerprint the files of a dataset definition.

        Raises:
            NotFoundError: A location matches nothing.
        """

    def fingerprint_prefix(self, datastore: DatastoreRecord, prefix: str) -> str:
        """Return a digest of all files whose path on a datastore starts with a text."""

    def verify(self, output: SealedOutput) -> str | None:
        """Return None if a sealed output's bytes are what they were, else what is wrong with them."""


@dataclasses.dataclass(frozen=True)
class Capacity:
    """What one machine offers to attempts."""

    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()


class ComputeBackend(Protocol):
    """Starts, finds, watches and stops attempts. See the module's rules."""

    def capacity(self) -> Capacity:
        """Return what the backend offers in all."""

    def free_memory_bytes(self) -> int:
        """Return the memory that is free at this moment."""

    def start(self, spec: JobSpec) -> None:
        """Start an attempt, or take it up again if it was started before; `listener` hears of its start and end.

        Raises:
            BackendError: Nothing was started.
        """

    def find(self, attempt_id: str) -> str:
        """Return FOUND, ENDED, ABSENT or UNKNOWN."""

    def adopt(self, attempt_id: str) -> None:
        """Watch an attempt that an earlier server has, or may have, started; `listener` hears of its end.

        At once if it has ended; where `find` says UNKNOWN, as soon as more is known.
        """

    def cancel(self, attempt_id: str) -> None:
        """Ask an attempt to end; its end is reported like any other. Without effect on one that has ended."""

    def manifest(self, attempt_id: str) -> Manifest | None:
        """Return the attempt's manifest, or None while it has none.

        Raises:
            StorageError: It is there and cannot be read.
        """

    def spool(self, attempt_id: str, offset: int = 0, most_bytes: int = -1) -> tuple[list[dict[str, Any]], int]:
        """Return what the job has logged: metric, tag and property records in order, and the offset after them.

        Args:
            attempt_id: Whose.
            offset: 0, or what an earlier call returned: only what came after.
            most_bytes: Stop after about so many bytes; -1 reads all. No records are left when the offset stays.
        """

    def survivors(self, attempt_id: str) -> Sequence[int]:
        """Return the processes of an ended attempt that could not be ended and still run."""

    def attempt_folder(self, attempt_id: str) -> str:
        """Return the attempt's local folder."""


AttemptListener = Callable[[str, str], None]
"""Called with what became of an attempt, and its id, from any thread.

`started`, then perhaps `sealing` (the job is over, its outputs are being made durable), then `ended`.
"""
