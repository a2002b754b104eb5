"""Reuse: find out what a step would read, make its action key, look for a result that still stands.

Right first: what cannot be fingerprinted is not reused; a hit counts only after the stored outputs were
verified; a run never uses its own results; identical steps of different runs in flight run once.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from azud.core.digests import digest_value
from azud.core.errors import AzudError, StorageError
from azud.engine.context import RunContext
from azud.engine.observed import Observer
from azud.engine.ports import (
    DataFingerprint,
    DataPort,
    ListedFile,
    ResolvedEnvironment,
    ReuseDecision,
    ReuseEntry,
    RunStore,
    StepRow,
)
from azud.engine.registered import Drift, StepReads, bound_port, check_mode, chosen_port, described, reads_of
from azud.model.codec import to_json
from azud.model.data import DatasetDefinition, DatastoreRecord
from azud.model.definition import InputPort, StepDefinition
from azud.model.jobs import SealedOutput, StagedInput
from azud.planning.key import action_key, preimage

HIT, RUN, WAIT, REFUSE = "hit", "run", "wait", "refuse"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What to do with a step: take a result over (`hit`), `run` it, `wait` for an identical step of another run that is
    under way, or `refuse` it with an error.

    `decision` is None where that of an earlier attempt still says it; `contents` are the files of inputs, by digest;
    `reads` what a step that is hit or run reads beside what steps of its run made.
    """

    step: str
    action: str
    decision: ReuseDecision | None = None
    entry: ReuseEntry | None = None
    error: AzudError | None = None
    dropped_key: str | None = None
    contents: Mapping[str, tuple[ListedFile, ...]] = dataclasses.field(default_factory=dict)
    reads: StepReads | None = None


class InFlight:
    """Which run's step is making the result of a key at this moment. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leaders: dict[str, tuple[str, str]] = {}
        self._followers: dict[str, list[tuple[str, str]]] = {}

    def lead_or_follow(self, key: str, run_id: str, step: str) -> bool:
        """Return True if this step runs; False if it was put on the list of those that wait for another run's."""
        with self._lock:
            leader = self._leaders.setdefault(key, (run_id, step))
            if leader[0] == run_id:
                return True
            self._followers.setdefault(key, []).append((run_id, step))
            return False

    def leader(self, key: str) -> tuple[str, str] | None:
        """Return the run and step that make the result of a key at this moment, or None. Changes nothing."""
        with self._lock:
            return self._leaders.get(key)

    def ended(self, key: str, run_id: str, step: str) -> list[tuple[str, str]]:
        """Return who waited for this step; they decide anew, whatever became of it."""
        with self._lock:
            if self._leaders.get(key) != (run_id, step):
                return []
            del self._leaders[key]
            return self._followers.pop(key, [])

    def given_up(self, run_id: str) -> list[tuple[str, str]]:
        """Return who waited for any step of this run."""
        with self._lock:
            keys = [key for key, leader in self._leaders.items() if leader[0] == run_id]
            for key in keys:
                del self._leaders[key]
            return [follower for key in keys for follower in self._followers.pop(key, [])]


class Looks:
    """Fingerprints of one moment: steps decided together look at the data that they share once."""

    def __init__(self, data: DataPort) -> None:
        self._data = data
        self._files: dict[str, Callable[[], tuple[ListedFile, ...] | None]] = {}
        self._references: dict[tuple[str, str], DataFingerprint] = {}
        self._datasets: dict[str, DataFingerprint] = {}

    def of(self, image: Mapping[str, Any] | None) -> dict[str, tuple[ListedFile, ...]]:
        """Return the files of those of a step's inputs that no step made, by digest."""
        digests = () if image is None else image["inputs"].values()
        listed = {digest: self._files[digest]() for digest in digests if digest in self._files}
        return {digest: files for digest, files in listed.items() if files is not None}

    def remember(self, found: DataFingerprint) -> None:
        """Note how to get at the files of an input."""
        if found.digest is not None:
            self._files[found.digest] = found.files

    def reference(self, datastore: DatastoreRecord, path: str) -> DataFingerprint:
        found = self._references.get((datastore.name, path))
        if found is None:
            found = self._references[datastore.name, path] = self._data.fingerprint_reference(datastore, path)
        return found

    def known(self, dataset_id: str) -> DataFingerprint | None:
        """Return what the files of a dataset were found to be, if somebody has looked."""
        return self._datasets.get(dataset_id)

    def dataset(self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition) -> DataFingerprint:
        identity = dataset.saved_id()
        found = self._datasets.get(identity)
        if found is None:
            found = self._datasets[identity] = self._data.fingerprint_dataset(datastores, dataset)
        return found


