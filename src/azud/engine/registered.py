"""Registered datasets in steps: which version an input stands for, what steps read, and whether the files are still
what they were.

An input that names a registered dataset (`InputPort.registered`) is looked up when its step is decided. What was found
is recorded with the decision, in the same transaction, and holds for the step run from then on: further attempts, a
server that takes over, and whoever looks at the step later read that version, whatever is registered meanwhile. A step
that waits for another run's is decided anew later, and so looked up anew.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import NotFoundError, UserError
from azud.engine.ports import DataFingerprint, RunStore, StepRow, VersionState
from azud.model.codec import from_json, to_json
from azud.model.data import NOTHING, DatasetDefinition, DatasetRecord, DataState
from azud.model.definition import InputPort, StepDefinition
from azud.model.jobs import StagedInput
from azud.model.lineage import INPUT, READ, DataUse

CHOSEN = "azud.dataset."
"""Properties of step runs that begin so say which version, `NAME:VERSION`, the input named behind stands for."""
_OUTPUT = re.compile(r"^(?:azureml|dataset)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")


def bound_port(port: InputPort, parameters: Mapping[str, Any]) -> InputPort:
    """Return an input with the source that its parameter's value names; one without a parameter as it is."""
    if port.parameter is None:
        return port
    value = parameters[port.parameter]
    if set(value) >= {"datastore", "path"}:
        return dataclasses.replace(port, datastore=value["datastore"], path=value["path"])
    if "registered" in value:
        return dataclasses.replace(port, registered=value["registered"], registered_version=value.get("version"))
    return dataclasses.replace(
        port,
        dataset=from_json(DatasetDefinition, value.get("definition", value)),
        dataset_name=value.get("name"),
        dataset_version=value.get("version"),
    )


def is_looked_up(step: StepDefinition, parameters: Mapping[str, Any]) -> bool:
    """Return whether an input of a step names a registered dataset."""
    values = (parameters[port.parameter] for port in step.inputs if port.parameter is not None)
    named = any(port.registered is not None for port in step.inputs)
    return named or any(isinstance(value, dict) and "registered" in value for value in values)


def chosen_port(store: RunStore, row: StepRow, port: InputPort) -> InputPort:
    """Return an input with the definition, name and version of the registered dataset that it stands for.

    Raises:
        NotFoundError: No such dataset is registered.
    """
    name, version = str(port.registered), port.registered_version
    chosen, found = row.properties.get(CHOSEN + port.name), None
    if chosen is not None:
        name, version = chosen.rpartition(":")[0], int(chosen.rpartition(":")[2])
        found = store.dataset_used(row.id, port.name)  # there even if it was unregistered since
    found = found or store.dataset_version(name, version)
    if found is None:
        which = f"{name!r}" + ("" if version is None else f" version {version}")
        raise NotFoundError(
            f"input {port.name!r}: no dataset {which} is registered when its step is to start",
            hint="register it, or let the step that does run before; list them with: azud data ls",
        )
    return dataclasses.replace(
        port,
        registered=None,
        registered_version=None,
        dataset=found.definition,
        dataset_name=found.name,
        dataset_version=found.version,
    )


def check_mode(port: InputPort, dataset: DatasetDefinition) -> None:
    """Accept a dataset that an input can give its job in the mode that was asked for.

    Raises:
        UserError: It is a table, which cannot be mounted or downloaded: what was chosen at submit, or looked up.
    """
    if dataset.type == "tabular" and port.mode != "direct":
        raise UserError(
            f"input {port.name!r}: the dataset is a table, which cannot be consumed in mode {port.mode}",
            hint="leave the input direct, or give it a FileDataset",
        )


def chosen_versions(step: StepDefinition, staged: Sequence[StagedInput]) -> dict[str, str]:
    """Return the properties that say which versions a decided step's inputs stand for, where a name was looked up."""
    found = {}
    for port, item in zip(step.inputs, staged, strict=True):
        asked = port.registered is not None or port.parameter is not None
        if asked and item.dataset is not None and item.dataset["name"]:
            found[CHOSEN + port.name] = f"{item.dataset['name']}:{item.dataset['version']}"
    return found