class ReuseDecider:
    """Decides steps whose predecessors have completed.

    Args:
        store: Looks up entries.
        data: Fingerprints inputs and verifies outputs.
        in_flight: Shared by all runs.
    """

    def __init__(self, store: RunStore, data: DataPort, in_flight: InFlight) -> None:
        self._store = store
        self.data = data
        self._in_flight = in_flight
        self.observer = Observer(store, data)

    def decide(self, context: RunContext, steps: Sequence[StepDefinition], retries: set[str]) -> list[Verdict]:
        """Return a verdict for each step and leave its staged inputs in the context.

        Args:
            context: The run.
            steps: Steps whose inputs exist.
            retries: Ids of those that were started before: they run, nothing is looked up.
        """
        verdicts: dict[str, Verdict] = {}
        keyed: list[tuple[StepDefinition, str, dict[str, Any]]] = []
        looks = Looks(self.data)
        for step in steps:
            try:
                staged, gap = self.stage(context, step, looks)
            except AzudError as error:
                verdicts[step.id] = Verdict(step.id, REFUSE, error=error)
                continue
            context.staged[step.id] = staged
            outcome = without_look_up(context, step, gap, retries)
            if gap is None:
                image = self.preimage(context, step, staged, context.environments[step.id])
                key = action_key(image)
                if outcome is None:
                    keyed.append((step, key, image))
                    continue
            else:
                image, key = None, None
            outcome = outcome or ("not_fingerprinted", gap or "")
            decision = _decision(context, step, *outcome, key, image)
            if step.id in retries and context.rows[step.id].key == key:
                verdicts[step.id] = Verdict(step.id, RUN)  # why it ran at first is what people want to know
                continue
            verdicts[step.id] = Verdict(step.id, RUN, decision, contents=looks.of(image))
        self._look_up(context, keyed, looks, verdicts)
        drift = Drift(self._store)
        return [_with_reads(context, step, verdicts[step.id], looks, drift) for step in steps]

    def _look_up(
        self,
        context: RunContext,
        keyed: Sequence[tuple[StepDefinition, str, dict[str, Any]]],
        looks: Looks,
        verdicts: dict[str, Verdict],
    ) -> None:
        entries = self._store.lookup([key for _, key, _ in keyed]) if keyed else {}
        for step, key, image in keyed:
            entry = entries.get(key)
            flaw = None
            if entry is not None and entry.run_id != context.id:
                flaw = self._flaw(entry, step)
                if flaw is None:
                    reason = f"the same step ran as {entry.step_run_id}"
                    decision = _decision(context, step, "hit", reason, key, image, entry.step_run_id)
                    verdicts[step.id] = Verdict(step.id, HIT, decision, entry)
                    continue
            if not self._in_flight.lead_or_follow(key, context.id, step.id):
                verdicts[step.id] = Verdict(step.id, WAIT)
                continue
            reason = flaw or _miss_reason(entry)
            decision = _decision(context, step, "miss", reason, key, image)
            dropped = key if flaw else None
            verdicts[step.id] = Verdict(step.id, RUN, decision, dropped_key=dropped, contents=looks.of(image))

    def _flaw(self, entry: ReuseEntry, step: StepDefinition) -> str | None:
        """Return why an entry cannot be used, or None."""
        if {output.name for output in entry.outputs} != {port.name for port in step.outputs}:
            return f"the record of {entry.step_run_id} lacks an output"
        for output in entry.outputs:
            flaw = self.data.verify(output)
            if flaw is not None:
                return flaw
        return self.observer.changed(entry.reads)

    # -- what a step reads ----------------------------------------------------------------------

    def stage(
        self, context: RunContext, step: StepDefinition, looks: Looks | None = None
    ) -> tuple[tuple[StagedInput, ...], str | None]:
        """Return a step's inputs with their places on this machine, and why they have no key (None if they have).

        Args:
            context: The run.
            step: The step.
            looks: What steps decided at the same time have looked at already.

        Raises:
            AzudError: An input is missing or was altered; the step cannot run.
        """
        staged, gap = [], None
        looks = looks or Looks(self.data)
        for port in step.inputs:
            found, dataset = self._source(context, context.rows[step.id], port, looks)
            if port.step is None:
                looks.remember(found)
            if found.digest is None:
                gap = gap or f"input {port.name!r}: {found.reason}"
            staged.append(
                StagedInput(
                    name=port.name,
                    kind=port.kind,
                    mode=port.mode,
                    paths=found.paths,
                    path_on_compute=port.path_on_compute,
                    digest=found.digest,
                    dataset=dataset,
                    fetch=None if found.remote is None else to_json(found.remote.dataset),
                )
            )
        return tuple(staged), gap

    def _source(
        self, context: RunContext, row: StepRow, port: InputPort, looks: Looks
    ) -> tuple[DataFingerprint, dict[str, Any] | None]:
        if port.step is not None:
            return _as_dataset(port, self._sealed(port, context.sealed[port.step].get(port.output or "")))
        if port.sealed_by is not None:
            sealed = self._store.sealed_outputs(port.sealed_by)
            return _as_dataset(port, self._sealed(port, sealed.get(port.output or "")))
        asked, port = port, bound_port(port, context.parameters)
        if port.registered is not None:
            port = chosen_port(self._store, row, port)
        if port.dataset is not None:
            if asked.dataset is None:
                check_mode(port, port.dataset)
            found = looks.dataset(context.datastores, port.dataset)
            return _with_definition(found, port.dataset), described(
                port.dataset, port.dataset_name, port.dataset_version
            )
        datastore = context.datastores.get(port.datastore or "")
        if datastore is None:
            raise StorageError(f"input {port.name!r}: datastore {port.datastore!r} is gone", hint="register it again")
        return looks.reference(datastore, port.path or ""), None

    def _sealed(self, port: InputPort, output: SealedOutput | None) -> DataFingerprint:
        if output is None:
            raise StorageError(f"input {port.name!r}: output {port.output!r} was not sealed", hint="run again")
        flaw = self.data.verify(output)
        if flaw is not None:
            raise StorageError(
                f"input {port.name!r} is not what the earlier step made: {flaw}",
                hint="submit the pipeline again: the step that made it will run anew",
            )
        return DataFingerprint(f"{output.kind}:{output.digest}", ((output.path, ""),))

    def preimage(
        self,
        context: RunContext,
        step: StepDefinition,
        staged: Sequence[StagedInput],
        environment: ResolvedEnvironment,
    ) -> dict[str, Any]:
        """Return the pre-image of the key of a step with these inputs in this environment."""
        return preimage(
            step,
            inputs={item.name: item.digest or "" for item in staged},
            parameters=context.parameters,
            environment=environment.digest,
            predecessors=[_maker(context, other) for other in step.run_after],
            default_datastore=context.default_datastore,
        )


def _with_reads(context: RunContext, step: StepDefinition, verdict: Verdict, looks: Looks, drift: Drift) -> Verdict:
    if verdict.action not in (HIT, RUN):
        return verdict
    reads = reads_of(context.rows[step.id].id, step, context.staged[step.id], looks.known, drift)
    return verdict if reads is None else dataclasses.replace(verdict, reads=reads)


def without_look_up(
    context: RunContext, step: StepDefinition, gap: str | None, retries: set[str]
) -> tuple[str, str] | None:
    """Return outcome and reason for a step that runs whatever is stored, or None."""
    if step.id in retries:
        return "retry", "an earlier attempt failed or was lost"
    if not step.allow_reuse:
        return "disabled", "the step says allow_reuse=False"
    if context.stored.options.regenerate_outputs:
        return "regenerated", "the run was submitted with regenerate_outputs=True"
    return None


def _miss_reason(entry: ReuseEntry | None) -> str:
    if entry is not None:
        return "only this run itself has made this result"
    return "no stored result has the same key"


def _decision(
    context: RunContext,
    step: StepDefinition,
    outcome: str,
    reason: str,
    key: str | None,
    image: dict[str, Any] | None,
    source: str | None = None,
) -> ReuseDecision:
    return ReuseDecision(context.rows[step.id].id, outcome, reason, key, image, source)


def _maker(context: RunContext, step: str) -> str:
    """Return the step run that made a `run_after` predecessor's effects: its own, or the one it was reused from.

    It stands for the attempt that did: a step run completes at most once, and its followers are decided only then.
    """
    row = context.rows[step]
    return row.reused_from or row.id


def _as_dataset(port: InputPort, found: DataFingerprint) -> tuple[DataFingerprint, dict[str, Any] | None]:
    """Describe another step's output to a script that reads it as a dataset."""
    if port.kind != "dataset":
        return found, None
    dataset = DatasetDefinition("tabular" if port.reader else "file", reader=port.reader)
    described = {"id": "", "name": None, "version": None, "definition": to_json(dataset)}
    return (_with_definition(found, dataset) if port.reader else found), described


def _with_definition(found: DataFingerprint, dataset: DatasetDefinition) -> DataFingerprint:
    """How a dataset is read is part of what the step is given, where its files lie is not."""
    if found.digest is None:
        return found
    reading = to_json((dataset.type, dataset.reader, dataset.operations))
    return dataclasses.replace(found, digest=digest_value([found.digest, reading]))