# -- what steps read ----------------------------------------------------------------------------


@dataclasses.dataclass
class Uses:
    """What steps read, and the definitions of what they read, by saved id."""

    uses: list[DataUse] = dataclasses.field(default_factory=list)
    definitions: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def add_inputs(self, step_run_id: str, step: StepDefinition, staged: Sequence[StagedInput]) -> None:
        """Add the inputs of a decided step that no step of its run made."""
        found = _Of(step_run_id, INPUT)
        for port, item in zip(step.inputs, staged, strict=True):
            if port.step is not None:
                continue
            if port.sealed_by is not None:
                found.outputs([port.sealed_by], port.name)
            elif item.dataset is not None:
                definition = item.dataset["definition"]
                found.dataset(definition, item.dataset["id"], port.name, item.dataset["name"], item.dataset["version"])
                self.definitions[item.dataset["id"]] = definition
            elif port.path:
                found.outputs(makers_of([port.path]), port.name)
        self.uses += found.uses

    def add_reads(self, step_run_id: str, reads: Sequence[Mapping[str, Any]]) -> None:
        """Add what a job read through the SDK without having declared it; see `azud.engine.observed`."""
        found = _Of(step_run_id, READ)
        by_name = set()
        for source, seen in ((read["source"], read.get("seen")) for read in reads):
            if source.get("kind") == "registered" and seen not in (None, NOTHING):
                by_name.add(seen)
                found.add(dataset_id=seen, name=str(source["name"]), version=source.get("version"))
            elif source.get("kind") == "prefix":
                found.outputs(makers_of([str(source.get("path") or "")]), "")
        for source in (read["source"] for read in reads):
            if source.get("kind") == "files":
                dataset_id = from_json(DatasetDefinition, source["definition"]).saved_id()
                if dataset_id not in by_name:
                    by_name.add(dataset_id)
                    found.dataset(source["definition"], dataset_id, "")
                    self.definitions[dataset_id] = source["definition"]
        self.uses += found.uses


class _Of:
    """What one step run read of one kind."""

    def __init__(self, step_run_id: str, kind: str) -> None:
        self.uses: list[DataUse] = []
        self._step_run_id, self._kind = step_run_id, kind

    def add(self, **what: Any) -> None:
        self.uses.append(DataUse(self._step_run_id, self._kind, len(self.uses), **what))

    def dataset(
        self,
        definition: Mapping[str, Any],
        dataset_id: str,
        port: str,
        name: str | None = None,
        version: int | None = None,
    ) -> None:
        self.add(port=port, dataset_id=dataset_id, name=name, version=version)
        if not name:  # who made a registered version is known of the version
            self.outputs(makers_of(place["path"] for place in definition["locations"]), port)

    def outputs(self, makers: Iterable[str], port: str) -> None:
        for maker in makers:
            if maker != self._step_run_id:
                self.add(port=port, output_of=maker)


def makers_of(paths: Iterable[str]) -> list[str]:
    """Return the step runs into whose own output folders paths on datastores lead, each once."""
    found = (_OUTPUT.match(path.lstrip("/")) for path in paths)
    return list(dict.fromkeys(match.group(1) for match in found if match is not None))


# -- what the files are -------------------------------------------------------------------------


def state_of(found: DataFingerprint) -> DataState:
    """Return what files were found to be; counting them costs a look at each."""
    measured = found.measure() if found.digest is not None else None
    remote = found.remote
    count, size_bytes = measured or ((None, None) if remote is None else (remote.files, remote.size_bytes))
    return DataState(now_text(), found.digest, count, size_bytes, found.reason)


def nothing_there(reason: str) -> DataState:
    """Return the state of a dataset whose places hold no file."""
    return DataState(now_text(), NOTHING, 0, 0, reason)


class Drift:
    """Compares what steps read with the fingerprints of the versions that they read, each version once.

    Args:
        store: Knows the versions.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._known: dict[tuple[str, int], tuple[VersionState | None, str | None]] = {}

    def look(self, item: StagedInput, found: DataFingerprint | None) -> tuple[VersionState | None, str | None]:
        """Return what is new about the version that an input stands for, and a warning if its files have changed.

        Args:
            item: The input.
            found: What its files are, before anything was added for how they are read; None if nobody has looked.
        """
        described = item.dataset
        if found is None or found.digest is None or described is None or not described["version"]:
            return None, None
        place = str(described["name"]), int(described["version"])
        if place not in self._known:
            self._known[place] = self._compare(*place, str(described["id"]), found)
        new, warning = self._known[place]
        return new, warning and f"input {item.name!r}: {warning}"

    def _compare(
        self, name: str, version: int, dataset_id: str, found: DataFingerprint
    ) -> tuple[VersionState | None, str | None]:
        record = self._store.dataset_version(name, version)
        if record is None or record.id != dataset_id:
            return None, None
        before = record.fingerprint
        if before is None or before.digest is None:
            return VersionState(name, version, dataset_id, state_of(found)), None
        last = record.seen or before
        is_new = last.digest != found.digest
        if before.digest == found.digest:
            return (VersionState(name, version, dataset_id, state_of(found)) if is_new else None), None
        now = state_of(found) if is_new else last
        return (VersionState(name, version, dataset_id, now) if is_new else None), drift_in_words(record, now)


@dataclasses.dataclass(frozen=True)
class StepReads:
    """What a step that is hit or run reads, beside what steps of its run made.

    Args:
        properties: Which versions its inputs stand for, where that was looked up.
        uses: What it reads.
        states: What is new about the files of registered versions.
        warnings: Versions whose files are not what they were.
    """

    properties: Mapping[str, str]
    uses: Uses
    states: tuple[VersionState, ...]
    warnings: tuple[str, ...]


def reads_of(
    step_run_id: str,
    step: StepDefinition,
    staged: Sequence[StagedInput],
    found: Callable[[str], DataFingerprint | None],
    drift: Drift,
) -> StepReads | None:
    """Return what a decided step reads, or None if steps of its run made all of it.

    Args:
        step_run_id: Of the step.
        step: The step.
        staged: Its inputs.
        found: What the files of a dataset were found to be, by its saved id.
        drift: Compares them with what they were.
    """
    if all(port.step is not None for port in step.inputs):
        return None
    uses = Uses()
    uses.add_inputs(step_run_id, step, staged)
    looked = [drift.look(item, found(str(item.dataset["id"]))) for item in staged if item.dataset is not None]
    states = dict.fromkeys(state for state, _ in looked if state is not None)
    warnings = dict.fromkeys(warning for _, warning in looked if warning is not None)
    return StepReads(chosen_versions(step, staged), uses, tuple(states), tuple(warnings))


def drift_in_words(record: DatasetRecord, now: DataState) -> str:
    """Say that the files of a version are not what they were."""
    before = record.fingerprint
    then = (
        "" if before is None else f" ({_amount(before)} on {before.at[:19].replace('T', ' ')} UTC, {_amount(now)} now)"
    )
    return f"the files of dataset {record.name!r} version {record.version} are not what they were{then}"


def _amount(state: DataState) -> str:
    if state.digest == NOTHING:
        return "nothing"
    if state.file_count is None:
        return "not counted"
    return f"{state.file_count} file{'' if state.file_count == 1 else 's'}, {state.size_bytes} bytes"


def described(dataset: DatasetDefinition, name: str | None, version: int | None) -> dict[str, Any]:
    """Return how a dataset is described to a job: id, registered name and version, and what it means."""
    return {"id": dataset.saved_id(), "name": name, "version": version, "definition": to_json(dataset)}
